"""Deliveries that outlive their outbox rows: to removed subscribers, and to those of a backup.

Only a hash of the address is stored. Whoever is removed and added again does not receive the same
issue twice.

Public: `recipient_hash`, `remember_deliveries`, `add_past_recipient`, `has_received`,
`record_unverified_restore`, `last_unverified_restore`, `delete_before`.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime

from tracker.calendar import Period
from tracker.store import closed_issues
from tracker.store.database import Database, write_transaction

# The states of messages that the recipient has or may have.
_DELIVERED = "('sent', 'unknown', 'sending')"


def recipient_hash(email: str) -> str:
    """Return a short hash of an address, which does not show it; upper case does not matter."""
    return hashlib.blake2b(email.lower().encode(), digest_size=10).hexdigest()


def remember_deliveries(db: Database, subscriber: int, email: str) -> None:
    """Remember what a subscriber has received, before the subscriber is deleted."""
    db.execute(
        "INSERT OR IGNORE INTO past_recipients (kind, period, channel, recipient)"
        " SELECT i.kind, i.period, o.channel, ? FROM outbox o JOIN issues i ON i.id = o.issue"
        f" WHERE o.subscriber = ? AND o.state IN {_DELIVERED}",
        [recipient_hash(email), subscriber],
    )


def add_past_recipient(db: Database, kind: str, period: str, channel: str, recipient: str) -> None:
    """Remember one delivery; `recipient` is the hash of an address."""
    db.execute(
        "INSERT OR IGNORE INTO past_recipients (kind, period, channel, recipient)"
        " VALUES (?, ?, ?, ?)",
        [kind, period, channel, recipient],
    )


def has_received(db: Database, issue: int, channel: str) -> Callable[[int | None], bool]:
    """Return a function that tells whether a subscriber received an issue as a past one."""
    rows = db.execute(
        "SELECT p.recipient FROM past_recipients p JOIN issues i USING (kind, period)"
        " WHERE i.id = ? AND p.channel = ?",
        [issue, channel],
    )
    hashes = {recipient for (recipient,) in rows}
    if not hashes:
        return lambda _: False
    numbers: set[int | None] = {
        number
        for number, email in db.execute("SELECT id, email FROM subscribers")
        if recipient_hash(email) in hashes
    }
    return numbers.__contains__


def record_unverified_restore(db: Database, at: datetime) -> None:
    """Record that a backup was restored and what was sent after it was made is unknown."""
    with write_transaction(db):
        db.execute("INSERT INTO unverified_restores (at) VALUES (?)", [at.isoformat()])


def last_unverified_restore(db: Database) -> datetime | None:
    """Return when a backup was last restored without knowledge of what was sent after it."""
    (at,) = db.execute("SELECT max(at) FROM unverified_restores").fetchone()
    return datetime.fromisoformat(at) if at else None


def delete_before(db: Database, day: date) -> None:
    """Delete the hashes of those who received an issue of a period before a day.

    These issues are closed, as nobody knows any more who received them.
    """
    week, month = Period.week_of(day).key, Period.month_of(day).key
    with write_transaction(db):
        closed_issues.close_before(db, min(Period.week_of(day).start, day.replace(day=1)))
        db.execute(
            "DELETE FROM past_recipients WHERE period < CASE WHEN period LIKE '%W%' THEN ? ELSE ?"
            " END",
            [week, month],
        )
