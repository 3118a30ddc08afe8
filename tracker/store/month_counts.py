"""What a monthly report counts besides tags: papers by category and day, venue, kind and group."""

import json
from collections import Counter, defaultdict
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


def count_kinds(db: Database, start: date, end: date, categories: Sequence[str]) -> dict[str, int]:
    """Return how many followed works of a span are of each kind, and how many have code ("code").

    A work without any category is followed, too.
    """
    rows = db.execute(
        "SELECT f.kind, f.code_link != '', count(*) FROM paper_facts f"
        " JOIN works w ON w.id = f.work WHERE w.announced BETWEEN ? AND ?"
        " AND (w.id IN (SELECT work FROM categories WHERE name IN (SELECT value FROM json_each(?)))"
        " OR w.id NOT IN (SELECT work FROM categories)) GROUP BY 1, 2",
        [start.isoformat(), end.isoformat(), json.dumps(list(categories))],
    )
    found: Counter[str] = Counter()
    for kind, has_code, number in rows:
        found[kind] += number
        found["code"] += number if has_code else 0
    del found[""]
    return dict(found)


def stars_of_works(db: Database, start: date, end: date) -> dict[str, int]:
    """Return the newest stars of the repositories that works of a span link to, by id."""
    rows = db.execute(
        "SELECT w.key, a.stars, max(a.day) FROM works w JOIN paper_facts f ON f.work = w.id"
        " JOIN attention a ON a.key = w.key WHERE w.announced BETWEEN ? AND ?"
        " AND a.stars IS NOT NULL AND lower(rtrim(a.code, '/')) = lower(rtrim(f.code_link, '/'))"
        " GROUP BY w.key",
        [start.isoformat(), end.isoformat()],
    )
    return {key: stars for key, stars, _ in rows}


def works_with_groups(db: Database, start: date, end: date) -> list[tuple[str, str, str, int]]:
    """Return (group, id, title, upvotes) of the works of a span that are attributed to a group."""
    rows = db.execute(
        "SELECT a.organization, w.key, w.title, a.upvotes, max(a.day) FROM attention a"
        " JOIN works w ON w.key = a.key WHERE a.organization != '' AND a.listed <= ?"
        " AND w.announced BETWEEN ? AND ? GROUP BY w.key ORDER BY w.key",
        [end.isoformat(), start.isoformat(), end.isoformat()],
    )
    return [(group, key, title, upvotes) for group, key, title, upvotes, _ in rows]
