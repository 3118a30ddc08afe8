"""Rows that a source tells again and again: written only where something has changed.

Public: `Taken`, `put`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.store.database import Database, writing


@dataclass(slots=True)
class Taken:
    """How many records of a batch were new, changed something, or brought nothing."""

    added: int = 0
    updated: int = 0
    skipped: int = 0


def put(db: Database, table: str, key: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Taken:
    """Insert or update `rows`, dicts with the same columns, by their `key` columns."""
    taken = Taken()
    with writing(db):
        for row in rows:
            _put(db, table, key, row, taken)
    return taken


def _put(
    db: Database, table: str, key: Sequence[str], row: Mapping[str, Any], taken: Taken
) -> None:
    where = " AND ".join(f"{name} = ?" for name in key)
    keys = [row[name] for name in key]
    known = db.execute(f"SELECT {', '.join(row)} FROM {table} WHERE {where}", keys).fetchone()
    if known == tuple(row.values()):
        taken.skipped += 1
    elif known:
        assignments = ", ".join(f"{name} = ?" for name in row)
        db.execute(f"UPDATE {table} SET {assignments} WHERE {where}", [*row.values(), *keys])
        taken.updated += 1
    else:
        marks = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
        taken.added += 1
