"""The query language: what a person types, read into what is to be found. See docs/search.md.

Pure: the day, the last digest and the names of the map are passed in. Free text is never an error;
a filter that cannot be read is a UsageError with a sentence that says what is allowed.
Public: `parse`, `Query`, `normalised`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from tracker.errors import UsageError
from tracker.search.facets import DAY_FIELDS, FACET_FIELDS, Topic, facets, span
from tracker.store.cjk import holds
from tracker.store.expressions import Term, Wanted
from tracker.store.filters import Facets

TEXT_FIELDS = ("title", "abs", "author")
FIELDS = (*TEXT_FIELDS, *FACET_FIELDS, *DAY_FIELDS)
_TERMS = 64  # of each kind that are used; more is a page that was pasted, not a question
_INSIDE = 3  # from this length on, a Chinese name counts inside a run of Chinese, too


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was understood.

    `text` is what to embed: the free text without operators, names of the map in English; "" when
    there is none. `wanted` is what to look for in the words. A result has the facets `only`, none
    of those `without`, and was announced from `since` to `until`, both included. `named` are the
    topics that the free text names in Chinese.
    """

    text: str = ""
    wanted: Wanted = field(default_factory=Wanted)
    only: Facets = field(default_factory=Facets)
    without: Facets = field(default_factory=Facets)
    since: date | None = None
    until: date | None = None
    named: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two spaces or in quotation marks; `field` is "" for free text."""

    value: str
    field: str
    quoted: bool
    minus: bool


_FIELD = f"(?ai:{'|'.join(FIELDS)})"
# An operator stands at the start of a word. A quotation mark that is left open ends with the text.
_PIECE = re.compile(
    rf"(?:(?<!\S)(?P<minus>-(?=[^\s-]))?(?:(?P<field>{_FIELD}):)?)?"
    r'(?:"(?P<phrase>[^"]*)"?|(?P<bare>[^\s"]+))'
)
# A text field with a space behind it is free text: titles are pasted. A filter would be lost.
_LONE = frozenset(f"{field}:" for field in (*FACET_FIELDS, *DAY_FIELDS))
_OPERATOR = re.compile(rf"\b({_FIELD}):")
# Free text is cut here. Signs within a word, as in GPT-4.1 or C++, are left to FTS5.
_BREAK = re.compile(r"[\s!$%&()*,/:;<=>?@\[\\\]^`{|}~，。、；：？！…—·（）《》〈〉【】〔〕]+")


def parse(
    text: str, *, today: date, last_digest: date | None, topics: Mapping[str, Topic]
) -> Query:
    """Read a query. Raises UsageError for a filter that cannot be read, and for nothing else.

    `last_digest` is the last day that the newest digest is about. `topics` are all names that the
    map goes by, `folded`.
    """
    pieces = tuple(_pieces(normalised(text)))
    kept = tuple(piece for piece in pieces if not piece.minus)
    barred = tuple(piece for piece in pieces if piece.minus)
    since, until = span(_filters(kept), today=today, last_digest=last_digest)
    free, named = _understood(" ".join(p.value for p in kept if not p.field), topics)
    return Query(
        text=_embedded(free),
        wanted=Wanted(
            words=tuple(dict.fromkeys(_words(kept)))[:_TERMS],
            also=tuple(phrase for topic in named for phrase in topic.phrases),
            required=_terms(p for p in kept if p.field or p.quoted),
            excluded=_terms(barred),
        ),
        only=facets(_filters(kept), topics),
        without=facets(_filters(barred), topics),
        since=since,
        until=until,
        named=named,
    )


_SIGNS = {
    **dict.fromkeys(map(ord, "“”„‟«»「」『』〝〞〟"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–−"), "-"),
    **dict.fromkeys(map(ord, "‘’"), "'"),
    **{0xFF01 + place: chr(0x21 + place) for place in range(94)},  # full-width forms of ASCII
}
# Control and format characters (direction marks, joiners) and lone surrogates.
_DROPPED = frozenset({"Cc", "Cf", "Cs"})


def normalised(text: str) -> str:
    """The text with plain quotation marks, hyphens and spaces, and with nothing invisible."""
    seen = (c for c in text if c.isspace() or unicodedata.category(c) not in _DROPPED)
    plain = unicodedata.normalize("NFC", "".join(seen).translate(_SIGNS))
    return " ".join(plain.split())


def _pieces(text: str) -> Iterator[_Piece]:
    """All pieces but those in which there is nothing to look for."""
    for match in _PIECE.finditer(text):
        quoted = match["bare"] is None
        value = (match["phrase"] if quoted else match["bare"]).strip()
        piece = _Piece(value, (match["field"] or "").lower(), quoted, match["minus"] is not None)
        _check(piece)
        if piece.field or any(map(str.isalnum, value)):
            yield piece


def _check(piece: _Piece) -> None:
    """Refuse what would silently be lost; the values of filters are checked where they are read."""
    name, value = piece.field, piece.value.lower()
    if name in TEXT_FIELDS and not any(map(str.isalnum, value)):
        raise UsageError(
            f"`{name}:` takes a word, or a phrase in quotation marks, as in {name}:example or "
            f'{name}:"an example".'
        )
    if piece.minus and name in DAY_FIELDS:
        raise UsageError(f"`{name}:` cannot be excluded; after: and before: are opposites.")
    if not name and not piece.quoted and value in _LONE:
        raise UsageError(
            f"`{value}` takes its value right behind the colon, without a space; put it in "
            "quotation marks to look for the word."
        )


def _filters(pieces: Iterable[_Piece]) -> list[tuple[str, str]]:
    return [(piece.field, piece.value) for piece in pieces if piece.field not in ("", *TEXT_FIELDS)]


def _terms(pieces: Iterable[_Piece]) -> tuple[Term, ...]:
    fields = ("", *TEXT_FIELDS)
    terms = (Term(p.value, p.field, exact=p.quoted) for p in pieces if p.field in fields)
    return tuple(dict.fromkeys(terms))[:_TERMS]


def _words(pieces: Iterable[_Piece]) -> Iterator[str]:
    """The words of the free text, without the signs around them that mean nothing to a search."""
    for piece in pieces:
        if not piece.field and not piece.quoted:
            words = (word.strip("-.'_") for word in _BREAK.split(piece.value))
            yield from (word for word in words if any(map(str.isalnum, word)))


def _understood(free: str, topics: Mapping[str, Topic]) -> tuple[str, tuple[Topic, ...]]:
    """The text with Chinese names of the map in English, and what they name; the longest first."""
    found = []
    for name in sorted(filter(holds, topics), key=len, reverse=True):
        if name in free:
            pattern = name if len(name) >= _INSIDE else rf"(?<!\w){name}(?!\w)"
            free, times = re.subn(pattern, f" {topics[name].name} ", free)
            found += [topics[name]] * bool(times)
    return free, tuple(dict.fromkeys(found))


def _embedded(free: str) -> str:
    """The text without what only looks like an operator, as it may within a phrase."""
    words = (word.lstrip("-") for word in _OPERATOR.sub(r"\1 ", free).split())
    return " ".join(filter(None, words))
