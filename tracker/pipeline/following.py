"""Saved searches: taken after a check, and what is new for each of them in a period.

A ranked search finds something for any query. What is followed is stricter: a work matches when it
holds every telling word of the query, as such or by another name that the acronyms of the store
give, and passes its filters.
"""

from dataclasses import dataclass
from datetime import date, datetime

from tracker.errors import NotFound, UsageError
from tracker.models import Hit
from tracker.pipeline import asking, finding
from tracker.search.query import Query
from tracker.settings import Config
from tracker.store import fulltext, interests
from tracker.store.database import Database
from tracker.store.filters import Filter
from tracker.store.interests import Followed

_NAME = 60


@dataclass(frozen=True, slots=True)
class Match:
    """What a saved search found, best first; `size` counts all, `hits` are at most those wanted."""

    followed: Followed
    size: int
    hits: tuple[Hit, ...]


def follow(db: Database, config: Config, query: str, name: str, now: datetime) -> Followed:
    """Save a search; without a name it goes by its own text. Raises UsageError if it finds nothing.

    One of the same name is replaced.
    """
    asked = asking.read(db, query, now.date(), config.directions)
    if asked == Query():
        raise UsageError("There is nothing to look for in the query; `tracker follow moe` has.")
    followed = Followed(" ".join((name or query).split())[:_NAME], query.strip(), now)
    interests.follow(db, followed)
    return followed


def unfollow(db: Database, name: str) -> None:
    """Forget a saved search. Raises NotFound."""
    if not interests.unfollow(db, name):
        raise NotFound("saved search", name, "`tracker follow --list` shows what there is.")


def matches(db: Database, config: Config, start: date, end: date, *, limit: int) -> list[Match]:
    """For each saved search what was first listed from `start` to `end`, if anything was."""
    found = (
        _match(db, config, one, Filter(start, end), limit) for one in interests.followed_queries(db)
    )
    return [match for match in found if match.size]


def _match(db: Database, config: Config, one: Followed, span: Filter, limit: int) -> Match:
    today = one.created.date()  # what "7d" meant when it was written
    asked = asking.read(db, one.query, today, config.directions)
    sought = asking.sought(db, span, asked, strict=True)
    size = len(fulltext.passing(db, sought.only))
    found = finding.search(
        db, config, one.query, limit=min(limit, size), only=span, today=today, strict=True
    )
    return Match(one, size, found.hits)
