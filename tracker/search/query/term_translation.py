"""Chinese research terms in a query, in English.

Pure. Papers are written in English, and so are their vectors: a query in Chinese finds them by the
English names of what it is about. The longest known forms win, from left to right.

Public: `Translation`, `translate`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tracker.store.cjk import LETTER

_RUN = re.compile(rf"{LETTER}+")


@dataclass(frozen=True, slots=True)
class Translation:
    """A query with its known Chinese terms in English.

    `text` still contains what is not known; `names` are all English names of the terms, `unknown`
    is the Chinese rest, both in the order of the query and each once.
    """

    text: str
    names: tuple[str, ...]
    unknown: tuple[str, ...]


def translate(text: str) -> Translation:
    """Return a text with its Chinese research terms in English."""
    names: list[str] = []
    unknown: list[str] = []

    def in_english(match: re.Match[str]) -> str:
        words: list[str] = []
        for piece, english in _segment(match[0]):
            (unknown.append(piece) if english is None else names.extend(english))
            words.extend([piece] if english is None else english[:1])
        return f" {' '.join(words)} "

    replaced = " ".join(_RUN.sub(in_english, text).split())
    return Translation(replaced, tuple(dict.fromkeys(names)), tuple(dict.fromkeys(unknown)))


def _segment(run: str) -> list[tuple[str, tuple[str, ...] | None]]:
    """Return the pieces of a run with their English names; None for one that is not known."""
    table, longest = _load_terms()
    pieces: list[tuple[str, tuple[str, ...] | None]] = []
    start = 0
    while start < len(run):
        sizes = range(min(longest, len(run) - start), 0, -1)
        size = next((n for n in sizes if run[start : start + n] in table), 0)
        piece = run[start : start + max(size, 1)]
        if not size and pieces and pieces[-1][1] is None:
            pieces[-1] = (pieces[-1][0] + piece, None)
        else:
            pieces.append((piece, table.get(piece)))
        start += len(piece)
    return pieces


@cache
def _load_terms() -> tuple[Mapping[str, tuple[str, ...]], int]:
    """Return the English names of each Chinese form, and the length of the longest form.

    Words that say nothing about a subject have no names.
    """
    text = (files(__package__) / "research_terms_zh.txt").read_text(encoding="utf-8")
    table: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        english, equals, forms = line.partition("=")
        if equals and not line.startswith("#"):
            names = tuple(filter(None, map(str.strip, english.split(";"))))
            table |= dict.fromkeys(forms.split(), names)
    return table, max(map(len, table))
