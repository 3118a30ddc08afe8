"""Recipients of mails: each address once, ignoring case, with its state and its subscriptions.

A subscription is the kind of issue that a subscriber gets: "daily", "weekly" or "monthly".

A reader who unsubscribes by the link in a mail stays listed as unsubscribed until the address is
added again; `delete` removes an address with its interests and its mails, and keeps only a hash of
it for the issues that it received.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tracker.errors import NotFound
from tracker.store import past_recipients
from tracker.store.database import Database, write_transaction

ACTIVE, PAUSED, UNSUBSCRIBED = "active", "paused", "unsubscribed"
# What a new subscriber gets.
DEFAULT_KINDS = ("weekly",)
_COLUMNS = (
    "id, email, name, language, state, level, minutes,"
    " (SELECT coalesce(group_concat(kind), '') FROM"
    " (SELECT kind FROM subscriptions WHERE subscriber = subscribers.id ORDER BY kind DESC))"
)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A recipient; `language` is that of their mails, `state` active, paused or unsubscribed.

    An empty `level` and 0 `minutes` mean the settings `reading.level` and `reading.minutes`.
    `kinds` are the kinds of issues that they get while they are active.
    """

    number: int
    email: str
    name: str
    language: str
    state: str
    level: str = ""
    minutes: int = 0
    kinds: tuple[str, ...] = DEFAULT_KINDS


def add(
    db: Database,
    email: str,
    name: str,
    language: str,
    now: datetime,
    kinds: Sequence[str] = DEFAULT_KINDS,
) -> Subscriber:
    """Add an address, or activate a known one again, with this name, language and kinds."""
    with write_transaction(db):
        row = db.execute(
            "INSERT INTO subscribers (email, name, language, state, created) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (email) DO UPDATE SET name = excluded.name,"
            " language = excluded.language, state = excluded.state RETURNING id",
            [email, name, language, ACTIVE, now.isoformat()],
        ).fetchone()
        _replace_kinds(db, row[0], kinds)
    return get_by_email(db, email)


def set_kinds(db: Database, email: str, kinds: Sequence[str]) -> Subscriber:
    """Change the kinds of issues that a subscriber gets. Raises NotFound."""
    known = get_by_email(db, email)
    with write_transaction(db):
        _replace_kinds(db, known.number, kinds)
    return get_by_email(db, email)


def stop_kind(db: Database, email: str, kind: str) -> Subscriber:
    """Stop a kind of issue; who gets no other kind has unsubscribed then. Raises NotFound.

    The last kind stays stored, so that they get it if they resume.
    """
    with write_transaction(db):
        known = get_by_email(db, email)
        if known.kinds == (kind,):
            state = [UNSUBSCRIBED, known.number]
            db.execute("UPDATE subscribers SET state = ? WHERE id = ?", state)
        elif known.state != UNSUBSCRIBED:
            row = [known.number, kind]
            db.execute("DELETE FROM subscriptions WHERE subscriber = ? AND kind = ?", row)
    return get_by_email(db, email)


def _replace_kinds(db: Database, number: int, kinds: Sequence[str]) -> None:
    db.execute("DELETE FROM subscriptions WHERE subscriber = ?", [number])
    db.conn.executemany(
        "INSERT INTO subscriptions VALUES (?, ?)", [(number, kind) for kind in kinds]
    )


def reserve_confirmation(
    db: Database, recipient: str, now: datetime, wait: timedelta, most: int
) -> bool:
    """Note that an address, by its hash, is sent a mail now; return whether it may be.

    An address is sent one mail within `wait`, and all addresses together `most`.
    """
    since = (now - wait).isoformat()
    with write_transaction(db):
        db.execute("DELETE FROM confirmation_mails WHERE sent <= ?", [since])
        row = db.execute(
            "SELECT count(*), coalesce(sum(recipient = ?), 0) FROM confirmation_mails", [recipient]
        ).fetchone()
        if row[0] >= most or row[1]:
            return False
        db.execute("INSERT INTO confirmation_mails VALUES (?, ?)", [recipient, now.isoformat()])
        return True


def get_by_email(db: Database, email: str) -> Subscriber:
    """Return the subscriber with that address. Raises NotFound."""
    found = find_by_email(db, email)
    if found is None:
        raise NotFound("subscriber", email, "`tracker subscribers list` shows all.")
    return found


def find_by_email(db: Database, email: str) -> Subscriber | None:
    """Return the subscriber with that address, or None."""
    return next(iter(_select(db, "WHERE email = ?", [email])), None)


def find_by_number(db: Database, number: int) -> Subscriber | None:
    """Return the subscriber with that number, or None."""
    return next(iter(_select(db, "WHERE id = ?", [number])), None)


def list_all(db: Database) -> list[Subscriber]:
    """Return all subscribers, ordered by address."""
    return _select(db, "ORDER BY email", [])


def list_active(db: Database, kind: str) -> list[Subscriber]:
    """Return active subscribers who get issues of that kind, longest subscribed first."""
    clause = (
        "WHERE state = 'active' AND id IN (SELECT subscriber FROM subscriptions WHERE kind = ?)"
        " ORDER BY id"
    )
    return _select(db, clause, [kind])


def set_state(db: Database, email: str, state: str) -> Subscriber:
    """Change the state of a subscriber. Raises NotFound."""
    known = get_by_email(db, email)
    with write_transaction(db):
        db.execute("UPDATE subscribers SET state = ? WHERE id = ?", [state, known.number])
    return get_by_email(db, email)


def set_language(db: Database, email: str, language: str) -> Subscriber:
    """Change the language of a subscriber's mails. Raises NotFound."""
    known = get_by_email(db, email)
    with write_transaction(db):
        db.execute("UPDATE subscribers SET language = ? WHERE id = ?", [language, known.number])
    return get_by_email(db, email)


def set_profile(db: Database, email: str, level: str, minutes: int) -> Subscriber:
    """Change the level and the minutes a day of a subscriber. Raises NotFound."""
    known = get_by_email(db, email)
    with write_transaction(db):
        db.execute(
            "UPDATE subscribers SET level = ?, minutes = ? WHERE id = ?",
            [level, minutes, known.number],
        )
    return get_by_email(db, email)


def set_owner(db: Database, email: str) -> None:
    """Make a subscriber, and no other, the owner of the home. Raises NotFound."""
    known = get_by_email(db, email)
    with write_transaction(db):
        db.execute("UPDATE subscribers SET is_owner = (id = ?)", [known.number])


def owner_number(db: Database) -> int | None:
    """Return the number of the subscriber who owns the home, or None."""
    row = db.execute("SELECT id FROM subscribers WHERE is_owner").fetchone()
    return row[0] if row else None


def delete(db: Database, email: str) -> None:
    """Delete an address with its interests and its mails. Raises NotFound.

    A hash of the address remains for the issues it received.
    """
    known = get_by_email(db, email)
    with write_transaction(db):
        past_recipients.remember_deliveries(db, known.number, known.email)
        db.execute("DELETE FROM subscribers WHERE id = ?", [known.number])


def _select(db: Database, clause: str, parameters: Sequence[Any]) -> list[Subscriber]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM subscribers {clause}", parameters)
    return [_subscriber_from_row(row) for row in rows]


def _subscriber_from_row(row: Sequence[Any]) -> Subscriber:
    subscriber = Subscriber(*row[:-1])
    return replace(subscriber, kinds=tuple(filter(None, row[-1].split(","))))
