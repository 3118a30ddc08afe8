"""Reading the vault back: marks, ticked boxes and notes of papers into the database.

Public: `VaultImport`, `import_vault`.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tracker.delivery.notes.vault import NoteEdit, marks_of, read_edits, state_of
from tracker.store import paper_notes, reading_progress
from tracker.store.database import Database, write_transaction
from tracker.store.papers import numbers_by_key


@dataclass(frozen=True, slots=True)
class VaultImport:
    """The papers whose marks and notes changed, and the ids of notes whose paper is not stored."""

    marked: int
    noted: int
    unknown: tuple[str, ...]


def import_vault(db: Database, folder: Path, today: date) -> VaultImport:
    """Store what the user changed in the vault. Raises UsageError for no folder."""
    edits = read_edits(folder)
    numbers = numbers_by_key(db, [edit.id for edit in edits])
    states, notes = reading_progress.states_by_key(db), paper_notes.load_notes(db)
    known = [edit for edit in edits if edit.id in numbers]
    with write_transaction(db):
        marked = sum(
            _store_marks(db, numbers[edit.id], edit, states.get(edit.id, ""), today)
            for edit in known
        )
        changed = [
            (numbers[edit.id], edit.notes)
            for edit in known
            if edit.notes is not None and edit.notes != notes.get(edit.id, "")
        ]
        for work, note in changed:
            paper_notes.store_note(db, work, note, today)
    unknown = tuple(edit.id for edit in edits if edit.id not in numbers)
    return VaultImport(marked, len(changed), unknown)


def _store_marks(db: Database, work: int, edit: NoteEdit, state: str, today: date) -> bool:
    """Store the state of a work as the user changed it; return whether it changed."""
    now = state_of((marks_of(state) | edit.added) - edit.removed)
    if now == state:
        return False
    if now:
        reading_progress.store_state(db, work, now, today)
    else:
        reading_progress.delete_state(db, work)
    return True
