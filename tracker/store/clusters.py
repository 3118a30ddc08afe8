"""The clusters of a period, with their terms and members."""

import json
from collections.abc import Sequence

from tracker.models import Cluster
from tracker.store.database import Database, write_transaction


def store_clusters(db: Database, period: str, clusters: Sequence[Cluster]) -> None:
    """Store the clusters of a period, replacing earlier ones."""
    with write_transaction(db):
        db.execute("DELETE FROM topics WHERE period = ?", [period])
        for position, cluster in enumerate(clusters):
            terms = json.dumps(cluster.terms, ensure_ascii=False)
            topic = db.execute(
                "INSERT INTO topics (period, position, label, terms) VALUES (?, ?, ?, ?)",
                [period, position, cluster.label, terms],
            ).lastrowid
            db.conn.executemany(
                "INSERT INTO topic_members (topic, work, position)"
                " SELECT ?, id, ? FROM works WHERE key = ?",
                ((topic, place, key) for place, key in enumerate(cluster.members)),
            )


def newest_period(db: Database) -> str | None:
    """Return the last week with stored clusters, such as "2026-W11"."""
    (period,) = db.execute("SELECT max(period) FROM topics WHERE period LIKE '%-W%'").fetchone()
    return period and str(period)


def for_period(db: Database, period: str) -> list[Cluster]:
    """Return the clusters of a period, in the order in which they were stored."""
    rows = db.execute(
        "SELECT id, label, terms FROM topics WHERE period = ? ORDER BY position", [period]
    ).fetchall()
    return [Cluster(label, tuple(json.loads(terms)), _members(db, n)) for n, label, terms in rows]


def _members(db: Database, topic: int) -> tuple[str, ...]:
    rows = db.execute(
        "SELECT w.key FROM topic_members m JOIN works w ON w.id = m.work"
        " WHERE m.topic = ? ORDER BY m.position",
        [topic],
    )
    return tuple(key for (key,) in rows)
