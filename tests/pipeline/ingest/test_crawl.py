"""The crawl of arXiv's three interfaces: stored records, completeness, and failures."""

import gzip
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.faults import arxiv_server as faults
from tests.faults.arxiv_server import ArxivServer, Fault, Record, invented
from tests.store.children import forked
from tests.store.records import dump, line, paper
from tracker.calendar import batch_opening_day
from tracker.config import load
from tracker.errors import UsageError
from tracker.models import SourceReport
from tracker.pipeline.ingest import completeness
from tracker.pipeline.ingest.crawl import CrawlOptions, CrawlWindow, crawl_sources, crawl_window
from tracker.pipeline.ingest.snapshot_import import import_snapshot
from tracker.records import Listing
from tracker.settings import Config
from tracker.sources import arxiv_api
from tracker.sources.http.messages import RetryPolicy
from tracker.store import listings, papers
from tracker.store.database import Database, open_database
from tracker.store.runs import RunHistory

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)  # a Friday, two hours after the feed is made
TODAY = NOW.date()
SOURCES = ("arxiv_rss", "arxiv_api", "arxiv_oai")
FAST_RETRIES = RetryPolicy(
    connect=1.0, read=0.3, attempt=0.3, total=5.0, max_attempts=5, backoff=0.001
)


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    with open_database(config.database) as database:
        yield database


@pytest.fixture
def server() -> Iterator[ArxivServer]:
    """Nine papers, submitted from Tuesday noon to the evening."""
    published = datetime(2026, 3, 17, 12, tzinfo=UTC)
    records = [Record(f"2603.{n:05}", published + timedelta(hours=n)) for n in range(9)]
    with ArxivServer(records, today=TODAY) as running:
        yield running


def config_for(home: Path, server: ArxivServer, **flags: str) -> Config:
    """Settings in which all arXiv sources are at `server`."""
    urls = {"arxiv_rss": server.rss, "arxiv_api": server.url, "arxiv_oai": server.oai}
    settings = {f"sources.{source}.url": url for source, url in urls.items()}
    settings |= {f"sources.{source}.pace_seconds": "0" for source in urls}
    return load(
        home, environ={}, overrides={**settings, "http.allow_private": "127.0.0.1", **flags}
    )


def run_crawl(
    db: Database, config: Config, *only: str, window: CrawlWindow | None = None, now: datetime = NOW
) -> dict[str, SourceReport]:
    """Reports of one crawl of arXiv, or of the named sources, as of `now`."""
    window = window or crawl_window(db, config, now, None, None)
    options = CrawlOptions(only or SOURCES, retry_policy=FAST_RETRIES)
    reports = crawl_sources(db, config, window, now=now, options=options)
    return {report.source: report for report in reports}


def stored_rows(db: Database) -> dict[str, Any]:
    """The rows of the store, without those that depend on how they were crawled."""
    return {
        name: rows for name, rows in dump(db).items() if name not in ("runs", "cursors", "copies")
    }


def states(db: Database, config: Config, now: datetime = NOW) -> dict[date, set[str]]:
    found: dict[date, set[str]] = {}
    for entry in completeness.list_days(db, config, now):
        found.setdefault(entry.day, set()).add(entry.state)
    return found


# --- the requested days ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, ("2026-03-10", "2026-03-20")),
        (None, "2026-03-01", ("2026-02-19", "2026-03-01")),
        ("2026-01-01", "2026-01-02", ("2026-01-01", "2026-01-02")),
        ("2026-03-20", None, ("2026-03-20", "2026-03-20")),
    ],
)
def test_a_crawl_covers_ten_days_by_default(
    since: str | None, until: str | None, expected: tuple[str, str], db: Database, config: Config
) -> None:
    days = [day and date.fromisoformat(day) for day in (since, until)]
    assert crawl_window(db, config, NOW, *days) == CrawlWindow(*map(date.fromisoformat, expected))


def test_a_window_that_ends_before_it_starts_is_refused(db: Database, config: Config) -> None:
    with pytest.raises(UsageError, match="2026-03-21 is after 2026-03-20"):
        crawl_window(db, config, NOW, date(2026, 3, 21), None)


def test_an_unknown_source_is_refused(db: Database, config: Config) -> None:
    with pytest.raises(UsageError, match=r"no source 'arxvi_api' to crawl; there are: .*arxiv_api"):
        crawl_sources(
            db, config, CrawlWindow(TODAY, TODAY), now=NOW, options=CrawlOptions(["arxvi_api"])
        )


def test_with_every_source_disabled_one_must_be_named(
    db: Database, config: Config, server: ArxivServer
) -> None:
    off = config_for(config.home, server)
    off = replace(off, sources={n: replace(s, enabled=False) for n, s in off.sources.items()})
    with pytest.raises(UsageError, match="No source is enabled"):
        crawl_sources(db, off, CrawlWindow(TODAY, TODAY), now=NOW)
    named = run_crawl(db, off, "arxiv_api", "arxiv_api")
    assert (named["arxiv_api"].read, named["arxiv_api"].added) == (9, 9)


# --- stored records -------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["arxiv_api", "arxiv_oai"])
def test_a_second_crawl_adds_nothing(
    source: str, db: Database, config: Config, server: ArxivServer
) -> None:
    mirrored = config_for(config.home, server)
    first = run_crawl(db, mirrored, source)[source]
    assert (first.state, first.read, first.added, first.unread) == ("ok", 9, 9, 0), first
    before = stored_rows(db)
    second = run_crawl(db, mirrored, source)[source]
    assert (second.state, second.added, second.updated) == ("ok", 0, 0)
    assert stored_rows(db) == before


def test_the_feed_provides_day_kind_and_licence(
    db: Database, config: Config, server: ArxivServer
) -> None:
    server.today = date(2026, 3, 18)
    server.records[0] = replace(server.records[0], categories=("cs.CV", "cs.CL"))
    (report,) = run_crawl(db, config_for(config.home, server), "arxiv_rss").values()
    assert (report.state, report.added) == ("ok", 6), "the rest was submitted after the deadline"
    works = {
        work.id: work for work in papers.announced_between(db, server.today, server.today).values()
    }
    assert works["2603.00001"].license.endswith("/by/4.0/")
    assert works["2603.00001"].abstract == "An invented abstract about $a<b$ & more."
    assert works["2603.00001"].authors == ("Ada Example", "Bo Ünlaut")
    kinds = dict(db.execute("SELECT key, kind FROM listings"))
    assert (kinds["2603.00000"], kinds["2603.00001"]) == ("cross", "new")


@pytest.mark.parametrize("source", SOURCES)
def test_a_record_with_forbidden_characters_is_repaired_and_reported(
    source: str, db: Database, config: Config, server: ArxivServer
) -> None:
    server.today = date(2026, 3, 18)
    server.records[3] = replace(server.records[3], abstract="We\x0b do\x00 x.")
    (report,) = run_crawl(db, config_for(config.home, server), source).values()
    assert (report.state, report.unread) == ("ok", 0)
    (note,) = report.notes
    assert note.startswith("2603.00003: repaired")
    stored = {work.id: work for work in papers.load_by_key(db, ["2603.00003"]).values()}
    assert stored["2603.00003"].abstract == "We do x."


def test_an_unchanged_feed_is_not_sent_again(
    db: Database, config: Config, server: ArxivServer
) -> None:
    def conditional(it: ArxivServer, params: dict[str, str]) -> faults.Reply:
        if it.log[-1].headers.get("if-none-match") == '"one"':
            return faults.Reply(b"", 304)
        return replace(it.answer(params), headers={"ETag": '"one"'})

    server.today = date(2026, 3, 18)
    server.script.extend([conditional] * 2)
    mirrored = config_for(config.home, server)
    run_crawl(db, mirrored, "arxiv_rss")
    (again,) = run_crawl(db, mirrored, "arxiv_rss").values()
    assert (again.state, again.read) == ("ok", 0)
    assert len(server.log) == 2


def test_a_possibly_truncated_feed_does_not_complete_a_day(
    db: Database, config: Config, server: ArxivServer
) -> None:
    server.today = date(2026, 3, 18)
    server.records = [
        Record(f"2603.{n:05}", datetime(2026, 3, 17, 12, tzinfo=UTC)) for n in range(2000)
    ]
    mirrored = config_for(config.home, server)
    (report,) = run_crawl(db, mirrored, "arxiv_rss").values()
    assert (report.state, report.added) == ("degraded", 2000)
    assert "may have been cut" in report.detail
    assert states(db, mirrored)[server.today] == {"unverified"}
    assert not any(entry.by for entry in completeness.list_days(db, mirrored, NOW))


def test_all_sources_and_a_snapshot_describe_the_same_works(
    db: Database, config: Config, server: ArxivServer, tmp_path: Path
) -> None:
    (tmp_path / "s").write_bytes(b"".join(line(f"2603.{n:05}") for n in range(9)))
    import_snapshot(db, tmp_path / "s")
    run_crawl(db, config_for(config.home, server))
    assert papers.count_works(db) == 9
    assert all(work.license for work in papers.load_by_number(db, range(10)).values())


def test_the_order_of_the_sources_does_not_matter(server: ArxivServer, tmp_path: Path) -> None:
    """The feed has no comment and no time of submission, the API no licence."""
    server.today = date(2026, 3, 18)
    server.records = [replace(record, comments="12 pages") for record in server.records]
    outcomes = []
    for order in (SOURCES, SOURCES[::-1], (SOURCES[1], SOURCES[0], SOURCES[2])):
        with open_database(tmp_path / f"{order}.db") as db:
            for source in order:
                run_crawl(db, config_for(tmp_path / order[0], server), source, window=_WEEK)
            outcomes.append({n: r for n, r in stored_rows(db).items() if n != "rolls"})
    assert outcomes[0] == outcomes[1] == outcomes[2]
    work = outcomes[0]["works"]
    assert all("12 pages" in row and "2026-03-17" in row for row in work)


_WEEK = CrawlWindow(date(2026, 3, 13), date(2026, 3, 20))


def test_a_replacement_adds_a_version_to_known_works_only(
    db: Database, config: Config, server: ArxivServer
) -> None:
    mirrored = config_for(config.home, server)
    server.records = server.records[:1]
    run_crawl(db, mirrored, "arxiv_api")
    later = datetime(2026, 3, 19, 12, tzinfo=UTC)
    server.records = [
        replace(record, version=2, updated=later, abstract="Now 68.9 and no more.")
        for record in (*server.records, Record("2601.00001", later - timedelta(days=60)))
    ]
    run_crawl(db, mirrored, "arxiv_rss")
    (work,) = papers.load_by_number(db, range(10)).values()
    assert [version.number for version in work.versions] == [1, 2]
    assert work.abstract == "Now 68.9 and no more."
    assert work.versions[0].abstract == "An invented abstract about $a<b$ & more."


# --- failures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [{"http.offline": "true"}, {"http.allow_private": ""}])
def test_a_source_that_fails_is_reported_and_recorded(
    flags: dict[str, str], db: Database, config: Config, server: ArxivServer
) -> None:
    mirrored = config_for(config.home, server, **flags)
    (report,) = run_crawl(db, mirrored, "arxiv_api", window=CrawlWindow(TODAY, TODAY)).values()
    assert (report.state, report.added) == ("failed", 0)
    assert report.detail
    assert RunHistory(db).last_attempt("crawl:arxiv_api") == (
        "2026-03-20",
        "failed",
        report.detail,
        NOW,
    )
    assert RunHistory(db).last_success_at("crawl:arxiv_api") is None


def test_one_source_failing_never_stops_the_others(
    db: Database, config: Config, server: ArxivServer
) -> None:
    server.script.append(faults.status(403))
    reports = run_crawl(db, config_for(config.home, server))
    assert [report.state for report in reports.values()] == ["failed", "ok", "ok"]
    assert papers.count_works(db) == 9


def test_a_defect_in_a_source_fails_that_source_only(
    db: Database, config: Config, server: ArxivServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[Any]:
        raise KeyError("moon")
        yield

    readers = {"arxiv_rss": broken, "arxiv_api": arxiv_api.read_pages}
    monkeypatch.setattr("tracker.pipeline.ingest.crawl.find_reader", readers.__getitem__)
    reports = run_crawl(db, config_for(config.home, server), "arxiv_rss", "arxiv_api")
    assert "a defect in tracker: KeyError" in reports["arxiv_rss"].detail
    assert reports["arxiv_api"].state == "ok"


def test_an_interrupted_window_is_resumed(
    db: Database, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arxiv_api.search_window, "__kwdefaults__", {"page_size": 20})
    with ArxivServer(invented(90, NOW - timedelta(days=8)), today=TODAY) as server:
        server.script.extend([ArxivServer.answer] * 3 + [faults.status(403)])
        mirrored = config_for(config.home, server)
        (first,) = run_crawl(db, mirrored, "arxiv_api", window=_WEEK).values()
        assert (first.state, first.read) == ("degraded", 60)
        server.log.clear()
        (second,) = run_crawl(db, mirrored, "arxiv_api", window=_WEEK).values()
    assert second.state == "ok"
    assert papers.count_works(db) == len(server.out())
    assert second.read < 45, "of the first sixty only those of one day are read again"
    assert "202603" in server.log[0].params["search_query"]


def test_an_interrupted_harvest_resumes_with_its_token(db: Database, config: Config) -> None:
    with ArxivServer(invented(90, NOW - timedelta(days=8)), today=TODAY, page=10) as server:
        server.script.extend([ArxivServer.answer] * 2 + [faults.status(403)])
        mirrored = config_for(config.home, server)
        (first,) = run_crawl(db, mirrored, "arxiv_oai").values()
        assert first.state == "degraded"
        server.log.clear()
        (second,) = run_crawl(db, mirrored, "arxiv_oai").values()
        assert second.state == "ok"
        assert server.log[0].params.keys() == {"verb", "resumptionToken"}
        assert papers.count_works(db) == len(server.out())
        server.log.clear()
        later = NOW + timedelta(days=1)
        run_crawl(db, mirrored, "arxiv_oai", now=later)
    assert server.log[0].params["from"] == "2026-03-19", "the last day again, and nothing older"


def test_an_expired_token_restarts_its_set(db: Database, config: Config) -> None:
    with ArxivServer(invented(90, NOW - timedelta(days=8)), today=TODAY, page=10) as server:
        server.script.extend([ArxivServer.answer, faults.expired()])
        (report,) = run_crawl(db, config_for(config.home, server), "arxiv_oai").values()
    assert report.state == "ok"
    assert papers.count_works(db) == len(server.out())


# --- completeness ---------------------------------------------------------------------------------


def test_completeness_covers_each_day_and_category_since_the_first_crawl(
    db: Database, config: Config, server: ArxivServer
) -> None:
    mirrored = config_for(config.home, server)
    assert completeness.list_days(db, mirrored, NOW) == []
    server.today = date(2026, 3, 18)
    run_crawl(db, mirrored, window=CrawlWindow(date(2026, 3, 13), server.today),
            now=NOW - timedelta(days=2))  # fmt: skip
    entries = {
        (entry.day.day, entry.category): entry
        for entry in completeness.list_days(db, mirrored, NOW)
    }
    assert {day for day, _ in entries} == set(range(13, 21))
    day = entries[18, "cs.CL"]
    assert (day.state, day.expected, day.got, day.late, day.missing) == ("complete", 6, 6, 0, 0)
    assert day.by == SOURCES[::1] or set(day.by) == set(SOURCES)
    assert {entries[n, "cs.LG"].state for n in (14, 15)} == {"closed"}
    assert {entries[n, "stat.ML"].state for n in (19, 20)} == {"unverified"}, "not requested yet"
    assert entries[19, "cs.CL"].expected is None


def test_a_day_requested_before_publication_is_requested_again(
    db: Database, config: Config, server: ArxivServer
) -> None:
    mirrored = config_for(config.home, server)
    server.today = date(2026, 3, 17)
    tuesday = datetime(2026, 3, 18, 5, tzinfo=UTC)
    early = run_crawl(db, mirrored, now=tuesday)
    assert early["arxiv_rss"].state == "failed", "the feed is still yesterday's, and empty"
    assert states(db, mirrored, tuesday)[date(2026, 3, 18)] == {"unverified"}
    server.today = date(2026, 3, 18)
    run_crawl(db, mirrored, now=tuesday + timedelta(hours=1))
    found = {
        entry.category: entry.state
        for entry in completeness.list_days(db, mirrored, tuesday, since=date(2026, 3, 18))
    }
    assert found == {"cs.CL": "complete", "cs.LG": "unverified", "stat.ML": "unverified"}


def test_a_day_is_not_listed_before_it_can_be_published(
    db: Database, config: Config, server: ArxivServer
) -> None:
    mirrored = config_for(config.home, server)
    evening = datetime(2026, 3, 20, 3, 59, tzinfo=UTC)  # a minute before midnight in New York
    run_crawl(db, mirrored, now=evening)
    assert max(states(db, mirrored, evening)) == date(2026, 3, 19)
    assert max(states(db, mirrored, NOW)) == TODAY


def test_a_missed_day_is_backfilled_by_the_next_crawl(db: Database, config: Config) -> None:
    with ArxivServer(invented(700, NOW - timedelta(days=62))) as server:
        mirrored = config_for(config.home, server)
        before = NOW - timedelta(days=45)
        server.today = before.date()
        run_crawl(db, mirrored, now=before)
        server.today = TODAY
        window = crawl_window(db, mirrored, NOW, None, None)
        assert window.since == date(2026, 2, 4), "the first incomplete day"
        run_crawl(db, mirrored, window=window)
    assert {frozenset(found) for found in states(db, mirrored).values()} == {
        frozenset({"complete"}), frozenset({"closed"})
    }  # fmt: skip
    first = date(2026, 1, 22)  # the batch of the first requested day opened then
    assert papers.count_works(db) == sum(r.published.date() >= first for r in server.out())


def test_gaps_older_than_ninety_days_are_not_requested(
    db: Database, config: Config, server: ArxivServer
) -> None:
    mirrored = config_for(config.home, server)
    run_crawl(db, mirrored, "arxiv_api", now=NOW - timedelta(days=200))
    window = crawl_window(db, mirrored, NOW, None, None)
    assert window.since == date(2025, 12, 22), "a Monday, 88 days ago"


def test_late_papers_are_found_and_marked(
    db: Database, config: Config, server: ArxivServer
) -> None:
    held = Record("2603.09999", datetime(2026, 3, 11, 12, tzinfo=UTC), title="Held back")
    mirrored = config_for(config.home, server)
    run_crawl(db, mirrored, "arxiv_api", "arxiv_oai")
    server.records.append(held)
    run_crawl(db, mirrored, "arxiv_api", now=NOW + timedelta(hours=20))
    late = [entry for entry in completeness.list_days(db, mirrored, NOW) if entry.late]
    assert [(entry.day, entry.category, entry.late) for entry in late] == [
        (date(2026, 3, 12), "cs.CL", 1)
    ]
    assert late[0].expected == late[0].got == 1


def test_an_unreadable_listing_is_missing_and_requested_by_id(
    db: Database, config: Config, server: ArxivServer
) -> None:
    server.today = date(2026, 3, 18)
    server.records[3] = replace(server.records[3], title="")
    mirrored = config_for(config.home, server)
    (report,) = run_crawl(
        db, mirrored, "arxiv_rss", window=CrawlWindow(server.today, server.today)
    ).values()
    assert report.unread == 1
    assert "2603.00003v1: it has no title" in report.notes[0]
    (entry,) = [e for e in completeness.list_days(db, mirrored, NOW) if e.missing]
    assert (entry.state, entry.expected, entry.got, entry.missing) == ("degraded", 6, 5, 1)
    server.records[3] = replace(server.records[3], title="Found after all")
    server.today = TODAY
    run_crawl(db, mirrored, "arxiv_api", window=CrawlWindow(date(2026, 3, 19), TODAY))
    assert server.log[-1].params["id_list"] == "2603.00003"
    assert states(db, mirrored)[date(2026, 3, 18)] == {"unverified"}, "only the feed vouches for it"


def test_an_empty_weekday_of_the_api_proves_neither_a_holiday_nor_a_whole_day(
    db: Database, config: Config, server: ArxivServer
) -> None:
    mirrored = config_for(config.home, server)
    run_crawl(db, mirrored, "arxiv_api")
    found = states(db, mirrored)
    assert found[date(2026, 3, 13)] == {"unverified"}, "the API had nothing of that day"
    assert found[date(2026, 3, 18)] == {"unverified"}
    assert found[date(2026, 3, 14)] == {"closed"}, "a Saturday"


def test_a_listing_without_a_known_kind_leaves_its_day_incomplete(
    db: Database, config: Config, server: ArxivServer
) -> None:
    def unnamed(it: ArxivServer, params: dict[str, str]) -> faults.Reply:
        body = it.answer(params).body.replace(b"announce_type>new<", b"announce_type>odd<", 1)
        return faults.Reply(body)

    server.today = date(2026, 3, 18)
    server.script.append(unnamed)
    mirrored = config_for(config.home, server)
    (report,) = run_crawl(
        db, mirrored, "arxiv_rss", window=CrawlWindow(server.today, server.today)
    ).values()
    assert (report.unread, report.added) == (1, 5)
    assert not any(entry.by for entry in completeness.list_days(db, mirrored, NOW))
    run_crawl(db, mirrored, "arxiv_rss", window=CrawlWindow(server.today, server.today))
    entries = {e.category: e for e in completeness.list_days(db, mirrored, NOW)
               if e.day == server.today}  # fmt: skip
    assert (entries["cs.CL"].state, entries["cs.CL"].by) == ("unverified", ("arxiv_rss",))


def test_a_cross_list_counts_on_its_own_day_and_in_its_own_category(
    db: Database, config: Config
) -> None:
    monday, wednesday = date(2026, 3, 16), date(2026, 3, 18)
    listings.store_listings(db, [Listing(wednesday, "2603.00001", "cross", ("cs.LG", "cs.CL"))])
    listings.store_listings(db, [Listing(monday, "2603.00001", "new", ("cs.LG",))])
    work = paper("2603.00001", announced=monday, categories=("cs.LG", "cs.CL"))
    papers.upsert(db, [work])
    found = listings.completeness_counts(db, monday, wednesday, config.categories)
    assert {key: tally.got for key, tally in found.items()} == {
        (monday, "cs.LG"): 1, (wednesday, "cs.CL"): 1
    }  # fmt: skip


def test_a_category_without_records_from_oai_is_not_complete(
    db: Database, config: Config, server: ArxivServer
) -> None:
    mirrored = config_for(config.home, server)
    run_crawl(db, mirrored, "arxiv_oai", window=_WEEK)
    complete = {
        e.category for e in completeness.list_days(db, mirrored, NOW) if e.state == "complete"
    }
    assert complete == {"cs.CL"}


def test_a_repeated_token_ends_the_harvest(db: Database, config: Config) -> None:
    def stuck(it: ArxivServer, params: dict[str, str]) -> faults.Reply:
        return it.answer({**params, "resumptionToken": "cs:cs:CL|2026-01-01|9999|0"})

    with ArxivServer(invented(90, NOW - timedelta(days=8)), today=TODAY, page=10) as server:
        server.script.extend([stuck] * 9)
        mirrored = config_for(config.home, server)
        (report,) = run_crawl(db, mirrored, "arxiv_oai").values()
        assert report.state == "degraded"
        assert "same token" in report.detail
        server.script.clear()
        (again,) = run_crawl(db, mirrored, "arxiv_oai").values()
    assert again.state == "ok"
    assert papers.count_works(db) == len(server.out())


# --- storms ---------------------------------------------------------------------------------------


@cache
def _real_records(shared_data: Path) -> list[Record]:
    """Sixty real papers of two weeks of March 2026, submitted so that each has its real day."""
    records: list[Record] = []
    name = "arxiv-metadata-2024-12_2026-03.jsonl.gz"
    with gzip.open(shared_data / "arxiv" / name, "rt") as lines:
        for text in lines:
            if '"update_date": "2026-03-1' in text[-4000:] and '"2603.' in text[:40]:
                row = json.loads(text)
                records += [_record(row)] * bool(row["categories"])
    return random.Random(7).sample(records, 60)


def _record(row: dict[str, Any]) -> Record:
    day = date.fromisoformat(row["update_date"])
    created = parsedate_to_datetime(row["versions"][0]["created"]).replace(tzinfo=UTC)
    noon = datetime.combine(batch_opening_day(day), datetime.min.time(), UTC) + timedelta(hours=20)
    return Record(
        row["id"], noon + timedelta(seconds=created.microsecond + int(row["id"][-3:])),
        row["title"].strip(), row["abstract"].strip(), ("Ada Example", "Bo Ünlaut"),
        tuple(row["categories"].split()),
    )  # fmt: skip


FAULTS: dict[str, Fault] = {
    "429": faults.status(429),
    "429 with seconds": faults.status(429, Retry_After="0"),
    "406": faults.status(406),
    "503": faults.status(503, Retry_After="0"),
    "403": faults.status(403),
    "reset": faults.reset(700),
    "cut": faults.cut(0.6),
    "cut at its head": faults.cut(31),
    "empty first page": faults.empty(0),
    "html": faults.html(),
    "the page before": faults.shifted(-99),
    "overlapping": faults.shifted(-4),
    "expired": faults.expired(),
    "slow": faults.slow(0.2),
    "bomb": faults.bomb(80),
    "redirect": faults.redirect("http://localhost:1/rss"),
    "type": faults.typed("image/png"),
    "short": faults.short(3),
}
CHEAP = [name for name in FAULTS if name not in ("slow", "bomb")]
PACE = 0.002


def _storm(seed: int, server: ArxivServer) -> None:
    chance = random.Random(seed)
    for _ in range(14):
        names = chance.choices(CHEAP, k=chance.randint(0, 3))
        names += [chance.choice(("slow", "bomb"))] * (chance.random() < 0.02)
        server.script.extend(FAULTS[name] for name in names)
        server.script.extend([ArxivServer.answer] * chance.randint(0, 2))


def _crawl_until_ok(db: Database, config: Config, window: CrawlWindow) -> int:
    """Crawl until every source succeeds and return the number of crawls."""
    for attempt in range(1, 30):
        reports = run_crawl(db, config, window=window)
        if all(report.state == "ok" for report in reports.values()):
            return attempt
    raise AssertionError(reports)


@pytest.fixture
def paged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pages, so that few records make many requests."""
    monkeypatch.setattr(arxiv_api.search_window, "__kwdefaults__", {"page_size": 25})


def _faultless(home: Path, records: list[Record]) -> tuple[dict[str, Any], list[Any]]:
    with ArxivServer(records, today=date(2026, 3, 18), page=15) as server:
        mirrored = config_for(home, server)
        with open_database(mirrored.database) as db:
            assert _crawl_until_ok(db, mirrored, CrawlWindow(date(2026, 3, 9), TODAY)) == 1
            return stored_rows(db), completeness.list_days(db, mirrored, NOW)


@pytest.mark.usefixtures("paged")
def test_two_hundred_storms_change_nothing(tmp_path: Path, shared_data: Path) -> None:
    records = _real_records(shared_data)
    right = _faultless(tmp_path / "right", records)
    assert len(right[0]["works"]) > 40
    crawls, gaps = [], list[float]()
    for seed in range(200):
        with ArxivServer(records, today=date(2026, 3, 18), page=15) as server:
            _storm(seed, server)
            pace = {f"sources.{source}.pace_seconds": str(PACE) for source in SOURCES}
            mirrored = config_for(tmp_path / str(seed), server, **pace)
            with open_database(mirrored.database) as db:
                crawls.append(_crawl_until_ok(db, mirrored, CrawlWindow(date(2026, 3, 9), TODAY)))
                assert (stored_rows(db), completeness.list_days(db, mirrored, NOW)) == right, (
                    f"seed {seed}"
                )
            gaps += server.gaps()
    # The server notes the time of a request in a thread, which may be late on a busy machine.
    assert sum(gap < PACE * 0.9 for gap in gaps) <= len(gaps) / 1000
    assert max(crawls) > 1, "some storms end a crawl, and the next crawl resumes it"


@pytest.mark.usefixtures("paged")
def test_fifty_killed_crawls_end_with_the_same_store(tmp_path: Path, shared_data: Path) -> None:
    records = _real_records(shared_data)
    right = _faultless(tmp_path / "right", records)
    window, chance, killed = CrawlWindow(date(2026, 3, 9), TODAY), random.Random(5), 0
    with ArxivServer(records, today=date(2026, 3, 18), page=5) as server:
        for place in range(50):
            home = tmp_path / str(place // 5)  # every fifth one starts with an empty home
            mirrored = config_for(home, server)
            killed += _killed(
                mirrored, window, server, chance.randrange(10), chance.uniform(0, 0.02)
            )
            if place % 5 == 4:
                with open_database(mirrored.database) as db:
                    _crawl_until_ok(db, mirrored, window)
                    assert (stored_rows(db), completeness.list_days(db, mirrored, NOW)) == right, (
                        f"kill {place}"
                    )
    assert killed > 40


def _killed(
    config: Config, window: CrawlWindow, server: ArxivServer, requests: int, delay: float
) -> bool:
    """Crawl in a child, kill it `delay` seconds after `requests`; return whether it was running."""

    def work() -> None:
        with open_database(config.database) as db:
            run_crawl(db, config, window=window)

    server.log.clear()
    child = forked(work)
    deadline = time.monotonic() + 10
    while len(server.log) < requests and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])
