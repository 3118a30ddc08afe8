"""Popularity of works: upvotes, citations, and the models that a hub lists as trending."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from tracker.records import Citations, ModelCard, Popularity, TrendingPaper
from tracker.store.database import Database
from tracker.store.upsert import UpsertCounts, upsert_rows

_CARD = "name, day, position, trending, likes, downloads, task, arxiv, created, license, is_derived"


def upsert_upvotes(db: Database, records: Sequence[Popularity]) -> UpsertCounts:
    """Store upvotes, one row for each work and day."""
    rows = (
        {
            "key": entry.id, "day": entry.day.isoformat(), "listed": entry.listed.isoformat(),
            "upvotes": entry.upvotes, "comments": entry.comments, "code": entry.code,
            "stars": entry.stars, "organization": entry.organization,
        }
        for entry in records
    )  # fmt: skip
    return upsert_rows(db, "attention", ("key", "day"), rows)


def upsert_citations(db: Database, records: Sequence[Citations]) -> UpsertCounts:
    """Store citation counts, one row for each work and day."""
    rows = (
        {
            "key": entry.id, "day": entry.day.isoformat(), "count": entry.count,
            "influential": entry.influential, "venue": entry.venue, "doi": entry.doi,
        }
        for entry in records
    )  # fmt: skip
    return upsert_rows(db, "citations", ("key", "day"), rows)


def upsert_model_cards(db: Database, source: str, cards: Sequence[ModelCard]) -> UpsertCounts:
    """Store trending models, one row for each day and model."""
    rows = (
        {
            "source": source, "day": card.day.isoformat(), "name": card.name,
            "position": card.position, "trending": card.trending, "likes": card.likes,
            "downloads": card.downloads, "task": card.task, "arxiv": json.dumps(card.arxiv),
            "created": card.created.isoformat() if card.created else "",
            "license": card.license, "is_derived": card.is_derived,
        }
        for card in cards
    )  # fmt: skip
    return upsert_rows(db, "model_cards", ("source", "day", "name"), rows)


def upsert_trends(db: Database, source: str, records: Sequence[TrendingPaper]) -> UpsertCounts:
    """Store a list of trending papers, one row for each day and work."""
    rows = (
        {
            "source": source, "day": entry.day.isoformat(), "key": entry.id,
            "position": entry.position, "code": entry.code, "stars": entry.stars,
        }
        for entry in records
    )  # fmt: skip
    return upsert_rows(db, "trending_papers", ("source", "day", "key"), rows)


def newest_trend(db: Database, key: str) -> TrendingPaper | None:
    """Return the newest place of a work among trending papers."""
    row = db.execute(
        "SELECT day, position, code, stars FROM trending_papers WHERE key = ?"
        " ORDER BY day DESC, position LIMIT 1",
        [key],
    ).fetchone()
    return TrendingPaper(key, date.fromisoformat(row[0]), *row[1:]) if row else None


def upvotes_by_work(db: Database, since: date, until: date) -> dict[str, Popularity]:
    """Return the newest count of each work on a daily page from `since` to `until`, by id."""
    rows = db.execute(
        "SELECT key, max(day), listed, upvotes, comments, code, stars,"
        " organization FROM attention"
        " WHERE listed BETWEEN ? AND ? GROUP BY key ORDER BY upvotes DESC, key",
        [since.isoformat(), until.isoformat()],
    )
    return {
        key: Popularity(key, date.fromisoformat(day), date.fromisoformat(listed), *rest)
        for key, day, listed, *rest in rows
    }


def upvotes_for_work(db: Database, key: str) -> Popularity | None:
    """Return the newest count of one work."""
    row = db.execute(
        "SELECT key, day, listed, upvotes, comments, code, stars,"
        " organization FROM attention"
        " WHERE key = ? ORDER BY day DESC LIMIT 1",
        [key],
    ).fetchone()
    if row is None:
        return None
    return Popularity(key, date.fromisoformat(row[1]), date.fromisoformat(row[2]), *row[3:])


def trending_models(db: Database, since: date, until: date) -> list[ModelCard]:
    """Return the models of the newest list from `since` to `until`, best first."""
    rows = db.execute(
        f"SELECT {_CARD} FROM model_cards WHERE day ="
        " (SELECT max(day) FROM model_cards WHERE day BETWEEN ? AND ?)"
        " ORDER BY position, name",
        [since.isoformat(), until.isoformat()],
    )
    return [_card_from_row(*row) for row in rows]


def new_models(db: Database, since: date, until: date) -> list[ModelCard]:
    """Return the newest card of each model that was made from `since` to `until`, by name."""
    rows = db.execute(
        f"SELECT {_CARD}, max(day) FROM model_cards WHERE created BETWEEN ? AND ?"
        " GROUP BY name ORDER BY name",
        [since.isoformat(), until.isoformat()],
    )
    return [_card_from_row(*row[:-1]) for row in rows]


def _card_from_row(*row: Any) -> ModelCard:
    values = dict(zip(_CARD.split(", "), row, strict=True))
    created = values["created"]
    values |= {
        "day": date.fromisoformat(values["day"]),
        "arxiv": tuple(json.loads(values["arxiv"])),
        "created": date.fromisoformat(created) if created else None,
        "is_derived": bool(values["is_derived"]),
    }
    return ModelCard(**values)


def unknown_works(db: Database, since: date) -> list[str]:
    """Return works that are not stored and that lists since a day name, most upvoted first.

    Only ids of that month or later count: lists also name older works.
    """
    rows = db.execute(
        "WITH named (key, upvotes) AS (SELECT key, upvotes FROM attention WHERE listed >= :since"
        " UNION ALL SELECT key, 0 FROM trending_papers WHERE day >= :since)"
        " SELECT key FROM named WHERE key GLOB '[0-9][0-9][0-9][0-9].*' AND key >= :month"
        " AND key NOT IN (SELECT key FROM works) GROUP BY key ORDER BY max(upvotes) DESC, key",
        {"since": since.isoformat(), "month": f"{since:%y%m}"},
    )
    return [key for (key,) in rows]


def works_due_for_citation_count(db: Database, day: date, limit: int) -> list[str]:
    """Return works with the oldest citation counts before `day`, newest works first."""
    rows = db.execute(
        "SELECT w.key, (SELECT max(c.day) FROM citations c WHERE c.key = w.key) AS counted"
        " FROM works w WHERE counted IS NULL OR counted < ?"
        " ORDER BY counted IS NOT NULL, counted, w.announced DESC, w.key LIMIT ?",
        [day.isoformat(), limit],
    )
    return [key for key, _ in rows]


def model_names_for_work(db: Database, key: str) -> list[str]:
    """Return names of the models that cite a work as their origin."""
    rows = db.execute(
        "SELECT DISTINCT m.name FROM model_cards m, json_each(m.arxiv) a WHERE a.value = ?"
        " ORDER BY m.name",
        [key],
    )
    return [name for (name,) in rows]


def citations_until(db: Database, keys: Iterable[str], until: date) -> dict[str, int]:
    """Return the newest citation count of works on or before a day, by id."""
    rows = db.execute(
        "SELECT key, max(day), count FROM citations WHERE day <= ?"
        " AND key IN (SELECT value FROM json_each(?)) GROUP BY key",
        [until.isoformat(), json.dumps(list(keys))],
    )
    return {key: count for key, _, count in rows}


def upvotes_until(db: Database, keys: Iterable[str], until: date) -> dict[str, int]:
    """Return the newest upvotes of works counted on or before a day, by id."""
    rows = db.execute(
        "SELECT key, max(day), upvotes FROM attention WHERE day <= ?"
        " AND key IN (SELECT value FROM json_each(?)) GROUP BY key",
        [until.isoformat(), json.dumps(list(keys))],
    )
    return {key: upvotes for key, _, upvotes in rows}


def models_citing(db: Database, keys: Iterable[str], until: date) -> dict[str, list[str]]:
    """Return the names of models listed on or before a day that cite each work."""
    rows = db.execute(
        "SELECT DISTINCT a.value, m.name FROM model_cards m, json_each(m.arxiv) a"
        " WHERE m.day <= ? AND a.value IN (SELECT value FROM json_each(?)) ORDER BY 1, 2",
        [until.isoformat(), json.dumps(list(keys))],
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, name in rows:
        found[key].append(name)
    return dict(found)
