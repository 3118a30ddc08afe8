"""What became of every mail: one row per issue and recipient, ever.

    pending -> sending -> sent | failed | unknown      sending -> pending to be tried again

`sending` is committed before the relay hears of a recipient. A row that is still `sending` when the
next run starts was interrupted; the caller knows which one had been handed over by then.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.store.database import Database, writing

PENDING, SENDING, SENT, FAILED, UNKNOWN = STATES = (
    "pending", "sending", "sent", "failed", "unknown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail to be sent: its row, issue and recipient; when it was first tried, and how often.

    `content` is the mail as the recipient may have it already, where that is not known.
    """

    row: int
    issue: int
    subscriber: int
    attempts: int
    first: datetime | None
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Told:
    """A mail as it stands, for people: to whom, which issue, its state and what was answered."""

    email: str
    kind: str
    period: str
    state: str
    detail: str


def enqueue(db: Database, issue: int, recipients: Iterable[int], now: datetime) -> int:
    """Add the recipients who have no mail of this issue, in any language; how many were added."""
    with writing(db):
        before = db.conn.total_changes
        db.conn.executemany(
            "INSERT OR IGNORE INTO outbox (issue, subscriber, state, changed)"
            " SELECT ?1, ?2, 'pending', ?3 WHERE NOT EXISTS (SELECT 1 FROM outbox o"
            " JOIN issues i ON i.id = o.issue JOIN issues mine ON mine.id = ?1"
            " WHERE o.subscriber = ?2 AND i.kind = mine.kind AND i.period = mine.period)",
            ((issue, number, now.isoformat()) for number in recipients),
        )
        return db.conn.total_changes - before


def waiting(db: Database, issues: Sequence[int], due: datetime | None) -> list[Waiting]:
    """Pending mails of these issues to active subscribers; with `due` only those due by then."""
    marks = ",".join("?" * len(issues))
    rows = db.execute(
        "SELECT o.id, o.issue, o.subscriber, o.attempts, o.first, o.mail FROM outbox o"
        " JOIN subscribers s ON s.id = o.subscriber AND s.state = 'active'"
        f" WHERE o.state = 'pending' AND o.issue IN ({marks}) AND o.due <= ? ORDER BY o.id",
        [*issues, due.isoformat() if due else "9999"],
    )
    return [_waiting(*row) for row in rows]


def _waiting(
    row: int, issue: int, subscriber: int, attempts: int, first: str, mail: bytes | None
) -> Waiting:
    began = datetime.fromisoformat(first) if first else None
    return Waiting(row, issue, subscriber, attempts, began, zlib.decompress(mail) if mail else None)


def begin(db: Database, row: int, content: bytes, now: datetime) -> bool:
    """Commit that this mail is being sent from now on, and what it says.

    Gives False, and changes nothing, where its recipient wants no mails any more: a run takes long,
    and who unsubscribes meanwhile has been told that no more mails will come.
    """
    with writing(db):
        done = db.execute(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, changed = ?1, mail = ?2,"
            " first = CASE first WHEN '' THEN ?1 ELSE first END WHERE id = ?3"
            " AND subscriber IN (SELECT id FROM subscribers WHERE state = 'active')",
            [now.isoformat(), zlib.compress(content, 1), row],
        )
        return bool(done.rowcount)


def settle(
    db: Database, row: int, state: str, detail: str, now: datetime, due: datetime | None = None
) -> None:
    """Commit what became of a mail; one that is pending again may be tried from `due` on.

    What it said is kept only of a mail in doubt.
    """
    with writing(db):
        db.execute(
            "UPDATE outbox SET state = ?1, detail = ?2, changed = ?3, due = ?4,"
            " mail = CASE ?1 WHEN 'unknown' THEN mail END WHERE id = ?5",
            [state, detail, now.isoformat(), due.isoformat() if due else "", row],
        )


def interrupted(db: Database) -> list[int]:
    """Rows that a run which did not end left as `sending`. The caller holds the lock."""
    rows = db.execute("SELECT id FROM outbox WHERE state = 'sending' ORDER BY id")
    return [row for (row,) in rows]


def again(db: Database, issues: Sequence[int], states: Sequence[str], now: datetime) -> int:
    """Make the mails of these issues that are in one of `states` pending; how many there were."""
    marks, wanted = (",".join("?" * len(values)) for values in (issues, states))
    with writing(db):
        done = db.execute(
            "UPDATE outbox SET state = 'pending', changed = ?, first = '', due = ''"
            f" WHERE issue IN ({marks}) AND state IN ({wanted})",
            [now.isoformat(), *issues, *states],
        )
        return int(done.rowcount)


def listed(db: Database, issues: Sequence[int], states: Sequence[str]) -> list[Told]:
    """The mails of these issues that are in one of `states`, by address."""
    marks, wanted = (",".join("?" * len(values)) for values in (issues, states))
    rows = db.execute(
        "SELECT s.email, i.kind, i.period, o.state, o.detail FROM outbox o"
        " JOIN subscribers s ON s.id = o.subscriber JOIN issues i ON i.id = o.issue"
        f" WHERE o.issue IN ({marks}) AND o.state IN ({wanted}) ORDER BY s.email",
        [*issues, *states],
    )
    return [Told(*row) for row in rows]


def counts(db: Database, issues: Sequence[int] | None = None) -> dict[str, int]:
    """How many mails are in each state, of all issues or of these.

    What waits for a reader who has paused or left is not counted: nobody will send it.
    """
    clause, parameters = "", list[Any]()
    if issues is not None:
        clause, parameters = f" AND issue IN ({','.join('?' * len(issues))})", list(issues)
    rows = db.execute(
        "SELECT o.state, count(*) FROM outbox o JOIN subscribers s ON s.id = o.subscriber"
        f" WHERE (o.state != 'pending' OR s.state = 'active'){clause} GROUP BY o.state",
        parameters,
    )
    counted = Counter(dict(rows.fetchall()))
    return {state: counted[state] for state in STATES}
