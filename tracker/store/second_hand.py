"""Works whose metadata is second-hand: from another service, because arXiv did not answer.

Each has a row until arXiv delivers the work, which replaces the whole record.

Public: `mark`, `unmark`, `find_marked`, `marked_keys`, `source_of`, `SecondHandMark`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker.store.database import Database


@dataclass(frozen=True, slots=True)
class SecondHandMark:
    """The source that delivered the metadata of a work in place of arXiv, and when."""

    source: str
    at: datetime


def mark(db: Database, keys: Iterable[str], source: str, at: datetime) -> None:
    """Record that `source` delivered the metadata of works."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO second_hand (key, source, at) VALUES (?, ?, ?)",
        ((key, source, at.isoformat()) for key in keys),
    )


def unmark(db: Database, keys: Iterable[str]) -> None:
    """Record that the metadata of works is arXiv's."""
    db.conn.executemany("DELETE FROM second_hand WHERE key = ?", ((key,) for key in keys))


def find_marked(db: Database, keys: Iterable[str]) -> dict[str, SecondHandMark]:
    """Return the marks of those of `keys` whose metadata is second-hand."""
    rows = db.execute(
        "SELECT key, source, at FROM second_hand"
        " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
        [json.dumps(list(keys))],
    )
    return {key: SecondHandMark(source, datetime.fromisoformat(at)) for key, source, at in rows}


def marked_keys(db: Database) -> list[str]:
    """Return all works whose metadata is second-hand, newest ids first."""
    return [key for (key,) in db.execute("SELECT key FROM second_hand ORDER BY key DESC")]


def source_of(db: Database, key: str) -> SecondHandMark | None:
    """Return the mark of one work, None if its metadata is arXiv's."""
    return find_marked(db, [key]).get(key)
