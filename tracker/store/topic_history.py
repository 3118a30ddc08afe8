"""Themes tracked from week to week: their names, what became of them, and their centres."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.models import TopicWeek
from tracker.store.database import Database, write_transaction


@dataclass(frozen=True, slots=True)
class TrackedTopic:
    """A theme when it was last seen: its unit centre (d,) and its terms."""

    id: int
    name: str
    centre: NDArray[np.float32]
    terms: tuple[str, ...]


def topics_seen_in(db: Database, encoder: int, periods: Sequence[str]) -> list[TrackedTopic]:
    """Return themes seen in any of `periods`, as in the last of them, largest first."""
    marks = ",".join("?" * len(periods))
    rows = db.execute(
        "SELECT l.id, l.name, w.centre, t.terms,"
        " (SELECT count(*) FROM topic_members m WHERE m.topic = t.id) AS size"
        " FROM lasting_topics l JOIN topic_weeks w ON w.topic = l.id"
        " JOIN topics t ON t.period = w.period AND t.position = w.position"
        f" WHERE l.encoder = ? AND w.centre IS NOT NULL AND w.period = (SELECT max(period)"
        f" FROM topic_weeks WHERE topic = l.id AND centre IS NOT NULL AND period IN ({marks}))"
        " ORDER BY size DESC, l.id",
        [encoder, *periods],
    )
    return [
        TrackedTopic(number, name, np.frombuffer(centre, np.float32), tuple(json.loads(terms)))
        for number, name, centre, terms, _ in rows
    ]


def delete_topic_week(db: Database, period: str) -> None:
    """Delete what was stored of the topics in a week, and the topics seen in no other week."""
    with write_transaction(db):
        db.execute("DELETE FROM topic_weeks WHERE period = ?", [period])
        db.execute("DELETE FROM lasting_topics WHERE id NOT IN (SELECT topic FROM topic_weeks)")


def create_topics(db: Database, encoder: int, names: Iterable[str]) -> list[int]:
    """Create themes with these names; return their ids."""
    with write_transaction(db):
        made = [
            db.execute("INSERT INTO lasting_topics (name, encoder) VALUES (?, ?)", [n, encoder])
            for n in names
        ]
    return [int(cursor.lastrowid or 0) for cursor in made]


def rename_topics(db: Database, names: Mapping[int, str]) -> None:
    """Give topics other names, by their ids."""
    with write_transaction(db):
        db.conn.executemany(
            "UPDATE lasting_topics SET name = ? WHERE id = ?",
            ((name, number) for number, name in names.items()),
        )


def store_weeks(
    db: Database,
    period: str,
    weeks: Sequence[TopicWeek],
    centres: Mapping[int, NDArray[np.float32]],
) -> None:
    """Store what became of the themes in a week; `centres` has those that were a cluster of it."""
    with write_transaction(db):
        db.conn.executemany(
            "INSERT OR REPLACE INTO topic_weeks (topic, period, kind, position, origin, centre)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                (week.id, period, week.kind, week.position, week.origin,
                 centres[week.id].astype(np.float32).tobytes() if week.id in centres else None)
                for week in weeks
            ),
        )  # fmt: skip


def for_period(db: Database, period: str) -> list[TopicWeek]:
    """Return what became of the themes in a week: those that are clusters of it first, in order."""
    rows = db.execute(
        "SELECT w.topic, l.name, w.kind, w.position, w.origin FROM topic_weeks w"
        " JOIN lasting_topics l ON l.id = w.topic WHERE w.period = ?"
        " ORDER BY w.centre IS NULL, w.position, w.topic",
        [period],
    )
    return [TopicWeek(*row) for row in rows]


def for_works(db: Database, works: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """Return the themes that each of `works` was in, as (id, name)."""
    rows = db.execute(
        "SELECT m.work, l.id, l.name FROM topic_members m JOIN topics t ON t.id = m.topic"
        " JOIN topic_weeks k ON k.period = t.period AND k.position = t.position"
        " AND k.centre IS NOT NULL JOIN lasting_topics l ON l.id = k.topic"
        " WHERE m.work IN (SELECT value FROM json_each(?)) ORDER BY m.work, l.id",
        [json.dumps(list(works))],
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for work, number, name in rows:
        found.setdefault(work, []).append((number, name))
    return found
