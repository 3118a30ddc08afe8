"""What a person has read, saved or tried, and the works to choose from.

The marks of the owner of the home are those that commands set, with the reading list of the
subscriber who is the owner; of two marks of a work the newer counts. Those of any other subscriber
are their reading list (`tracker.store.reading_lists`).

Public: `FINISHED`, `Progress`, `DirectionWork`, `store_state`, `delete_state`, `delete_all`,
`list_progress`, `states_by_key`, `finished_keys`, `works_under_tag`, `read_keys_by_tag`.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from tracker.store.database import Database, write_transaction
from tracker.store.interests import Owner

# The states of a work that was read.
FINISHED = ("read", "tried")
_OWNER = "(SELECT id FROM subscribers WHERE is_owner)"
_MARKS = f"""(SELECT work, state, max(day) AS day FROM (
    SELECT work, state, day FROM reading_progress WHERE :owner IS NULL OR :owner = {_OWNER}
    UNION ALL SELECT work, state, substr(changed, 1, 10) FROM reading_lists
    WHERE subscriber = coalesce(:owner, {_OWNER})) GROUP BY work)"""


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
    """Delete the owner's state of a work; return whether there was one."""
    with write_transaction(db):
        marks = db.execute("DELETE FROM reading_progress WHERE work = ?", [work])
        listed = db.execute(
            f"DELETE FROM reading_lists WHERE work = ? AND subscriber = {_OWNER}", [work]
        )
        return marks.rowcount + listed.rowcount > 0


def delete_all(db: Database) -> None:
    """Delete the owner's states, with their notes and answers about works."""
    with write_transaction(db):
        db.execute(f"DELETE FROM reading_lists WHERE subscriber = {_OWNER}")
        for table in ("reading_progress", "paper_notes", "review_cards"):
            db.execute(f"DELETE FROM {table}")


def list_progress(db: Database, owner: Owner = None) -> list[Progress]:
    """Return all works with a state, newest first."""
    rows = db.execute(
        f"SELECT w.key, w.title, p.state, p.day FROM {_MARKS} p"
        " JOIN works w ON w.id = p.work ORDER BY p.day DESC, w.key",
        {"owner": owner},
    )
    return [Progress(key, title, state, date.fromisoformat(day)) for key, title, state, day in rows]


def states_by_key(db: Database, owner: Owner = None) -> dict[str, str]:
    """Return the state of each work that has one, by id."""
    return {one.id: one.state for one in list_progress(db, owner)}


def finished_keys(db: Database, owner: Owner = None) -> set[str]:
    """Return the ids of the works read or tried."""
    return {key for key, state in states_by_key(db, owner).items() if state in FINISHED}


def read_keys_by_tag(db: Database, owner: Owner = None) -> dict[str, set[str]]:
    """Return the ids of the works read or tried, by tag."""
    rows = db.execute(
        f"SELECT t.name, w.key FROM {_MARKS} p JOIN tags t ON t.work = p.work"
        " JOIN works w ON w.id = p.work WHERE p.state IN ('read', 'tried')",
        {"owner": owner},
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
