"""The ledger's facts: what arXiv listed on each day, who has told all of a day, and what we have.

`tracker.pipeline.ledger` makes the states of days from them. A *roll* is a source's word that it
has told all of a day under a category.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.records import Listing, Roll
from tracker.store.database import Database, writing


def take(db: Database, listed: Sequence[Listing]) -> None:
    """Store what was listed, a row for each category."""
    with writing(db):
        db.conn.executemany(
            "INSERT OR IGNORE INTO listings (day, category, key, kind) VALUES (?, ?, ?, ?)",
            (
                (entry.day.isoformat(), category, entry.id, entry.kind)
                for entry in listed
                for category in entry.categories
            ),
        )


def take_rolls(db: Database, source: str, rolls: Sequence[Roll], at: datetime) -> None:
    """Note that `source` has told all of these days; the first time counts."""
    with writing(db):
        db.conn.executemany(
            "INSERT OR IGNORE INTO rolls (day, category, source, at) VALUES (?, ?, ?, ?)",
            (
                (roll.day.isoformat(), category, source, at.isoformat())
                for roll in rolls
                for category in roll.categories
            ),
        )


def first_days(db: Database, keys: Iterable[str]) -> dict[str, date]:
    """The day on which each of the works was listed as new, where a source has told it."""
    found: dict[str, date] = {}
    if db.execute("SELECT 1 FROM listings LIMIT 1").fetchone() is None:
        return found
    for key in keys:
        (day,) = db.execute(
            "SELECT min(day) FROM listings WHERE key = ? AND kind = 'new'", [key]
        ).fetchone()
        if day:
            found[key] = date.fromisoformat(day)
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """A day and category in numbers of works: `got` are in the store, `missing` are not.

    `late` of those got came after a source had told all of the day. `rolled` by these sources.
    """

    got: int = 0
    late: int = 0
    missing: int = 0
    rolled: tuple[str, ...] = ()


def tallies(
    db: Database, since: date, until: date, categories: Sequence[str]
) -> dict[tuple[date, str], Tally]:
    """The tally of each day and category of which anything is known.

    A work counts once in each of its categories: on the day of its first listing there, or on the
    day that is worked out from its submission while no source has told of one.
    """
    marks = ",".join("?" * len(categories))
    span = [since.isoformat(), until.isoformat(), *categories]
    counted = db.execute(
        "WITH due (day, category, key) AS ("
        " SELECT l.day, l.category, l.key FROM listings l"
        f" WHERE l.day BETWEEN ? AND ? AND l.category IN ({marks}) AND NOT EXISTS (SELECT 1"
        " FROM listings e WHERE e.key = l.key AND e.category = l.category AND e.day < l.day)"
        " UNION SELECT w.announced, c.name, w.key FROM works w JOIN categories c ON c.work = w.id"
        f" WHERE w.announced BETWEEN ? AND ? AND c.name IN ({marks}) AND NOT EXISTS (SELECT 1"
        " FROM listings e WHERE e.key = w.key AND e.category = c.name)),"
        " told (day, category, at) AS (SELECT day, category, min(at) FROM rolls GROUP BY 1, 2)"
        " SELECT d.day, d.category, count(w.id), coalesce(sum(w.seen > t.at), 0),"
        " sum(w.id IS NULL)"
        " FROM due d LEFT JOIN works w ON w.key = d.key"
        " LEFT JOIN told t ON t.day = d.day AND t.category = d.category GROUP BY 1, 2",
        span + span,
    )
    found = {
        (date.fromisoformat(day), category): Tally(*numbers) for day, category, *numbers in counted
    }
    rolled = db.execute(
        "SELECT day, category, group_concat(source) FROM (SELECT * FROM rolls"
        f" WHERE day BETWEEN ? AND ? AND category IN ({marks}) ORDER BY source) GROUP BY 1, 2",
        span,
    )
    for day, category, sources in rolled:
        key = date.fromisoformat(day), category
        known = found.get(key, Tally())
        found[key] = Tally(known.got, known.late, known.missing, tuple(sources.split(",")))
    return found


def missing(db: Database, since: date) -> list[str]:
    """Ids that were listed since a day and are not in the store, the newest first."""
    rows = db.execute(
        "SELECT l.key FROM listings l LEFT JOIN works w ON w.key = l.key"
        " WHERE l.day >= ? AND w.id IS NULL GROUP BY l.key ORDER BY min(l.day) DESC, l.key",
        [since.isoformat()],
    )
    return [key for (key,) in rows]


def days_without_papers(
    db: Database, since: date, until: date, categories: Sequence[str]
) -> set[date]:
    """Days of which a source has told all under every category, and that nothing was listed."""
    marks = ",".join("?" * len(categories))
    rows = db.execute(
        f"SELECT r.day FROM rolls r WHERE r.day BETWEEN ? AND ? AND r.category IN ({marks})"
        " AND NOT EXISTS (SELECT 1 FROM listings l WHERE l.day = r.day"
        f" AND l.category IN ({marks})) GROUP BY r.day HAVING count(DISTINCT r.category) = ?",
        [since.isoformat(), until.isoformat(), *categories, *categories, len(categories)],
    )
    return {date.fromisoformat(day) for (day,) in rows}


def rolled_span(db: Database) -> tuple[date, date] | None:
    """The first and the last day that a source has told all of."""
    first, last = db.execute("SELECT min(day), max(day) FROM rolls").fetchone()
    return (date.fromisoformat(first), date.fromisoformat(last)) if first else None


def late_between(db: Database, day: date, after: datetime, until: datetime) -> list[int]:
    """Works of a day before `day` that came later than that day's roll, in the given time."""
    rows = db.execute(
        "SELECT w.id FROM works w WHERE w.announced < ? AND w.seen > ? AND w.seen <= ?"
        " AND w.seen > (SELECT min(r.at) FROM rolls r WHERE r.day = w.announced)"
        " ORDER BY w.announced, w.key",
        [day.isoformat(), after.isoformat(), until.isoformat()],
    )
    return [work for (work,) in rows]
