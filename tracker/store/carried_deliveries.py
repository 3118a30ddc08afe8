"""Copy into a restored backup what the database that it replaces says about mails.

That database may have another schema version and is only read; only tables and columns that every
version has are used.

Public: `read_current`, `carry_over`, `settle_interrupted`, `CurrentMails`, `CarriedOver`.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from tracker.store.closed_issues import close_before
from tracker.store.database import Database, write_transaction
from tracker.store.past_recipients import add_past_recipient, recipient_hash

# What is known about a message, by increasing certainty that its recipient has it.
_CERTAINTY = {"pending": 0, "failed": 1, "unknown": 2, "sent": 3}
_PICK = "position, score, why, version, comments, journal_ref"
# The relay may have taken a message that was being sent when the backup was made.
_INTERRUPTED = "the backup was made while it was being sent"


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """The number of messages whose state was copied, and subscribers who get none any more.

    `stopped` have paused or unsubscribed since the backup. `paused` are missing in the replaced
    database, probably because they were removed, and were paused therefore.
    """

    mails: int
    stopped: tuple[str, ...]
    paused: tuple[str, ...]


class _Delivery(NamedTuple):
    """A message to a subscriber, or one posted to a channel, which has no `email`."""

    kind: str
    period: str
    language: str
    email: str | None
    channel: str
    state: str
    changed: str
    detail: str

    @property
    def issue(self) -> tuple[str, str, str]:
        return self.kind, self.period, self.language


class _StoredIssue(NamedTuple):
    created: str
    document: str
    # (work key, position, score, why, version, comments, journal_ref)
    picks: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class CurrentMails:
    """What the replaced database says: messages, their issues, subscribers, past recipients.

    `kinds` are the kinds of issues that each address gets; None before a reader could choose.
    """

    deliveries: list[_Delivery]
    issues: dict[tuple[str, str, str], _StoredIssue]
    states: dict[str, str]
    kinds: set[tuple[str, str]] | None
    past: list[tuple[str, str, str, str]]
    closed: date | None = None


def read_current(current: sqlite3.Connection, restored: Database) -> CurrentMails | None:
    """Return what the replaced database says about mails; it is only read.

    Returns None if it is not a later state of the backup, so that it does not show what was mailed.
    Raises sqlite3.Error if it cannot be read.
    """
    if not _continues(current, restored):
        return None
    deliveries = list(_list_deliveries(current))
    return CurrentMails(
        deliveries,
        {issue: _read_issue(current, issue) for issue in {one.issue for one in deliveries}},
        dict(current.execute("SELECT lower(email), state FROM subscribers")),
        _list_subscriptions(current),
        _list_past_recipients(current),
        _read_closed(current),
    )


def carry_over(current: CurrentMails, restored: Database) -> CarriedOver:
    """Store what was mailed since the backup, and who has unsubscribed, in the restored one."""
    with write_transaction(restored):
        mails = sum(_carry_delivery(current, restored, one) for one in current.deliveries)
        for row in current.past:
            add_past_recipient(restored, *row)
        if current.closed:
            close_before(restored, current.closed)
        _stop_subscriptions(restored, current)
        return CarriedOver(mails, *_carry_subscribers(restored, current.states))


def _continues(current: sqlite3.Connection, restored: Database) -> bool:
    """Whether `current` has the last run and all issues of the backup, so that it is a later one.

    A new database has not.
    """
    run = "SELECT job, key, at FROM runs ORDER BY id DESC LIMIT 1"
    last = restored.execute(run).fetchone()
    if last:
        found = current.execute("SELECT 1 FROM runs WHERE job = ? AND key = ? AND at = ?", last)
        return found.fetchone() is not None
    issue = "SELECT kind, period, language FROM issues"
    composed = set(restored.execute(issue).fetchall())
    subscribed = current.execute("SELECT count(*) FROM subscribers").fetchone()[0]
    return composed <= set(current.execute(issue).fetchall()) and bool(composed or subscribed)


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


def _list_deliveries(current: sqlite3.Connection) -> Iterator[_Delivery]:
    channel = "o.channel" if "channel" in _columns(current, "outbox") else "'mail'"
    rows = current.execute(
        f"SELECT i.kind, i.period, i.language, s.email, {channel}, o.state, o.changed, o.detail"
        " FROM outbox o JOIN issues i ON i.id = o.issue"
        " LEFT JOIN subscribers s ON s.id = o.subscriber"
        " WHERE o.state != 'pending' AND (s.id IS NOT NULL OR o.subscriber IS NULL)"
    )
    for row in map(_Delivery._make, rows):
        yield row._replace(state="unknown") if row.state == "sending" else row


def _list_past_recipients(current: sqlite3.Connection) -> list[tuple[str, str, str, str]]:
    if not _columns(current, "past_recipients"):
        return []
    return current.execute(
        "SELECT kind, period, channel, recipient FROM past_recipients"
    ).fetchall()


def _read_closed(current: sqlite3.Connection) -> date | None:
    if not _columns(current, "closed_issues"):
        return None
    (day,) = current.execute("SELECT max(day) FROM closed_issues").fetchone()
    return date.fromisoformat(day) if day else None


def _list_subscriptions(current: sqlite3.Connection) -> set[tuple[str, str]] | None:
    if not _columns(current, "subscriptions"):
        return None
    return set(
        current.execute(
            "SELECT lower(s.email), p.kind FROM subscriptions p"
            " JOIN subscribers s ON s.id = p.subscriber"
        )
    )


def _read_issue(current: sqlite3.Connection, issue: tuple[str, str, str]) -> _StoredIssue:
    where = "WHERE kind = ? AND period = ? AND language = ?"
    row = current.execute(f"SELECT id, created, document FROM issues {where}", issue).fetchone()
    picked = ", ".join(f"p.{column}" for column in _PICK.split(", "))
    picks = current.execute(
        f"SELECT w.key, {picked} FROM picks p JOIN works w ON w.id = p.work WHERE p.issue = ?",
        [row[0]],
    )
    return _StoredIssue(row[1], row[2], picks.fetchall())


def _carry_delivery(current: CurrentMails, restored: Database, one: _Delivery) -> bool:
    """Store the state of a message unless the backup knows it; return whether it was stored."""
    subscriber = _find_number(restored, "SELECT id FROM subscribers WHERE email = ?", [one.email])
    if one.email is not None and subscriber is None:
        if _CERTAINTY[one.state] >= _CERTAINTY["unknown"]:
            hashed = recipient_hash(one.email)
            add_past_recipient(restored, one.kind, one.period, one.channel, hashed)
        return False
    row = restored.execute(
        "SELECT o.id, o.state FROM outbox o JOIN issues i ON i.id = o.issue WHERE i.kind = ?"
        " AND i.period = ? AND o.subscriber IS ? AND o.channel = ?",
        [one.kind, one.period, subscriber, one.channel],
    ).fetchone()
    if row is None:
        _insert_delivery(restored, _find_or_copy_issue(current, restored, one), subscriber, one)
    elif _CERTAINTY[one.state] > _CERTAINTY.get(row[1], 0):
        _update_delivery(restored, row[0], one)
    else:
        return False
    return True


def _insert_delivery(
    restored: Database, issue: int, subscriber: int | None, one: _Delivery
) -> None:
    restored.execute(
        "INSERT INTO outbox (issue, subscriber, channel, state, changed, detail)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [issue, subscriber, one.channel, one.state, one.changed, one.detail],
    )


def _update_delivery(restored: Database, row: int, one: _Delivery) -> None:
    restored.execute(
        "UPDATE outbox SET state = ?, changed = ?, detail = ?, mail = NULL WHERE id = ?",
        [one.state, one.changed, one.detail, row],
    )


def _find_number(db: Database, query: str, parameters: Sequence[Any]) -> int | None:
    row = db.execute(query, parameters).fetchone()
    return int(row[0]) if row else None


def _find_or_copy_issue(current: CurrentMails, restored: Database, one: _Delivery) -> int:
    """Return the number of the issue of a message; copy it and its picks if it is missing."""
    query = "SELECT id FROM issues WHERE kind = ? AND period = ? AND language = ?"
    if (number := _find_number(restored, query, one.issue)) is not None:
        return number
    issue = current.issues[one.issue]
    number = _find_number(
        restored,
        "INSERT INTO issues (kind, period, language, created, document) VALUES (?, ?, ?, ?, ?)"
        " RETURNING id",
        [*one.issue, issue.created, issue.document],
    )
    assert number is not None
    for key, *values in issue.picks:  # except of works that the backup does not have
        restored.execute(
            f"INSERT INTO picks (issue, work, {_PICK})"
            " SELECT ?, id, ?, ?, ?, ?, ?, ? FROM works WHERE key = ?",
            [number, *values, key],
        )
    return number


def settle_interrupted(restored: Database, now: datetime) -> None:
    """Record that it is unknown whether a message was sent that was being sent at the backup."""
    with write_transaction(restored):
        restored.execute(
            "UPDATE outbox SET state = 'unknown', detail = ?, changed = ? WHERE state = 'sending'",
            [_INTERRUPTED, now.isoformat()],
        )


def _stop_subscriptions(restored: Database, current: CurrentMails) -> None:
    """Delete the kinds of issues that a subscriber of both databases has stopped since."""
    if current.kinds is None:
        return
    rows = restored.execute(
        "SELECT p.subscriber, lower(s.email), p.kind FROM subscriptions p"
        " JOIN subscribers s ON s.id = p.subscriber"
    ).fetchall()
    for number, email, kind in rows:
        if email in current.states and (email, kind) not in current.kinds:
            restored.execute(
                "DELETE FROM subscriptions WHERE subscriber = ? AND kind = ?", [number, kind]
            )


def _carry_subscribers(
    restored: Database, states: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Stop mails to those who have stopped them since, and to those who are missing since."""
    active = restored.execute("SELECT id, email FROM subscribers WHERE state = 'active'").fetchall()
    stopped, paused = list[str](), list[str]()
    for number, email in active:
        state = states.get(email.lower(), "")
        if state == "active":
            continue
        (stopped if state else paused).append(email)
        restored.execute(
            "UPDATE subscribers SET state = ? WHERE id = ?", [state or "paused", number]
        )
    return tuple(stopped), tuple(paused)
