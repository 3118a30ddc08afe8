"""arXiv's announcement days, and the days, weeks and months of digests and reports.

Owns the announcement calendar, which distinguishes "no papers today" from "nothing was due today",
and the periods (announcement days, ISO weeks, calendar months) of every issue. Pure: no clock, no
I/O; callers pass `now`.

A paper is *announced* in the evening, 20:00 US/Eastern, Sunday to Thursday, and *listed* under the
next calendar day, whose midnight feed contains it. All days here are listing days.

Public: `announcement_day`, `first_listing_day`, `earliest_listing_day`, `is_announcement_day`,
`announcement_days`, `batch_opening_day`, `is_listing_published`, `holiday_evenings`,
`parse_time_zone`, `to_local_time`, `Period`, `EASTERN`.
Source of schedule and holidays: info.arxiv.org/help/availability.html.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.errors import ConfigError, UsageError

EASTERN = "America/New_York"
DEADLINE = time(14)  # papers received before it are announced that evening
_DAY = timedelta(days=1)
# The easternmost time zone is that of Kiritimati.
_EASTERNMOST = timedelta(hours=14)
_SATURDAY = 5
_LONGEST_MONTH = timedelta(days=35)  # works numbered at its end are listed in the next one
# "2603.01234": the form since April 2007. Older ids ("math/0309136") have no day that matters.
_ID_MONTH = re.compile(r"(\d{2})(\d{2})\.\d{4,5}$")

# Evenings without an announcement. 2023, 2025 and 2026 as published by arXiv, but December 2025 was
# published late and is derived from arXiv's metadata, as is December 2024; the rest of 2024 follows
# the rule. The Friday evenings of 2026 have no effect: arXiv never announces on a Friday.
_PUBLISHED = {
    2023: "01-16 06-14 06-19 07-04 09-04 11-23 12-25 12-27",
    2024: "01-01 01-15 06-19 07-04 09-02 11-28 12-25 12-26 12-31",
    2025: "01-01 01-20 06-19 07-06 09-01 11-27 12-25 12-30",
    2026: "01-01 01-19 06-19 07-03 09-07 11-26 12-25 12-29 12-31",
}


@cache
def holiday_evenings(year: int) -> frozenset[date]:
    """Return the evenings of `year` without an announcement: arXiv's list, else by a rule.

    The rule is the US holidays of the known lists, and 31 December; the other days off at the end
    of the year differ from year to year and cannot be predicted.
    """
    if year in _PUBLISHED:
        return frozenset(date.fromisoformat(f"{year}-{day}") for day in _PUBLISHED[year].split())
    fixed = [(1, 1), (7, 4), (12, 25), (12, 31)]
    if year > 2021:  # Juneteenth became a federal holiday on 17 June 2021
        fixed.append((6, 19))
    moving = {
        _nth_weekday(date(year, 1, 1), 0, 3),  # Martin Luther King Day
        _nth_weekday(date(year, 9, 1), 0, 1),  # Labor Day
        _nth_weekday(date(year, 11, 1), 3, 4),  # Thanksgiving
    }
    return frozenset(moving | {_observed_holiday(date(year, month, day)) for month, day in fixed})


def _nth_weekday(first: date, weekday: int, nth: int) -> date:
    """Return the `nth` `weekday` (0 is Monday) of the month that starts on `first`."""
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _observed_holiday(day: date) -> date:
    """Return when a holiday is observed: Friday for Saturday, Monday for Sunday (5 U.S.C. 6103)."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def parse_time_zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name. Raises ValueError with an example of a valid name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: "America" is a folder
        raise ValueError(
            f"there is no time zone {name[:40]!r}, write one like Europe/Berlin"
        ) from error


def to_local_time(now: datetime, timezone: str) -> datetime:
    """Return an instant in the zone of the setting `digest.timezone`. Raises ConfigError."""
    try:
        return now.astimezone(parse_time_zone(timezone))
    except ValueError as error:
        raise ConfigError(f"The setting digest.timezone cannot be used: {error}.") from error


def is_announcement_day(day: date) -> bool:
    """Whether arXiv lists new papers under `day`, that is, announced on the evening before."""
    evening = day - _DAY
    return day.weekday() < _SATURDAY and evening not in holiday_evenings(evening.year)


def announcement_days(start: date, end: date) -> tuple[date, ...]:
    """Return listing days from `start` to `end`, both included; none if `end` is before `start`."""
    return tuple(day for day in _each_day(start, end) if is_announcement_day(day))


def _each_day(start: date, end: date) -> Iterator[date]:
    return (start + timedelta(days=n) for n in range((end - start).days + 1))


def announcement_day(submitted: datetime) -> date:
    """Return the day on which a paper submitted at that instant is listed, unless it is held.

    Friday 14:00 to Monday 14:00 US/Eastern is one batch; on other days a batch closes at 14:00.
    Raises ValueError for an instant without a time zone.
    """
    if submitted.tzinfo is None:
        raise ValueError(f"{submitted} has no time zone")
    eastern = submitted.astimezone(ZoneInfo(EASTERN))
    closing = eastern.date() + (_DAY if eastern.time() >= DEADLINE else timedelta())
    while closing.weekday() >= _SATURDAY:
        closing += _DAY
    listed = closing + _DAY
    while not is_announcement_day(listed):
        listed += _DAY
    return listed


def earliest_listing_day(key: str) -> date:
    """Return the first day on which a work with that arXiv id can have been listed.

    Ids have the month in which they were assigned: a work that moderators held is numbered when it
    is released, weeks after its submission. `date.min` for ids of another form.
    """
    match = _ID_MONTH.match(key)
    if not match or not 1 <= int(match[2]) <= 12:
        return date.min
    day = date(2000 + int(match[1]), int(match[2]), 1)
    while not is_announcement_day(day):
        day += _DAY
    return day


def first_listing_day(key: str, expected: date, changed: date | None = None) -> date:
    """Return the day on which a work was listed, given the day `expected` from its submission.

    The id proves that a held work was listed later. Then the day of its last change counts, which
    is that of its listing while it has one version, unless it is more than a month later.
    """
    earliest = earliest_listing_day(key)
    if expected >= earliest or expected == changed:
        return expected
    if (
        changed
        and earliest <= changed <= earliest + _LONGEST_MONTH
        and is_announcement_day(changed)
    ):
        return changed
    return earliest


def is_listing_published(day: date, now: datetime) -> bool:
    """Whether the day's list is published: its feed is created at midnight US/Eastern."""
    return now.astimezone(ZoneInfo(EASTERN)).date() >= day


def batch_opening_day(day: date) -> date:
    """Return the US/Eastern day whose deadline opened the batch listed under `day`.

    Papers submitted before that deadline were listed on an earlier announcement day.
    """
    earlier = day - _DAY
    while not is_announcement_day(earlier):
        earlier -= _DAY
    earlier -= _DAY
    while earlier.weekday() >= _SATURDAY:
        earlier -= _DAY
    return earlier


# arXiv opened in 1991; the upper end only rejects typing errors.
_YEARS = range(1991, 3000)


@dataclass(frozen=True, slots=True)
class Period:
    """An announcement day, an ISO week or a calendar month, which an issue covers.

    `kind` is "day", "week" or "month", `key` its name ("2026-03-10", "2026-W11", "2026-03"),
    `start` and `end` its first and last day, both included.
    """

    kind: str
    key: str
    start: date
    end: date

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Parse the key of a period of any kind. Raises UsageError with what is allowed."""
        if "W" in text:
            return cls.parse_week(text)
        return cls.parse_day(text) if text.count("-") == 2 else cls.parse_month(text)

    @classmethod
    def parse_day(cls, text: str) -> "Period":
        """Parse "2026-03-10", a day with announced papers. Raises UsageError with what is allowed.

        The holidays of future years are not certain, so only weekends are refused.
        """
        match = re.fullmatch(r"([0-9]{4})-[0-9]{2}-[0-9]{2}", text.strip())
        try:
            day = date.fromisoformat(text.strip()) if match else None
        except ValueError:
            day = None
        if day is None or day.year not in _YEARS:
            raise UsageError(f"{text[:40]!r} is not a day like 2026-03-10.")
        if day.weekday() >= _SATURDAY:
            raise UsageError(f"arXiv announces no papers on weekends, and {day} is one.")
        return cls.day_of(day)

    @classmethod
    def parse_week(cls, text: str) -> "Period":
        """Parse "2026-W11". Raises UsageError with what is allowed."""
        year, week = _numbers(text, r"([0-9]{4})-W([0-9]{2})", "a week like 2026-W11")
        last = date(year, 12, 28).isocalendar().week  # ISO 8601: 28 December is in the last week
        if not 1 <= week <= last:
            raise UsageError(
                f"There is no week {text.strip()}: ISO year {year} has {last} weeks, "
                f"W01 to W{last}."
            )
        return cls.week_of(date.fromisocalendar(year, week, 1))

    @classmethod
    def parse_month(cls, text: str) -> "Period":
        """Parse "2026-03". Raises UsageError with what is allowed."""
        year, month = _numbers(text, r"([0-9]{4})-([0-9]{2})", "a month like 2026-03")
        if not 1 <= month <= 12:
            raise UsageError(f"There is no month {text.strip()}: months go from 01 to 12.")
        return cls.month_of(date(year, month, 1))

    @classmethod
    def day_of(cls, day: date) -> "Period":
        """Return the period of one day."""
        return cls("day", day.isoformat(), day, day)

    @classmethod
    def week_of(cls, day: date) -> "Period":
        """Return the ISO week of `day`; near New Year its year may differ from the day's."""
        year, week, weekday = day.isocalendar()
        start = day - timedelta(days=weekday - 1)
        return cls("week", f"{year:04}-W{week:02}", start, start + timedelta(days=6))

    @classmethod
    def month_of(cls, day: date) -> "Period":
        """Return the calendar month of `day`."""
        start = day.replace(day=1)
        following = (start + timedelta(days=31)).replace(day=1)
        return cls("month", f"{start:%Y-%m}", start, following - _DAY)

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of the period."""
        return tuple(_each_day(self.start, self.end))

    def contains(self, day: date) -> bool:
        """Whether `day` is in the period."""
        return self.start <= day <= self.end

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended in some time zone, because schedules have their own time zones.

        By then, 10:00 UTC on its last day, arXiv has published all of its listings. A day is over
        when its listing is published: nothing is added to it later.
        """
        if self.kind == "day":
            return is_listing_published(self.end, now)
        return (now.astimezone(UTC) + _EASTERNMOST).date() > self.end

    def require_begun(self, now: datetime) -> None:
        """Raise UsageError while the period has not begun anywhere on earth."""
        if (now.astimezone(UTC) + _EASTERNMOST).date() < self.start:
            raise UsageError(f"{self.key} has not begun: it starts on {self.start}.")

    def previous(self) -> "Period":
        """Return the period before this one: of a day, the announcement day before it."""
        return self._period_at(self.start, -_DAY)

    def next(self) -> "Period":
        """Return the period after this one: of a day, the announcement day after it."""
        return self._period_at(self.end, _DAY)

    def _period_at(self, day: date, step: timedelta) -> "Period":
        """Return the period of this kind that contains the day a `step` further."""
        day += step
        if self.kind == "week":
            return self.week_of(day)
        if self.kind == "month":
            return self.month_of(day)
        while not is_announcement_day(day):
            day += step
        return self.day_of(day)


def _numbers(text: str, pattern: str, wanted: str) -> tuple[int, int]:
    match = re.fullmatch(pattern, text.strip())
    if not match:
        raise UsageError(f"{text[:40]!r} is not {wanted}.")
    year, number = int(match[1]), int(match[2])
    if year not in _YEARS:
        raise UsageError(f"The year of {text.strip()} is not from {_YEARS[0]} to {_YEARS[-1]}.")
    return year, number
