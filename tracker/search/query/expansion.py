"""Query expansion: acronyms written out, and long forms as acronyms.

All decisions rest on the corpus: which senses a short form has in how many papers, and whether what
was typed in lower case is written so in the papers, too, as an ordinary word.

Public: `Expansion`, `find_expansions`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracker.search.query.acronym_alignment import strip_plural
from tracker.search.query.acronym_definitions import fold_long, fold_short
from tracker.store import acronyms
from tracker.store.acronyms import Sense
from tracker.store.database import Database

# Least share of the papers defining a short form for a long form to be a usual sense of it, and for
# it to be the main sense.
_USUAL, _MAIN = 0.3, 0.5
_SENSES = 2
# Most words of a long form, and of a query.
_LONGEST, _QUERY = 8, 64
# Papers read to tell an acronym from a word of the same letters: half a millisecond.
_WITNESSES = 24


@dataclass(frozen=True, slots=True)
class Expansion:
    """`words` of the query, as typed, and the `phrases` that mean the same."""

    words: str
    phrases: tuple[str, ...]


def find_expansions(db: Database, query: str) -> list[Expansion]:
    """Return other forms of what a query names, in its order: long for short, short for long.

    A short form expands to its usual senses: at most two, each in 30 % of the papers that define
    it, and none that only a single paper has if there are others. A long form expands to its most
    used short form if most papers mean the long one by it. Two or more capitals mean an acronym,
    unless the whole query is in capitals. Otherwise, and before a short form is added, the newest
    papers that contain it decide: unless twice as many write it in capitals, it is an ordinary
    word, like "it".
    """
    words = query.split()[:_QUERY]
    table = _load_acronyms(db, words)
    found, start = [], 0
    while start < len(words):
        end, phrases = next(_find_readings(table, words, start), (start + 1, ()))
        if phrases:
            found.append(Expansion(" ".join(words[start:end]), phrases))
        start = end
    return found


@dataclass(frozen=True, slots=True)
class _AcronymTable:
    """Senses of a query's words by key; `is_all_caps` if the whole query is in capitals."""

    db: Database
    is_all_caps: bool
    senses: Mapping[str, Sequence[Sense]]
    shorts: Mapping[str, Sequence[Sense]]


def _load_acronyms(db: Database, words: Sequence[str]) -> _AcronymTable:
    keys = {
        fold_long(" ".join(words[start:end]))
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + _LONGEST) + 1)
    }
    shorts = acronyms.senses_by_long_form(db, keys - {""})
    short_keys = {key for word in words for key in _short_keys(word)}
    short_keys.update(found[0].short for found in shorts.values())
    is_all_caps = len(words) > 1 and all(map(str.isupper, words))
    return _AcronymTable(db, is_all_caps, acronyms.senses_by_short_form(db, short_keys), shorts)


def _short_keys(word: str) -> tuple[str, ...]:
    """Return the keys that a typed short form may have, for it may be a plural: "llms"."""
    key = fold_short(word)
    return tuple(filter(None, (key, key[:-1] if key.endswith("s") and len(key) > 2 else "")))


def _find_readings(
    table: _AcronymTable, words: Sequence[str], start: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the end and the other forms of runs of words from `start`, the longest first."""
    for end in range(min(len(words), start + _LONGEST), start, -1):
        if short := _find_short_form(table, fold_long(" ".join(words[start:end]))):
            yield end, (short,)
    if long := _find_long_forms(table, words[start]):
        yield start + 1, long


def _find_short_form(table: _AcronymTable, key: str) -> str:
    best = next(iter(table.shorts.get(key, ())), None)
    if best is None or best not in _usual_senses(table.senses[best.short], _MAIN):
        return ""
    return "" if _is_a_word(table.db, best.short) else strip_plural(best.written_short)


def _find_long_forms(table: _AcronymTable, word: str) -> tuple[str, ...]:
    key = next((key for key in _short_keys(word) if key in table.senses), "")
    usual = _usual_senses(table.senses.get(key, ()), _USUAL)
    meant = sum(map(str.isupper, word)) > 1 and not table.is_all_caps
    if not usual or not (meant or not _is_a_word(table.db, key)):
        return ()
    return tuple(sense.written_long for sense in usual)


def _usual_senses(senses: Sequence[Sense], share: float) -> list[Sense]:
    """Return the senses with at least that share of the papers, the most used first."""
    least = share * sum(sense.papers for sense in senses)
    alone = len(senses) == 1
    return [s for s in senses if s.papers >= least and (alone or s.papers > 1)][:_SENSES]


def _is_a_word(db: Database, key: str) -> bool:
    """Whether the newest papers that contain it, or its stem, mostly use it as a word."""
    lower = upper = 0
    for text in acronyms.newest_texts_containing(db, key, _WITNESSES):
        written = list(_occurrences(text, key))
        lower += any(map(str.islower, written))
        upper += any(sum(map(str.isupper, word)) > 1 for word in written)
    return upper <= 2 * lower


def _occurrences(text: str, key: str) -> Iterator[str]:
    """Yield each occurrence of a word or its plural in a text, as written there."""
    # Much faster than a case-insensitive expression: most texts contain it once or twice.
    for start in re.finditer(re.escape(key), text.lower()):
        at, end = start.span()
        end += text[end : end + 1] == "s"
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            yield text[at:end]
