"""What readers make of works: upvotes, citations, and the models that a hub calls trending."""

import json
from collections.abc import Sequence
from datetime import date

from tracker.records import Attention, Citations, ModelCard
from tracker.store.database import Database
from tracker.store.rows import Taken, put


def take(db: Database, told: Sequence[Attention]) -> Taken:
    """Store upvotes, one row for each work and day."""
    rows = (
        {
            "key": entry.id, "day": entry.day.isoformat(), "listed": entry.listed.isoformat(),
            "upvotes": entry.upvotes, "comments": entry.comments, "code": entry.code,
            "stars": entry.stars,
        }
        for entry in told
    )  # fmt: skip
    return put(db, "attention", ("key", "day"), rows)


def take_citations(db: Database, told: Sequence[Citations]) -> Taken:
    """Store citation counts, one row for each work and day."""
    rows = (
        {
            "key": entry.id, "day": entry.day.isoformat(), "count": entry.count,
            "influential": entry.influential, "venue": entry.venue, "doi": entry.doi,
        }
        for entry in told
    )  # fmt: skip
    return put(db, "citations", ("key", "day"), rows)


def take_models(db: Database, source: str, cards: Sequence[ModelCard]) -> Taken:
    """Store models as they stood, one row for each day and model."""
    rows = (
        {
            "source": source, "day": card.day.isoformat(), "name": card.name,
            "position": card.position, "trending": card.trending, "likes": card.likes,
            "downloads": card.downloads, "task": card.task, "arxiv": json.dumps(card.arxiv),
        }
        for card in cards
    )  # fmt: skip
    return put(db, "model_cards", ("source", "day", "name"), rows)


def upvotes(db: Database, since: date, until: date) -> dict[str, Attention]:
    """The newest count of each work that stood on a daily page from `since` to `until`, by id."""
    rows = db.execute(
        "SELECT key, max(day), listed, upvotes, comments, code, stars FROM attention"
        " WHERE listed BETWEEN ? AND ? GROUP BY key ORDER BY upvotes DESC, key",
        [since.isoformat(), until.isoformat()],
    )
    return {
        key: Attention(key, date.fromisoformat(day), date.fromisoformat(listed), *rest)
        for key, day, listed, *rest in rows
    }


def of_work(db: Database, key: str) -> Attention | None:
    """The newest count of one work."""
    row = db.execute(
        "SELECT key, day, listed, upvotes, comments, code, stars FROM attention"
        " WHERE key = ? ORDER BY day DESC LIMIT 1",
        [key],
    ).fetchone()
    if row is None:
        return None
    return Attention(key, date.fromisoformat(row[1]), date.fromisoformat(row[2]), *row[3:])


def trending(db: Database, since: date, until: date) -> list[ModelCard]:
    """The models of the newest list from `since` to `until`, best first."""
    rows = db.execute(
        "SELECT name, day, position, trending, likes, downloads, task, arxiv FROM model_cards"
        " WHERE day = (SELECT max(day) FROM model_cards WHERE day BETWEEN ? AND ?)"
        " ORDER BY position, name",
        [since.isoformat(), until.isoformat()],
    )
    return [
        ModelCard(
            name,
            date.fromisoformat(day),
            place,
            score,
            likes,
            downloads,
            task,
            tuple(json.loads(arxiv)),
        )
        for name, day, place, score, likes, downloads, task, arxiv in rows
    ]


def uncounted(db: Database, day: date, limit: int) -> list[str]:
    """Works whose citations were counted least recently before `day`, the newest works first."""
    rows = db.execute(
        "SELECT w.key, (SELECT max(c.day) FROM citations c WHERE c.key = w.key) AS counted"
        " FROM works w WHERE counted IS NULL OR counted < ?"
        " ORDER BY counted IS NOT NULL, counted, w.announced DESC, w.key LIMIT ?",
        [day.isoformat(), limit],
    )
    return [key for key, _ in rows]


def models_of(db: Database, key: str) -> list[str]:
    """Names of the models that say they come from a work."""
    rows = db.execute(
        "SELECT DISTINCT m.name FROM model_cards m, json_each(m.arxiv) a WHERE a.value = ?"
        " ORDER BY m.name",
        [key],
    )
    return [name for (name,) in rows]
