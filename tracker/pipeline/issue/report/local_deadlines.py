"""Deadlines as the reader of this installation sees them: in the setting `digest.timezone`.

Public: `list_local_deadlines`, `LocalDeadline`.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from tracker.calendar import to_local_time
from tracker.records import Deadline
from tracker.settings import Config
from tracker.store import feed_items
from tracker.store.database import Database

# No zone is further from the zone of a deadline: from UTC-12 ("anywhere on Earth") to UTC+14.
_FURTHEST = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class LocalDeadline:
    """A deadline, and its day and time in a zone; `time` is empty if only a day is published."""

    deadline: Deadline
    day: date
    time: str = ""


def list_local_deadlines(
    db: Database, config: Config, since: date, until: date
) -> list[LocalDeadline]:
    """Return the deadlines that end from `since` to `until` in the zone, the earliest first."""
    near = feed_items.deadlines_between(db, since - _FURTHEST, until + _FURTHEST)
    local = (_localize(deadline, config.digest.timezone) for deadline in near)
    found = [one for one in local if since <= one.day <= until]
    return sorted(found, key=lambda one: (one.day, one.time))


def _localize(deadline: Deadline, zone: str) -> LocalDeadline:
    if deadline.at is None:
        return LocalDeadline(deadline, deadline.day)
    instant = to_local_time(deadline.at, zone)
    return LocalDeadline(deadline, instant.date(), f"{instant:%H:%M} {zone}")
