"""What is looked for, as expressions in the language of FTS5's MATCH.

Pure. Every word is quoted, so no text is ever a syntax error. Letters of Chinese, Japanese and
Korean are looked for in the table of their bigrams, all else in the table of words; each `Part`
says in which. Public: `Term`, `Wanted`, `matching`, its `Matching` of `Part`s, `any_of`, `all_of`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tracker.store import cjk

WORDS, BIGRAMS = "works_fts", "works_fts_cjk"
Kind = Literal["word", "pair", "name", "term"]
# A Chinese summary stands beside the abstract, so `abs` looks into both.
_COLUMNS = {
    WORDS: {"title": "{title}", "abs": "{abstract}", "author": "{byline}"},
    BIGRAMS: {"title": "{title}", "abs": "{abstract summary}", "author": "{byline}"},
}
# No more words than this of one phrase, and no more other ways to say what is looked for.
_LONGEST, _OTHERS = 64, 64
# Synonyms are looked up for so many words in a row at most; no long form of an acronym has more.
_WINDOW = 16
_PIECE = re.compile(r"[^\W_]+")
_NOT_WORD = re.compile(r"[\W_]+")
_CJK_RUN = re.compile(f"{cjk.LETTER}+")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase, anywhere or in the `field` title, abs or author; `exact` bars synonyms."""

    text: str
    field: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Free words and other names for them, of which any will do; terms that must, and must not, be.

    All are in the order in which they were written. Of the words those that are `telling` rank,
    else all; `pairs` are such words that stand side by side.
    """

    words: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    telling: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """An expression for one full-text table; `label` is what the reader is told was found.

    `kind` is how it comes to be looked for: as a word or pair of the query, as another name of what
    the query names, or because it must be there.
    """

    table: str
    expression: str
    label: str
    kind: Kind = "word"


@dataclass(frozen=True, slots=True)
class Matching:
    """`ranked` parts each add to a work's rank; `required` ones must be there, `excluded` not."""

    ranked: tuple[Part, ...] = ()
    required: tuple[Part, ...] = ()
    excluded: tuple[Part, ...] = ()


def matching(wanted: Wanted, synonyms: Mapping[str, Sequence[str]]) -> Matching:
    """The expressions for what is wanted; nothing is `ranked` when only exclusions are given.

    `synonyms` gives other ways to write a word or expression, by its `folded` form.
    """
    required = tuple(_term(term, synonyms) for term in wanted.required)
    names = (*wanted.also, *_others(wanted.words, synonyms))
    ranked = [part for word in wanted.telling or wanted.words for part in _word(word)]
    ranked += [_phrase(name, "name") for name in list(dict.fromkeys(names))[:_OTHERS]]
    ranked += [_phrase(pair, "pair") for pair in wanted.pairs]
    excluded = tuple(_term(term, {}) for term in wanted.excluded)
    return Matching(_distinct([*ranked, *required]), required, excluded)


def _distinct(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Each once, whatever its case and hyphens: what counts twice would rank twice."""
    found: dict[tuple[str, str], Part] = {}
    for part in parts:
        found.setdefault((part.table, part.expression.lower().replace("-", " ")), part)
    return tuple(found.values())


def folded(text: str) -> str:
    """A text as synonyms and names are looked up: its words in lower case, parted by spaces."""
    return _NOT_WORD.sub(" ", text.casefold()).strip()


def any_of(parts: Iterable[Part]) -> dict[str, str]:
    """By table, one expression that is true where any of its parts is."""
    return _joined(parts, " OR ")


def all_of(parts: Iterable[Part]) -> dict[str, str]:
    """By table, one expression that is true where all of its parts are."""
    return _joined(parts, " AND ")


def _joined(parts: Iterable[Part], operator: str) -> dict[str, str]:
    by_table: dict[str, list[str]] = {}
    for part in parts:
        by_table.setdefault(part.table, []).append(f"({part.expression})")
    return {table: operator.join(expressions) for table, expressions in by_table.items()}


def _word(word: str) -> Iterator[Part]:
    """A free word; of several, as GPT-4 is, each of them, all in a row and all as one."""
    if cjk.holds(word):
        yield _phrase(word)
        for run in _CJK_RUN.findall(word):
            pairs = (run[place : place + 2] for place in range(len(run) - 1))
            yield from (_phrase(pair) for pair in list(pairs)[:_LONGEST])
        rest = (text for text in _CJK_RUN.split(word) if folded(text))
        yield from map(_phrase, rest)
        return
    pieces = _PIECE.findall(word)
    yield from map(_phrase, pieces)
    if len(pieces) > 1:
        yield _phrase(word, "pair")
        yield _phrase("".join(pieces))


def _others(words: Sequence[str], synonyms: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The synonyms of every word, and of every expression that the words hold one after another."""
    row = " ".join(map(folded, words)).split()
    for start in range(len(row)):
        for end in range(start + 1, min(start + _WINDOW, len(row)) + 1):
            yield from synonyms.get(" ".join(row[start:end]), ())


def _term(term: Term, synonyms: Mapping[str, Sequence[str]]) -> Part:
    first = _phrase(term.text)
    others = () if term.exact else synonyms.get(folded(term.text), ())
    # A term is looked for in one table; a synonym in the other script would need the other one.
    same = (part for part in map(_phrase, others) if part.table == first.table)
    expression = " OR ".join(dict.fromkeys(part.expression for part in (first, *same)))
    if not term.field:
        return Part(first.table, expression, first.label, "term")
    column = _COLUMNS[first.table][term.field]
    return Part(first.table, f"{column} : ({expression})", f"{term.field}:{first.label}", "term")


def _phrase(text: str, kind: Kind = "word") -> Part:
    """One phrase, in the table that can find it."""
    if not cjk.holds(text):
        return Part(WORDS, _quoted(text), text.lower(), kind)
    cut = _quoted(cjk.bigrams(text))
    # The last letter alone is asked for as the beginning of a bigram: more may follow it.
    return Part(BIGRAMS, f"{cut} *" if cjk.holds(cut[-2:]) else cut, text.lower(), kind)


def _quoted(text: str) -> str:
    words = text.replace('"', " ").replace("\0", " ").split()
    return f'"{" ".join(words[:_LONGEST])}"'
