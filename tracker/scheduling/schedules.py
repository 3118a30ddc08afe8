"""Schedule files and due dates.

Parses `schedules/*.toml` and computes which jobs are due. Both are pure, so that every date can be
tested without a scheduler. A job is due for a *key* (an announcement day, an ISO week or a month)
from a wall-clock time until it is done: a missed or duplicate tick, a restart or a clock change
neither skips nor repeats a key. Crontabs are not supported.

Public: `Job`, `load_jobs`, `choose_folder`, `due_keys`, `due_time`, `next_due`, `VERBS`.
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

from tracker.calendar import EASTERN, Period, is_announcement_day, parse_time_zone
from tracker.errors import ConfigError
from tracker.files import read_text

ANNOUNCEMENT_DAY, WEEK, MONTH = "announcement-day", "week", "month"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# The actions a job may run.
VERBS = ("crawl", "digest", "report", "send", "backup", "cleanup")
# What a verb can be done for, where that is not everything.
_PERIODS_OF_VERB = {
    "crawl": (ANNOUNCEMENT_DAY,), "digest": (ANNOUNCEMENT_DAY, WEEK), "report": (MONTH,),
}  # fmt: skip
_REQUIRED = ("name", "verb", "every", "at", "timezone")
_OPTIONAL = ("on", "catch_up")


@dataclass(frozen=True, slots=True)
class Job:
    """One schedule file.

    `at` is the wall-clock time in `timezone`; `offset` the number of days from the first day after
    the week or month to the day it is due; `catch_up` how many of the newest periods are still done
    when they were missed.
    """

    name: str
    verb: str
    every: str
    at: time
    timezone: str
    offset: int = 0
    catch_up: int = 1


def choose_folder(home: Path, shipped: Path) -> Path:
    """Return the folder `schedules` in the home if there is one, otherwise the bundled one."""
    custom = home / "schedules"
    return custom if custom.is_dir() else shipped


def load_jobs(folder: Path, verbs: Collection[str]) -> tuple[Job, ...]:
    """Return the jobs of a folder in the order of their file names; `verbs` are the valid verbs.

    Raises ConfigError for an invalid file, a duplicate name or a folder without schedules.
    """
    jobs: dict[str, Job] = {}
    for file in sorted(folder.glob("*.toml"), key=lambda file: file.stem):
        job = _load_job(file, verbs)
        if job.name in jobs:
            raise ConfigError(f"The schedule {file.name} repeats the name {job.name!r}.")
        jobs[job.name] = job
    if not jobs:
        raise ConfigError(f"There is no schedule (*.toml) in {folder}.")
    return tuple(jobs.values())


def _load_job(file: Path, verbs: Collection[str]) -> Job:
    try:
        return _parse_job(tomllib.loads(read_text(file)), verbs)
    except (OSError, ValueError) as error:  # TOML and encoding errors are ValueErrors too
        raise ConfigError(f"The schedule {file.name} cannot be used: {error}.") from error


def _parse_job(table: Mapping[str, Any], verbs: Collection[str]) -> Job:
    _check_keys(table)
    verb = _parse_choice("verb", table["verb"], verbs)
    every = _parse_choice("every", table["every"], (ANNOUNCEMENT_DAY, WEEK, MONTH))
    job = Job(
        name=_parse_text("name", table["name"]),
        verb=verb,
        every=every,
        at=_parse_time(table["at"]),
        timezone=_parse_zone(table["timezone"]),
        offset=_parse_offset(every, table.get("on")),
        catch_up=_parse_integer("catch_up", table.get("catch_up", 1), 1, 60),
    )
    if verb in _PERIODS_OF_VERB:
        _parse_choice(f"every of the verb {verb}", every, _PERIODS_OF_VERB[verb])
    return job


def _check_keys(table: Mapping[str, Any]) -> None:
    missing = [key for key in _REQUIRED if key not in table]
    if missing:
        raise ValueError(f"{missing[0]!r} is missing")
    unknown = sorted(set(table) - {*_REQUIRED, *_OPTIONAL})
    if unknown:
        known = ", ".join((*_REQUIRED, *_OPTIONAL))
        raise ValueError(f"there is no key {unknown[0]!r}, only {known}")


def _parse_text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be text, not {value!r}")
    return value


def _parse_choice(key: str, value: Any, choices: Collection[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{key} cannot be {value!r}, it is one of {', '.join(choices)}")
    return value


def _parse_time(value: Any) -> time:
    if not isinstance(value, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError(f'at cannot be {value!r}, write a time like "08:00"')
    return time.fromisoformat(value)


def _parse_zone(value: Any) -> str:
    return parse_time_zone(_parse_text("timezone", value)).key


def _parse_offset(every: str, on: Any) -> int:
    if every == WEEK:
        return WEEKDAYS.index(_parse_choice("on", on, WEEKDAYS))
    if every == MONTH:
        return _parse_integer("on", on, 1, 28) - 1
    if on is not None:
        raise ValueError("on has no meaning for an announcement-day")
    return 0


def _parse_integer(key: str, value: Any, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{key} must be a whole number from {least} to {most}, not {value!r}")
    return value


def due_keys(job: Job, now: datetime, done: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the keys that are due by `now` and not `done`, oldest first.

    Only the newest `job.catch_up` keys are considered; older ones are dropped.
    """
    today = now.astimezone(ZoneInfo(job.timezone)).date()
    due = (key for key, day in _newest_first(job, today) if _due_at(job, day) <= now)
    pending = [key for key in islice(due, job.catch_up) if not done(key)]
    return tuple(reversed(pending))


def due_time(job: Job, key: str) -> datetime:
    """Return the instant at which the job is due for a key."""
    if job.every == ANNOUNCEMENT_DAY:
        return _due_at(job, date.fromisoformat(key))
    period = Period.parse(key)
    return _due_at(job, period.next().start + timedelta(days=job.offset))


def next_due(job: Job, now: datetime) -> tuple[str, datetime]:
    """Return the first key that is due after `now`, and when."""
    today = now.astimezone(ZoneInfo(job.timezone)).date()
    due = ((key, due_time(job, key)) for key in _oldest_first(job, today))
    return next((key, at) for key, at in due if at > now)


def _oldest_first(job: Job, today: date) -> Iterator[str]:
    """Yield keys from some days or periods before a day on, without end."""
    if job.every == ANNOUNCEMENT_DAY:
        days = (today + timedelta(days=ahead) for ahead in count(-1))
        yield from (day.isoformat() for day in days if is_announcement_day(day))
    period = Period.week_of(today) if job.every == WEEK else Period.month_of(today)
    period = period.previous().previous()
    while True:
        yield period.key
        period = period.next()


def _newest_first(job: Job, today: date) -> Iterator[tuple[str, date]]:
    """Yield keys with the days on which they are due, newest first, without end."""
    if job.every == ANNOUNCEMENT_DAY:
        days = (today - timedelta(days=back) for back in count())
        return ((day.isoformat(), day) for day in days if is_announcement_day(day))
    period = Period.week_of(today) if job.every == WEEK else Period.month_of(today)
    lag = timedelta(days=job.offset)
    return ((ended.key, ended.next().start + lag) for ended in _earlier_periods(period))


def _earlier_periods(period: Period) -> Iterator[Period]:
    while True:
        period = period.previous()
        yield period


def _due_at(job: Job, day: date) -> datetime:
    """Return the instant on `day` at which the job is due.

    A time skipped by a clock change counts as one hour later, and of a repeated time the first
    counts (PEP 495, fold 0). A listing is never requested before midnight in arXiv's time zone,
    however far east the zone of the job is.
    """
    instant = datetime.combine(day, job.at, ZoneInfo(job.timezone)).astimezone(UTC)
    if job.every != ANNOUNCEMENT_DAY:
        return instant
    return max(instant, datetime.combine(day, time(), ZoneInfo(EASTERN)).astimezone(UTC))
