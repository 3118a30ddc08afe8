"""Citation links between works, both named by arXiv id; a cited work need not be in the store.

Public: `replace_cited_works`, `works_due_for_references`, `cited_by`, `citing`, `count_shared`,
`count_citing`, `count_citing_key`, `count_links`, `has_links`.
"""

import json
from collections.abc import Sequence
from datetime import date, timedelta

from tracker.records import CitedWorks
from tracker.store.database import Database, write_transaction
from tracker.store.upsert import UpsertCounts

# Days until a work is looked up again: one whose references are not known yet, and any other, whose
# later versions may cite more.
_RETRY_DAYS, _RENEW_DAYS = 14, 180


def replace_cited_works(db: Database, records: Sequence[CitedWorks]) -> UpsertCounts:
    """Store what each work cites in place of what was known.

    A lookup without any reference keeps the links that were found earlier.
    """
    counts = UpsertCounts()
    with write_transaction(db):
        for record in records:
            known = {key for (key,) in _cited_keys(db, record.id)}
            changed = bool(record.total) and known != set(record.cited)
            if changed:
                db.conn.execute("DELETE FROM citation_links WHERE citing = ?", [record.id])
                db.conn.executemany(
                    "INSERT INTO citation_links (citing, cited) VALUES (?, ?)",
                    [(record.id, key) for key in record.cited],
                )
            db.conn.execute(
                "INSERT OR REPLACE INTO reference_lookups (key, day, total) VALUES (?, ?, ?)",
                (record.id, record.day.isoformat(), record.total),
            )
            counts.added += bool(changed and not known)
            counts.updated += bool(changed and known)
            counts.skipped += not changed
    return counts


def works_due_for_references(db: Database, day: date, limit: int) -> list[str]:
    """Return works to look up on `day`: those never looked up first, the latest of them first."""
    retry, renew = ((day - timedelta(days=days)).isoformat() for days in (_RETRY_DAYS, _RENEW_DAYS))
    rows = db.execute(
        "SELECT w.key FROM works w LEFT JOIN reference_lookups r ON r.key = w.key"
        " WHERE r.day IS NULL OR r.day <= CASE r.total WHEN 0 THEN ? ELSE ? END"
        " ORDER BY r.day IS NOT NULL, r.day, w.announced DESC, w.key LIMIT ?",
        [retry, renew, limit],
    )
    return [key for (key,) in rows]


def cited_by(db: Database, key: str) -> list[int]:
    """Return the numbers of the stored works that a work cites, those cited most often first."""
    return _linked_works(db, "citing", "cited", key)


def citing(db: Database, key: str) -> list[int]:
    """Return the numbers of the stored works that cite a work, those cited most often first."""
    return _linked_works(db, "cited", "citing", key)


def count_shared(db: Database, key: str) -> dict[int, int]:
    """Return by how many works each stored work is cited together with a given one, by number."""
    rows = db.execute(
        "SELECT w.id, count(*) FROM citation_links mine JOIN citation_links other USING (citing)"
        " JOIN works w ON w.key = other.cited"
        " WHERE mine.cited = ?1 AND other.cited <> ?1 GROUP BY w.id",
        [key],
    )
    return dict(rows.fetchall())


def count_citing(db: Database, works: Sequence[int]) -> dict[int, int]:
    """Return how many works cite each of `works`, by number; works that none cites are left out."""
    rows = db.execute(
        "SELECT w.id, count(*) FROM json_each(?) n JOIN works w ON w.id = n.value"
        " JOIN citation_links l ON l.cited = w.key GROUP BY w.id",
        [json.dumps(list(works))],
    )
    return dict(rows.fetchall())


def count_citing_key(db: Database, key: str) -> int:
    """Return how many works cite the work of an id."""
    row = db.execute("SELECT count(*) FROM citation_links WHERE cited = ?", [key]).fetchone()
    return int(row[0])


def count_links(db: Database, works: Sequence[int]) -> dict[int, int]:
    """Return how many of `works` cite each stored work that at least one of them cites."""
    rows = db.execute(
        "SELECT t.id, count(*) FROM json_each(?) n JOIN works f ON f.id = n.value"
        " JOIN citation_links l ON l.citing = f.key JOIN works t ON t.key = l.cited GROUP BY t.id",
        [json.dumps(list(works))],
    )
    return dict(rows.fetchall())


def has_links(db: Database) -> bool:
    """Whether any citation is stored."""
    return db.execute("SELECT 1 FROM citation_links LIMIT 1").fetchone() is not None


def _linked_works(db: Database, ours: str, theirs: str, key: str) -> list[int]:
    rows = db.execute(
        f"SELECT w.id FROM citation_links l JOIN works w ON w.key = l.{theirs} WHERE l.{ours} = ?"
        " ORDER BY (SELECT count(*) FROM citation_links c WHERE c.cited = w.key) DESC,"
        " w.announced DESC, w.key",
        [key],
    )
    return [number for (number,) in rows]


def _cited_keys(db: Database, key: str) -> list[tuple[str]]:
    rows = db.execute("SELECT cited FROM citation_links WHERE citing = ?", [key])
    return list(rows.fetchall())
