"""Which stored works the references of a paper are, by arXiv id, DOI or exact title.

Public: `match_references`.
"""

from collections.abc import Sequence

from summarizer.text.folding import fold_words
from tracker.records import Reference
from tracker.store import fts_search, papers
from tracker.store.database import Database
from tracker.store.fts_query import WORDS, MatchClause
from tracker.store.work_identity import title_key

# The longest words of a title, by which it is looked up; few titles have four words in common.
_LOOKED_UP, _COMPARED = 4, 50


def match_references(db: Database, references: Sequence[Reference]) -> tuple[str, ...]:
    """Return the arXiv ids of what is cited, each once; an id need not be in the store.

    A work is recognised by its DOI or title only if it is stored.
    """
    found = (reference.arxiv or _find_stored(db, reference) for reference in references)
    return tuple(dict.fromkeys(filter(None, found)))


def _find_stored(db: Database, reference: Reference) -> str:
    numbers = papers.numbers_by_doi(db, [reference.doi]) if reference.doi else []
    if len(numbers) == 1:
        return papers.keys_by_number(db, numbers)[numbers[0]]
    return next(filter(None, (_find_title(db, title) for title in reference.titles)), "")


def _find_title(db: Database, title: str) -> str:
    """Return the id of the only work with this title, or ""."""
    key = title_key(title)
    words = sorted((w for w in set(fold_words(title)) if w.isascii()), key=len)[-_LOOKED_UP:]
    if not key or not words:
        return ""
    quoted = " AND ".join(f'"{word}"' for word in words)
    numbers = fts_search.works_containing(db, MatchClause(WORDS, f"{{title}} : ({quoted})", ""))
    likely = papers.load_by_number(db, numbers[-_COMPARED:].tolist()).values()
    same = [paper.id for paper in likely if title_key(paper.title) == key]
    return same[0] if len(same) == 1 else ""
