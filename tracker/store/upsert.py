"""Rows that a source reports repeatedly: written only where something has changed.

Public: `UpsertCounts`, `upsert_rows`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.store.database import Database, write_transaction


@dataclass(slots=True)
class UpsertCounts:
    """How many records of a batch were new, changed a row, or were already stored."""

    added: int = 0
    updated: int = 0
    skipped: int = 0


def upsert_rows(
    db: Database, table: str, key: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> UpsertCounts:
    """Insert or update `rows`, dicts with the same columns, by their `key` columns."""
    counts = UpsertCounts()
    with write_transaction(db):
        for row in rows:
            _put(db, table, key, row, counts)
    return counts


def _put(
    db: Database, table: str, key: Sequence[str], row: Mapping[str, Any], counts: UpsertCounts
) -> None:
    where = " AND ".join(f"{name} = ?" for name in key)
    keys = [row[name] for name in key]
    known = db.execute(f"SELECT {', '.join(row)} FROM {table} WHERE {where}", keys).fetchone()
    if known == tuple(row.values()):
        counts.skipped += 1
    elif known:
        assignments = ", ".join(f"{name} = ?" for name in row)
        db.execute(f"UPDATE {table} SET {assignments} WHERE {where}", [*row.values(), *keys])
        counts.updated += 1
    else:
        marks = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
        counts.added += 1
