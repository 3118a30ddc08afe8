"""Deadlines are shown in the time zone of the reader, also where they cross midnight."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.digest import documents
from tracker.calendar import Period
from tracker.digest.monthly.month_parts import MonthFacts
from tracker.digest.render.pages import render_pages
from tracker.pipeline.issue import sections
from tracker.pipeline.issue.report.local_deadlines import list_local_deadlines
from tracker.records import Deadline
from tracker.resources import templates_folder
from tracker.settings import Config
from tracker.sources import deadlines
from tracker.store import feed_items
from tracker.store.database import Database

# The end of 31 March anywhere on Earth.
AOE = Deadline(
    "OAKS", 2026, "paper", date(2026, 3, 31), datetime(2026, 4, 1, 11, 59, 59, tzinfo=UTC), "AoE"
)
APRIL = (date(2026, 4, 1), date(2026, 4, 30))


def in_zone(config: Config, zone: str) -> Config:
    return replace(config, digest=replace(config.digest, timezone=zone))


@pytest.mark.parametrize(
    ("zone", "day", "time"),
    [
        ("UTC", 1, "11:59 UTC"), ("Asia/Shanghai", 1, "19:59 Asia/Shanghai"),
        ("America/Los_Angeles", 1, "04:59 America/Los_Angeles"),
        ("Pacific/Kiritimati", 2, "01:59 Pacific/Kiritimati"),
    ],
)  # fmt: skip
def test_the_end_of_a_day_anywhere_on_earth_is_the_next_day_elsewhere(
    db: Database, config: Config, zone: str, day: int, time: str
) -> None:
    feed_items.upsert_deadlines(db, [AOE])
    (found,) = list_local_deadlines(db, in_zone(config, zone), *APRIL)
    assert (found.day, found.time) == (date(2026, 4, day), time)


def test_a_day_belongs_to_the_month_in_which_it_ends_for_the_reader(
    db: Database, config: Config
) -> None:
    feed_items.upsert_deadlines(db, [AOE])
    west = in_zone(config, "Pacific/Pago_Pago")  # one hour ahead of anywhere on Earth
    assert list_local_deadlines(db, west, *APRIL)
    midway = in_zone(config, "Etc/GMT+12")
    assert not list_local_deadlines(db, midway, *APRIL)
    (last,) = list_local_deadlines(db, midway, date(2026, 3, 31), date(2026, 3, 31))
    assert last.time == "23:59 Etc/GMT+12"


def test_without_a_time_the_day_is_the_published_one(db: Database, config: Config) -> None:
    feed_items.upsert_deadlines(db, [replace(AOE, at=None)])
    day = date(2026, 3, 31)
    (found,) = list_local_deadlines(db, in_zone(config, "Asia/Shanghai"), day, day)
    assert (found.day, found.time) == (day, "")


@pytest.mark.parametrize(
    ("zone", "paper", "abstract"),
    [
        ("Asia/Shanghai", "1 Apr 2026, 19:59 Asia/Shanghai", "27 Mar 2026, 19:59 Asia"),
        ("America/Los_Angeles", "1 Apr 2026, 04:59 America/Los_Angeles",
         "27 Mar 2026, 04:59 America/Los_Angeles"),
    ],
)  # fmt: skip
def test_a_report_shows_real_deadlines_in_the_zone_of_the_setting(
    db: Database, config: Config, shared_data: Path, zone: str, paper: str, abstract: str
) -> None:
    file = shared_data / "conferences" / "deadlines" / "colm.yml"
    page = deadlines.parse(file.read_bytes())
    feed_items.upsert_deadlines(db, [one for one in page.records if isinstance(one, Deadline)])
    news = sections.list_venue_news(db, in_zone(config, zone), Period.parse_month("2026-02"))
    document = replace(documents.monthly(), venues=news, month=MonthFacts((), 0, None))
    for page_text in render_pages(document, templates_folder()).values():
        text = " ".join(page_text.replace("\\", "").split())
        assert f"submissions close {paper}" in text
        assert f"abstracts close {abstract}" in text
