"""Counts by announcement day: all papers, and those under each tag."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from tracker.store.database import Database

DailyCounts = dict[date, int]


def count_tagged(db: Database, start: date, end: date) -> DailyCounts:
    """Return the number of works of each day that the tagger has processed."""
    rows = db.execute(
        "SELECT w.announced, count(*) FROM works w JOIN tagged t ON t.work = w.id"
        " WHERE w.announced BETWEEN ? AND ? GROUP BY w.announced",
        [start.isoformat(), end.isoformat()],
    )
    return {date.fromisoformat(day): number for day, number in rows}


def count_by_tag(db: Database, start: date, end: date) -> dict[str, DailyCounts]:
    """Return the number of works of each day under each tag."""
    rows = db.execute(
        "SELECT t.name, w.announced, count(*) FROM tags t JOIN works w ON w.id = t.work"
        " WHERE w.announced BETWEEN ? AND ? GROUP BY t.name, w.announced",
        [start.isoformat(), end.isoformat()],
    )
    return _by_key(rows)


def count_of_tag(db: Database, tag: str, start: date, end: date) -> DailyCounts:
    """Return the number of works of each day under one tag."""
    rows = db.execute(
        "SELECT w.announced, count(*) FROM tags t JOIN works w ON w.id = t.work"
        " WHERE t.name = ? AND w.announced BETWEEN ? AND ? GROUP BY w.announced",
        [tag, start.isoformat(), end.isoformat()],
    )
    return {date.fromisoformat(day): number for day, number in rows}


def count_tag_pairs(db: Database, start: date, end: date) -> dict[tuple[str, str], int]:
    """Return the number of works with both tags, by pair; a tag paired with itself counts all."""
    rows = db.execute(
        "SELECT a.name, b.name, count(*) FROM works w JOIN tags a ON a.work = w.id"
        " JOIN tags b ON b.work = w.id WHERE w.announced BETWEEN ? AND ? GROUP BY a.name, b.name",
        [start.isoformat(), end.isoformat()],
    )
    return {(one, other): number for one, other, number in rows}


def count_tags_of_keys(db: Database, keys: Collection[str]) -> dict[str, int]:
    """Return how many of the works with these ids are under each tag."""
    rows = db.execute(
        "SELECT t.name, count(*) FROM tags t JOIN works w ON w.id = t.work"
        " WHERE w.key IN (SELECT value FROM json_each(?)) GROUP BY t.name",
        [json.dumps(sorted(keys))],
    )
    return dict(rows.fetchall())


def count_tag_pairs_of_keys(db: Database, keys: Collection[str]) -> dict[tuple[str, str], int]:
    """Return how many of the works with these ids have both tags, by pair."""
    rows = db.execute(
        "SELECT a.name, b.name, count(*) FROM works w JOIN tags a ON a.work = w.id"
        " JOIN tags b ON b.work = w.id"
        " WHERE w.key IN (SELECT value FROM json_each(?)) GROUP BY a.name, b.name",
        [json.dumps(sorted(keys))],
    )
    return {(one, other): number for one, other, number in rows}


def embedded_work_days(db: Database, encoder: int, start: date, end: date) -> dict[int, date]:
    """Return the announcement day of every work in the span that has a vector, by number."""
    rows = db.execute(
        "SELECT w.id, w.announced FROM works w JOIN vectors v ON v.work = w.id AND v.encoder = ?"
        " WHERE w.announced BETWEEN ? AND ? ORDER BY w.id",
        [encoder, start.isoformat(), end.isoformat()],
    )
    return {work: date.fromisoformat(day) for work, day in rows}


def titles_by_day(db: Database, start: date, end: date) -> Iterator[tuple[date, str]]:
    """Yield day and title of every work, oldest first."""
    rows = db.execute(
        "SELECT announced, title FROM works WHERE announced BETWEEN ? AND ? ORDER BY announced, id",
        [start.isoformat(), end.isoformat()],
    )
    for day, title in rows:
        yield date.fromisoformat(day), title


def _by_key(rows: Iterable[Sequence[Any]]) -> dict[str, DailyCounts]:
    found: defaultdict[str, DailyCounts] = defaultdict(dict)
    for key, day, number in rows:
        found[key][date.fromisoformat(day)] = number
    return dict(found)
