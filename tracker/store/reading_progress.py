"""What the owner of the home has read, saved or tried, and the works to choose from.

Public: `Progress`, `DirectionWork`, `store_state`, `delete_state`, `delete_all`, `list_progress`,
`states_by_key`, `finished_keys`, `works_under_tag`, `read_keys_by_tag`.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from tracker.store.database import Database, write_transaction


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of one work since a day: read, saved or tried."""

    id: str
    title: str
    state: str
    day: date


@dataclass(frozen=True, slots=True)
class DirectionWork:
    """A work under a tag, with its newest counts; `citations` is None if they are unknown."""

    id: str
    title: str
    abstract: str
    announced: date
    score: float
    upvotes: int
    citations: int | None


def store_state(db: Database, work: int, state: str, day: date) -> None:
    """Store the state of a work, replacing an earlier one."""
    with write_transaction(db):
        db.execute(
            "INSERT OR REPLACE INTO reading_progress (work, state, day) VALUES (?, ?, ?)",
            [work, state, day.isoformat()],
        )


def delete_state(db: Database, work: int) -> bool:
    """Delete the state of a work; return whether there was one."""
    with write_transaction(db):
        return bool(db.execute("DELETE FROM reading_progress WHERE work = ?", [work]).rowcount)


def delete_all(db: Database) -> None:
    """Delete the owner's states, with their notes and answers about works."""
    with write_transaction(db):
        for table in ("reading_progress", "paper_notes", "review_cards"):
            db.execute(f"DELETE FROM {table}")


def list_progress(db: Database) -> list[Progress]:
    """Return all works with a state, newest first."""
    rows = db.execute(
        "SELECT w.key, w.title, p.state, p.day FROM reading_progress p"
        " JOIN works w ON w.id = p.work ORDER BY p.day DESC, w.key"
    )
    return [Progress(key, title, state, date.fromisoformat(day)) for key, title, state, day in rows]


def states_by_key(db: Database) -> dict[str, str]:
    """Return the state of each work that has one, by id."""
    return {one.id: one.state for one in list_progress(db)}


def finished_keys(db: Database) -> set[str]:
    """Return the ids of the works read or tried."""
    return {key for key, state in states_by_key(db).items() if state in ("read", "tried")}


def read_keys_by_tag(db: Database) -> dict[str, set[str]]:
    """Return the ids of the works read or tried, by tag."""
    rows = db.execute(
        "SELECT t.name, w.key FROM reading_progress p JOIN tags t ON t.work = p.work"
        " JOIN works w ON w.id = p.work WHERE p.state IN ('read', 'tried')"
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, key in rows:
        found[name].add(key)
    return dict(found)


def works_under_tag(db: Database, tag: str) -> list[DirectionWork]:
    """Return the works under a tag that are not withdrawn, oldest first."""
    rows = db.execute(
        "SELECT w.key, w.title, w.abstract, w.announced, t.score,"
        " coalesce((SELECT a.upvotes FROM attention a WHERE a.key = w.key"
        " ORDER BY a.day DESC LIMIT 1), 0),"
        " (SELECT c.count FROM citations c WHERE c.key = w.key ORDER BY c.day DESC LIMIT 1)"
        " FROM tags t JOIN works w ON w.id = t.work WHERE t.name = ? AND NOT w.withdrawn"
        " ORDER BY w.announced, w.key",
        [tag],
    )
    return [
        DirectionWork(key, title, abstract, date.fromisoformat(day), score, upvotes, citations)
        for key, title, abstract, day, score, upvotes, citations in rows
    ]
