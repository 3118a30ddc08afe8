"""How far back the records of deliveries were deleted: issues from before are never sent again.

Without these records nobody knows who received an issue, so that the day is kept in their place.

Public: `closed_before`, `close_before`, `delete_deliveries_before`.
"""

from datetime import date

from tracker.calendar import Period
from tracker.store.database import Database, write_transaction


def closed_before(db: Database) -> date | None:
    """Return the day before which issues are closed: those whose period ended earlier."""
    (day,) = db.execute("SELECT max(day) FROM closed_issues").fetchone()
    return date.fromisoformat(day) if day else None


def close_before(db: Database, day: date) -> None:
    """Close the issues of periods that ended before a day; it never moves back."""
    closed = max(day, closed_before(db) or day)
    with write_transaction(db):
        db.execute("DELETE FROM closed_issues")
        db.execute("INSERT INTO closed_issues (day) VALUES (?)", [closed.isoformat()])


def delete_deliveries_before(db: Database, day: date) -> int:
    """Delete the outbox of issues whose period ended before a day, and close these issues.

    Returns the number of deleted rows. A message that is being sent keeps its row.
    """
    rows = db.execute("SELECT id, period FROM issues").fetchall()
    old = [(number,) for number, period in rows if Period.parse(period).end < day]
    with write_transaction(db):
        close_before(db, day)
        before = db.conn.total_changes
        db.conn.executemany("DELETE FROM outbox WHERE issue = ? AND state != 'sending'", old)
        return db.conn.total_changes - before
