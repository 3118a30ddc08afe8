"""The query language: parses what a user types into a `Query`. See docs/search.md.

Pure: the day, the last digest and the names of topics are passed in. Free text is never an error;
an invalid filter raises UsageError with a sentence that says what is allowed.

Public: `parse`, `Query`, `normalize_query`, `FIELDS`, `TEXT_FIELDS`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from summarizer.text.characters import normalize_characters
from tracker.errors import UsageError
from tracker.search.query.filter_terms import (
    DAY_FIELDS,
    FACET_FIELDS,
    Topic,
    parse_facets,
    parse_span,
)
from tracker.store.cjk import contains_cjk
from tracker.store.fts_query import QueryTerms, Term
from tracker.store.paper_filters import Facets
from tracker.store.signed_words import find_signed_words

TEXT_FIELDS = ("title", "abs", "author")
FIELDS = (*TEXT_FIELDS, *FACET_FIELDS, *DAY_FIELDS)
_TERMS = 64  # of each kind; a longer text is a pasted page, not a query
_INSIDE = 3  # a Chinese name of at least this length counts inside a run of Chinese, too


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    `text` is the text to embed: the free text without operators, with topic names in English; ""
    if there is none. `wanted` are the words to search for. A result has the facets `facets`, none
    of `excluded_facets`, and was announced from `since` to `until`, both inclusive. `named_topics`
    are the topics that the free text names in Chinese.
    """

    text: str = ""
    wanted: QueryTerms = field(default_factory=QueryTerms)
    facets: Facets = field(default_factory=Facets)
    excluded_facets: Facets = field(default_factory=Facets)
    since: date | None = None
    until: date | None = None
    named_topics: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece between two spaces or in quotation marks; `field` is "" for free text."""

    value: str
    field: str
    is_quoted: bool
    is_excluded: bool


_FIELD = f"(?ai:{'|'.join(FIELDS)})"
# An operator is at the start of a word. An open quotation mark is closed at the end of the text.
_PIECE = re.compile(
    rf"(?:(?<!\S)(?P<minus>-(?=[^\s-]))?(?:(?P<field>{_FIELD}):)?)?"
    r'(?:"(?P<phrase>[^"]*)"?|(?P<bare>[^\s"]+))'
)
# "title: x" is free text, as titles are pasted; for other fields the filter would be lost.
_LONE = frozenset(f"{field}:" for field in (*FACET_FIELDS, *DAY_FIELDS))
_OPERATOR = re.compile(rf"\b({_FIELD}):")
# Free text is split here, except names with signs, such as C++. A point within a word is kept.
_BREAK = re.compile(r"[\s!$%&()*,/:;<=>?@\[\\\]^`{|}~，。、；：？！…—·（）《》〈〉【】〔〕]+")


def parse(
    text: str, *, today: date, last_digest: date | None, topics: Mapping[str, Topic]
) -> Query:
    """Parse a query. Raises UsageError for an invalid filter only.

    `last_digest` is the last day covered by the newest digest. `topics` maps all names of topics,
    normalized (`tracker.store.fts_query.normalize_text`), to them.
    """
    pieces = tuple(_tokenize(normalize_query(text)))
    included = tuple(piece for piece in pieces if not piece.is_excluded)
    excluded = tuple(piece for piece in pieces if piece.is_excluded)
    since, until = parse_span(_filter_values(included), today=today, last_digest=last_digest)
    free, named = _translate_topic_names(" ".join(p.value for p in included if not p.field), topics)
    return Query(
        text=_strip_operators(free),
        wanted=QueryTerms(
            words=tuple(dict.fromkeys(_free_words(included)))[:_TERMS],
            aliases=tuple(phrase for topic in named for phrase in topic.phrases),
            required=_build_terms(p for p in included if p.field or p.is_quoted),
            excluded=_build_terms(excluded),
        ),
        facets=parse_facets(_filter_values(included), topics),
        excluded_facets=parse_facets(_filter_values(excluded), topics),
        since=since,
        until=until,
        named_topics=named,
    )


_SIGNS = {
    **dict.fromkeys(map(ord, "“”„‟«»「」『』〝〞〟"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–−"), "-"),
    **dict.fromkeys(map(ord, "‘’"), "'"),
    **{0xFF01 + place: chr(0x21 + place) for place in range(94)},  # full-width forms of ASCII
}
# Control and format characters (direction marks, joiners) and lone surrogates.
_DROPPED = frozenset({"Cc", "Cf", "Cs"})


def normalize_query(text: str) -> str:
    """Return the text with ASCII quotation marks, hyphens and spaces, without invisible signs."""
    visible = (c for c in text if c.isspace() or unicodedata.category(c) not in _DROPPED)
    plain = normalize_characters("".join(visible)).translate(_SIGNS)
    return " ".join(plain.split())


def _tokenize(text: str) -> Iterator[_Token]:
    """Yield all pieces except those without anything to search for."""
    for match in _PIECE.finditer(text):
        quoted = match["bare"] is None
        value = (match["phrase"] if quoted else match["bare"]).strip()
        piece = _Token(value, (match["field"] or "").lower(), quoted, match["minus"] is not None)
        _check_token(piece)
        if piece.field or any(map(str.isalnum, value)):
            yield piece


def _check_token(piece: _Token) -> None:
    """Raise UsageError for what would silently be ignored; values are checked when parsed."""
    name, value = piece.field, piece.value.lower()
    if name in TEXT_FIELDS and not any(map(str.isalnum, value)):
        raise UsageError(
            f"`{name}:` takes a word, or a phrase in quotation marks, as in {name}:example or "
            f'{name}:"an example".'
        )
    if piece.is_excluded and name in DAY_FIELDS:
        raise UsageError(f"`{name}:` cannot be excluded; use after: or before: instead.")
    if not name and not piece.is_quoted and value in _LONE:
        raise UsageError(
            f"`{value}` takes its value directly after the colon, without a space; put it in "
            "quotation marks to search for the word."
        )


def _filter_values(pieces: Iterable[_Token]) -> list[tuple[str, str]]:
    return [(piece.field, piece.value) for piece in pieces if piece.field not in ("", *TEXT_FIELDS)]


def _build_terms(pieces: Iterable[_Token]) -> tuple[Term, ...]:
    fields = ("", *TEXT_FIELDS)
    terms = (Term(p.value, p.field, exact=p.is_quoted) for p in pieces if p.field in fields)
    return tuple(dict.fromkeys(terms))[:_TERMS]


def _free_words(pieces: Iterable[_Token]) -> Iterator[str]:
    """Yield the words of the free text, without surrounding punctuation."""
    for piece in pieces:
        if not piece.field and not piece.is_quoted:
            if signed := find_signed_words(piece.value):
                yield from signed
                continue
            words = (word.strip("-.'_") for word in _BREAK.split(piece.value))
            yield from (word for word in words if any(map(str.isalnum, word)))


def _translate_topic_names(free: str, topics: Mapping[str, Topic]) -> tuple[str, tuple[Topic, ...]]:
    """Return the text with Chinese topic names in English, and the topics; the longest first."""
    found = []
    for name in sorted(filter(contains_cjk, topics), key=len, reverse=True):
        if name in free:
            pattern = name if len(name) >= _INSIDE else rf"(?<!\w){name}(?!\w)"
            free, times = re.subn(pattern, f" {topics[name].name} ", free)
            found += [topics[name]] * bool(times)
    return free, tuple(dict.fromkeys(found))


def _strip_operators(free: str) -> str:
    """Return the text without what only looks like an operator, as may be within a phrase."""
    words = (word.lstrip("-") for word in _OPERATOR.sub(r"\1 ", free).split())
    return " ".join(filter(None, words))
