"""Tables `items` and `deadlines`: entries of feeds, and dates of conferences."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tracker.records import Deadline, FeedItem
from tracker.store.database import Database, write_transaction
from tracker.store.upsert import UpsertCounts, upsert_rows


def upsert_items(
    db: Database, source: str, items: Sequence[FeedItem], now: datetime
) -> UpsertCounts:
    """Store a feed's entries. An entry without a date has that of its first appearance."""
    known = dict(db.execute("SELECT key, seen FROM items WHERE source = ?", [source]).fetchall())
    rows = (
        {
            "source": source, "key": item.key, "title": item.title, "link": item.link,
            "published": (item.published or _first(known.get(item.key), now)).isoformat(),
            "author": item.author, "summary": item.summary, "arxiv": json.dumps(item.arxiv),
            "seen": known.get(item.key, now.isoformat()),
        }
        for item in items
    )  # fmt: skip
    return upsert_rows(db, "items", ("source", "key"), rows)


def _first(seen: str | None, at: datetime) -> datetime:
    return datetime.fromisoformat(seen) if seen else at


def items_between(db: Database, since: date, until: date) -> list[tuple[str, FeedItem]]:
    """Return (source, entry) published from `since` to `until` (UTC days), newest first."""
    rows = db.execute(
        "SELECT source, key, title, link, published, author, summary, arxiv FROM items"
        " WHERE published >= ? AND published < ? ORDER BY published DESC, source, key",
        [_midnight(since), _midnight(until + timedelta(days=1))],
    )
    return [
        (source, FeedItem(key, title, link, datetime.fromisoformat(at), author, summary,
                      tuple(json.loads(arxiv))))
        for source, key, title, link, at, author, summary, arxiv in rows
    ]  # fmt: skip


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat()


def upsert_deadlines(db: Database, deadlines: Sequence[Deadline]) -> UpsertCounts:
    """Store dates of conferences, and delete those that a conference no longer lists."""
    rows = [
        {
            "conference": entry.conference, "year": entry.year, "kind": entry.kind,
            "day": entry.day.isoformat(), "at": entry.at and entry.at.isoformat(),
            "zone": entry.zone, "place": entry.place, "url": entry.url,
            "label": entry.label,
        }
        for entry in deadlines
    ]  # fmt: skip
    key = ("conference", "year", "kind", "day", "label")
    with write_transaction(db):
        counts = upsert_rows(db, "deadlines", key, rows)
        current: set[tuple[Any, ...]] = {tuple(row[name] for name in key) for row in rows}
        for conference, year in {(entry.conference, entry.year) for entry in deadlines}:
            _delete_moved_deadlines(db, str(conference), year, current)
    return counts


def _delete_moved_deadlines(
    db: Database, conference: str, year: int, current_keys: set[tuple[Any, ...]]
) -> None:
    known = db.execute(
        "SELECT conference, year, kind, day, label FROM deadlines"
        " WHERE conference = ? AND year = ?",
        [conference, year],
    ).fetchall()
    db.conn.executemany(
        "DELETE FROM deadlines"
        " WHERE conference = ? AND year = ? AND kind = ? AND day = ? AND label = ?",
        [row for row in known if row not in current_keys],
    )


def deadlines_between(db: Database, since: date, until: date) -> list[Deadline]:
    """Return dates of conferences from `since` to `until`, earliest first."""
    rows = db.execute(
        "SELECT conference, year, kind, day, at, zone, label, place, url FROM deadlines"
        " WHERE day BETWEEN ? AND ? ORDER BY day, conference, kind",
        [since.isoformat(), until.isoformat()],
    )
    return [
        Deadline(conference, year, kind, date.fromisoformat(day),
                 datetime.fromisoformat(at) if at else None, *rest)
        for conference, year, kind, day, at, *rest in rows
    ]  # fmt: skip
