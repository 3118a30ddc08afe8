"""Searches for one known paper: a query that is an id, an address or the title of a paper.

Public: `PastedWorks`, `find_pasted_works`, `find_single_id`, `missing_notes`,
`find_by_title`, `without_reference`, `put_first`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from summarizer.text.folding import fold_words
from summarizer.text.sentences import to_plain_text
from tracker.models import Hit, Paper
from tracker.search.query.pasted_ids import find_dois, find_mentioned_ids, find_pasted_ids
from tracker.search.query.pasted_titles import PossibleTitle, list_possible_titles
from tracker.search.query.stopwords import is_stop_word
from tracker.store import fts_search, papers
from tracker.store.database import Database
from tracker.store.fts_query import WORDS, FtsQuery, MatchClause, QueryTerms, Term, build_query
from tracker.store.paper_filters import Filter
from tracker.store.signed_words import find_signed_words

# A title of one word is also the name of what many other papers are about.
_FEWEST_WORDS = 2
# Titles with so many content words in common are few.
_ENOUGH_WORDS = 4
_CANDIDATES = 50
_MANY = 2000
_COMMAND = re.compile(r"\\[A-Za-z]+\*?|[{}$\\]")
# A title of which only the beginning is given has at least this many words there.
_FEWEST_CUT = 5


@dataclass(frozen=True, slots=True)
class PastedWorks:
    """The works that a query names by ids, and the ids that the store does not have.

    `is_all` if the query is nothing else, so that there is nothing more to search for.
    """

    hits: tuple[Hit, ...] = ()
    missing: tuple[str, ...] = ()
    is_all: bool = False


def find_pasted_works(db: Database, query: str) -> PastedWorks:
    """Return the works whose ids, addresses or DOIs a query consists of, or has in a reference."""
    ids = find_pasted_ids(query)
    dois = () if ids else find_dois(query)
    keys = ids or find_mentioned_ids(query)
    found = {paper.id: paper for paper in papers.load_by_key(db, keys).values()}
    by_doi = papers.load_by_number(db, papers.numbers_by_doi(db, dois)) if dois else {}
    hits = {key: Hit(found[key], 1.0, ("this id",)) for key in keys if key in found}
    hits = {p.id: Hit(p, 1.0, ("this DOI",)) for p in by_doi.values()} | hits
    missing = tuple(key for key in keys if key not in found)
    return PastedWorks(tuple(hits.values()), missing, bool(ids))


def find_single_id(db: Database, text: str) -> str:
    """Return the id of the one paper that a text names by id, address or DOI, or ""."""
    pasted = find_pasted_works(db, text)
    ids = [*(hit.paper.id for hit in pasted.hits), *pasted.missing]
    return ids[0] if len(ids) == 1 else ""


def missing_notes(ids: Sequence[str]) -> tuple[str, ...]:
    """Return what to do about papers that the store does not have; () if there are none."""
    if not ids:
        return ()
    verb, them = ("is", "it") if len(ids) == 1 else ("are", "them")
    command = f"tracker crawl --ids {','.join(ids)}"
    return (f"{', '.join(ids)} {verb} not in the store; `{command}` fetches {them}.",)


def find_by_title(db: Database, text: str, filters: Filter) -> list[Paper]:
    """Return the works that pass the filter and whose title is the text, the latest first.

    Case, accents, punctuation and markup are ignored, and so is what follows a title in a
    reference.
    """
    for title in list_possible_titles(text):
        found = _with_title(db, title, filters)
        if found:
            return found
    return []


def without_reference(text: str, titled: Sequence[Paper]) -> str:
    """Return the title that a text contains, if it is a reference; else the text."""
    if not titled or _title_words(titled[0].title) == _title_words(text):
        return text
    return to_plain_text(titled[0].title)


def put_first(titled: Sequence[Paper], hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits after the works whose title is the query."""
    by_id = {hit.paper.id: hit for hit in hits}
    best = max((hit.score for hit in hits), default=1.0)
    first = [
        replace(by_id.get(paper.id, Hit(paper, best, ())), score=best, why=("this title",))
        for paper in titled
    ]
    ids = {hit.paper.id for hit in first}
    return [*first, *(hit for hit in hits if hit.paper.id not in ids)]


def _with_title(db: Database, title: PossibleTitle, filters: Filter) -> list[Paper]:
    words = _title_words(title.text)
    if len(words) < (_FEWEST_CUT if title.is_cut else _FEWEST_WORDS):
        return []
    # The last word may be cut, too.
    known = words[:-1] if title.is_cut else words
    compared = len(known) if title.is_cut else None
    found = _with_title_words(db, known, filters)
    same = [paper for paper in found if _title_words(paper.title)[:compared] == known]
    signed = find_signed_words(title.text)
    return [paper for paper in same if find_signed_words(paper.title) == signed] or same


def _with_title_words(db: Database, words: Sequence[str], filters: Filter) -> list[Paper]:
    """Return works whose titles have these words, or those of them that tell titles apart."""
    # A word of a formula may be written as a command in the stored title.
    plain = tuple(Term(word, "title", exact=True) for word in _to_look_up(words))
    if not plain:
        return []
    required = build_query(QueryTerms(required=plain), {}).required
    if len(plain) == len(words) and _are_in_many_titles(db, required):
        required = (MatchClause(WORDS, f'{{title}} : ^ "{" ".join(words)}"', ""),)
    among = replace(filters, fts_query=FtsQuery(required=required))
    return [*papers.load_by_number(db, fts_search.newest_works(db, _CANDIDATES, among)).values()]


def _are_in_many_titles(db: Database, required: Sequence[MatchClause]) -> bool:
    """Whether titles with all of these words are many: to sort them takes a second for a million.

    Those that begin with the words are far fewer.
    """
    expression = " AND ".join(f"({part.expression})" for part in required)
    part = MatchClause(WORDS, expression, "")
    return fts_search.count_works_containing(db, part, _MANY) == _MANY


def _to_look_up(words: Sequence[str]) -> list[str]:
    """Return the words by which a title is looked up: a few long ones, if it has enough.

    FTS5 reads the list of every word, and those of short and frequent words are the longest.
    """
    plain = [word for word in words if word.isascii()]
    content = [word for word in plain if not is_stop_word(word)]
    if len(content) < _ENOUGH_WORDS:
        return plain
    return sorted(set(content), key=len)[-_ENOUGH_WORDS:]


def _title_words(title: str) -> list[str]:
    return fold_words(_COMMAND.sub("", to_plain_text(title)))
