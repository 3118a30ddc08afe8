"""The full text of one paper, as outline and references: from arXiv's HTML, else from its LaTeX.

Both documents are untrusted; see `tracker.sources.formats.arxiv`: `paper_html`, `paper_latex` and
`paper_references`.

Public: `fetch_full_text`, `FetchedText`.
"""

from dataclasses import dataclass, field

from tracker.errors import SourceMalformed
from tracker.paper.paper_outline import PaperOutline
from tracker.records import Reference
from tracker.settings import FullText
from tracker.sources.formats.arxiv.paper_html import outline_from_html
from tracker.sources.formats.arxiv.paper_latex import outline_from_latex
from tracker.sources.formats.arxiv.paper_references import (
    references_from_html,
    references_from_latex,
)
from tracker.sources.http.client import Client, Request

NAME = "arxiv_fulltext"

_MOST_BYTES = 32 << 20  # as sent
_NO_SUCH = (404, 410)


@dataclass(frozen=True, slots=True)
class FetchedText:
    """What a full text says about a paper; both are empty where arXiv has neither document."""

    outline: PaperOutline = field(default_factory=PaperOutline)
    references: tuple[Reference, ...] = ()


def fetch_full_text(client: Client, settings: FullText, key: str, version: int) -> FetchedText:
    """Return outline and references of the paper `key`.

    Raises SourceError as `Client.get` does, and SourceMalformed for an archive that is rejected.
    """
    for base, read, read_references in (
        (settings.html_url, outline_from_html, references_from_html),
        (settings.source_url, outline_from_latex, references_from_latex),
    ):
        url = f"{base.rstrip('/')}/{key}v{version}"
        request = Request(
            NAME, url, pace=settings.pace_seconds, max_bytes=_MOST_BYTES, expect=(200, *_NO_SUCH)
        )
        response = client.get(request)
        if response.status in _NO_SUCH:
            continue
        try:
            outline = read(response.body)
        except ValueError as error:
            raise SourceMalformed(NAME, url, str(error)) from error
        if outline:
            return FetchedText(outline, read_references(response.body))
    return FetchedText()
