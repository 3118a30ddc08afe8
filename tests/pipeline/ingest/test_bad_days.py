"""The ledger never lies: stale, lagging, truncated and refusing sources over ten days."""

import random
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.faults.arxiv_in_process import BEHAVIOURS, ArxivWorld
from tests.faults.arxiv_server import Record
from tracker.calendar import batch_opening_day, is_announcement_day
from tracker.config import load
from tracker.models import Paper
from tracker.pipeline.ingest import completeness, crawl
from tracker.pipeline.ingest.crawl import CrawlOptions, CrawlWindow, crawl_sources
from tracker.records import CompletenessDay
from tracker.settings import Config
from tracker.sources import arxiv_api
from tracker.store import papers
from tracker.store.database import Database, open_database

SCRIPTS, PARTS = 500, 10
FIRST = date(2026, 3, 9)  # a Monday
DAYS = [FIRST + timedelta(days=n) for n in range(10)]
CRAWLED = [day for day in DAYS if day.weekday() != 5]  # on a Saturday nothing changes
CATEGORIES = ("cs.CL", "cs.LG")
LISTED = (("cs.CL",), ("cs.LG",), ("cs.CL", "cs.LG"), ("cs.LG", "cs.CL"))
SOURCES = ("arxiv_rss", "arxiv_api", "arxiv_oai", "arxiv_listings")


def config_of(home: Path) -> Config:
    settings = {f"sources.{source}.categories": list(CATEGORIES) for source in SOURCES}
    names = {"arxiv_rss": "rss", "arxiv_api": "api", "arxiv_oai": "oai", "arxiv_listings": ""}
    settings |= {f"sources.{name}.url": f"http://arxiv.example/{at}" for name, at in names.items()}
    return load(home, environ={}, overrides=settings)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "tracker.db"
    with open_database(path):
        pass
    return path


def invented_papers(dice: random.Random) -> list[Record]:
    """One to four papers for each announcement day, numbered in order."""
    found: list[Record] = []
    for day in filter(is_announcement_day, [FIRST - timedelta(days=3), *DAYS]):
        opened = datetime.combine(batch_opening_day(day), time(20), UTC)
        for _ in range(dice.randint(1, 4)):
            submitted = opened + timedelta(minutes=len(found))
            categories = dice.choice(LISTED)
            found.append(Record(f"2603.{1000 + len(found):05}", submitted, categories=categories))
    return found


def crawl_day(db: Database, config: Config, world: ArxivWorld, day: date) -> None:
    world.today = day
    now = datetime.combine(day, time(12), UTC)
    window = CrawlWindow(min(DAYS[0], day), day)
    crawl_sources(db, config, window, now=now, options=CrawlOptions(SOURCES))


def load_stored(db: Database, world: ArxivWorld) -> dict[str, Paper]:
    found = papers.load_by_key(db, [record.id for record in world.records])
    return {paper.id: paper for paper in found.values()}


def papers_of(world: ArxivWorld, entry: CompletenessDay) -> set[str]:
    """The ids that arXiv listed on a day in a category."""
    return {
        record.id
        for record in world.records
        if record.listed == entry.day and entry.category in record.categories
    }


def assert_no_lie(db: Database, config: Config, world: ArxivWorld, script: str) -> None:
    """No day is complete or closed while a paper of it is not stored."""
    now = datetime.combine(world.today, time(13), UTC)
    stored = set(load_stored(db, world))
    for entry in completeness.list_days(db, config, now):
        due = papers_of(world, entry)
        if entry.state in ("complete", "closed"):
            assert due <= stored, f"{script}: {entry} lacks {due - stored}"
            assert entry.state == "complete" or not due, f"{script}: {entry}"


def assert_right(db: Database, config: Config, world: ArxivWorld, source: str, script: str) -> None:
    """What the source that recovered can prove is recorded, and correctly."""
    now = datetime.combine(world.today, time(13), UTC)
    stored = load_stored(db, world)
    since = [record for record in world.records if record.listed >= FIRST]
    if source in ("api", "oai"):
        assert {record.id for record in since} <= set(stored), script
    if source == "oai":
        assert {r.id: stored[r.id].announced for r in since} == {r.id: r.listed for r in since}
    if source in ("oai", "listings"):
        for entry in completeness.list_days(db, config, now, since=FIRST):
            if is_announcement_day(entry.day):
                assert_counted(entry, papers_of(world, entry), set(stored), source, script)


def assert_counted(
    entry: CompletenessDay, due: set[str], stored: set[str], source: str, script: str
) -> None:
    """The day is counted: complete, or with the number of missing papers."""
    lacking = due - stored
    if not due and source == "oai":  # a harvest proves no holiday
        return
    assert (entry.state == "complete") == (not lacking), f"{script}: {entry} lacks {lacking}"
    assert entry.missing == len(lacking), f"{script}: {entry} lacks {lacking}"
    assert entry.expected is not None
    if "arxiv_listings" in entry.by:
        assert entry.expected == len(due), f"{script}: {entry}"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> ArxivWorld:
    """arXiv in this process, in the place of the network."""
    found = ArxivWorld([], FIRST)
    monkeypatch.setattr(crawl, "Client", lambda *_, **__: found)
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_no_script_of_faults_makes_the_ledger_lie(
    part: int, world: ArxivWorld, empty_store: Path, tmp_path: Path
) -> None:
    config = config_of(tmp_path)
    for number in range(part * SCRIPTS // PARTS, (part + 1) * SCRIPTS // PARTS):
        dice = random.Random(number)
        world.records = invented_papers(dice)
        shutil.copy(empty_store, config.database)
        sick = {name: dice.choice([0.3, 0.7, 1.0]) for name in BEHAVIOURS}
        with open_database(config.database) as db:
            db.execute("PRAGMA synchronous = OFF")
            for day in CRAWLED:
                world.behaviour = {
                    name: dice.choice(faults[1:]) if dice.random() < sick[name] else "ok"
                    for name, faults in BEHAVIOURS.items()
                }
                crawl_day(db, config, world, day)
                assert_no_lie(db, config, world, f"script {number}, {day}, {world.behaviour}")
            recovered = dice.choice([*BEHAVIOURS])
            world.behaviour = dict.fromkeys(BEHAVIOURS, "refused") | {recovered: "ok"}
            for _ in range(2 if recovered == "listings" else 1):
                crawl_day(db, config, world, DAYS[-1])
            script = f"script {number}, {recovered} recovered"
            assert_no_lie(db, config, world, script)
            assert_right(db, config, world, recovered, script)
        config.database.unlink()


# --- single faults --------------------------------------------------------------------------------

TUESDAY, WEDNESDAY = date(2026, 3, 10), date(2026, 3, 11)


@pytest.fixture
def feed_only(world: ArxivWorld) -> ArxivWorld:
    """The daily feed answers; everything else refuses."""
    world.records = [
        Record(f"2603.{day:02}{n:03}", datetime(2026, 3, day - 1, 12, n, tzinfo=UTC),
               categories=CATEGORIES)
        for day in (10, 11) for n in range(5)
    ]  # fmt: skip
    world.behaviour = dict.fromkeys(("api", "oai", "listings"), "refused")
    return world


def crawled_days(
    config: Config, world: ArxivWorld, **feeds: str
) -> dict[tuple[date, str], CompletenessDay]:
    """The ledger after a crawl on Tuesday and one on Wednesday with the given feeds."""
    with open_database(config.database) as db:
        for day, name in ((TUESDAY, "tuesday"), (WEDNESDAY, "wednesday")):
            world.behaviour["rss"] = feeds.get(name, "ok")
            crawl_day(db, config, world, day)
        now = datetime.combine(WEDNESDAY, time(20), UTC)
        return {(e.day, e.category): e for e in completeness.list_days(db, config, now)}


def test_a_day_that_only_the_feed_reports_is_unverified(
    feed_only: ArxivWorld, tmp_path: Path
) -> None:
    found = crawled_days(config_of(tmp_path), feed_only)
    for day in (TUESDAY, WEDNESDAY):
        entry = found[day, "cs.CL"]
        assert (entry.state, entry.expected, entry.got) == ("unverified", None, 5)
        assert entry.by == ("arxiv_rss",)


def test_a_repeated_batch_under_todays_date_proves_nothing(
    feed_only: ArxivWorld, tmp_path: Path
) -> None:
    found = crawled_days(config_of(tmp_path), feed_only, wednesday="stale")
    for category in CATEGORIES:
        entry = found[WEDNESDAY, category]
        assert (entry.state, entry.expected, entry.got, entry.by) == ("unverified", None, 0, ())
        assert found[TUESDAY, category].got == 5


def test_a_batch_repeated_for_one_category_leaves_that_category_open(
    feed_only: ArxivWorld, tmp_path: Path
) -> None:
    feed_only.records = [
        replace(record, categories=(CATEGORIES[n % 2],))
        for n, record in enumerate(feed_only.records)
    ]
    found = crawled_days(config_of(tmp_path), feed_only, wednesday="one stale")
    assert (found[WEDNESDAY, "cs.CL"].state, found[WEDNESDAY, "cs.CL"].by) == ("unverified", ())
    assert found[WEDNESDAY, "cs.LG"].by == ("arxiv_rss",)


def test_mondays_papers_under_sundays_date_are_filed_under_monday(
    feed_only: ArxivWorld, tmp_path: Path
) -> None:
    monday = date(2026, 3, 9)
    friday = datetime(2026, 3, 5, 20, tzinfo=UTC)
    feed_only.records = [Record(f"2603.{n:05}", friday, categories=CATEGORIES) for n in range(4)]
    feed_only.behaviour["rss"] = "lagging"
    config = config_of(tmp_path)
    with open_database(config.database) as db:
        crawl_day(db, config, feed_only, monday)
        assert {paper.announced for paper in load_stored(db, feed_only).values()} == {monday}


def test_tuesdays_papers_under_mondays_date_are_filed_under_tuesday(
    feed_only: ArxivWorld, tmp_path: Path
) -> None:
    found = crawled_days(config_of(tmp_path), feed_only, wednesday="lagging")
    assert found[TUESDAY, "cs.CL"].got == found[WEDNESDAY, "cs.CL"].got == 5


@pytest.mark.parametrize("order", ["descending", "rotated", "interleaved"])
def test_results_in_the_wrong_order_are_no_place_to_resume_from(
    order: str, world: ArxivWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = datetime(2026, 3, 9, tzinfo=UTC)
    world.records = [
        Record(f"2603.{n:05}", first + timedelta(hours=2 * n), categories=CATEGORIES)
        for n in range(50)
    ]
    monkeypatch.setitem(arxiv_api.search_window.__kwdefaults__, "page_size", 10)
    world.behaviour = {"rss": "refused", "oai": "refused", "listings": "refused"}
    config, day = config_of(tmp_path), date(2026, 3, 16)
    with open_database(config.database) as db:
        world.behaviour["api"] = f"{order}, then down"
        crawl_day(db, config, world, day)
        assert 0 < papers.count_works(db) < 50
        world.behaviour["api"] = "ok"
        crawl_day(db, config, world, day)
        assert papers.count_works(db) == 50


def test_a_holiday_that_the_calendar_does_not_know_is_proved_by_listing_pages(
    feed_only: ArxivWorld, tmp_path: Path
) -> None:
    feed_only.records = feed_only.records[:5]
    feed_only.behaviour["listings"] = "ok"
    found = crawled_days(config_of(tmp_path), feed_only, wednesday="empty")
    assert {found[WEDNESDAY, name].state for name in CATEGORIES} == {"closed"}
    assert {found[TUESDAY, name].state for name in CATEGORIES} == {"complete"}


@pytest.mark.parametrize("order", ["earlier page first", "earlier page later"])
def test_a_page_that_repeats_an_earlier_day_under_a_later_date_does_not_count(
    order: str, feed_only: ArxivWorld, tmp_path: Path
) -> None:
    config = config_of(tmp_path)
    with open_database(config.database) as db:
        if order == "earlier page first":
            feed_only.behaviour["listings"] = "ok"
            crawl_day(db, config, feed_only, TUESDAY)
        feed_only.behaviour["listings"] = "redated"
        crawl_day(db, config, feed_only, WEDNESDAY)
        now = datetime.combine(WEDNESDAY, time(20), UTC)
        days = {(e.day, e.category): e for e in completeness.list_days(db, config, now)}
        assert days[TUESDAY, "cs.CL"].state in ("complete", "missing")
        assert days[WEDNESDAY, "cs.CL"].state == "unverified"
        feed_only.behaviour["listings"] = "ok"
        crawl_day(db, config, feed_only, WEDNESDAY)
        days = {(e.day, e.category): e for e in completeness.list_days(db, config, now)}
        assert (days[WEDNESDAY, "cs.CL"].state, days[WEDNESDAY, "cs.CL"].expected) == (
            "complete",
            5,
        )


def test_empty_pages_close_no_day_of_which_other_sources_have_papers(
    feed_only: ArxivWorld, tmp_path: Path
) -> None:
    config = config_of(tmp_path)
    feed_only.behaviour["listings"] = "empty"
    with open_database(config.database) as db:
        crawl_day(db, config, feed_only, TUESDAY)
        now = datetime.combine(TUESDAY, time(20), UTC)
        entry = next(e for e in completeness.list_days(db, config, now) if e.day == TUESDAY)
        assert (entry.state, entry.expected, entry.got) == ("unverified", None, 5)
        assert entry.by == ("arxiv_rss",)
        feed_only.behaviour["listings"] = "ok"
        crawl_day(db, config, feed_only, TUESDAY)
        entry = next(e for e in completeness.list_days(db, config, now) if e.day == TUESDAY)
        assert (entry.state, entry.expected, entry.got) == ("complete", 5, 5)
