"""Listing pages: which are requested, how many, and what they prove."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.faults.arxiv_in_process import ArxivWorld
from tests.faults.arxiv_server import Record
from tests.sources.tasks import records, task
from tracker.errors import SourceMalformed, SourceRefused
from tracker.records import Listing, ListingComplete, Page
from tracker.settings import ListingSource
from tracker.sources.arxiv_listings import NAME, read_pages

TODAY = date(2026, 3, 11)
YESTERDAY = date(2026, 3, 10)
CATEGORIES = ("cs.CL", "cs.LG", "stat.ML")
SETTINGS = ListingSource(url="https://arxiv.example")


def batch(day: date, count: int) -> list[Record]:
    """Papers listed on a day, in the three categories by turns."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=1)
    return [
        Record(f"2603.{day.day:02}{n:03}" if count < 1000 else f"2603.{n:05}", noon,
               categories=(CATEGORIES[n % 3],))
        for n in range(count)
    ]  # fmt: skip


def read(world: ArxivWorld, *days: date, **settings: int) -> list[Page]:
    due = tuple((day, category) for day in days for category in CATEGORIES)
    wanted = task(NAME, replace(SETTINGS, **settings), until=TODAY, days=due)
    return list(read_pages(world, wanted))  # type: ignore[arg-type]


def completed(pages: list[Page]) -> set[tuple[date, str]]:
    found = [record for record in records(pages) if isinstance(record, ListingComplete)]
    return {(record.day, category) for record in found for category in record.categories}


def test_the_newest_day_costs_one_request_for_each_category() -> None:
    world = ArxivWorld(batch(TODAY, 1500), TODAY)
    pages = read(world, TODAY)
    assert completed(pages) == {(TODAY, name) for name in CATEGORIES}
    assert sum(isinstance(record, Listing) for record in records(pages)) == 1500
    assert len(world.requests) == 3


def test_more_days_than_requests_wait_and_the_newest_come_first() -> None:
    world = ArxivWorld(batch(TODAY, 9), TODAY)
    days = [date(2026, 3, day) for day in (11, 10, 9, 6, 5, 4, 3)]
    pages = read(world, *days)
    assert len(world.requests) == SETTINGS.max_requests == 12
    assert {day for day, _ in completed(pages)} == set(days[:4])


def test_a_stale_page_proves_its_own_day_and_the_catch_up_page_the_requested_one() -> None:
    world = ArxivWorld(batch(TODAY, 3) + batch(YESTERDAY, 3), TODAY, {"listings": "stale"})
    pages = read(world, TODAY, YESTERDAY)
    assert completed(pages) == {(day, name) for day in (TODAY, YESTERDAY) for name in CATEGORIES}
    assert len(world.requests) == 6


def test_a_page_with_fewer_entries_than_it_says_proves_nothing_but_keeps_them() -> None:
    world = ArxivWorld(batch(TODAY, 9), TODAY, {"listings": "short"})
    world.records = [replace(record, categories=("cs.CL",)) for record in world.records]
    pages = read(world, TODAY)
    assert (TODAY, "cs.CL") not in completed(pages)
    assert any(isinstance(record, Listing) for record in records(pages))
    assert any("of 9 entries" in reason for page in pages for reason in page.skipped)


def test_a_cut_page_of_one_category_is_reported_after_the_others() -> None:
    world = ArxivWorld(batch(TODAY, 9), TODAY, {"listings": "cut"})
    with pytest.raises(SourceMalformed, match="cut"):
        read(world, TODAY)
    assert {path.split("/")[2] for path in world.requests} == set(CATEGORIES)


def test_a_refusal_ends_the_source_at_once() -> None:
    world = ArxivWorld(batch(TODAY, 9), TODAY, {"listings": "refused"})
    with pytest.raises(SourceRefused):
        read(world, TODAY, YESTERDAY)
    assert len(world.requests) == 1
