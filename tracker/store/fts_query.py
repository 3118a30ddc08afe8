"""Search terms as expressions for the MATCH operator of FTS5.

Pure. Every word is quoted, so no text causes a syntax error. Chinese, Japanese and Korean letters
are searched for in the table of bigrams, everything else in the table of words; each `MatchClause`
names its table.

Public: `Term`, `QueryTerms`, `build_query`, `FtsQuery`, `MatchClause`, `any_of`, `all_of`,
`normalize_text`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tracker.store import cjk

WORDS, BIGRAMS = "works_fts", "works_fts_cjk"
ClauseKind = Literal["word", "pair", "name", "term"]
# `abs` searches the abstract and a Chinese summary of it.
_COLUMNS = {
    WORDS: {"title": "{title}", "abs": "{abstract}", "author": "{byline}"},
    BIGRAMS: {"title": "{title}", "abs": "{abstract summary}", "author": "{byline}"},
}
# At most this many words of one phrase, and this many synonyms in one query.
_LONGEST, _OTHERS = 64, 64
# Synonyms are looked up for up to this many consecutive words; no long form of an acronym has more.
_WINDOW = 16
_PIECE = re.compile(r"[^\W_]+")
_NOT_WORD = re.compile(r"[\W_]+")
_CJK_RUN = re.compile(f"{cjk.LETTER}+")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase, anywhere or in the `field` title, abs or author; `exact`: no synonyms."""

    text: str
    field: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class QueryTerms:
    """Optional words with `aliases` for them, and terms that are required or excluded.

    All are in the order of the query. The `distinctive` words rank, or all words if none is;
    `pairs` are adjacent distinctive words.
    """

    words: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    distinctive: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchClause:
    """An expression for one full-text table; `label` is what is shown as matched.

    `kind` is its role: a word or pair of the query, another name for something the query names, or
    a required term.
    """

    table: str
    expression: str
    label: str
    kind: ClauseKind = "word"


@dataclass(frozen=True, slots=True)
class FtsQuery:
    """Clauses: `ranked` ones add to a work's score; `required` must match, `excluded` must not."""

    ranked: tuple[MatchClause, ...] = ()
    required: tuple[MatchClause, ...] = ()
    excluded: tuple[MatchClause, ...] = ()


def build_query(terms: QueryTerms, synonyms: Mapping[str, Sequence[str]]) -> FtsQuery:
    """Return the expressions for a query; `ranked` is empty when there are only exclusions.

    `synonyms` holds alternatives for a word or expression, by its `normalize_text` form.
    """
    required = tuple(_term(term, synonyms) for term in terms.required)
    names = (*terms.aliases, *_find_synonyms(terms.words, synonyms))
    ranked = [part for word in terms.distinctive or terms.words for part in _word(word)]
    ranked += [_phrase(name, "name") for name in list(dict.fromkeys(names))[:_OTHERS]]
    ranked += [_phrase(pair, "pair") for pair in terms.pairs]
    excluded = tuple(_term(term, {}) for term in terms.excluded)
    return FtsQuery(_deduplicate([*ranked, *required]), required, excluded)


def _deduplicate(parts: Iterable[MatchClause]) -> tuple[MatchClause, ...]:
    """Return each clause once, ignoring case and hyphens: a duplicate would count twice."""
    found: dict[tuple[str, str], MatchClause] = {}
    for part in parts:
        found.setdefault((part.table, part.expression.lower().replace("-", " ")), part)
    return tuple(found.values())


def normalize_text(text: str) -> str:
    """Return a text as a key for synonyms and names: words in lower case, separated by spaces."""
    return _NOT_WORD.sub(" ", text.casefold()).strip()


def any_of(parts: Iterable[MatchClause]) -> dict[str, str]:
    """Return one expression per table that is true where any of its parts is."""
    return _join_by_table(parts, " OR ")


def all_of(parts: Iterable[MatchClause]) -> dict[str, str]:
    """Return one expression per table that is true where all of its parts are."""
    return _join_by_table(parts, " AND ")


def _join_by_table(parts: Iterable[MatchClause], operator: str) -> dict[str, str]:
    by_table: dict[str, list[str]] = {}
    for part in parts:
        by_table.setdefault(part.table, []).append(f"({part.expression})")
    return {table: operator.join(expressions) for table, expressions in by_table.items()}


def _word(word: str) -> Iterator[MatchClause]:
    """Yield clauses for a word; for one of several pieces (GPT-4): each, adjacent, and joined."""
    if cjk.contains_cjk(word):
        yield _phrase(word)
        for run in _CJK_RUN.findall(word):
            pairs = (run[place : place + 2] for place in range(len(run) - 1))
            yield from (_phrase(pair) for pair in list(pairs)[:_LONGEST])
        rest = (text for text in _CJK_RUN.split(word) if normalize_text(text))
        yield from map(_phrase, rest)
        return
    pieces = _PIECE.findall(word)
    yield from map(_phrase, pieces)
    if len(pieces) > 1:
        yield _phrase(word, "pair")
        yield _phrase("".join(pieces))


def _find_synonyms(words: Sequence[str], synonyms: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the synonyms of every word and of every sequence of consecutive words."""
    row = " ".join(map(normalize_text, words)).split()
    for start in range(len(row)):
        for end in range(start + 1, min(start + _WINDOW, len(row)) + 1):
            yield from synonyms.get(" ".join(row[start:end]), ())


def _term(term: Term, synonyms: Mapping[str, Sequence[str]]) -> MatchClause:
    first = _phrase(term.text)
    others = () if term.exact else synonyms.get(normalize_text(term.text), ())
    # A term is searched for in one table; a synonym in the other script would need the other one.
    same = (part for part in map(_phrase, others) if part.table == first.table)
    expression = " OR ".join(dict.fromkeys(part.expression for part in (first, *same)))
    if not term.field:
        return MatchClause(first.table, expression, first.label, "term")
    column = _COLUMNS[first.table][term.field]
    return MatchClause(
        first.table, f"{column} : ({expression})", f"{term.field}:{first.label}", "term"
    )


def _phrase(text: str, kind: ClauseKind = "word") -> MatchClause:
    """Return a clause for one phrase, in the table that can match it."""
    if not cjk.contains_cjk(text):
        return MatchClause(WORDS, _quote_phrase(text), text.lower(), kind)
    cut = _quote_phrase(cjk.split_into_bigrams(text))
    # The last letter is searched for as a prefix of a bigram: another letter may follow it.
    return MatchClause(
        BIGRAMS, f"{cut} *" if cjk.contains_cjk(cut[-2:]) else cut, text.lower(), kind
    )


def _quote_phrase(text: str) -> str:
    words = text.replace('"', " ").replace("\0", " ").split()
    return f'"{" ".join(words[:_LONGEST])}"'
