"""Due dates day by day, and the errors of invalid schedule files."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import ConfigError
from tracker.scheduling.schedules import Job, due_keys, due_time, load_jobs, next_due

VERBS = ("crawl", "digest", "report", "send", "backup", "cleanup")
SHIPPED = Path(__file__).parents[2] / "schedules"
CRAWL = Job("crawl", "crawl", "announcement-day", time(0, 30), "America/New_York", catch_up=10)
WEEKLY = Job("weekly", "digest", "week", time(8), "UTC", catch_up=2)
MONTHLY = Job("monthly", "report", "month", time(9), "UTC")


def never_done(_key: str) -> bool:
    return False


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def newest(job: Job, now: datetime) -> str:
    return due_keys(job, now, never_done)[-1]


@pytest.mark.parametrize(
    ("now", "key"),
    [
        ("2026-03-10 00:29", "2026-03-09"),  # Tuesday's listing is not due yet
        ("2026-03-10 00:30", "2026-03-10"),
        ("2026-03-14 12:00", "2026-03-13"),  # Saturday and Sunday list nothing
        ("2026-03-15 23:59", "2026-03-13"),
        ("2026-01-20 12:00", "2026-01-19"),  # nor does the day after Martin Luther King Day
        ("2026-01-21 00:30", "2026-01-21"),
    ],
)
def test_a_crawl_is_due_from_its_time_on_announcement_days(now: str, key: str) -> None:
    assert newest(CRAWL, at(now, "America/New_York")) == key


def test_missed_crawls_are_due_oldest_first() -> None:
    done = {"2026-03-05", "2026-03-06", "2026-03-09"}
    job = replace(CRAWL, catch_up=6)
    assert due_keys(job, at("2026-03-12 06:00"), done.__contains__) == (
        "2026-03-10",
        "2026-03-11",
        "2026-03-12",
    )


def test_keys_older_than_the_catch_up_are_skipped() -> None:
    job = replace(CRAWL, catch_up=2)
    assert due_keys(job, at("2026-03-12 06:00"), never_done) == ("2026-03-11", "2026-03-12")


def test_a_holiday_is_never_due() -> None:
    keys = due_keys(replace(CRAWL, catch_up=20), at("2026-01-23 12:00"), never_done)
    assert "2026-01-19" in keys
    assert "2026-01-20" not in keys  # the evening of Martin Luther King Day
    assert "2026-01-01" in keys
    assert "2026-01-02" not in keys  # the evening of New Year's Day


def test_a_listing_is_not_requested_before_it_exists_in_eastern_time_zones() -> None:
    """08:00 in Taipei is 19:00 or 20:00 of the day before in New York."""
    job = replace(CRAWL, at=time(8), timezone="Asia/Taipei")
    assert newest(job, at("2026-03-11 09:00", "Asia/Taipei")) == "2026-03-10"
    assert newest(job, at("2026-03-11 11:59", "Asia/Taipei")) == "2026-03-10"
    assert newest(job, at("2026-03-11 12:00", "Asia/Taipei")) == "2026-03-11"


@pytest.mark.parametrize(
    ("now", "key"),
    [
        ("2026-03-16 07:59", "2026-W10"),
        ("2026-03-16 08:00", "2026-W11"),  # 16 March 2026 is a Monday
        ("2026-03-22 23:59", "2026-W11"),
        ("2021-01-04 08:00", "2020-W53"),
        ("2027-01-03 23:59", "2026-W52"),  # still within W53, which began on 28 December
        ("2027-01-04 08:00", "2026-W53"),
        ("2025-12-29 08:00", "2025-W52"),  # a Monday that belongs to ISO year 2026
    ],
)
def test_a_week_is_due_on_the_monday_after_it(now: str, key: str) -> None:
    assert newest(WEEKLY, at(now)) == key


@pytest.mark.parametrize(
    ("job", "now", "key", "due"),
    [
        (CRAWL, "2026-03-13 12:00", "2026-03-16", "2026-03-16 04:30"),  # after a weekend
        (CRAWL, "2026-03-06 12:00", "2026-03-09", "2026-03-09 04:30"),  # after a clock change
        (WEEKLY, "2026-03-16 07:59", "2026-W11", "2026-03-16 08:00"),
        (WEEKLY, "2026-03-16 08:00", "2026-W12", "2026-03-23 08:00"),
        (WEEKLY, "2026-12-31 08:00", "2026-W53", "2027-01-04 08:00"),
    ],
)
def test_the_next_time_of_a_job(job: Job, now: str, key: str, due: str) -> None:
    assert next_due(job, at(now)) == (key, at(due))
    assert due_time(job, key) == at(due)


@pytest.mark.parametrize("weekday", range(7))
def test_the_weekday_of_a_schedule_matches_the_calendar(tmp_path: Path, weekday: int) -> None:
    """APScheduler's crontab would call Monday 0 and cron 1; a name leaves no doubt."""
    day = datetime(2026, 3, 16 + weekday, 8, tzinfo=UTC)
    write(tmp_path, {"every": "week", "on": f"{day:%a}".lower()})
    (job,) = load_jobs(tmp_path, VERBS)
    assert newest(job, day - timedelta(minutes=1)) == "2026-W10"
    assert newest(job, day) == "2026-W11"


@pytest.mark.parametrize(
    ("on", "now", "key"),
    [
        (1, "2026-04-01 08:59", "2026-02"),
        (1, "2026-04-01 09:00", "2026-03"),
        (1, "2026-01-01 09:00", "2025-12"),
        (28, "2026-02-28 08:59", "2025-12"),
        (28, "2026-02-28 09:00", "2026-01"),
    ],
)
def test_a_month_is_due_on_its_day_of_the_month_after(on: int, now: str, key: str) -> None:
    assert newest(replace(MONTHLY, offset=on - 1), at(now)) == key


# Clocks: New York skips 02:00-03:00 on 8 March 2026 and repeats 01:00-02:00 on 1 November;
# Berlin skips 02:00-03:00 on 29 March and repeats 02:00-03:00 on 25 October. All are Sundays.
@pytest.mark.parametrize(
    ("zone", "wall", "before", "from_then_on"),
    [
        ("America/New_York", time(2, 30), "2026-03-08 07:29", "2026-03-08 07:30"),  # 03:30 EDT
        ("Europe/Berlin", time(2, 30), "2026-03-29 01:29", "2026-03-29 01:30"),  # 03:30 CEST
        (
            "America/New_York",
            time(1, 30),
            "2026-11-01 05:29",
            "2026-11-01 05:30",
        ),  # the first 01:30
        ("Europe/Berlin", time(2, 30), "2026-10-25 00:29", "2026-10-25 00:30"),  # the first 02:30
    ],
)
def test_a_clock_change_neither_skips_nor_repeats_a_key(
    zone: str, wall: time, before: str, from_then_on: str
) -> None:
    job = Job("weekly", "digest", "week", wall, zone, offset=6)
    assert newest(job, at(before)) != newest(job, at(from_then_on))
    key = newest(job, at(from_then_on))
    for minutes in range(0, 24 * 60, 30):
        later = at(from_then_on) + timedelta(minutes=minutes)
        assert newest(job, later) == key
        assert due_keys(job, later, {key}.__contains__) == ()


def completed_keys(job: Job, start: datetime, steps: Sequence[int]) -> list[str]:
    """The keys done, in order, when the ticks after `start` are so many minutes apart."""
    done = list(due_keys(job, start, never_done))
    for minutes in accumulate(steps):
        done += due_keys(job, start + timedelta(minutes=minutes), done.__contains__)
    return done


@given(
    job=st.sampled_from([CRAWL, WEEKLY, MONTHLY, replace(WEEKLY, timezone="Europe/Berlin")]),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    steps=st.lists(st.integers(0, 4 * 24 * 60), max_size=8),
)
def test_every_key_is_done_once_and_in_order_at_any_tick_times(
    job: Job, start: datetime, steps: list[int]
) -> None:
    irregular = completed_keys(job, start, steps)
    hours, rest = divmod(sum(steps), 12 * 60)
    assert irregular == completed_keys(job, start, [12 * 60] * hours + [rest])
    assert irregular == sorted(set(irregular))


def test_the_shipped_schedules_crawl_daily_compose_weekly_and_monthly_and_then_send() -> None:
    jobs = {job.name: job for job in load_jobs(SHIPPED, VERBS)}
    now = at("2026-04-01 12:00")
    assert {name: newest(job, now) for name, job in jobs.items()} == {
        "backup": "2026-04-01",
        "cleanup": "2026-02",  # on the second day of a month
        "crawl": "2026-04-01",
        "daily": "2026-04-01",
        "daily-send": "2026-04-01",
        "weekly": "2026-W13",
        "weekly-send": "2026-W13",
        "monthly": "2026-03",
        "monthly-send": "2026-03",
    }
    order = list(jobs)
    assert order.index("crawl") < order.index("daily") < order.index("daily-send")
    assert order.index("weekly") < order.index("weekly-send")
    assert order.index("monthly") < order.index("monthly-send")


def write(folder: Path, changes: Mapping[str, object], file: str = "job.toml") -> None:
    table: dict[str, object] = {
        "name": "one",
        "verb": "digest",
        "every": "announcement-day",
        "at": "08:00",
        "timezone": "UTC",
        **changes,
    }
    lines = [f"{key} = {_toml(value)}" for key, value in table.items() if value is not None]
    (folder / file).write_text("\n".join(lines), encoding="utf-8")


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"verb": "dance"}, "verb cannot be 'dance', it is one of crawl, digest, report"),
        ({"verb": ["crawl"]}, "verb cannot be ['crawl'], it is one of crawl, digest, report"),
        ({"every": "day"}, "every cannot be 'day', it is one of announcement-day, week, month"),
        ({"at": "8am"}, "at cannot be '8am', write a time like \"08:00\""),
        ({"at": "24:00"}, "at cannot be '24:00', write a time like \"08:00\""),
        ({"at": 8}, 'at cannot be 8, write a time like "08:00"'),
        ({"timezone": "Mars"}, "there is no time zone 'Mars', write one like Europe/Berlin"),
        ({"timezone": "America"}, "there is no time zone 'America', write one like Europe/Berlin"),
        ({"timezone": "../UTC"}, "there is no time zone '../UTC', write one like Europe/Berlin"),
        ({"timezone": None}, "'timezone' is missing"),
        ({"name": ""}, "name must be text, not ''"),
        ({"colour": "red"}, "there is no key 'colour', only name, verb, every, at, timezone, on, "),
        ({"on": "mon"}, "on has no meaning for an announcement-day"),
        ({"every": "week"}, "on cannot be None, it is one of mon, tue, wed, thu, fri, sat, sun"),
        ({"every": "week", "on": 1}, "on cannot be 1, it is one of mon, tue, wed, thu, fri, sat"),
        ({"every": "month", "on": 31}, "on must be a whole number from 1 to 28, not 31"),
        ({"every": "month", "on": True}, "on must be a whole number from 1 to 28, not True"),
        ({"catch_up": 0}, "catch_up must be a whole number from 1 to 60, not 0"),
    ],
)
def test_an_invalid_schedule_is_reported_in_one_sentence(
    tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    write(tmp_path, changes)
    with pytest.raises(ConfigError) as caught:
        load_jobs(tmp_path, VERBS)
    assert str(caught.value).startswith(f"The schedule job.toml cannot be used: {sentence}")


def test_an_error_in_toml_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text("name = one\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"job\.toml cannot be used: Invalid value .*line 1"):
        load_jobs(tmp_path, VERBS)


def test_a_duplicate_name_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {}, "a.toml")
    write(tmp_path, {}, "b.toml")
    with pytest.raises(ConfigError, match=r"b\.toml repeats the name 'one'"):
        load_jobs(tmp_path, VERBS)


def test_a_folder_without_schedules_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no schedule"):
        load_jobs(tmp_path / "missing", VERBS)


UNITS = sorted((SHIPPED / "systemd").iterdir())


def test_the_timer_runs_one_tick_and_the_service_runs_until_stopped() -> None:
    texts = {unit.name: unit.read_text(encoding="utf-8") for unit in UNITS}
    assert re.search(r"^ExecStart=\S+/tracker run$", texts["tracker.service"], re.M)
    assert re.search(r"^ExecStart=\S+/tracker run --once$", texts["tracker-run.service"], re.M)
    assert "Persistent=true" in texts["tracker-run.timer"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_accepts_every_line_of_the_units() -> None:
    """The only message allowed is that tracker itself is not installed on this machine."""
    command = ["systemd-analyze", "verify", "--man=no", *map(str, UNITS)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    messages = [line for line in run.stderr.splitlines() if "is not executable" not in line]
    assert messages == []
