"""Citation links between works, both named by arXiv id; a cited work need not be in the store.

Public: `replace_cited_works`, `store_read_references`, `works_due_for_references`, `cited_by`,
`citing`, `count_shared`, `count_citing`, `count_citing_key`, `count_links`, `has_links`.
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
# Origins of links: a service that lists references, and the full text of the citing paper.
_SERVICE, _FULL_TEXT = "references", "full text"


def replace_cited_works(db: Database, records: Sequence[CitedWorks]) -> UpsertCounts:
    """Store what each work cites, as a service lists it, in place of what it listed before.

    A lookup without any reference keeps the links that were found earlier, and the links that were
    read in the full text always stay.
    """
    counts = UpsertCounts()
    with write_transaction(db):
        for record in records:
            known = {key for (key,) in _listed_keys(db, record.id)}
            changed = bool(record.total) and known != set(record.cited)
            if changed:
                _replace_links(db, record.id, record.cited, _SERVICE)
            db.conn.execute(
                "INSERT OR REPLACE INTO reference_lookups (key, day, total) VALUES (?, ?, ?)",
                (record.id, record.day.isoformat(), record.total),
            )
            counts.added += bool(changed and not known)
            counts.updated += bool(changed and known)
            counts.skipped += not changed
    return counts


def store_read_references(db: Database, key: str, cited: Sequence[str]) -> None:
    """Store what a work cites according to its full text; without any, what is known stays."""
    if cited:
        with write_transaction(db):
            _replace_links(db, key, [one for one in cited if one != key], _FULL_TEXT)


def _replace_links(db: Database, citing: str, cited: Sequence[str], origin: str) -> None:
    db.conn.execute("DELETE FROM citation_links WHERE citing = ? AND origin = ?", [citing, origin])
    db.conn.executemany(
        "INSERT OR IGNORE INTO citation_links (citing, cited, origin) VALUES (?, ?, ?)",
        [(citing, key, origin) for key in cited],
    )


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


def _listed_keys(db: Database, key: str) -> list[tuple[str]]:
    query = "SELECT cited FROM citation_links WHERE citing = ? AND origin = ?"
    return list(db.execute(query, [key, _SERVICE]).fetchall())
