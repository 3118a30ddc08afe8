"""Counts by announcement day: all papers, those under each tag, those of each lasting topic."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from tracker.store.database import Database

ByDay = dict[date, int]


def tagged(db: Database, start: date, end: date) -> ByDay:
    """Works of each day that the tagger has looked at."""
    rows = db.execute(
        "SELECT w.announced, count(*) FROM works w JOIN tagged t ON t.work = w.id"
        " WHERE w.announced BETWEEN ? AND ? GROUP BY w.announced",
        [start.isoformat(), end.isoformat()],
    )
    return {date.fromisoformat(day): number for day, number in rows}


def tags(db: Database, start: date, end: date) -> dict[str, ByDay]:
    """Works of each day under each tag."""
    rows = db.execute(
        "SELECT t.name, w.announced, count(*) FROM tags t JOIN works w ON w.id = t.work"
        " WHERE w.announced BETWEEN ? AND ? GROUP BY t.name, w.announced",
        [start.isoformat(), end.isoformat()],
    )
    return _by_key(rows)


def together(db: Database, start: date, end: date) -> dict[tuple[str, str], int]:
    """Works that have two tags at once, by the pair; a tag with itself counts its own."""
    rows = db.execute(
        "SELECT a.name, b.name, count(*) FROM works w JOIN tags a ON a.work = w.id"
        " JOIN tags b ON b.work = w.id WHERE w.announced BETWEEN ? AND ? GROUP BY a.name, b.name",
        [start.isoformat(), end.isoformat()],
    )
    return {(one, other): number for one, other, number in rows}


def tags_of_keys(db: Database, keys: Collection[str]) -> dict[str, int]:
    """How many of the works with these ids are under each tag."""
    rows = db.execute(
        "SELECT t.name, count(*) FROM tags t JOIN works w ON w.id = t.work"
        " WHERE w.key IN (SELECT value FROM json_each(?)) GROUP BY t.name",
        [json.dumps(sorted(keys))],
    )
    return dict(rows.fetchall())


def embedded(db: Database, encoder: int, start: date, end: date) -> dict[int, date]:
    """The day of every work of a span that has a vector."""
    rows = db.execute(
        "SELECT w.id, w.announced FROM works w JOIN vectors v ON v.work = w.id AND v.encoder = ?"
        " WHERE w.announced BETWEEN ? AND ? ORDER BY w.id",
        [encoder, start.isoformat(), end.isoformat()],
    )
    return {work: date.fromisoformat(day) for work, day in rows}


def titles(db: Database, start: date, end: date) -> Iterator[tuple[date, str]]:
    """Day and title of every work, oldest first."""
    rows = db.execute(
        "SELECT announced, title FROM works WHERE announced BETWEEN ? AND ? ORDER BY announced, id",
        [start.isoformat(), end.isoformat()],
    )
    for day, title in rows:
        yield date.fromisoformat(day), title


def _by_key(rows: Iterable[Sequence[Any]]) -> dict[str, ByDay]:
    found: defaultdict[str, ByDay] = defaultdict(dict)
    for key, day, number in rows:
        found[key][date.fromisoformat(day)] = number
    return dict(found)
