"""A vault of Markdown notes for Obsidian, in which the user's own words are safe.

Each note has one generated block between two markers. The first marker carries the hash of what was
written there; a block that no longer has that hash was changed by the user and is left alone, as is
a note without markers. Everything outside the block is the user's and is never touched: front
matter is written once, when the note is made.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import UsageError

_BEGIN = "<!-- tracker: what stands between these marks is written anew by each export · {} -->"
_END = "<!-- tracker: end, the rest is yours -->"
_BLOCK = re.compile(
    r"<!-- tracker: what stands[^\n]* · (?P<hash>[0-9a-f]{16}) -->\n"
    r"(?P<body>.*?)\n<!-- tracker: end[^\n]*-->",
    re.S,
)
_NOTES = "\n## My notes\n\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its path inside the vault, front matter as lines of YAML, and the generated block."""

    path: str
    front: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Exported:
    """How many notes were made, updated, were as they should be, or were the user's to keep."""

    made: int
    updated: int
    unchanged: int
    left_alone: tuple[Path, ...]


def export(notes: Iterable[Note], folder: Path) -> Exported:
    """Write the notes into `folder`. UsageError when it cannot be written."""
    outcomes: dict[str, list[Path]] = {"made": [], "updated": [], "unchanged": [], "left": []}
    try:
        for note in notes:
            path = folder / note.path
            outcomes[_write(note, path)].append(path)
    except OSError as error:
        where = error.filename or folder
        raise UsageError(f"Cannot write to {where}: {error.strerror}.") from error
    counts = {name: len(paths) for name, paths in outcomes.items()}
    return Exported(counts["made"], counts["updated"], counts["unchanged"], tuple(outcomes["left"]))


def _write(note: Note, path: Path) -> str:
    if not path.exists():
        _replace(path, _whole(note))
        return "made"
    before = path.read_bytes().decode("utf-8", "surrogateescape")
    after = with_block(before, note.body)
    if after is None:
        return "left"
    if after == before:
        return "unchanged"
    _replace(path, after)
    return "updated"


def with_block(text: str, body: str) -> str | None:
    """A note's text with its generated block replaced; None when that is the user's by now."""
    windows = "\r\n" in text
    found = _BLOCK.search(text.replace("\r\n", "\n") if windows else text)
    if found is None or _hash(found["body"]) != found["hash"]:
        return None
    if found["body"] == body.strip("\n"):
        return text
    unix = text.replace("\r\n", "\n") if windows else text
    after = unix[: found.start()] + _block(body) + unix[found.end() :]
    return after.replace("\n", "\r\n") if windows else after


def _whole(note: Note) -> str:
    front = "".join(f"{line}\n" for line in note.front)
    return f"---\n{front}---\n{_block(note.body)}\n{_NOTES}"


def _block(body: str) -> str:
    inner = body.strip("\n")
    return f"{_BEGIN.format(_hash(inner))}\n{inner}\n{_END}"


def _hash(body: str) -> str:
    return hashlib.blake2b(body.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(text.encode("utf-8", "surrogateescape"))
    os.replace(part, path)
