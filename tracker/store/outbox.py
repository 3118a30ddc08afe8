"""The outbox: one row per issue and subscription, with the state of its delivery.

    pending -> sending -> sent | failed | unknown      sending -> pending to be retried

A subscription is a subscriber number and a channel, so a row is independent of the address. An
issue that is posted to a channel has a row without a subscriber, whose number is shown as 0. The
state `sending` is committed before the channel sees the message. A row that is still `sending` when
the next run starts was interrupted; the caller knows whether it was handed over.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.store import past_recipients
from tracker.store.database import Database, write_transaction

PENDING, SENDING, SENT, FAILED, UNKNOWN = STATES = (
    "pending", "sending", "sent", "failed", "unknown",
)  # fmt: skip

# The channel of the rows of subscribers; see `tracker.delivery.protocol`.
MAIL = "mail"
# The row `o` of an issue `i` is not of a subscriber, or of one who gets such issues now.
_IS_WANTED = (
    "(o.subscriber IS NULL OR EXISTS (SELECT 1 FROM subscribers s JOIN subscriptions p"
    " ON p.subscriber = s.id WHERE s.id = o.subscriber AND s.state = 'active' AND p.kind = i.kind))"
)


@dataclass(frozen=True, slots=True)
class PendingMail:
    """A message to send: its row, issue and subscriber; the first attempt and their number.

    `content` is set if the recipient may already have the message, which must not change then.
    """

    row: int
    issue: int
    subscriber: int
    attempts: int
    first: datetime | None
    content: bytes | None


@dataclass(frozen=True, slots=True)
class MailStatus:
    """A message for display: recipient, issue, state, and the answer of the relay."""

    email: str
    kind: str
    period: str
    state: str
    detail: str


def enqueue(
    db: Database, issue: int, recipients: Iterable[int | None], now: datetime, channel: str = MAIL
) -> int:
    """Add rows for subscriptions that have none for this issue, in any language.

    Returns the number of rows added. Whoever received the issue before they were removed and added
    again does not receive it once more.
    """
    with write_transaction(db):
        received = past_recipients.has_received(db, issue, channel)
        before = db.conn.total_changes
        db.conn.executemany(
            "INSERT OR IGNORE INTO outbox (issue, subscriber, channel, state, changed)"
            " SELECT ?1, ?2, ?4, 'pending', ?3 WHERE NOT EXISTS (SELECT 1 FROM outbox o"
            " JOIN issues i ON i.id = o.issue JOIN issues mine ON mine.id = ?1"
            " WHERE o.subscriber IS ?2 AND o.channel = ?4"
            " AND i.kind = mine.kind AND i.period = mine.period)",
            (
                (issue, number, now.isoformat(), channel)
                for number in recipients
                if not received(number)
            ),
        )
        return db.conn.total_changes - before


def list_pending(
    db: Database, issues: Sequence[int], due: datetime | None, channel: str = MAIL
) -> list[PendingMail]:
    """Pending messages of a channel to whoever gets such issues; with `due`, those due by then."""
    marks = ",".join("?" * len(issues))
    rows = db.execute(
        "SELECT o.id, o.issue, coalesce(o.subscriber, 0), o.attempts, o.first, o.mail"
        f" FROM outbox o JOIN issues i ON i.id = o.issue WHERE {_IS_WANTED}"
        f" AND o.state = 'pending' AND o.issue IN ({marks}) AND o.due <= ? AND o.channel = ?"
        " ORDER BY o.id",
        [*issues, due.isoformat() if due else "9999", channel],
    )
    return [_pending_mail_from_row(*row) for row in rows]


def _pending_mail_from_row(
    row: int, issue: int, subscriber: int, attempts: int, first: str, mail: bytes | None
) -> PendingMail:
    first_attempt = datetime.fromisoformat(first) if first else None
    return PendingMail(
        row, issue, subscriber, attempts, first_attempt, zlib.decompress(mail) if mail else None
    )


def mark_sending(db: Database, row: int, content: bytes, now: datetime) -> bool:
    """Commit that this message is being sent, and its content.

    Returns False, without any change, if the subscriber no longer gets such issues: a run takes
    long, and whoever unsubscribes in the meantime must not receive anything more.
    """
    with write_transaction(db):
        cursor = db.execute(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, changed = ?1, mail = ?2,"
            " first = CASE first WHEN '' THEN ?1 ELSE first END WHERE id IN"
            f" (SELECT o.id FROM outbox o JOIN issues i ON i.id = o.issue WHERE o.id = ?3"
            f" AND {_IS_WANTED})",
            [now.isoformat(), zlib.compress(content, 1), row],
        )
        return bool(cursor.rowcount)


def record_outcome(
    db: Database, row: int, state: str, detail: str, now: datetime, due: datetime | None = None
) -> None:
    """Commit the state of a message; a pending one may be tried again from `due` on.

    The content is only stored while the state is unknown.
    """
    with write_transaction(db):
        db.execute(
            "UPDATE outbox SET state = ?1, detail = ?2, changed = ?3, due = ?4,"
            " mail = CASE ?1 WHEN 'unknown' THEN mail END WHERE id = ?5",
            [state, detail, now.isoformat(), due.isoformat() if due else "", row],
        )


def last_sent_by_subscriber(db: Database, kind: str, before: str) -> dict[int, datetime]:
    """When each subscriber was sent an issue of that kind before a period, most recently."""
    rows = db.execute(
        "SELECT o.subscriber, max(o.changed) FROM outbox o JOIN issues i ON i.id = o.issue"
        " WHERE o.state = 'sent' AND i.kind = ? AND i.period < ? AND o.subscriber IS NOT NULL"
        " GROUP BY o.subscriber",
        [kind, before],
    )
    return {number: datetime.fromisoformat(at) for number, at in rows}


def list_interrupted(db: Database) -> list[int]:
    """Rows that an interrupted run left as `sending`. The caller holds the lock."""
    rows = db.execute("SELECT id FROM outbox WHERE state = 'sending' ORDER BY id")
    return [row for (row,) in rows]


def requeue(db: Database, issues: Sequence[int], states: Sequence[str], now: datetime) -> int:
    """Make the messages in one of `states` pending again, and return their number."""
    issue_marks, state_marks = (",".join("?" * len(values)) for values in (issues, states))
    with write_transaction(db):
        cursor = db.execute(
            "UPDATE outbox SET state = 'pending', changed = ?, first = '', due = ''"
            f" WHERE issue IN ({issue_marks}) AND state IN ({state_marks})",
            [now.isoformat(), *issues, *states],
        )
        return int(cursor.rowcount)


def list_mails(db: Database, issues: Sequence[int], states: Sequence[str]) -> list[MailStatus]:
    """The messages of these issues in one of `states`, by address."""
    issue_marks, state_marks = (",".join("?" * len(values)) for values in (issues, states))
    rows = db.execute(
        "SELECT coalesce(s.email, o.channel) AS recipient, i.kind, i.period, o.state, o.detail"
        " FROM outbox o JOIN issues i ON i.id = o.issue"
        " LEFT JOIN subscribers s ON s.id = o.subscriber"
        f" WHERE o.issue IN ({issue_marks}) AND o.state IN ({state_marks}) ORDER BY recipient",
        [*issues, *states],
    )
    return [MailStatus(*row) for row in rows]


def count_by_state(db: Database, issues: Sequence[int] | None = None) -> dict[str, int]:
    """The number of messages in each state, of all issues or of these.

    Pending messages to subscribers who get no such issues now are not counted: they will not be
    sent.
    """
    clause, parameters = "", list[Any]()
    if issues is not None:
        clause, parameters = f" AND o.issue IN ({','.join('?' * len(issues))})", list(issues)
    rows = db.execute(
        "SELECT o.state, count(*) FROM outbox o JOIN issues i ON i.id = o.issue"
        f" WHERE (o.state != 'pending' OR {_IS_WANTED})"
        f"{clause} GROUP BY o.state",
        parameters,
    )
    counts = Counter(dict(rows.fetchall()))
    return {state: counts[state] for state in STATES}
