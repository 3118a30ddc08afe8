"""The announcement calendar against arXiv's published table, real listings, and ISO 8601."""

import gzip
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.calendar import (
    Period,
    announcement_day,
    announcement_days,
    first_listing_day,
    holiday_evenings,
    is_announcement_day,
    to_local_time,
)
from tracker.errors import ConfigError, UsageError

EASTERN = ZoneInfo("America/New_York")


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN).astimezone(UTC)


@pytest.mark.parametrize(
    ("submitted", "listed"),
    [
        ("2026-03-09 13:59", "2026-03-10"),  # Monday before the deadline: listed on Tuesday
        ("2026-03-09 14:00", "2026-03-11"),  # the deadline itself belongs to the next batch
        ("2026-03-10 13:59", "2026-03-11"),
        ("2026-03-11 14:00", "2026-03-13"),
        ("2026-03-12 13:59", "2026-03-13"),
        ("2026-03-12 14:00", "2026-03-16"),  # Thursday evening to Friday: announced on Sunday
        ("2026-03-13 13:59", "2026-03-16"),
        ("2026-03-13 14:00", "2026-03-17"),  # the weekend's batch
        ("2026-03-14 09:00", "2026-03-17"),
        ("2026-03-15 23:00", "2026-03-17"),
        ("2026-03-16 13:59", "2026-03-17"),
    ],
)
def test_a_week_follows_arxivs_table(submitted: str, listed: str) -> None:
    assert announcement_day(eastern(submitted)) == date.fromisoformat(listed)


@pytest.mark.parametrize(
    ("submitted", "listed"),
    [
        ("2026-01-19 10:00", "2026-01-21"),  # Martin Luther King Day, a Monday
        ("2026-11-26 10:00", "2026-11-30"),  # Thanksgiving, a Thursday
        ("2026-11-25 13:00", "2026-11-26"),  # the evening before still announces
        ("2025-12-25 10:00", "2025-12-29"),
        ("2025-12-31 10:00", "2026-01-01"),
        ("2026-12-31 10:00", "2027-01-04"),  # and New Year's Day 2027 is a Friday
        ("2024-12-25 10:00", "2024-12-30"),  # two evenings in a row, then the weekend
        ("2026-07-02 15:00", "2026-07-06"),  # a Friday holiday defers nothing
    ],
)
def test_a_holiday_evening_defers_its_batch(submitted: str, listed: str) -> None:
    assert announcement_day(eastern(submitted)) == date.fromisoformat(listed)


@pytest.mark.parametrize(
    ("utc", "listed"),
    [
        ("2026-03-06 18:59", "2026-03-09"),  # 14:00 is 19:00 UTC in winter …
        ("2026-03-06 19:00", "2026-03-10"),
        ("2026-03-09 17:59", "2026-03-10"),  # … and 18:00 UTC from 8 March on
        ("2026-03-09 18:00", "2026-03-11"),
        ("2026-11-02 18:30", "2026-11-03"),  # clocks went back on 1 November
    ],
)
def test_the_deadline_moves_with_eastern_time(utc: str, listed: str) -> None:
    instant = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert announcement_day(instant) == date.fromisoformat(listed)


def test_an_instant_without_a_zone_is_rejected() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        announcement_day(datetime(2026, 3, 9, 12))


instants = st.datetimes(
    min_value=datetime(1992, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC)
)


@given(instants)
def test_every_paper_is_listed_on_an_announcement_day_soon_after(submitted: datetime) -> None:
    listed = announcement_day(submitted)
    assert is_announcement_day(listed)
    assert timedelta(days=1) <= listed - submitted.astimezone(EASTERN).date() <= timedelta(days=7)


@given(instants, st.timedeltas(min_value=timedelta(), max_value=timedelta(days=9)))
def test_a_later_paper_is_never_listed_earlier(submitted: datetime, later: timedelta) -> None:
    assert announcement_day(submitted) <= announcement_day(submitted + later)


@given(instants)
def test_no_announcement_day_is_without_a_batch(submitted: datetime) -> None:
    """Between the listings of two papers a day apart there is no announcement day left empty."""
    first, second = announcement_day(submitted), announcement_day(submitted + timedelta(days=1))
    assert len(announcement_days(first, second)) <= 2


def test_announcement_days_include_both_ends() -> None:
    days = announcement_days(date(2026, 1, 16), date(2026, 1, 22))
    assert [day.isoformat() for day in days] == [
        "2026-01-16",
        "2026-01-19",
        "2026-01-21",
        "2026-01-22",
    ]
    assert announcement_days(date(2026, 1, 22), date(2026, 1, 16)) == ()


def test_a_year_that_is_not_published_follows_the_rule() -> None:
    assert {day.strftime("%m-%d") for day in holiday_evenings(2027)} == {
        "01-01",
        "01-18",
        "06-18",  # the 19th is a Saturday
        "07-05",  # the 4th is a Sunday
        "09-06",
        "11-25",
        "12-24",
        "12-31",
    }


def test_juneteenth_is_a_holiday_since_2021() -> None:
    assert is_announcement_day(date(2019, 6, 20))
    assert not is_announcement_day(date(2024, 6, 20))


@cache
def papers_by_day(folder: Path) -> Counter[date]:
    """Papers of the real metadata by the day of their newest listing."""
    days: Counter[date] = Counter()
    for file in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            days.update(date.fromisoformat(json.loads(line)["update_date"]) for line in lines)
    return days


# In July 2025 the metadata is dated by the evening of the announcement instead of the day after:
# Sundays are full and Fridays empty.
EVENING_DATED = set(Period("span", "", date(2025, 7, 7), date(2025, 7, 27)).days)
TOUCHED_UP = {date(2025, 12, 13)}  # a Saturday, with a tenth of the papers of an announcement


def test_the_days_without_papers_are_not_announcement_days(shared_data: Path) -> None:
    listed = papers_by_day(shared_data / "arxiv")
    expected = set(announcement_days(min(listed), max(listed)))
    assert set(listed) - EVENING_DATED - TOUCHED_UP == expected - EVENING_DATED


def test_the_deferred_sunday_of_july_2025_is_in_the_evening_dates(shared_data: Path) -> None:
    """No Sunday evening, and the batches of two evenings on the Monday."""
    listed = papers_by_day(shared_data / "arxiv")
    assert listed[date(2025, 7, 6)] == 0
    assert listed[date(2025, 7, 7)] > listed[date(2025, 7, 13)] + listed[date(2025, 7, 14)]
    assert announcement_day(eastern("2025-07-04 10:00")) == date(2025, 7, 8)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-W11", "2026-03-09", "2026-03-15"),
        ("2026-W01", "2025-12-29", "2026-01-04"),
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("2026-W53", "2026-12-28", "2027-01-03"),
        (" 2021-W01 ", "2021-01-04", "2021-01-10"),
    ],
)
def test_a_week_follows_iso_8601(text: str, start: str, end: str) -> None:
    week = Period.parse_week(text)
    assert (week.start.isoformat(), week.end.isoformat()) == (start, end)
    assert (week.kind, week.key) == ("week", text.strip())
    assert len(week.days) == 7


@pytest.mark.parametrize(
    ("text", "end"),
    [("2026-03", "2026-03-31"), ("2024-02", "2024-02-29"), ("2025-12", "2025-12-31")],
)
def test_a_month_ends_on_its_last_day(text: str, end: str) -> None:
    month = Period.parse_month(text)
    assert (month.kind, month.key, month.start.day) == ("month", text, 1)
    assert month.end.isoformat() == end
    assert month.days[-1] == month.end


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-W60", "There is no week 2026-W60: ISO year 2026 has 53 weeks, W01 to W53."),
        ("2025-W53", "There is no week 2025-W53: ISO year 2025 has 52 weeks, W01 to W52."),
        ("2026-W00", "There is no week 2026-W00: ISO year 2026 has 53 weeks, W01 to W53."),
        ("2026-11", "'2026-11' is not a week like 2026-W11."),
        ("2026-w11", "'2026-w11' is not a week like 2026-W11."),
        ("٢٠٢٦-W11", "'٢٠٢٦-W11' is not a week like 2026-W11."),
        ("9999-W52", "The year of 9999-W52 is not from 1991 to 2999."),
        ("", "'' is not a week like 2026-W11."),
    ],
)
def test_an_invalid_week_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        Period.parse_week(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-13", "There is no month 2026-13: months go from 01 to 12."),
        ("2026-00", "There is no month 2026-00: months go from 01 to 12."),
        ("2026-3", "'2026-3' is not a month like 2026-03."),
        ("1066-10", "The year of 1066-10 is not from 1991 to 2999."),
    ],
)
def test_an_invalid_month_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        Period.parse_month(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-03-14", "arXiv announces no papers on weekends, and 2026-03-14 is one."),
        ("2026-02-30", "'2026-02-30' is not a day like 2026-03-10."),
        ("2026-3-10", "'2026-3-10' is not a day like 2026-03-10."),
        ("1066-10-14", "'1066-10-14' is not a day like 2026-03-10."),
        ("20260310", "'20260310' is not a day like 2026-03-10."),
    ],
)
def test_an_invalid_day_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        Period.parse_day(text)
    assert str(caught.value) == sentence


def test_days_follow_each_other_over_weekends_and_holidays() -> None:
    friday = Period.parse_day("2026-01-16")
    assert friday.next().key == "2026-01-19"
    assert friday.next().next().key == "2026-01-21"  # no announcement on 19 January
    assert friday.next().next().previous() == friday.next()


@pytest.mark.parametrize("key", ["2026-03-10", "2026-W11", "2026-03"])
def test_a_period_of_any_kind_is_read_from_its_key(key: str) -> None:
    assert Period.parse(key).key == key


def test_a_day_is_over_when_its_list_is_published() -> None:
    day = Period.parse_day("2026-03-10")
    assert not day.is_over(datetime(2026, 3, 10, 3, 59, tzinfo=UTC))
    assert day.is_over(datetime(2026, 3, 10, 4, tzinfo=UTC))  # midnight in New York


days = st.dates(min_value=date(1992, 1, 1), max_value=date(2990, 1, 1))


@given(days)
def test_every_day_lies_in_its_week_and_month_and_these_can_be_read_back(day: date) -> None:
    week, month = Period.week_of(day), Period.month_of(day)
    assert week.contains(day)
    assert month.contains(day)
    assert not week.contains(week.end + timedelta(days=1))
    assert Period.parse_week(week.key) == week
    assert Period.parse_month(month.key) == month


@given(days)
def test_periods_follow_each_other_without_gap(day: date) -> None:
    for period in (Period.week_of(day), Period.month_of(day)):
        assert period.next().start == period.end + timedelta(days=1)
        assert period.next().previous() == period
        assert period.previous().next() == period


@pytest.mark.parametrize(
    ("now", "over"),
    [
        ("2026-03-15T09:59+00:00", False),
        ("2026-03-15T10:00+00:00", True),  # Monday has begun on Kiritimati
        ("2026-03-16T07:00+08:00", True),
        ("2026-03-15T05:00-05:00", True),
        ("2026-03-14T23:00-05:00", False),
    ],
)
def test_a_week_is_over_when_monday_has_begun_somewhere(now: str, over: bool) -> None:
    assert Period.parse_week("2026-W11").is_over(datetime.fromisoformat(now)) is over


def test_an_instant_is_shown_in_the_configured_time_zone() -> None:
    now = datetime(2026, 3, 15, 23, 30, tzinfo=UTC)
    assert to_local_time(now, "UTC").date() == date(2026, 3, 15)
    assert to_local_time(now, "Asia/Taipei").date() == date(2026, 3, 16)
    with pytest.raises(ConfigError, match="there is no time zone 'Mars/Base'"):
        to_local_time(now, "Mars/Base")


@pytest.mark.parametrize(
    ("key", "expected", "changed", "listed"),
    [
        ("2603.04512", "2026-02-11", "2026-03-06", "2026-03-06"),  # held, and not changed since
        ("2603.04512", "2026-02-11", None, "2026-03-02"),
        ("2603.04512", "2026-02-11", "2026-09-01", "2026-03-02"),  # changed long after
        ("2603.04512", "2026-02-11", "2026-03-07", "2026-03-02"),  # changed on a Saturday
        ("2603.04512", "2026-02-11", "2026-02-11", "2026-02-11"),  # both days agree
        ("2603.00012", "2026-03-03", "2026-03-05", "2026-03-03"),  # not held
        ("2602.24012", "2026-03-03", None, "2026-03-03"),  # numbered in the month before
        ("math/0309136", "2003-09-09", None, "2003-09-09"),
        ("2613.00001", "2026-02-11", None, "2026-02-11"),
    ],
)
def test_a_work_is_not_listed_before_the_month_of_its_id(
    key: str, expected: str, changed: str | None, listed: str
) -> None:
    stamp = date.fromisoformat(changed) if changed else None
    found = first_listing_day(key, date.fromisoformat(expected), stamp)
    assert found == date.fromisoformat(listed)
