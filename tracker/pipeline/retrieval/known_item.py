"""Searches for one known paper: a query that is an id, an address or the title of a paper.

Public: `find_pasted_works`, `missing_note`, `find_by_title`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from summarizer.text.folding import fold_words
from summarizer.text.sentences import to_plain_text
from tracker.models import Hit, Paper
from tracker.search.query.pasted_ids import find_pasted_ids
from tracker.search.query.stopwords import is_stop_word
from tracker.store import fts_search, papers
from tracker.store.database import Database
from tracker.store.fts_query import FtsQuery, QueryTerms, Term, build_query
from tracker.store.paper_filters import Filter

# A title of one word is also the name of what many other papers are about.
_FEWEST_WORDS = 2
_LONGEST_TITLE = 400
# Titles with so many content words in common are few.
_ENOUGH_WORDS = 4
_CANDIDATES = 50
_COMMAND = re.compile(r"\\[A-Za-z]+\*?|[{}$\\]")
# Where a pasted reference may end its title: "Title. Authors, 2026".
_END_OF_TITLE = re.compile(r"[.?!]\s|\s[-–—|]\s|\n")


def find_pasted_works(db: Database, query: str) -> tuple[tuple[Hit, ...], tuple[str, ...]] | None:
    """Return the works that a query of ids names and the ids that the store does not have.

    None if the query is not made of ids and addresses only.
    """
    ids = find_pasted_ids(query)
    if not ids:
        return None
    found = {paper.id: paper for paper in papers.load_by_key(db, ids).values()}
    hits = tuple(Hit(found[key], 1.0, ("this id",)) for key in ids if key in found)
    return hits, tuple(key for key in ids if key not in found)


def missing_note(ids: Sequence[str]) -> str:
    """Return what to do about papers that the store does not have."""
    verb, them = ("is", "it") if len(ids) == 1 else ("are", "them")
    command = f"tracker crawl --ids {','.join(ids)}"
    return f"{', '.join(ids)} {verb} not in the store; `{command}` fetches {them}."


def find_by_title(db: Database, text: str, filters: Filter) -> list[Paper]:
    """Return the works that pass the filter and whose title is the text, the latest first.

    Case, accents, punctuation and markup are ignored, and so is what follows a title in a
    reference.
    """
    for title in _possible_titles(text):
        found = _with_title(db, title, filters)
        if found:
            return found
    return []


def _possible_titles(text: str) -> Iterator[str]:
    if len(text) <= _LONGEST_TITLE:
        yield text
        yield from (text[: end.start()] for end in _END_OF_TITLE.finditer(text))


def _with_title(db: Database, title: str, filters: Filter) -> list[Paper]:
    words = _title_words(title)
    # A word of a formula may be written as a command in the stored title.
    plain = tuple(Term(word, "title", exact=True) for word in _to_look_up(words))
    if len(words) < _FEWEST_WORDS or not plain:
        return []
    required = build_query(QueryTerms(required=plain), {}).required
    among = replace(filters, fts_query=FtsQuery(required=required))
    numbers = fts_search.newest_works(db, _CANDIDATES, among)
    return [
        p for p in papers.load_by_number(db, numbers).values() if _title_words(p.title) == words
    ]


def _to_look_up(words: Sequence[str]) -> list[str]:
    """Return the words by which a title is looked up: not those that most titles have, if it can.

    FTS5 reads the list of every word, and these are the longest.
    """
    plain = [word for word in words if word.isascii()]
    content = [word for word in plain if not is_stop_word(word)]
    return content if len(content) >= _ENOUGH_WORDS else plain


def _title_words(title: str) -> list[str]:
    return fold_words(_COMMAND.sub("", to_plain_text(title)))
