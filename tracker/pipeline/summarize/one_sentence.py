"""One sentence of every work, for lists: stored by indexing, extracted where it is missing.

Public: `store_snippets`, `load_snippets`.
"""

from collections.abc import Mapping

from summarizer.summary import EXTRACTIVE_MODEL
from tracker.models import Paper
from tracker.pipeline import Progress
from tracker.store import acronyms, snippets, summaries_and_tags
from tracker.store.database import Database
from tracker.store.summaries_and_tags import SummaryKey

_SLICE = 1024
_EXTRACTED = SummaryKey(EXTRACTIVE_MODEL, "", "en")


def store_snippets(db: Database, progress: Progress) -> None:
    """Extract one sentence of every work that has none yet, so that a search need not do it."""
    works = snippets.works_without_snippet(db, EXTRACTIVE_MODEL)
    for start in range(0, len(works), _SLICE):
        texts = acronyms.load_texts(db, works[start : start + _SLICE])
        found = {n: (t.digest, _extract_line(t.title, t.abstract)) for n, t in texts.items()}
        snippets.store_snippets(db, EXTRACTIVE_MODEL, found)
        progress("sentences", min(start + _SLICE, len(works)), len(works))


def load_snippets(db: Database, works: Mapping[int, Paper]) -> dict[int, str]:
    """Return one sentence of each work: from its summary, from its snippet, or extracted now."""
    known = snippets.for_works(db, EXTRACTIVE_MODEL, list(works))
    known |= {
        n: summary.tldr
        for n, summary in summaries_and_tags.load_summaries(db, list(works), _EXTRACTED).items()
    }
    rest = {n: _extract_line(p.title, p.abstract) for n, p in works.items() if n not in known}
    return known | rest


def _extract_line(title: str, abstract: str) -> str:
    # A search seldom has works without a sentence, and importing this takes as long as a search.
    from summarizer.extractive.extract import extract_summary

    return extract_summary(title, abstract).tldr
