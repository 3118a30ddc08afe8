"""A vault of Markdown notes for Obsidian that preserves what the user writes, and is read back.

Everything outside the generated block of a note belongs to the user; a block that the user edited
is not changed, nor is a note without markers. Front matter is written when the note is created;
later only the marks saved, read and tried in it change. A note is found by its id, wherever the
user has moved it, and whatever its name is now.

Marks are merged from three sides: the last export, the note, and the database. What the user
changed in a note is pending, and no export undoes it, until `read_edits` was stored.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tracker.delivery.notes import note_text
from tracker.delivery.notes.note_text import NoteText, replace_block
from tracker.errors import UsageError
from tracker.files import replace_bytes

__all__ = [
    "ExportCounts", "NoteEdit", "VaultNote", "export_notes", "marks_of", "read_edits",
    "replace_block", "state_of",
]  # fmt: skip
_MARKS_OF = {"saved": ("saved",), "read": ("read",), "tried": ("read", "tried")}


@dataclass(frozen=True, slots=True)
class VaultNote:
    """A note: its path in the vault, its front matter as lines of YAML, and the generated block.

    `id` is a kind and a key ("paper/2603.00001"). `marks` are those of a paper, None for other
    notes; `notes` is what the user once wrote, for a note that is created.
    """

    path: str
    front_matter: tuple[str, ...]
    body: str
    id: str = ""
    marks: frozenset[str] | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class ExportCounts:
    """The notes created, updated, unchanged, and not changed because the user edited them."""

    made: int
    updated: int
    unchanged: int
    user_edited: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class NoteEdit:
    """What the user changed in the notes of a paper since the last export.

    `notes` is all of the user's text, or None if it cannot be separated from the generated text.
    """

    id: str
    added: frozenset[str]
    removed: frozenset[str]
    notes: str | None


@dataclass(frozen=True, slots=True)
class _NoteOnDisk:
    path: Path
    raw: str
    note: NoteText

    @property
    def text(self) -> str:
        return self.raw.replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class _Vault:
    """The notes of a folder by id, and the first name of each renamed one by its present name."""

    folder: Path
    notes: Mapping[str, Sequence[_NoteOnDisk]]
    by_path: Mapping[Path, _NoteOnDisk]
    renamed: Mapping[str, str] = field(default_factory=dict)
    heading: str = note_text.HEADING

    def ticked(self) -> set[str]:
        """Return the ids of the papers ticked in the notes of weeks and months."""
        names = {name for one in self.periods() for name in note_text.ticked_links(one.text)}
        ids = {_first_name(key): key for key in self.notes if key.startswith("paper/")}
        return {ids[first] for name in names if (first := self.renamed.get(name, name)) in ids}

    def periods(self) -> Iterator[_NoteOnDisk]:
        """Yield the notes of weeks and months."""
        for key, found in self.notes.items():
            if key.startswith(("week/", "month/")):
                yield from found


def marks_of(state: str) -> frozenset[str]:
    """Return the marks that show a state: a work that was tried was read, too."""
    return frozenset(_MARKS_OF.get(state, ()))


def state_of(marks: frozenset[str]) -> str:
    """Return the furthest state among marks, or ""."""
    return next((mark for mark in reversed(note_text.MARKS) if mark in marks), "")


def read_edits(folder: Path) -> list[NoteEdit]:
    """Return what the user changed in the notes of papers. Raises UsageError for no folder."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.")
    vault = _scan(folder)
    ticked = vault.ticked()
    papers = [key for key in vault.notes if key.startswith("paper/")]
    return [_edit(key, vault.notes[key], ticked=key in ticked) for key in sorted(papers)]


def _edit(key: str, copies: Sequence[_NoteOnDisk], *, ticked: bool) -> NoteEdit:
    added = {mark for one in copies for mark in one.note.marks - one.note.exported}
    removed = {mark for one in copies for mark in one.note.exported - one.note.marks}
    if ticked and not any("read" in one.note.exported for one in copies):
        added.add("read")
    texts = [one.note.notes for one in copies if one.note.notes is not None]
    notes = "\n\n".join(dict.fromkeys(filter(None, texts))) if texts else None
    return NoteEdit(key.removeprefix("paper/"), frozenset(added), frozenset(removed), notes)


def export_notes(
    notes: Iterable[VaultNote], folder: Path, heading: str = note_text.HEADING
) -> ExportCounts:
    """Write the notes to `folder`; `heading` is above what the user writes in new ones.

    Raises UsageError if it cannot be written.
    """
    outcomes: dict[str, list[Path]] = {"made": [], "updated": [], "unchanged": [], "left": []}
    wanted = list(notes)
    try:
        vault = replace(_scan(folder, wanted), heading=heading)
        shown = _marks_to_show(vault, wanted)
        for note in wanted:
            for path, outcome in _write_copies(vault, note, shown):
                outcomes[outcome].append(path)
    except OSError as error:
        where = error.filename or folder
        raise UsageError(f"Cannot write to {where}: {error.strerror}.") from error
    counts = {name: len(paths) for name, paths in outcomes.items()}
    return ExportCounts(
        counts["made"], counts["updated"], counts["unchanged"], tuple(outcomes["left"])
    )


def _scan(folder: Path, wanted: Iterable[VaultNote] = ()) -> _Vault:
    """Return the notes of a folder; hidden folders are the editor's and are not read."""
    found = [_read(path) for path in sorted(folder.rglob("*.md")) if _is_visible(path, folder)]
    notes: dict[str, list[_NoteOnDisk]] = {}
    for one in found:
        if one.note.id:
            notes.setdefault(one.note.id, []).append(one)
    first = {one.id: Path(one.path).stem for one in wanted if one.id}
    renamed = {
        copies[0].path.stem: name
        for key, copies in notes.items()
        if (name := first.get(key) or _first_name(key)) not in {one.path.stem for one in copies}
    }
    return _Vault(folder, notes, {one.path: one for one in found}, renamed)


def _first_name(key: str) -> str:
    return key.split("/", 1)[1].replace("/", "_")


def _is_visible(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return not any(part.startswith(".") for part in parts) and path.is_file()


def _read(path: Path) -> _NoteOnDisk:
    raw = path.read_bytes().decode("utf-8", "surrogateescape")
    return _NoteOnDisk(path, raw, note_text.parse_note(raw.replace("\r\n", "\n")))


def _marks_to_show(vault: _Vault, wanted: Sequence[VaultNote]) -> dict[str, frozenset[str]]:
    """Return the marks of each paper: the user's where they were changed, else the database's."""
    ticked = vault.ticked()
    shown = {}
    for note in wanted:
        if note.marks is not None:
            edit = _edit(note.id, vault.notes.get(note.id, ()), ticked=note.id in ticked)
            shown[note.id] = (note.marks | edit.added) - edit.removed
    return shown


def _write_copies(
    vault: _Vault, note: VaultNote, shown: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Path, str]]:
    """Write a note to where it is, with all copies of it, or create it; yield what was done."""
    path = vault.folder / note.path
    copies = vault.notes.get(note.id, ()) if note.id else ()
    at_path = vault.by_path.get(path)
    if not copies and at_path and at_path.note.id in ("", note.id):
        copies = (at_path,)
    for one in copies:
        yield one.path, _update(vault, note, one, shown)
    if not copies:
        free = _free_path(path)
        text = _new_note_text(vault, note, shown)
        _write_atomically(free, text)
        yield free, "made"


def _free_path(path: Path) -> Path:
    """Return the path, or one beside it where the user has given its name to another note."""
    candidates = (path.with_stem(f"{path.stem}-{number}") for number in range(2, 1000))
    return path if not path.exists() else next(one for one in candidates if not one.exists())


def _new_note_text(vault: _Vault, note: VaultNote, shown: Mapping[str, frozenset[str]]) -> str:
    marks = note.marks or frozenset()
    block = note_text.format_block(note.body, note.id, marks)
    made = note_text.format_note(note.front_matter, block, note.notes, vault.heading)
    made = replace_block(made, note.body, note.id, marks, vault.renamed) or made
    return _with_states(vault, note, made, shown)


def _with_states(
    vault: _Vault, note: VaultNote, text: str, shown: Mapping[str, frozenset[str]]
) -> str:
    """Return the text with the marks of its paper, or with the ticks of its list of papers."""
    if note.marks is not None:
        return note_text.with_marks(text, shown[note.id], note.marks)
    if note.id.startswith(("week/", "month/")):
        now = {first: name for name, first in vault.renamed.items()}
        names = {_first_name(key): marks for key, marks in shown.items()}
        ticks = {now.get(first, first): "read" in marks for first, marks in names.items()}
        return note_text.with_ticks(text, ticks)
    return text


def _update(
    vault: _Vault, note: VaultNote, known: _NoteOnDisk, shown: Mapping[str, frozenset[str]]
) -> str:
    exported = _exported_marks(note, known.note)
    replaced = replace_block(known.text, note.body, note.id, exported, vault.renamed)
    after = known.text if replaced is None else replaced
    if note.marks is not None:
        after = note_text.with_marks(after, shown[note.id], exported)
    else:
        after = _with_states(vault, note, after, shown)
    if after != known.text:
        windows = "\r\n" in known.raw
        _write_atomically(known.path, after.replace("\n", "\r\n") if windows else after)
    if replaced is None:
        return "left"
    return "unchanged" if after == known.text else "updated"


def _exported_marks(note: VaultNote, known: NoteText) -> frozenset[str]:
    """Return the marks to note as exported: of a pending change, those of the last export."""
    marks = note.marks or frozenset()
    pending = known.changed & (known.marks ^ marks)
    return (marks - pending) | (known.exported & pending)


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_bytes(path, text.encode("utf-8", "surrogateescape"))
