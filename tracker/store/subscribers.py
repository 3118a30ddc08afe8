"""Who gets the mails: an address once, whatever its case, and whether it is active.

Whoever unsubscribes by the link in a mail stays here as unsubscribed, and is so listed, until the
address is added again; `remove` forgets an address, what it cared for and what was sent to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.errors import NotFound
from tracker.store.database import Database, writing

ACTIVE, PAUSED, UNSUBSCRIBED = "active", "paused", "unsubscribed"
_COLUMNS = "id, email, name, language, state"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One recipient; `language` is that of their mails, `state` active, paused or unsubscribed."""

    number: int
    email: str
    name: str
    language: str
    state: str


def add(db: Database, email: str, name: str, language: str, now: datetime) -> Subscriber:
    """Add an address, or make a known one active again with this name and language."""
    with writing(db):
        db.execute(
            "INSERT INTO subscribers (email, name, language, state, created) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (email) DO UPDATE SET name = excluded.name,"
            " language = excluded.language, state = excluded.state",
            [email, name, language, ACTIVE, now.isoformat()],
        )
    return named(db, email)


def named(db: Database, email: str) -> Subscriber:
    """The subscriber with that address. Raises NotFound."""
    found = known(db, email)
    if found is None:
        raise NotFound("subscriber", email, "`tracker subscribers list` shows all.")
    return found


def known(db: Database, email: str) -> Subscriber | None:
    """The subscriber with that address, or None."""
    return next(iter(_read(db, "WHERE email = ?", [email])), None)


def numbered(db: Database, number: int) -> Subscriber | None:
    """The subscriber of that number, or None."""
    return next(iter(_read(db, "WHERE id = ?", [number])), None)


def everyone(db: Database) -> list[Subscriber]:
    """All of them, in the order of their addresses."""
    return _read(db, "ORDER BY email", [])


def active(db: Database) -> list[Subscriber]:
    """Those who get mails, the longest subscribed first."""
    return _read(db, "WHERE state = 'active' ORDER BY id", [])


def put(db: Database, email: str, state: str) -> Subscriber:
    """Change the state of a subscriber. Raises NotFound."""
    known = named(db, email)
    with writing(db):
        db.execute("UPDATE subscribers SET state = ? WHERE id = ?", [state, known.number])
    return named(db, email)


def speak(db: Database, email: str, language: str) -> Subscriber:
    """Change the language of a subscriber's mails. Raises NotFound."""
    known = named(db, email)
    with writing(db):
        db.execute("UPDATE subscribers SET language = ? WHERE id = ?", [language, known.number])
    return named(db, email)


def remove(db: Database, email: str) -> None:
    """Forget an address, what it cared for and what was sent to it. Raises NotFound."""
    known = named(db, email)
    with writing(db):
        db.execute("DELETE FROM subscribers WHERE id = ?", [known.number])


def _read(db: Database, clause: str, parameters: Sequence[Any]) -> list[Subscriber]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM subscribers {clause}", parameters)
    return [Subscriber(*row) for row in rows]
