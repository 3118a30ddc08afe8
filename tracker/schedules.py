"""The schedule files: what is to be done, how often, and which of it is due.

Owns the reading of `schedules/*.toml` and the arithmetic of due dates, both pure, so that every
date can be tested without a scheduler. A job is due for a *key*, an announcement day, an ISO week
or a month, from a wall-clock time on and until it is done: a missed tick, a doubled one, a restart
or a change of the clocks neither skips nor repeats a key. No crontab is read.

Public: `load` reads a folder into `Job`s; `due` says which keys a job owes.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tracker.calendar import EASTERN, Period, is_announcement_day, zone
from tracker.errors import ConfigError
from tracker.files import read_text

ANNOUNCEMENT_DAY, WEEK, MONTH = "announcement-day", "week", "month"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# What a job may call.
VERBS = ("crawl", "digest", "report", "send")
_REQUIRED = ("name", "verb", "every", "at", "timezone")
_OPTIONAL = ("on", "catch_up")


@dataclass(frozen=True, slots=True)
class Job:
    """One schedule file.

    `at` is the wall-clock time in `timezone`; `offset` the days between the end of the week or
    month and the day it is due, 0 for the first day after; `catch_up` how many of the newest
    periods are still made when they were missed.
    """

    name: str
    verb: str
    every: str
    at: time
    timezone: str
    offset: int = 0
    catch_up: int = 1


def folder(home: Path, shipped: Path) -> Path:
    """Where the schedules are: a folder `schedules` in the home stands in for the shipped ones."""
    own = home / "schedules"
    return own if own.is_dir() else shipped


def load(folder: Path, verbs: Collection[str]) -> tuple[Job, ...]:
    """The jobs of `folder`, in the order of their file names; `verbs` are the names they may call.

    Raises ConfigError in one sentence for a file that cannot be used or a name given twice.
    """
    jobs: dict[str, Job] = {}
    for file in sorted(folder.glob("*.toml"), key=lambda file: file.stem):
        job = _load(file, verbs)
        if job.name in jobs:
            raise ConfigError(f"The schedule {file.name} repeats the name {job.name!r}.")
        jobs[job.name] = job
    if not jobs:
        raise ConfigError(f"There is no schedule (*.toml) in {folder}.")
    return tuple(jobs.values())


def _load(file: Path, verbs: Collection[str]) -> Job:
    try:
        return _job(tomllib.loads(read_text(file)), verbs)
    except (OSError, ValueError) as error:  # TOML and encoding errors are ValueErrors too
        raise ConfigError(f"The schedule {file.name} cannot be used: {error}.") from error


def _job(table: Mapping[str, Any], verbs: Collection[str]) -> Job:
    _check_keys(table)
    every = _one_of("every", table["every"], (ANNOUNCEMENT_DAY, WEEK, MONTH))
    return Job(
        name=_text("name", table["name"]),
        verb=_one_of("verb", table["verb"], verbs),
        every=every,
        at=_clock(table["at"]),
        timezone=_zone(table["timezone"]),
        offset=_offset(every, table.get("on")),
        catch_up=_whole("catch_up", table.get("catch_up", 1), 1, 60),
    )


def _check_keys(table: Mapping[str, Any]) -> None:
    missing = [key for key in _REQUIRED if key not in table]
    if missing:
        raise ValueError(f"{missing[0]!r} is missing")
    unknown = sorted(set(table) - {*_REQUIRED, *_OPTIONAL})
    if unknown:
        known = ", ".join((*_REQUIRED, *_OPTIONAL))
        raise ValueError(f"there is no key {unknown[0]!r}, only {known}")


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be text, not {value!r}")
    return value


def _one_of(key: str, value: Any, choices: Collection[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{key} cannot be {value!r}, it is one of {', '.join(choices)}")
    return value


def _clock(value: Any) -> time:
    if not isinstance(value, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f'at cannot be {value!r}, write a time like "08:00"')
    return time.fromisoformat(value)


def _zone(value: Any) -> str:
    return zone(_text("timezone", value)).key


def _offset(every: str, on: Any) -> int:
    if every == WEEK:
        return WEEKDAYS.index(_one_of("on", on, WEEKDAYS))
    if every == MONTH:
        return _whole("on", on, 1, 28) - 1
    if on is not None:
        raise ValueError("on has no meaning for an announcement-day")
    return 0


def _whole(key: str, value: Any, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{key} must be a whole number from {least} to {most}, not {value!r}")
    return value


def due(job: Job, now: datetime, done: Callable[[str], bool]) -> tuple[str, ...]:
    """Keys whose time has come by `now` and that are not `done`, oldest first.

    Only the newest `job.catch_up` keys are looked at; what is older is given up.
    """
    today = now.astimezone(ZoneInfo(job.timezone)).date()
    passed = (key for key, day in _newest_first(job, today) if _moment(job, day) <= now)
    owed = [key for key in islice(passed, job.catch_up) if not done(key)]
    return tuple(reversed(owed))


def _newest_first(job: Job, today: date) -> Iterator[tuple[str, date]]:
    """Without end: a key and the day on which it falls due."""
    if job.every == ANNOUNCEMENT_DAY:
        days = (today - timedelta(days=back) for back in count())
        return ((day.isoformat(), day) for day in days if is_announcement_day(day))
    period = Period.week_of(today) if job.every == WEEK else Period.month_of(today)
    lag = timedelta(days=job.offset)
    return ((ended.key, ended.next().start + lag) for ended in _before(period))


def _before(period: Period) -> Iterator[Period]:
    while True:
        period = period.previous()
        yield period


def _moment(job: Job, day: date) -> datetime:
    """The instant at which what falls due on `day` does.

    A time that the clocks skip counts as the hour after it, one that they repeat as its first
    (PEP 495, fold 0). A listing is never asked for before arXiv's own midnight, however far east
    the job's zone is.
    """
    instant = datetime.combine(day, job.at, ZoneInfo(job.timezone)).astimezone(UTC)
    if job.every != ANNOUNCEMENT_DAY:
        return instant
    return max(instant, datetime.combine(day, time(), ZoneInfo(EASTERN)).astimezone(UTC))
