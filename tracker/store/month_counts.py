"""What a monthly report counts besides tags: papers by category and day, and by venue."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from tracker.store.daily_counts import DailyCounts
from tracker.store.database import Database


def count_by_category(
    db: Database, start: date, end: date, categories: Sequence[str]
) -> dict[str, DailyCounts]:
    """Return the works of each day by category; a work counts in each of its categories."""
    rows = db.execute(
        "SELECT c.name, w.announced, count(*) FROM categories c JOIN works w ON w.id = c.work"
        " WHERE c.name IN (SELECT value FROM json_each(?)) AND w.announced BETWEEN ? AND ?"
        " GROUP BY c.name, w.announced",
        [json.dumps(list(categories)), start.isoformat(), end.isoformat()],
    )
    found: defaultdict[str, DailyCounts] = defaultdict(dict)
    for name, day, number in rows:
        found[name][date.fromisoformat(day)] = number
    return {name: found.get(name, {}) for name in categories}


def works_among(db: Database, ids: Iterable[str], start: date, end: date) -> set[str]:
    """Return those of some ids that are works of a span."""
    rows = db.execute(
        "SELECT key FROM works WHERE key IN (SELECT value FROM json_each(?))"
        " AND announced BETWEEN ? AND ?",
        [json.dumps(sorted(ids)), start.isoformat(), end.isoformat()],
    )
    return {key for (key,) in rows}


def works_by_venue(db: Database, start: date, end: date) -> dict[str, list[str]]:
    """Return the ids of the works of a span by the venue that they state, as they write it."""
    rows = db.execute(
        "SELECT f.venue, w.key FROM paper_facts f JOIN works w ON w.id = f.work"
        " WHERE f.venue != '' AND w.announced BETWEEN ? AND ? ORDER BY w.key",
        [start.isoformat(), end.isoformat()],
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for venue, key in rows:
        found[venue].append(key)
    return dict(found)


def titles_with_models(db: Database, start: date, end: date) -> list[tuple[str, str, str]]:
    """Return (id, title, model address) of works whose title has a name before its colon."""
    rows = db.execute(
        "SELECT w.key, w.title, ifnull(f.model_link, '') FROM works w"
        " LEFT JOIN paper_facts f ON f.work = w.id"
        " WHERE w.announced BETWEEN ? AND ? AND w.title LIKE '%: %' ORDER BY w.key",
        [start.isoformat(), end.isoformat()],
    )
    return [(key, title, link) for key, title, link in rows]
