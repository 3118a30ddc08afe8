"""The themes of a period: its clusters, with their terms and members, as they were found."""

import json
from collections.abc import Sequence

from tracker.models import Cluster
from tracker.store.database import Database, writing


def keep(db: Database, period: str, clusters: Sequence[Cluster]) -> None:
    """Store the clusters of a period, in place of those found of it before."""
    with writing(db):
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


def newest(db: Database) -> str | None:
    """The last week of which themes are kept; weeks are named like 2026-W11."""
    (period,) = db.execute("SELECT max(period) FROM topics WHERE period LIKE '%-W%'").fetchone()
    return period and str(period)


def of_period(db: Database, period: str) -> list[Cluster]:
    """The clusters of a period, in the order in which they were kept."""
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
