"""Interests of readers: saved searches, and works that were liked or disliked.

Each belongs to an `Owner`: a subscriber, with whom it is deleted, or the owner of the home folder.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.models import Paper
from tracker.store import papers
from tracker.store.database import Database, write_transaction

# The number of a subscriber; None is the owner of the home folder.
Owner = int | None

_OWNED = "(subscriber IN (SELECT value FROM json_each(?)) OR (subscriber IS NULL AND ?))"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A saved search; its name is case-insensitive."""

    name: str
    query: str
    created: datetime


@dataclass(frozen=True, slots=True)
class WorkOpinion:
    """A work, by its number, that was liked or disliked."""

    work: int
    liked: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class PaperOpinion:
    """A work that was liked, or disliked."""

    paper: Paper
    liked: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class InterestCounts:
    """The numbers of a subscriber's saved searches and opinions."""

    followed: int = 0
    liked: int = 0
    disliked: int = 0


def follow(db: Database, search: SavedSearch, owner: Owner = None) -> bool:
    """Save a search, replacing one of that name; return whether the name is new."""
    with write_transaction(db):
        known = bool(unfollow(db, search.name, owner))
        db.execute(
            "INSERT INTO followed (subscriber, name, query, created) VALUES (?, ?, ?, ?)",
            [owner, search.name, search.query, search.created.isoformat()],
        )
    return not known


def unfollow(db: Database, name: str, owner: Owner = None) -> bool:
    """Delete a saved search; return whether there was one of that name."""
    with write_transaction(db):
        done = db.execute("DELETE FROM followed WHERE subscriber IS ? AND name = ?", [owner, name])
        return bool(done.rowcount)


def list_saved_searches(db: Database, owner: Owner = None) -> list[SavedSearch]:
    """Return all saved searches of one owner, by name."""
    return saved_searches_by_owner(db, [owner])[owner]


def saved_searches_by_owner(
    db: Database, owners: Collection[Owner]
) -> dict[Owner, list[SavedSearch]]:
    """Return the saved searches of each owner, by name, with one query."""
    found: dict[Owner, list[SavedSearch]] = {owner: [] for owner in owners}
    rows = db.execute(
        f"SELECT subscriber, name, query, created FROM followed WHERE {_OWNED} ORDER BY name",
        _owner_parameters(owners),
    )
    for owner, name, query, at in rows:
        found[owner].append(SavedSearch(name, query, datetime.fromisoformat(at)))
    return found


def store_opinion(
    db: Database, work: int, *, liked: bool, now: datetime, owner: Owner = None
) -> None:
    """Store a reader's opinion of a work, replacing an earlier one."""
    with write_transaction(db):
        db.execute(
            "INSERT OR REPLACE INTO opinions (subscriber, work, liked, created)"
            " VALUES (?, ?, ?, ?)",
            [owner, work, int(liked), now.isoformat()],
        )


def delete_opinion(db: Database, work: int, owner: Owner = None) -> bool:
    """Delete an opinion; return whether there was one."""
    with write_transaction(db):
        done = db.execute("DELETE FROM opinions WHERE subscriber IS ? AND work = ?", [owner, work])
        return bool(done.rowcount)


def opinions_by_owner(db: Database, owners: Collection[Owner]) -> dict[Owner, list[WorkOpinion]]:
    """Return the opinions of each owner, newest first, with one query."""
    found: dict[Owner, list[WorkOpinion]] = {owner: [] for owner in owners}
    rows = db.execute(
        f"SELECT subscriber, work, liked, created FROM opinions WHERE {_OWNED}"
        " ORDER BY created DESC, work",
        _owner_parameters(owners),
    )
    for owner, work, liked, at in rows:
        found[owner].append(WorkOpinion(work, bool(liked), datetime.fromisoformat(at)))
    return found


def list_opinions(db: Database, owner: Owner = None) -> list[PaperOpinion]:
    """Return all opinions of one owner, newest first."""
    known = opinions_by_owner(db, [owner])[owner]
    found = papers.load_by_number(db, (one.work for one in known))
    return [PaperOpinion(found[one.work], one.liked, one.created) for one in known]


def delete_all(db: Database, owner: Owner = None) -> None:
    """Delete all saved searches and opinions of one owner."""
    with write_transaction(db):
        db.execute("DELETE FROM followed WHERE subscriber IS ?", [owner])
        db.execute("DELETE FROM opinions WHERE subscriber IS ?", [owner])


def liked_work_ids(db: Database) -> list[str]:
    """Return ids of the works that the owner of the home folder likes, newest opinion first."""
    return [opinion.paper.id for opinion in list_opinions(db) if opinion.liked]


def count_interests(db: Database) -> dict[int, InterestCounts]:
    """Return the counts of each subscriber who has any interests, by number."""
    rows = db.execute(
        "SELECT subscriber, sum(kind = 'f'), sum(kind = 1), sum(kind = 0) FROM"
        " (SELECT subscriber, 'f' AS kind FROM followed"
        " UNION ALL SELECT subscriber, liked FROM opinions)"
        " WHERE subscriber IS NOT NULL GROUP BY subscriber"
    )
    return {number: InterestCounts(*counts) for number, *counts in rows}


def _owner_parameters(owners: Collection[Owner]) -> list[Any]:
    """Return the parameters of `_OWNED`."""
    return [json.dumps([owner for owner in owners if owner is not None]), None in owners]
