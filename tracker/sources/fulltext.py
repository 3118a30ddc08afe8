"""The full text of one paper, as an outline: from arXiv's HTML, else from its LaTeX.

Both documents are untrusted; see `tracker.sources.formats.arxiv.paper_html` and `paper_latex`.

Public: `fetch_outline`.
"""

from tracker.errors import SourceMalformed
from tracker.paper.paper_outline import PaperOutline
from tracker.settings import FullText
from tracker.sources.formats.arxiv.paper_html import outline_from_html
from tracker.sources.formats.arxiv.paper_latex import outline_from_latex
from tracker.sources.http.client import Client, Request

NAME = "arxiv_fulltext"

_MOST_BYTES = 32 << 20  # as sent
_NO_SUCH = (404, 410)


def fetch_outline(client: Client, settings: FullText, key: str, version: int) -> PaperOutline:
    """Return the outline of the paper `key`; an empty one where arXiv has neither document.

    Raises SourceError as `Client.get` does, and SourceMalformed for an archive that is rejected.
    """
    for base, read in (
        (settings.html_url, outline_from_html),
        (settings.source_url, outline_from_latex),
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
            return outline
    return PaperOutline()
