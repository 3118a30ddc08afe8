"""Reading the full text of the papers that an issue puts first.

Their outlines and what they cite are stored; of their conclusions, which the summaries are made
from, only the sentences that a page quotes. An issue is complete without them: a full text that
could not be read is logged and nothing else.

Public: `FullTexts`, `read_full_texts`, `key_sentence`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from summarizer.extractive.roles import assign_roles
from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.summary import Role
from summarizer.text.sentences import split_sentences
from tracker import sample
from tracker.errors import SourceError, SourceMalformed
from tracker.models import Paper
from tracker.paper.paper_outline import PaperOutline
from tracker.settings import Config
from tracker.sources.fulltext import FetchedText, fetch_full_text
from tracker.sources.http.client import Client, RetryPolicy
from tracker.store import citation_links, reference_matching
from tracker.store.database import Database
from tracker.store.outlines import load_outline, store_outline

# One attempt: an issue without the full text is better than an issue that waits for it, and the
# text is requested again when the issue is composed again.
_RETRY_POLICY = RetryPolicy(max_attempts=1, attempt=30.0, total=60.0)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FullTexts:
    """The outlines by paper id, and the conclusions of those that were fetched now."""

    outlines: Mapping[str, PaperOutline] = field(default_factory=dict)
    conclusions: Mapping[str, str] = field(default_factory=dict)


def read_full_texts(
    db: Database, config: Config, works: Sequence[Paper], *, fetch: bool = True
) -> FullTexts:
    """Return the full texts of `works` as far as they are stored or can be fetched.

    What is fetched is stored; without `fetch` nothing is requested or written. After a host
    refuses or does not answer, no further request is made.
    """
    wanted = {work.id: work for work in works}
    if not config.fulltext.papers:
        return FullTexts()
    stored = ((key, load_outline(db, paper)) for key, paper in wanted.items())
    known = {key: outline for key, outline in stored if outline}
    missing = [paper for key, paper in wanted.items() if key not in known] if fetch else []
    fetched = _fetch(config, [p for p in missing if not sample.is_invented(p.comments)])
    for key, text in fetched.items():
        _store_fetched(db, wanted[key], text)
    outlines = {key: text.outline for key, text in fetched.items()}
    return FullTexts(
        known | {key: _without_text(outline) for key, outline in outlines.items()},
        _conclusions(outlines),
    )


def _conclusions(outlines: Mapping[str, PaperOutline]) -> dict[str, str]:
    return {key: outline.conclusion for key, outline in outlines.items() if outline.conclusion}


def _store_fetched(db: Database, paper: Paper, text: FetchedText) -> None:
    """Store references and outline; the outline last, because a text with one is not read again."""
    cited = reference_matching.match_references(db, text.references)
    citation_links.store_read_references(db, paper.id, cited)
    store_outline(db, paper, _without_text(text.outline))


def _fetch(config: Config, works: Sequence[Paper]) -> dict[str, FetchedText]:
    texts: dict[str, FetchedText] = {}
    if not works or config.http.offline:
        return texts
    with Client(config.http, config.home / "state", retry_policy=_RETRY_POLICY) as client:
        for paper in works:
            try:
                text = fetch_full_text(client, config.fulltext, paper.id, paper.version)
            except SourceMalformed as error:
                _log(paper, str(error))
            except SourceError as error:
                _log(paper, str(error))
                break
            else:
                if text.outline:
                    texts[paper.id] = text
                else:
                    _log(paper, "arXiv has neither HTML nor LaTeX of it")
    return texts


def _log(paper: Paper, reason: str) -> None:
    message = "The full text of %s was not read, so the issue goes by its abstract: %s"
    _logger.warning(message, paper.id, reason, extra={"paper": paper.id})


def _without_text(outline: PaperOutline) -> PaperOutline:
    """Return the outline with only the sentences of its conclusion that a page quotes."""
    return replace(
        outline,
        conclusion=key_sentence(outline.conclusion, "result"),
        limitations=key_sentence(outline.limitations, "limits"),
    )


def key_sentence(text: str, role: Role) -> str:
    """Return the sentence of `text` with that role, else its first; "" for an empty text."""
    sentences = [s for s in split_sentences(text) if not is_prompt_injection(s)]
    if not sentences:
        return ""
    return sentences[assign_roles(sentences, (), "").get(role, 0)]
