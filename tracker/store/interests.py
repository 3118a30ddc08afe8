"""What the reader cares for: queries that are followed, and works that were liked or disliked."""

from dataclasses import dataclass
from datetime import datetime

from tracker.models import Paper
from tracker.store import papers
from tracker.store.database import Database, writing


@dataclass(frozen=True, slots=True)
class Followed:
    """A saved search by its name, which is the same in upper and lower case."""

    name: str
    query: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Opinion:
    """A work that was liked, or disliked."""

    paper: Paper
    liked: bool
    created: datetime


def follow(db: Database, followed: Followed) -> bool:
    """Save a search, in place of one of that name; gives whether the name is new."""
    known = any(one.name.casefold() == followed.name.casefold() for one in followed_queries(db))
    with writing(db):
        db.execute(
            "INSERT OR REPLACE INTO followed (name, query, created) VALUES (?, ?, ?)",
            [followed.name, followed.query, followed.created.isoformat()],
        )
    return not known


def unfollow(db: Database, name: str) -> bool:
    """Forget a saved search; gives whether there was one of that name."""
    with writing(db):
        return bool(db.execute("DELETE FROM followed WHERE name = ?", [name]).rowcount)


def followed_queries(db: Database) -> list[Followed]:
    """All saved searches, by name."""
    rows = db.execute("SELECT name, query, created FROM followed ORDER BY name")
    return [Followed(name, query, datetime.fromisoformat(at)) for name, query, at in rows]


def judge(db: Database, work: int, *, liked: bool, now: datetime) -> None:
    """Keep what the reader thinks of a work, in place of an earlier opinion."""
    with writing(db):
        db.execute(
            "INSERT OR REPLACE INTO opinions (work, liked, created) VALUES (?, ?, ?)",
            [work, int(liked), now.isoformat()],
        )


def forget(db: Database, work: int) -> bool:
    """Take an opinion back; gives whether there was one."""
    with writing(db):
        return bool(db.execute("DELETE FROM opinions WHERE work = ?", [work]).rowcount)


def opinions(db: Database) -> list[Opinion]:
    """All opinions, the newest first."""
    rows = db.execute(
        "SELECT work, liked, created FROM opinions ORDER BY created DESC, work"
    ).fetchall()
    found = papers.by_number(db, (work for work, _, _ in rows))
    return [
        Opinion(found[work], bool(liked), datetime.fromisoformat(created))
        for work, liked, created in rows
    ]


def liked(db: Database) -> list[str]:
    """Ids of the works that the reader likes, the newest opinion first."""
    return [opinion.paper.id for opinion in opinions(db) if opinion.liked]
