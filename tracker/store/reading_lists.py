"""The reading lists of subscribers: works they saved, read or tried.

The list of the owner of the home is in `tracker.store.reading_progress`.

Public: `STATES`, `ListedWork`, `store_state`, `delete_state`, `list_works`, `states_by_subscriber`.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tracker.models import Paper
from tracker.store import papers
from tracker.store.database import Database, write_transaction

SAVED, READ, TRIED = STATES = ("saved", "read", "tried")


@dataclass(frozen=True, slots=True)
class ListedWork:
    """A work on a reading list, and since when it has its state."""

    paper: Paper
    state: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class WorkState:
    """The state of a work, by its number, on a reading list."""

    work: int
    state: str
    changed: datetime


def store_state(db: Database, subscriber: int, work: int, state: str, now: datetime) -> None:
    """Store the state of a work; storing the same state again keeps its time."""
    with write_transaction(db):
        db.execute(
            "INSERT INTO reading_lists (subscriber, work, state, changed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (subscriber, work) DO UPDATE SET state = excluded.state,"
            " changed = excluded.changed WHERE state != excluded.state",
            [subscriber, work, state, now.isoformat()],
        )


def delete_state(db: Database, subscriber: int, work: int) -> bool:
    """Remove a work from a reading list; return whether it was there."""
    with write_transaction(db):
        done = db.execute(
            "DELETE FROM reading_lists WHERE subscriber = ? AND work = ?", [subscriber, work]
        )
        return bool(done.rowcount)


def list_works(db: Database, subscriber: int) -> list[ListedWork]:
    """Return the reading list of a subscriber, newest first."""
    known = states_by_subscriber(db, [subscriber])[subscriber]
    found = papers.load_by_number(db, (one.work for one in known))
    return [ListedWork(found[one.work], one.state, one.changed) for one in known]


def states_by_subscriber(db: Database, subscribers: Collection[int]) -> dict[int, list[WorkState]]:
    """Return the reading lists of these subscribers, newest first, with one query."""
    found: defaultdict[int, list[WorkState]] = defaultdict(list)
    rows = db.execute(
        "SELECT subscriber, work, state, changed FROM reading_lists"
        " WHERE subscriber IN (SELECT value FROM json_each(?)) ORDER BY changed DESC, work",
        [json.dumps(list(subscribers))],
    )
    for subscriber, work, state, at in rows:
        found[subscriber].append(WorkState(work, state, datetime.fromisoformat(at)))
    return {number: found[number] for number in subscribers}
