"""Search terms as expressions for the MATCH operator of FTS5.

Pure. Every word is quoted, so no text causes a syntax error. Chinese, Japanese and Korean letters
are searched for in the table of bigrams, everything else in the table of words; each `MatchClause`
names its table.

Public: `Term`, `QueryTerms`, `build_query`, `FtsQuery`, `MatchClause`, `phrase_clause`, `any_of`,
`all_of`, `normalize_text`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from tracker.store import cjk
from tracker.store.signed_words import find_signed_words, is_signed_word

WORDS, BIGRAMS = "works_fts", "works_fts_cjk"
ClauseKind = Literal["word", "spelling", "pair", "name", "term"]
# `abs` searches the abstract and a Chinese summary of it.
_COLUMNS = {
    WORDS: {"title": "{title}", "abs": "{abstract}"},
    BIGRAMS: {"title": "{title}", "abs": "{abstract summary}"},
}
_WORK_COLUMNS = {"title": "title", "abs": "abstract"}
# At most this many words of one phrase, and this many synonyms in one query.
_LONGEST, _OTHERS = 64, 64
# Synonyms are looked up for up to this many consecutive words; no long form of an acronym has more.
_WINDOW = 16
# A piece of a name with a sign says something alone if it has this many letters: AT&T, recall@10.
_TELLING = 4
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

    `kind` is its role: a word of the query, another spelling of the word in `label`, a pair of
    words, another name for something the query names, or a required term. `signed` are names such
    as C++ that the text must contain with their signs, in `column` of the works if it is not empty.
    """

    table: str
    expression: str
    label: str
    kind: ClauseKind = "word"
    signed: tuple[str, ...] = ()
    column: str = ""


@dataclass(frozen=True, slots=True)
class FtsQuery:
    """Clauses: `ranked` ones add to a work's score; `required` must match, `excluded` must not.

    `authors` are names that a work must have, `excluded_authors` those that it must not have.
    """

    ranked: tuple[MatchClause, ...] = ()
    required: tuple[MatchClause, ...] = ()
    excluded: tuple[MatchClause, ...] = ()
    authors: tuple[str, ...] = ()
    excluded_authors: tuple[str, ...] = ()


Alternatives = Mapping[str, Sequence[str]]


def build_query(
    terms: QueryTerms, synonyms: Alternatives, spellings: Alternatives = MappingProxyType({})
) -> FtsQuery:
    """Return the expressions for a query; `ranked` is empty when there are only exclusions.

    `synonyms` holds other names of a word or expression, `spellings` the same name written
    differently, such as "gpt 4o" for "gpt4o", by its `normalize_text` form.
    """
    by_text, authors = _split_authors(terms.required)
    required = tuple(_term(term, synonyms, spellings) for term in by_text)
    names = (*terms.aliases, *_find_synonyms(terms.words, synonyms))
    words = terms.distinctive or terms.words
    ranked = [part for word in words for part in _word(word)]
    ranked += [
        replace(phrase_clause(other, "spelling"), label=word.lower())
        for word in words
        if not is_signed_word(word)
        for other in spellings.get(normalize_text(word), ())
    ]
    ranked += [phrase_clause(name, "name") for name in list(dict.fromkeys(names))[:_OTHERS]]
    ranked += [phrase_clause(pair, "pair") for pair in terms.pairs]
    not_in_text, not_by = _split_authors(terms.excluded)
    excluded = tuple(_term(term, {}, {}) for term in not_in_text)
    return FtsQuery(_deduplicate([*ranked, *required]), required, excluded, authors, not_by)


def _split_authors(terms: Sequence[Term]) -> tuple[list[Term], tuple[str, ...]]:
    """Return the terms to search for in texts, and the names of authors."""
    names = tuple(term.text for term in terms if term.field == "author")
    return [term for term in terms if term.field != "author"], names


def _deduplicate(parts: Iterable[MatchClause]) -> tuple[MatchClause, ...]:
    """Return each clause once, ignoring case and hyphens: a duplicate would count twice."""
    found: dict[tuple[str, str, tuple[str, ...]], MatchClause] = {}
    for part in parts:
        key = (part.table, part.expression.lower().replace("-", " "), part.signed)
        found.setdefault(key, part)
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
        yield from _cjk_word(word)
        return
    pieces = _PIECE.findall(word)
    if is_signed_word(word):
        yield replace(phrase_clause(word), signed=(word,))
        yield from (phrase_clause(piece) for piece in pieces if len(piece) >= _TELLING)
        return
    if len(pieces) > 1 and all(map(str.isdigit, pieces)):
        yield phrase_clause(word)  # 2.5 is not any 2 and any 5
        return
    yield from map(phrase_clause, pieces)
    if len(pieces) > 1:
        yield phrase_clause(word, "pair")
        yield phrase_clause("".join(pieces))


def _cjk_word(word: str) -> Iterator[MatchClause]:
    """Yield clauses for a word with ideographs: itself, each pair of them, and the other parts."""
    yield phrase_clause(word)
    for run in _CJK_RUN.findall(word):
        pairs = (run[place : place + 2] for place in range(len(run) - 1))
        yield from (phrase_clause(pair) for pair in list(pairs)[:_LONGEST])
    rest = (text for text in _CJK_RUN.split(word) if normalize_text(text))
    yield from map(phrase_clause, rest)


def _find_synonyms(words: Sequence[str], synonyms: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the synonyms of every word and of every sequence of consecutive words."""
    row = " ".join(map(normalize_text, words)).split()
    for start in range(len(row)):
        for end in range(start + 1, min(start + _WINDOW, len(row)) + 1):
            yield from synonyms.get(" ".join(row[start:end]), ())


def _term(term: Term, synonyms: Alternatives, spellings: Alternatives) -> MatchClause:
    first = phrase_clause(term.text)
    key = normalize_text(term.text)
    others = () if term.exact else (*synonyms.get(key, ()), *spellings.get(key, ()))
    # A term is searched for in one table; a synonym in the other script would need the other one.
    same = [part for part in map(phrase_clause, others) if part.table == first.table]
    expression = " OR ".join(dict.fromkeys(part.expression for part in (first, *same)))
    signed = () if same else find_signed_words(term.text)
    if not term.field:
        return MatchClause(first.table, expression, first.label, "term", signed)
    column = _COLUMNS[first.table][term.field]
    return MatchClause(
        first.table, f"{column} : ({expression})", f"{term.field}:{first.label}", "term", signed,
        _WORK_COLUMNS[term.field],
    )  # fmt: skip


def phrase_clause(text: str, kind: ClauseKind = "word") -> MatchClause:
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
