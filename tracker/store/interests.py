"""What readers care for: queries that are followed, and works that were liked or disliked.

All of it belongs to an `Owner`: a subscriber, with whom it goes, or the reader whose home this is.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.models import Paper
from tracker.store import papers
from tracker.store.database import Database, writing

# The number of a subscriber; None is the reader whose home this is.
Owner = int | None

_OWNED = "(subscriber IN (SELECT value FROM json_each(?)) OR (subscriber IS NULL AND ?))"


@dataclass(frozen=True, slots=True)
class Followed:
    """A saved search by its name, which is the same in upper and lower case."""

    name: str
    query: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A work, by its number, that was liked or disliked."""

    work: int
    liked: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class Opinion:
    """A work that was liked, or disliked."""

    paper: Paper
    liked: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class Numbers:
    """How much a subscriber cares for."""

    followed: int = 0
    liked: int = 0
    disliked: int = 0


def follow(db: Database, followed: Followed, owner: Owner = None) -> bool:
    """Save a search, in place of one of that name; gives whether the name is new."""
    with writing(db):
        known = bool(unfollow(db, followed.name, owner))
        db.execute(
            "INSERT INTO followed (subscriber, name, query, created) VALUES (?, ?, ?, ?)",
            [owner, followed.name, followed.query, followed.created.isoformat()],
        )
    return not known


def unfollow(db: Database, name: str, owner: Owner = None) -> bool:
    """Forget a saved search; gives whether there was one of that name."""
    with writing(db):
        done = db.execute("DELETE FROM followed WHERE subscriber IS ? AND name = ?", [owner, name])
        return bool(done.rowcount)


def followed_queries(db: Database, owner: Owner = None) -> list[Followed]:
    """All saved searches of one owner, by name."""
    return followed(db, [owner])[owner]


def followed(db: Database, owners: Collection[Owner]) -> dict[Owner, list[Followed]]:
    """The saved searches of each owner, by name, in one read."""
    found: dict[Owner, list[Followed]] = {owner: [] for owner in owners}
    rows = db.execute(
        f"SELECT subscriber, name, query, created FROM followed WHERE {_OWNED} ORDER BY name",
        _owned(owners),
    )
    for owner, name, query, at in rows:
        found[owner].append(Followed(name, query, datetime.fromisoformat(at)))
    return found


def judge(db: Database, work: int, *, liked: bool, now: datetime, owner: Owner = None) -> None:
    """Keep what a reader thinks of a work, in place of an earlier opinion."""
    with writing(db):
        db.execute(
            "INSERT OR REPLACE INTO opinions (subscriber, work, liked, created)"
            " VALUES (?, ?, ?, ?)",
            [owner, work, int(liked), now.isoformat()],
        )


def forget(db: Database, work: int, owner: Owner = None) -> bool:
    """Take an opinion back; gives whether there was one."""
    with writing(db):
        done = db.execute("DELETE FROM opinions WHERE subscriber IS ? AND work = ?", [owner, work])
        return bool(done.rowcount)


def judged(db: Database, owners: Collection[Owner]) -> dict[Owner, list[Judged]]:
    """What each owner liked and disliked, the newest first, in one read."""
    found: dict[Owner, list[Judged]] = {owner: [] for owner in owners}
    rows = db.execute(
        f"SELECT subscriber, work, liked, created FROM opinions WHERE {_OWNED}"
        " ORDER BY created DESC, work",
        _owned(owners),
    )
    for owner, work, liked, at in rows:
        found[owner].append(Judged(work, bool(liked), datetime.fromisoformat(at)))
    return found


def opinions(db: Database, owner: Owner = None) -> list[Opinion]:
    """All opinions of one owner, the newest first."""
    known = judged(db, [owner])[owner]
    found = papers.by_number(db, (one.work for one in known))
    return [Opinion(found[one.work], one.liked, one.created) for one in known]


def liked(db: Database) -> list[str]:
    """Ids of the works that the reader of the home likes, the newest opinion first."""
    return [opinion.paper.id for opinion in opinions(db) if opinion.liked]


def numbers(db: Database) -> dict[int, Numbers]:
    """How much each subscriber cares for, by their number; those who have anything."""
    rows = db.execute(
        "SELECT subscriber, sum(kind = 'f'), sum(kind = 1), sum(kind = 0) FROM"
        " (SELECT subscriber, 'f' AS kind FROM followed"
        " UNION ALL SELECT subscriber, liked FROM opinions)"
        " WHERE subscriber IS NOT NULL GROUP BY subscriber"
    )
    return {number: Numbers(*counts) for number, *counts in rows}


def _owned(owners: Collection[Owner]) -> list[Any]:
    """The parameters of `_OWNED`."""
    return [json.dumps([owner for owner in owners if owner is not None]), None in owners]
