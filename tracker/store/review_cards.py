"""The answers to questions about works: the box and the next day of each question.

Public: `load_cards`, `store_card`.
"""

from datetime import date

from tracker.store.database import Database, write_transaction


def load_cards(db: Database) -> dict[tuple[str, str], tuple[int, date]]:
    """Return (box, day) of each question that was answered, by id of the work and role."""
    rows = db.execute(
        "SELECT w.key, c.role, c.box, c.due FROM review_cards c JOIN works w ON w.id = c.work"
    )
    return {(key, role): (box, date.fromisoformat(due)) for key, role, box, due in rows}


def store_card(db: Database, key: str, role: str, box: int, due: date) -> None:
    """Store the box and the next day of a question about a stored work."""
    with write_transaction(db):
        db.execute(
            "INSERT OR REPLACE INTO review_cards (work, role, box, due)"
            " SELECT id, ?, ?, ? FROM works WHERE key = ?",
            [role, box, due.isoformat(), key],
        )
