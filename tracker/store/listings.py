"""What arXiv listed on each day, which sources reported a day completely, and what is stored.

`tracker.pipeline.ingest.completeness` derives the states of days from them. Table `rolls` has a row
for each source that has reported all listings of a day under a category.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker.records import Listing, ListingComplete
from tracker.store.database import Database, write_transaction

# The sources that count a day independently of what was received, the best one first. Their days
# outrank those of feeds, which follow the clock on arXiv's bad days.
COUNTING_SOURCES = ("arxiv_listings", "arxiv_oai")
_RANK = "CASE {} WHEN 'arxiv_listings' THEN 0 WHEN 'arxiv_oai' THEN 1 ELSE 2 END"


def store_listings(db: Database, listings: Sequence[Listing], source: str = "") -> None:
    """Store the listings that `source` reports, one row for each category; the best source stays.

    A listing page replaces what others said about the day of a work in its category.
    """
    rows = [
        (entry.day.isoformat(), category, entry.id, entry.kind, source)
        for entry in listings
        for category in entry.categories
    ]
    better = f"{_RANK.format('excluded.source')} < {_RANK.format('listings.source')}"
    with write_transaction(db):
        db.conn.executemany(
            "INSERT INTO listings (day, category, key, kind, source) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (day, category, key) DO UPDATE"
            f" SET kind = excluded.kind, source = excluded.source WHERE {better}",
            rows,
        )


def store_completions(
    db: Database, source: str, completions: Sequence[ListingComplete], at: datetime
) -> None:
    """Store that `source` has reported these days completely; the first time counts."""
    with write_transaction(db):
        db.conn.executemany(
            "INSERT OR IGNORE INTO rolls (day, category, source, at) VALUES (?, ?, ?, ?)",
            (
                (completion.day.isoformat(), category, source, at.isoformat())
                for completion in completions
                for category in completion.categories
            ),
        )


def first_listing_days(db: Database, keys: Iterable[str]) -> dict[str, date]:
    """Return the day each work was listed as new, where a source has reported it."""
    found: dict[str, date] = {}
    if db.execute("SELECT 1 FROM listings LIMIT 1").fetchone() is None:
        return found
    for key in keys:
        row = db.execute(
            "SELECT day FROM listings WHERE key = ? AND kind = 'new'"
            f" ORDER BY {_RANK.format('source')}, day LIMIT 1",
            [key],
        ).fetchone()
        if row:
            found[key] = date.fromisoformat(row[0])
    return found


def postpone_listings(db: Database, earliest: Mapping[str, date]) -> None:
    """Move what feeds listed under a day that is too early to the earliest day of each work."""
    marks = ",".join("?" * len(COUNTING_SOURCES))
    early = f"key = ? AND day < ? AND kind = 'new' AND source NOT IN ({marks})"
    keys = [(key, day.isoformat(), *COUNTING_SOURCES) for key, day in earliest.items()]
    with write_transaction(db):
        moved = [(day, key, day, *sources) for key, day, *sources in keys]
        db.conn.executemany(f"UPDATE OR IGNORE listings SET day = ? WHERE {early}", moved)
        # What is left is listed on that day already.
        db.conn.executemany(f"DELETE FROM listings WHERE {early}", keys)


def days_listed_as_new(db: Database, category: str, keys: Iterable[str]) -> dict[str, date]:
    """Return the first day under which each of `keys` was reported as new in a category."""
    found: dict[str, date] = {}
    for key in keys:
        (day,) = db.execute(
            "SELECT min(day) FROM listings WHERE key = ? AND category = ? AND kind = 'new'",
            [key, category],
        ).fetchone()
        if day:
            found[key] = date.fromisoformat(day)
    return found


def ids_listed_as_new(db: Database, category: str, day: date) -> set[str]:
    """Return the ids reported as new in a category on a day."""
    rows = db.execute(
        "SELECT key FROM listings WHERE day = ? AND category = ? AND kind = 'new'",
        [day.isoformat(), category],
    )
    return {key for (key,) in rows}


def days_of_preceding_ids(db: Database, key: str, limit: int) -> list[date]:
    """Return the days that counting sources have for the `limit` new works numbered before `key`.

    Only works of the same month count: "2603.00001" to `key`.
    """
    marks = ",".join("?" * len(COUNTING_SOURCES))
    rows = db.execute(
        "SELECT min(day) FROM listings WHERE key < ? AND key >= ? AND kind = 'new'"
        f" AND source IN ({marks}) GROUP BY key ORDER BY key DESC LIMIT ?",
        [key, key[:5], *COUNTING_SOURCES, limit],
    )
    return [date.fromisoformat(day) for (day,) in rows]


@dataclass(frozen=True, slots=True)
class CompletenessCounts:
    """Numbers of works of a day and category: `got` are stored, `missing` are not.

    `late` of those stored arrived after a source had reported the day completely, which
    `complete_sources` have; the metadata of `second_hand` of them is not arXiv's.
    """

    got: int = 0
    late: int = 0
    missing: int = 0
    second_hand: int = 0
    complete_sources: tuple[str, ...] = ()


def completeness_counts(
    db: Database, since: date, until: date, categories: Sequence[str]
) -> dict[tuple[date, str], CompletenessCounts]:
    """Return the counts of each day and category that has any.

    A work counts once in each of its categories: on the day of its first listing there according to
    the best source or, while no source has reported one, on the day computed from its submission.
    On a day that a listing page has proved, only the works on that page count.
    """
    marks = ",".join("?" * len(categories))
    span = [since.isoformat(), until.isoformat(), *categories]
    rank, other = _RANK.format("l.source"), _RANK.format("e.source")
    proved = (
        "SELECT 1 FROM rolls r WHERE r.source = 'arxiv_listings'"
        " AND r.day = {day} AND r.category = {category}"
    )
    counted = db.execute(
        "WITH due (day, category, key) AS ("
        " SELECT l.day, l.category, l.key FROM listings l"
        f" WHERE l.day BETWEEN ? AND ? AND l.category IN ({marks}) AND NOT EXISTS (SELECT 1"
        " FROM listings e WHERE e.key = l.key AND e.category = l.category"
        f" AND ({other}, e.day) < ({rank}, l.day)) AND (l.source = 'arxiv_listings' OR NOT EXISTS"
        f" ({proved.format(day='l.day', category='l.category')}))"
        " UNION SELECT w.announced, c.name, w.key FROM works w JOIN categories c ON c.work = w.id"
        f" WHERE w.announced BETWEEN ? AND ? AND c.name IN ({marks}) AND NOT EXISTS (SELECT 1"
        " FROM listings e WHERE e.key = w.key AND e.category = c.name)"
        f" AND NOT EXISTS ({proved.format(day='w.announced', category='c.name')})),"
        " complete (day, category, at) AS (SELECT day, category, min(at) FROM rolls GROUP BY 1, 2)"
        " SELECT d.day, d.category, count(w.id), coalesce(sum(w.seen > t.at), 0),"
        " sum(w.id IS NULL), count(s.key)"
        " FROM due d LEFT JOIN works w ON w.key = d.key"
        " LEFT JOIN second_hand s ON s.key = d.key"
        " LEFT JOIN complete t ON t.day = d.day AND t.category = d.category GROUP BY 1, 2",
        span + span,
    )
    found = {
        (date.fromisoformat(day), category): CompletenessCounts(*numbers)
        for day, category, *numbers in counted
    }
    completed = db.execute(
        "SELECT day, category, group_concat(source) FROM (SELECT * FROM rolls"
        f" WHERE day BETWEEN ? AND ? AND category IN ({marks}) ORDER BY source) GROUP BY 1, 2",
        span,
    )
    for day, category, sources in completed:
        key = date.fromisoformat(day), category
        known = found.get(key, CompletenessCounts())
        found[key] = replace(known, complete_sources=tuple(sources.split(",")))
    return found


def categories_by_work(db: Database, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the categories under which works were listed, those of the first listing first."""
    found: dict[str, tuple[str, ...]] = {}
    for key in keys:
        rows = db.execute(
            "SELECT category FROM listings WHERE key = ? GROUP BY category"
            " ORDER BY min(kind != 'new'), min(day), category",
            [key],
        )
        found[key] = tuple(category for (category,) in rows)
    return found


def missing_ids(db: Database, since: date) -> list[str]:
    """Return ids that were listed since a day and are not stored, newest first."""
    rows = db.execute(
        "SELECT l.key FROM listings l LEFT JOIN works w ON w.key = l.key"
        " WHERE l.day >= ? AND w.id IS NULL GROUP BY l.key ORDER BY min(l.day) DESC, l.key",
        [since.isoformat()],
    )
    return [key for (key,) in rows]


def days_without_papers(
    db: Database, since: date, until: date, categories: Sequence[str]
) -> set[date]:
    """Return days on which, according to listing pages of every category, nothing was listed."""
    marks = ",".join("?" * len(categories))
    rows = db.execute(
        f"SELECT r.day FROM rolls r WHERE r.day BETWEEN ? AND ? AND r.category IN ({marks})"
        " AND r.source = 'arxiv_listings' AND NOT EXISTS"
        " (SELECT 1 FROM listings l WHERE l.day = r.day AND l.source = 'arxiv_listings'"
        f" AND l.category IN ({marks})) GROUP BY r.day HAVING count(DISTINCT r.category) = ?",
        [since.isoformat(), until.isoformat(), *categories, *categories, len(categories)],
    )
    return {date.fromisoformat(day) for (day,) in rows}


def completed_span(db: Database) -> tuple[date, date] | None:
    """Return the first and last day that a source has reported completely."""
    first, last = db.execute("SELECT min(day), max(day) FROM rolls").fetchone()
    return (date.fromisoformat(first), date.fromisoformat(last)) if first else None


def late_works(db: Database, day: date, after: datetime, until: datetime) -> list[int]:
    """Return works of days before `day` that arrived in a span, after their day was complete."""
    rows = db.execute(
        "SELECT w.id FROM works w WHERE w.announced < ? AND w.seen > ? AND w.seen <= ?"
        " AND w.seen > (SELECT min(r.at) FROM rolls r WHERE r.day = w.announced)"
        " ORDER BY w.announced, w.key",
        [day.isoformat(), after.isoformat(), until.isoformat()],
    )
    return [work for (work,) in rows]
