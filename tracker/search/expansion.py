"""What else a query should look for: acronyms written out, and long forms as acronyms.

Everything is decided by the corpus at hand: which senses a short form has in how many papers, and
whether what was typed in small letters is written so in the papers too, as a word of the language.

Public surface: `Expansion`, `expansions`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracker.search.acronyms import fold_long, fold_short
from tracker.search.alignment import singular
from tracker.store import acronyms
from tracker.store.acronyms import Sense
from tracker.store.database import Database

# A long form is a usual sense of a short one from this share of the papers that define it on, and
# what most people mean by it from the second on.
_USUAL, _MAIN = 0.3, 0.5
_SENSES = 2
# Words of the longest long form that is looked for, and of the query.
_LONGEST, _QUERY = 8, 64
# Papers looked at to tell an acronym from a word of the same letters: half a millisecond.
_WITNESSES = 24


@dataclass(frozen=True, slots=True)
class Expansion:
    """`words` of the query, as typed, may as well be written like each of `phrases`."""

    words: str
    phrases: tuple[str, ...]


def expansions(db: Database, query: str) -> list[Expansion]:
    """The other writings of what a query names, in its order: long for short, and short for long.

    A short form stands for its usual senses: two at most, each of 30 % of the papers that define
    it, none that a single paper has among others. A long form stands for its most used short form
    if most papers mean the long one by that. Two or more capitals say that an acronym is meant,
    unless the whole query is in capitals; else, and before a short form is added, the newest papers
    that hold it are asked: unless twice as many write it in capitals, it is a word, like "it".
    """
    words = query.split()[:_QUERY]
    book = _open(db, words)
    found, start = [], 0
    while start < len(words):
        end, phrases = next(_readings(book, words, start), (start + 1, ()))
        if phrases:
            found.append(Expansion(" ".join(words[start:end]), phrases))
        start = end
    return found


@dataclass(frozen=True, slots=True)
class _Book:
    """What the store knows of a query's words, by key; `shouted` if it is all in capitals."""

    db: Database
    shouted: bool
    senses: Mapping[str, Sequence[Sense]]
    shorts: Mapping[str, Sequence[Sense]]


def _open(db: Database, words: Sequence[str]) -> _Book:
    keys = {
        fold_long(" ".join(words[start:end]))
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + _LONGEST) + 1)
    }
    shorts = acronyms.shorts_of(db, keys - {""})
    asked = {key for word in words for key in _short_keys(word)}
    asked.update(found[0].short for found in shorts.values())
    shouted = len(words) > 1 and all(map(str.isupper, words))
    return _Book(db, shouted, acronyms.senses(db, asked), shorts)


def _short_keys(word: str) -> tuple[str, ...]:
    """The keys that a typed short form may have: people type "llms" too."""
    key = fold_short(word)
    return tuple(filter(None, (key, key[:-1] if key.endswith("s") and len(key) > 2 else "")))


def _readings(
    book: _Book, words: Sequence[str], start: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What words from `start` on are written like, the longest run first, and where it ends."""
    for end in range(min(len(words), start + _LONGEST), start, -1):
        if short := _short_form(book, fold_long(" ".join(words[start:end]))):
            yield end, (short,)
    if long := _long_forms(book, words[start]):
        yield start + 1, long


def _short_form(book: _Book, key: str) -> str:
    best = next(iter(book.shorts.get(key, ())), None)
    if best is None or best not in _usual(book.senses[best.short], _MAIN):
        return ""
    return "" if _is_a_word(book.db, best.short) else singular(best.written_short)


def _long_forms(book: _Book, word: str) -> tuple[str, ...]:
    key = next((key for key in _short_keys(word) if key in book.senses), "")
    usual = _usual(book.senses.get(key, ()), _USUAL)
    meant = sum(map(str.isupper, word)) > 1 and not book.shouted
    if not usual or not (meant or not _is_a_word(book.db, key)):
        return ()
    return tuple(sense.written_long for sense in usual)


def _usual(senses: Sequence[Sense], share: float) -> list[Sense]:
    """The senses that a short form has in that share of its papers, the most used first."""
    least = share * sum(sense.papers for sense in senses)
    alone = len(senses) == 1
    return [s for s in senses if s.papers >= least and (alone or s.papers > 1)][:_SENSES]


def _is_a_word(db: Database, key: str) -> bool:
    """Whether the newest papers that hold it, or its stem, do not by far mean the acronym."""
    small = capital = 0
    for text in acronyms.newest_with(db, key, _WITNESSES):
        written = list(_occurrences(text, key))
        small += any(map(str.islower, written))
        capital += any(sum(map(str.isupper, word)) > 1 for word in written)
    return capital <= 2 * small


def _occurrences(text: str, key: str) -> Iterator[str]:
    """A word or its plural wherever a text has it, as it is written there."""
    # Far quicker than one expression that ignores case: most texts hold it once or twice.
    for start in re.finditer(re.escape(key), text.lower()):
        at, end = start.span()
        end += text[end : end + 1] == "s"
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            yield text[at:end]
