"""A vault of Markdown notes for Obsidian that preserves what the user writes.

Each note has one generated block between two markers. The first marker contains the hash of the
block; a block with another hash was edited by the user and is not changed, nor is a note without
markers. Everything outside the block belongs to the user: front matter is written only once, when
the note is created.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import UsageError
from tracker.files import replace_bytes

_BEGIN = "<!-- tracker: the text between these marks is replaced by each export · {} -->"
_END = "<!-- tracker: end, the rest is yours -->"
# Notes of earlier releases begin with other words.
_BLOCK = re.compile(
    r"<!-- tracker: (?:the text between|what stands)[^\n]* · (?P<hash>[0-9a-f]{16}) -->\n"
    r"(?P<body>.*?)\n<!-- tracker: end[^\n]*-->",
    re.S,
)
_NOTES = "\n## My notes\n\n"


@dataclass(frozen=True, slots=True)
class VaultNote:
    """A note: its path in the vault, its front matter as lines of YAML, and the generated block."""

    path: str
    front_matter: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class ExportCounts:
    """The notes created, updated, unchanged, and not changed because the user edited them."""

    made: int
    updated: int
    unchanged: int
    user_edited: tuple[Path, ...]


def export_notes(notes: Iterable[VaultNote], folder: Path) -> ExportCounts:
    """Write the notes to `folder`. Raises UsageError if it cannot be written."""
    outcomes: dict[str, list[Path]] = {"made": [], "updated": [], "unchanged": [], "left": []}
    try:
        for note in notes:
            path = folder / note.path
            outcomes[_write_note(note, path)].append(path)
    except OSError as error:
        where = error.filename or folder
        raise UsageError(f"Cannot write to {where}: {error.strerror}.") from error
    counts = {name: len(paths) for name, paths in outcomes.items()}
    return ExportCounts(
        counts["made"], counts["updated"], counts["unchanged"], tuple(outcomes["left"])
    )


def _write_note(note: VaultNote, path: Path) -> str:
    if not path.exists():
        _write_atomically(path, _new_note_text(note))
        return "made"
    before = path.read_bytes().decode("utf-8", "surrogateescape")
    after = replace_block(before, note.body)
    if after is None:
        return "left"
    if after == before:
        return "unchanged"
    _write_atomically(path, after)
    return "updated"


def replace_block(text: str, body: str) -> str | None:
    """Replace the generated block of a note; None if the user edited it."""
    windows = "\r\n" in text
    found = _BLOCK.search(text.replace("\r\n", "\n") if windows else text)
    if found is None or _block_hash(found["body"]) != found["hash"]:
        return None
    if found["body"] == body.strip("\n"):
        return text
    unix = text.replace("\r\n", "\n") if windows else text
    after = unix[: found.start()] + _format_block(body) + unix[found.end() :]
    return after.replace("\n", "\r\n") if windows else after


def _new_note_text(note: VaultNote) -> str:
    front = "".join(f"{line}\n" for line in note.front_matter)
    return f"---\n{front}---\n{_format_block(note.body)}\n{_NOTES}"


def _format_block(body: str) -> str:
    inner = body.strip("\n")
    return f"{_BEGIN.format(_block_hash(inner))}\n{inner}\n{_END}"


def _block_hash(body: str) -> str:
    return hashlib.blake2b(body.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_bytes(path, text.encode("utf-8", "surrogateescape"))
