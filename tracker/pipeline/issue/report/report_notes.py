"""The reader's notes in the Markdown of a monthly report, kept when the report is made again.

A note stands between `<!-- notes: KEY -->` and `<!-- /notes: KEY -->`. The last line is a checksum
of the rest, by which an edit outside the notes is noticed, so that the edited file can be kept.

Public: `merge_notes`, `is_edited`, `edited_copy_path`.
"""

import hashlib
import re
from pathlib import Path

_NOTES = re.compile(r"<!-- notes: (\S+) -->\n(.*?)<!-- /notes: \1 -->", re.DOTALL)
_CHECKSUM = re.compile(r"\n*<!-- generated: ([0-9a-f]{16}) -->\n*\Z")


def merge_notes(page: str, previous: str) -> str:
    """Return a new page with the notes of the previous one, and its checksum.

    Notes on what the new page does not have are appended.
    """
    notes = _read_notes(previous)
    merged = _NOTES.sub(lambda found: _block(found[1], notes.pop(found[1], "")), page).rstrip("\n")
    for key, text in notes.items():
        merged += f"\n\n### {key}\n\n{_block(key, text)}"
    return f"{merged}\n\n<!-- generated: {_checksum(merged)} -->\n"


def is_edited(page: str) -> bool:
    """Return whether a page may have been edited outside its notes: its checksum does not fit."""
    text = _normalize(page)
    found = _CHECKSUM.search(text)
    return found is None or found[1] != _checksum(text[: found.start()])


def edited_copy_path(page: Path) -> Path:
    """Return a path beside a page that does not exist yet, for a copy of the edited page."""
    number = 1
    while (path := page.with_name(f"{page.stem}.edited-{number}{page.suffix}")).exists():
        number += 1
    return path


def _read_notes(page: str) -> dict[str, str]:
    """Return the notes that are not blank, by key; a key that occurs twice has both."""
    notes: dict[str, str] = {}
    for key, text in _NOTES.findall(_normalize(page)):
        if text.strip():
            notes[key] = f"{notes[key]}\n\n{text.strip()}" if key in notes else text.strip()
    return notes


def _block(key: str, text: str) -> str:
    inner = f"\n{text}\n" if text else ""
    return f"<!-- notes: {key} -->\n{inner}\n<!-- /notes: {key} -->"


def _normalize(page: str) -> str:
    """Return a page with the line ends and without the byte order mark that editors may add."""
    return page.removeprefix("\ufeff").replace("\r\n", "\n")


def _checksum(page: str) -> str:
    """Return the checksum of a page without its notes, and without spaces at ends of lines."""
    bare = _NOTES.sub(r"<!-- notes: \1 -->", page)
    lines = "\n".join(line.rstrip() for line in bare.strip().splitlines())
    return hashlib.sha256(lines.encode()).hexdigest()[:16]
