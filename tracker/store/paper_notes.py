"""What the owner of the home wrote about works, as read back from the vault.

Public: `load_notes`, `store_note`.
"""

from datetime import date

from tracker.store.database import Database, write_transaction


def load_notes(db: Database) -> dict[str, str]:
    """Return the note of each work that has one, by id."""
    rows = db.execute("SELECT w.key, n.note FROM paper_notes n JOIN works w ON w.id = n.work")
    return dict(rows.fetchall())


def store_note(db: Database, work: int, note: str, day: date) -> None:
    """Store the note of a work, replacing an earlier one; an empty one deletes it."""
    with write_transaction(db):
        db.execute("DELETE FROM paper_notes WHERE work = ?", [work])
        if note:
            db.execute(
                "INSERT INTO paper_notes (work, note, day) VALUES (?, ?, ?)",
                [work, note, day.isoformat()],
            )
