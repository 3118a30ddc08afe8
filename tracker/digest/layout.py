"""Plain text in columns, as a terminal shows it: a Chinese letter takes two, an accent none."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Closing signs that may not begin a line, by the usual rules of Chinese typesetting.
_STAY = "，。、；：！？）」』】》”’"
_LEAD = re.compile(r" *(?:(?:\d+\.|\[\d+\]|-) +)?")
# Words between blanks; within a run of wide letters each is a piece of its own.
_PIECE = re.compile(r" +|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]+|.", re.S)

_OTHER = re.compile(r"[^\x00-\x7f]")


def width(text: str) -> int:
    """Columns that a text takes."""
    return len(text) + sum(_columns(sign) - 1 for sign in _OTHER.findall(text))


@lru_cache(maxsize=4096)
def _columns(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """The text, shortened with an ellipsis where it takes more than `columns`."""
    if width(text) <= columns:
        return text
    kept = ""
    for sign in text:
        if width(kept + sign) > columns - 1:
            break
        kept += sign
    return kept.rstrip() + "…"


def fold(line: str, columns: int) -> str:
    """One line as several, each indented as far as the first one's text after "1. " or "[1] ".

    An address on a line of its own stays whole.
    """
    if width(line) <= columns or re.fullmatch(r"\s*https?://\S+", line):
        return line
    lead = _LEAD.match(line)
    assert lead is not None
    return "\n".join(_lines(lead[0], line[lead.end() :], columns))


def _lines(lead: str, text: str, columns: int) -> Iterator[str]:
    line, indent = lead, " " * len(lead)
    for piece in _pieces(text, columns - len(lead)):
        full = width(line) + width(piece.rstrip()) > columns
        if full and line.strip() and piece not in _STAY:
            yield line.rstrip()
            line = indent + piece.lstrip()
        else:
            line += piece
    yield line.rstrip()


def _pieces(text: str, columns: int) -> Iterator[str]:
    """What is never broken; a word longer than a line is cut into such lengths."""
    for piece in _PIECE.findall(text):
        for start in range(0, len(piece), columns):
            yield piece[start : start + columns]
