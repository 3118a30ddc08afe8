"""Plain text laid out in terminal columns: a Chinese character takes two, a combining mark none.

Widths come from `rich.cells`, imported where it is used to keep other commands fast.

Public: `display_width`, `truncate`, `wrap_line`, `wrap_text`, `wrap_text_part`,
`normalize_blank_lines`, `TEXT_COLUMNS`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

TEXT_COLUMNS = 78
# Closing punctuation that must not start a line (W3C, Requirements for Chinese Text Layout, 3.1.2).
_NO_LINE_START = "，。、；：！？）」』】》”’"
_LIST_MARKER = re.compile(r" *(?:(?:\d+\.|\[\d+\]|-) +)?")
# Words separated by spaces; in a run of wide characters every character is a piece.
_PIECE = re.compile(r" +|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]+|.", re.S)


def display_width(text: str) -> int:
    """Return the number of terminal columns that `text` takes."""
    from rich.cells import cell_len

    return cell_len(text)


def truncate(text: str, columns: int) -> str:
    """Return `text` cut to `columns`, ending in an ellipsis if it is wider."""
    from rich.cells import set_cell_size

    if display_width(text) <= columns:
        return text
    return set_cell_size(text, columns - 1).rstrip() + "…"


def wrap_line(line: str, columns: int) -> str:
    """Return one line as several, indented like the text after a list marker ("1. " or "[1] ").

    A URL alone on a line is not broken.
    """
    if display_width(line) <= columns or re.fullmatch(r"\s*https?://\S+", line):
        return line
    marker = _LIST_MARKER.match(line)
    assert marker is not None  # the pattern matches the empty string
    return "\n".join(_wrapped_lines(marker[0], line[marker.end() :], columns))


def _wrapped_lines(marker: str, text: str, columns: int) -> Iterator[str]:
    line, width, indent = marker, len(marker), " " * len(marker)
    for piece in _unbreakable_pieces(text, columns - len(marker)):
        is_full = width + display_width(piece.rstrip()) > columns
        if is_full and line.strip() and piece not in _NO_LINE_START:
            yield line.rstrip()
            line, width = indent, len(indent)
            if piece.isspace():
                continue
        line += piece
        width += display_width(piece)
    yield line.rstrip()


def _unbreakable_pieces(text: str, columns: int) -> Iterator[str]:
    """Yield the pieces between possible line breaks; words longer than a line are cut."""
    for piece in _PIECE.findall(text):
        for start in range(0, len(piece), columns):
            yield piece[start : start + columns]


def wrap_text(page: str) -> str:
    """Return plain text wrapped at `TEXT_COLUMNS`; URLs are not broken."""
    return normalize_blank_lines(
        "\n".join(wrap_line(line, TEXT_COLUMNS) for line in page.splitlines())
    )


def wrap_text_part(part: str, _: Path) -> str:
    """Return a part of a text that is wrapped already, between blank lines; "" if it is empty."""
    folded = wrap_text(part).strip("\n")
    return f"\n{folded}\n" if folded else ""


def normalize_blank_lines(page: str) -> str:
    """Return `page` without trailing spaces, repeated blank lines, or blank lines at its ends."""
    lines = "\n".join(line.rstrip() for line in page.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"
