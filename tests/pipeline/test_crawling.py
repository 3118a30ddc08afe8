"""The crawl of arXiv's three doors: what it takes in, what the ledger says, and bad days."""

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
from tracker.calendar import batch_opens
from tracker.config import load
from tracker.errors import UsageError
from tracker.models import SourceReport
from tracker.pipeline import crawling, ledger
from tracker.pipeline.crawling import Window, crawl, window
from tracker.pipeline.intake import import_snapshot
from tracker.records import Listing
from tracker.settings import Config
from tracker.sources import arxiv_api
from tracker.sources.exchange import Patience
from tracker.store import listings, papers
from tracker.store.database import Database, opened
from tracker.store.ledger import Ledger

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)  # a Friday, two hours after the feed is made
TODAY = NOW.date()
DOORS = ("arxiv_rss", "arxiv_api", "arxiv_oai")
HURRIED = Patience(connect=1.0, read=0.3, attempt=0.3, total=5.0, tries=5, backoff=0.001)


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    with opened(config.database) as database:
        yield database


@pytest.fixture
def server() -> Iterator[ArxivServer]:
    """Nine papers, submitted from Tuesday noon to the evening."""
    published = datetime(2026, 3, 17, 12, tzinfo=UTC)
    records = [Record(f"2603.{n:05}", published + timedelta(hours=n)) for n in range(9)]
    with ArxivServer(records, today=TODAY) as running:
        yield running


def pointed(home: Path, server: ArxivServer, **flags: str) -> Config:
    """The settings of somebody who has mirrors at `server`."""
    doors = {"arxiv_rss": server.rss, "arxiv_api": server.url, "arxiv_oai": server.oai}
    settings = {f"sources.{door}.url": url for door, url in doors.items()}
    settings |= {f"sources.{door}.pace_seconds": "0" for door in doors}
    return load(
        home, environ={}, overrides={**settings, "http.allow_private": "127.0.0.1", **flags}
    )


def crawled(
    db: Database, config: Config, *only: str, asked: Window | None = None, now: datetime = NOW
) -> dict[str, SourceReport]:
    """One crawl of arXiv, or of the doors named, as of `now`."""
    asked = asked or window(db, config, now, None, None)
    reports = crawl(db, config, asked, now=now, only=only or DOORS, patience=HURRIED)
    return {report.source: report for report in reports}


def kept(db: Database) -> dict[str, Any]:
    """What the store holds, without how it came to it."""
    return {
        name: rows for name, rows in dump(db).items() if name not in ("runs", "cursors", "copies")
    }


def states(db: Database, config: Config, now: datetime = NOW) -> dict[date, set[str]]:
    found: dict[date, set[str]] = {}
    for entry in ledger.days(db, config, now):
        found.setdefault(entry.day, set()).add(entry.state)
    return found


# --- what to ask for ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, ("2026-03-10", "2026-03-20")),
        (None, "2026-03-01", ("2026-02-19", "2026-03-01")),
        ("2026-01-01", "2026-01-02", ("2026-01-01", "2026-01-02")),
        ("2026-03-20", None, ("2026-03-20", "2026-03-20")),
    ],
)
def test_a_crawl_looks_ten_days_back_unless_told_otherwise(
    since: str | None, until: str | None, expected: tuple[str, str], db: Database, config: Config
) -> None:
    days = [day and date.fromisoformat(day) for day in (since, until)]
    assert window(db, config, NOW, *days) == Window(*map(date.fromisoformat, expected))


def test_a_window_that_ends_before_it_starts_is_refused(db: Database, config: Config) -> None:
    with pytest.raises(UsageError, match="2026-03-21 is after 2026-03-20"):
        window(db, config, NOW, date(2026, 3, 21), None)


def test_a_source_that_nobody_knows_is_refused(db: Database, config: Config) -> None:
    with pytest.raises(UsageError, match=r"no source 'arxvi_api' to crawl; there are: .*arxiv_api"):
        crawl(db, config, Window(TODAY, TODAY), now=NOW, only=["arxvi_api"])


def test_when_every_source_is_switched_off_nothing_is_asked_unless_one_is_named(
    db: Database, config: Config, server: ArxivServer
) -> None:
    off = pointed(config.home, server)
    off = replace(off, sources={n: replace(s, enabled=False) for n, s in off.sources.items()})
    with pytest.raises(UsageError, match="No source is enabled"):
        crawl(db, off, Window(TODAY, TODAY), now=NOW)
    named = crawled(db, off, "arxiv_api", "arxiv_api")
    assert (named["arxiv_api"].read, named["arxiv_api"].added) == (9, 9)


# --- what comes in --------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["arxiv_api", "arxiv_oai"])
def test_a_crawl_takes_in_what_a_door_has_and_a_second_one_nothing(
    door: str, db: Database, config: Config, server: ArxivServer
) -> None:
    there = pointed(config.home, server)
    first = crawled(db, there, door)[door]
    assert (first.state, first.read, first.added, first.unread) == ("ok", 9, 9, 0), first
    before = kept(db)
    second = crawled(db, there, door)[door]
    assert (second.state, second.added, second.updated) == ("ok", 0, 0)
    assert kept(db) == before


def test_the_feed_gives_the_day_the_kind_and_the_licence(
    db: Database, config: Config, server: ArxivServer
) -> None:
    server.today = date(2026, 3, 18)
    server.records[0] = replace(server.records[0], categories=("cs.CV", "cs.CL"))
    (report,) = crawled(db, pointed(config.home, server), "arxiv_rss").values()
    assert (report.state, report.added) == ("ok", 6), "the rest was submitted after the deadline"
    works = {work.id: work for work in papers.announced(db, server.today, server.today).values()}
    assert works["2603.00001"].license.endswith("/by/4.0/")
    assert works["2603.00001"].abstract == "An invented abstract about $a<b$ & more."
    assert works["2603.00001"].authors == ("Ada Example", "Bo Ünlaut")
    kinds = dict(db.execute("SELECT key, kind FROM listings"))
    assert (kinds["2603.00000"], kinds["2603.00001"]) == ("cross", "new")


def test_an_unchanged_feed_is_not_sent_again(
    db: Database, config: Config, server: ArxivServer
) -> None:
    def conditional(it: ArxivServer, params: dict[str, str]) -> faults.Reply:
        if it.log[-1].headers.get("if-none-match") == '"one"':
            return faults.Reply(b"", 304)
        return replace(it.answer(params), headers={"ETag": '"one"'})

    server.today = date(2026, 3, 18)
    server.script.extend([conditional] * 2)
    there = pointed(config.home, server)
    crawled(db, there, "arxiv_rss")
    (again,) = crawled(db, there, "arxiv_rss").values()
    assert (again.state, again.read) == ("ok", 0)
    assert len(server.log) == 2


def test_a_feed_that_may_have_been_cut_proves_nothing(
    db: Database, config: Config, server: ArxivServer
) -> None:
    server.today = date(2026, 3, 18)
    server.records = [
        Record(f"2603.{n:05}", datetime(2026, 3, 17, 12, tzinfo=UTC)) for n in range(2000)
    ]
    there = pointed(config.home, server)
    (report,) = crawled(db, there, "arxiv_rss").values()
    assert (report.state, report.added) == ("degraded", 2000)
    assert "may have been cut" in report.detail
    assert states(db, there)[server.today] == {"degraded"}


def test_all_doors_and_a_snapshot_tell_of_the_same_works(
    db: Database, config: Config, server: ArxivServer, tmp_path: Path
) -> None:
    (tmp_path / "s").write_bytes(b"".join(line(f"2603.{n:05}") for n in range(9)))
    import_snapshot(db, tmp_path / "s")
    crawled(db, pointed(config.home, server))
    assert papers.count(db) == 9
    assert all(work.license for work in papers.by_number(db, range(10)).values())


def test_what_one_door_lacks_another_tells_in_any_order(
    server: ArxivServer, tmp_path: Path
) -> None:
    """The feed knows no comment and no hour of submission, the API no licence."""
    server.today = date(2026, 3, 18)
    server.records = [replace(record, comments="12 pages") for record in server.records]
    outcomes = []
    for order in (DOORS, DOORS[::-1], (DOORS[1], DOORS[0], DOORS[2])):
        with opened(tmp_path / f"{order}.db") as db:
            for door in order:
                crawled(db, pointed(tmp_path / order[0], server), door, asked=_WEEK)
            outcomes.append({n: r for n, r in kept(db).items() if n != "rolls"})
    assert outcomes[0] == outcomes[1] == outcomes[2]
    work = outcomes[0]["works"]
    assert all("12 pages" in row and "2026-03-17" in row for row in work)


_WEEK = Window(date(2026, 3, 13), date(2026, 3, 20))


def test_a_replacement_makes_a_version_of_a_work_that_is_known_and_nothing_of_another(
    db: Database, config: Config, server: ArxivServer
) -> None:
    there = pointed(config.home, server)
    server.records = server.records[:1]
    crawled(db, there, "arxiv_api")
    later = datetime(2026, 3, 19, 12, tzinfo=UTC)
    server.records = [
        replace(record, version=2, updated=later, abstract="Now 68.9 and no more.")
        for record in (*server.records, Record("2601.00001", later - timedelta(days=60)))
    ]
    crawled(db, there, "arxiv_rss")
    (work,) = papers.by_number(db, range(10)).values()
    assert [version.number for version in work.versions] == [1, 2]
    assert work.abstract == "Now 68.9 and no more."
    assert work.versions[0].abstract == "An invented abstract about $a<b$ & more."


# --- failures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [{"http.offline": "true"}, {"sources.arxiv_api.url": "ftp://x"}])
def test_a_source_that_fails_is_reported_and_recorded(
    flags: dict[str, str], db: Database, config: Config, server: ArxivServer
) -> None:
    there = pointed(config.home, server, **flags)
    (report,) = crawled(db, there, "arxiv_api", asked=Window(TODAY, TODAY)).values()
    assert (report.state, report.added) == ("failed", 0)
    assert report.detail
    assert Ledger(db).last("crawl:arxiv_api") == ("2026-03-20", "failed", report.detail, NOW)
    assert Ledger(db).last_good("crawl:arxiv_api") is None


def test_one_source_failing_never_stops_the_others(
    db: Database, config: Config, server: ArxivServer
) -> None:
    server.script.append(faults.status(403))
    reports = crawled(db, pointed(config.home, server))
    assert [report.state for report in reports.values()] == ["failed", "ok", "ok"]
    assert papers.count(db) == 9


def test_a_reader_with_a_fault_of_ours_is_one_failed_source(
    db: Database, config: Config, server: ArxivServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[Any]:
        raise KeyError("moon")
        yield

    monkeypatch.setattr(crawling, "reader", lambda name: {"arxiv_rss": broken}.get(
        name, arxiv_api.read))  # fmt: skip
    reports = crawled(db, pointed(config.home, server), "arxiv_rss", "arxiv_api")
    assert "a fault of ours: KeyError" in reports["arxiv_rss"].detail
    assert reports["arxiv_api"].state == "ok"


def test_a_window_that_broke_off_is_gone_on_with_where_it_stopped(
    db: Database, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arxiv_api.window, "__kwdefaults__", {"page_size": 20})
    with ArxivServer(invented(90, NOW - timedelta(days=8)), today=TODAY) as server:
        server.script.extend([ArxivServer.answer] * 3 + [faults.status(403)])
        there = pointed(config.home, server)
        (first,) = crawled(db, there, "arxiv_api", asked=_WEEK).values()
        assert (first.state, first.read) == ("degraded", 60)
        server.log.clear()
        (second,) = crawled(db, there, "arxiv_api", asked=_WEEK).values()
    assert second.state == "ok"
    assert papers.count(db) == len(server.out())
    assert second.read < 45, "the first sixty are not read again, but for those of one day"
    assert "202603" in server.log[0].params["search_query"]


def test_a_harvest_that_broke_off_is_gone_on_with_by_its_token(
    db: Database, config: Config
) -> None:
    with ArxivServer(invented(90, NOW - timedelta(days=8)), today=TODAY, page=10) as server:
        server.script.extend([ArxivServer.answer] * 2 + [faults.status(403)])
        there = pointed(config.home, server)
        (first,) = crawled(db, there, "arxiv_oai").values()
        assert first.state == "degraded"
        server.log.clear()
        (second,) = crawled(db, there, "arxiv_oai").values()
        assert second.state == "ok"
        assert server.log[0].params.keys() == {"verb", "resumptionToken"}
        assert papers.count(db) == len(server.out())
        server.log.clear()
        later = NOW + timedelta(days=1)
        crawled(db, there, "arxiv_oai", now=later)
    assert server.log[0].params["from"] == "2026-03-19", "the last day again, and nothing older"


def test_a_token_that_has_expired_begins_its_set_again(db: Database, config: Config) -> None:
    with ArxivServer(invented(90, NOW - timedelta(days=8)), today=TODAY, page=10) as server:
        server.script.extend([ArxivServer.answer, faults.expired()])
        (report,) = crawled(db, pointed(config.home, server), "arxiv_oai").values()
    assert report.state == "ok"
    assert papers.count(db) == len(server.out())


# --- the ledger -----------------------------------------------------------------------------------


def test_the_ledger_knows_each_day_and_category_from_the_first_day_on(
    db: Database, config: Config, server: ArxivServer
) -> None:
    there = pointed(config.home, server)
    assert ledger.days(db, there, NOW) == []
    server.today = date(2026, 3, 18)
    crawled(db, there, asked=Window(date(2026, 3, 13), server.today),
            now=NOW - timedelta(days=2))  # fmt: skip
    entries = {(entry.day.day, entry.category): entry for entry in ledger.days(db, there, NOW)}
    assert {day for day, _ in entries} == set(range(13, 21))
    day = entries[18, "cs.CL"]
    assert (day.state, day.expected, day.got, day.late, day.missing) == ("complete", 6, 6, 0, 0)
    assert day.by == DOORS[::1] or set(day.by) == set(DOORS)
    assert {entries[n, "cs.LG"].state for n in (14, 15)} == {"closed"}
    assert {entries[n, "stat.ML"].state for n in (19, 20)} == {"degraded"}, "not asked for yet"
    assert entries[19, "cs.CL"].expected is None


def test_a_day_that_was_asked_for_before_its_batch_was_out_is_asked_for_again(
    db: Database, config: Config, server: ArxivServer
) -> None:
    there = pointed(config.home, server)
    server.today = date(2026, 3, 17)
    tuesday = datetime(2026, 3, 18, 5, tzinfo=UTC)
    early = crawled(db, there, now=tuesday)
    assert early["arxiv_rss"].state == "failed", "the feed is still yesterday's, and empty"
    assert states(db, there, tuesday)[date(2026, 3, 18)] == {"degraded"}
    server.today = date(2026, 3, 18)
    crawled(db, there, now=tuesday + timedelta(hours=1))
    assert states(db, there, tuesday)[date(2026, 3, 18)] == {"complete"}


def test_a_day_is_not_in_the_ledger_before_it_can_be_out(
    db: Database, config: Config, server: ArxivServer
) -> None:
    there = pointed(config.home, server)
    evening = datetime(2026, 3, 20, 3, 59, tzinfo=UTC)  # a minute before midnight in New York
    crawled(db, there, now=evening)
    assert max(states(db, there, evening)) == date(2026, 3, 19)
    assert max(states(db, there, NOW)) == TODAY


def test_a_missed_day_is_backfilled_by_the_next_crawl(db: Database, config: Config) -> None:
    with ArxivServer(invented(700, NOW - timedelta(days=62))) as server:
        there = pointed(config.home, server)
        before = NOW - timedelta(days=45)
        server.today = before.date()
        crawled(db, there, now=before)
        server.today = TODAY
        asked = window(db, there, NOW, None, None)
        assert asked.since == date(2026, 2, 4), "the first day that nobody has told of"
        crawled(db, there, asked=asked)
    assert {frozenset(found) for found in states(db, there).values()} == {
        frozenset({"complete"}), frozenset({"closed"})
    }  # fmt: skip
    first = date(2026, 1, 22)  # the batch of the first day asked for opened then
    assert papers.count(db) == sum(r.published.date() >= first for r in server.out())


def test_what_was_missed_longer_ago_than_ninety_days_stays_open_and_is_not_asked_for(
    db: Database, config: Config, server: ArxivServer
) -> None:
    there = pointed(config.home, server)
    crawled(db, there, "arxiv_api", now=NOW - timedelta(days=200))
    asked = window(db, there, NOW, None, None)
    assert asked.since == date(2025, 12, 22), "a Monday, 88 days ago"


def test_what_surfaces_late_is_found_and_marked(
    db: Database, config: Config, server: ArxivServer
) -> None:
    held = Record("2603.09999", datetime(2026, 3, 11, 12, tzinfo=UTC), title="Held back")
    there = pointed(config.home, server)
    crawled(db, there, "arxiv_api", "arxiv_oai")
    server.records.append(held)
    crawled(db, there, "arxiv_api", now=NOW + timedelta(hours=20))
    late = [entry for entry in ledger.days(db, there, NOW) if entry.late]
    assert [(entry.day, entry.category, entry.late) for entry in late] == [
        (date(2026, 3, 12), "cs.CL", 1)
    ]
    assert late[0].expected == late[0].got == 1


def test_what_was_listed_and_could_not_be_read_is_missing_and_looked_up(
    db: Database, config: Config, server: ArxivServer
) -> None:
    server.today = date(2026, 3, 18)
    server.records[3] = replace(server.records[3], title="")
    there = pointed(config.home, server)
    (report,) = crawled(db, there, "arxiv_rss", asked=Window(server.today, server.today)).values()
    assert report.unread == 1
    assert "2603.00003v1: it has no title" in report.notes[0]
    (entry,) = [e for e in ledger.days(db, there, NOW) if e.missing]
    assert (entry.state, entry.expected, entry.got, entry.missing) == ("degraded", 6, 5, 1)
    server.records[3] = replace(server.records[3], title="Found after all")
    server.today = TODAY
    crawled(db, there, "arxiv_api", asked=Window(date(2026, 3, 19), TODAY))
    assert server.log[-1].params["id_list"] == "2603.00003"
    assert states(db, there)[date(2026, 3, 18)] == {"complete"}


def test_an_unforeseen_holiday_is_closed_once_a_later_day_has_been_told(
    db: Database, config: Config, server: ArxivServer
) -> None:
    there = pointed(config.home, server)
    crawled(db, there, "arxiv_api")
    found = states(db, there)
    assert found[date(2026, 3, 13)] == {"closed"}, "nothing was listed that day"
    assert found[date(2026, 3, 18)] == {"complete"}


def test_a_listing_that_cannot_even_be_named_leaves_its_day_open(
    db: Database, config: Config, server: ArxivServer
) -> None:
    def unnamed(it: ArxivServer, params: dict[str, str]) -> faults.Reply:
        body = it.answer(params).body.replace(b"announce_type>new<", b"announce_type>odd<", 1)
        return faults.Reply(body)

    server.today = date(2026, 3, 18)
    server.script.append(unnamed)
    there = pointed(config.home, server)
    (report,) = crawled(db, there, "arxiv_rss", asked=Window(server.today, server.today)).values()
    assert (report.unread, report.added) == (1, 5)
    assert states(db, there)[server.today] == {"degraded"}
    crawled(db, there, "arxiv_rss", asked=Window(server.today, server.today))
    assert states(db, there)[server.today] == {"complete"}


def test_a_cross_list_counts_on_its_own_day_and_in_its_own_category(
    db: Database, config: Config
) -> None:
    monday, wednesday = date(2026, 3, 16), date(2026, 3, 18)
    listings.take(db, [Listing(wednesday, "2603.00001", "cross", ("cs.LG", "cs.CL"))])
    listings.take(db, [Listing(monday, "2603.00001", "new", ("cs.LG",))])
    work = paper("2603.00001", announced=monday, categories=("cs.LG", "cs.CL"))
    papers.take(db, [work])
    found = listings.tallies(db, monday, wednesday, config.categories)
    assert {key: tally.got for key, tally in found.items()} == {
        (monday, "cs.LG"): 1, (wednesday, "cs.CL"): 1
    }  # fmt: skip


def test_a_category_of_which_oai_gave_nothing_is_not_told(
    db: Database, config: Config, server: ArxivServer
) -> None:
    there = pointed(config.home, server)
    crawled(db, there, "arxiv_oai", asked=_WEEK)
    told = {e.category for e in ledger.days(db, there, NOW) if e.state == "complete"}
    assert told == {"cs.CL"}


def test_a_token_that_is_given_again_and_again_ends_the_harvest(
    db: Database, config: Config
) -> None:
    def stuck(it: ArxivServer, params: dict[str, str]) -> faults.Reply:
        return it.answer({**params, "resumptionToken": "cs:cs:CL|2026-01-01|9999|0"})

    with ArxivServer(invented(90, NOW - timedelta(days=8)), today=TODAY, page=10) as server:
        server.script.extend([stuck] * 9)
        there = pointed(config.home, server)
        (report,) = crawled(db, there, "arxiv_oai").values()
        assert report.state == "degraded"
        assert "same token" in report.detail
        server.script.clear()
        (again,) = crawled(db, there, "arxiv_oai").values()
    assert again.state == "ok"
    assert papers.count(db) == len(server.out())


# --- storms ---------------------------------------------------------------------------------------


@cache
def _real_records(shared_data: Path) -> list[Record]:
    """Sixty real papers of two weeks of March 2026, submitted so that each is of its real day."""
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
    noon = datetime.combine(batch_opens(day), datetime.min.time(), UTC) + timedelta(hours=20)
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


def _settled(db: Database, config: Config, asked: Window) -> int:
    """Crawl until every door is well; how many crawls it took."""
    for attempt in range(1, 30):
        reports = crawled(db, config, asked=asked)
        if all(report.state == "ok" for report in reports.values()):
            return attempt
    raise AssertionError(reports)


@pytest.fixture
def paged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pages, so that few records make many requests."""
    monkeypatch.setattr(arxiv_api.window, "__kwdefaults__", {"page_size": 25})


def _faultless(home: Path, records: list[Record]) -> tuple[dict[str, Any], list[Any]]:
    with ArxivServer(records, today=date(2026, 3, 18), page=15) as server:
        there = pointed(home, server)
        with opened(there.database) as db:
            assert _settled(db, there, Window(date(2026, 3, 9), TODAY)) == 1
            return kept(db), ledger.days(db, there, NOW)


@pytest.mark.usefixtures("paged")
def test_two_hundred_storms_change_nothing(tmp_path: Path, shared_data: Path) -> None:
    records = _real_records(shared_data)
    right = _faultless(tmp_path / "right", records)
    assert len(right[0]["works"]) > 40
    crawls = []
    for seed in range(200):
        with ArxivServer(records, today=date(2026, 3, 18), page=15) as server:
            _storm(seed, server)
            pace = {f"sources.{door}.pace_seconds": str(PACE) for door in DOORS}
            there = pointed(tmp_path / str(seed), server, **pace)
            with opened(there.database) as db:
                crawls.append(_settled(db, there, Window(date(2026, 3, 9), TODAY)))
                assert (kept(db), ledger.days(db, there, NOW)) == right, f"seed {seed}"
            assert min(server.gaps()) >= PACE * 0.9, f"seed {seed}"
    assert max(crawls) > 1, "some storms end a crawl, and the next one goes on"


@pytest.mark.usefixtures("paged")
def test_a_crawl_killed_at_fifty_moments_ends_as_one_that_was_not(
    tmp_path: Path, shared_data: Path
) -> None:
    records = _real_records(shared_data)
    right = _faultless(tmp_path / "right", records)
    asked, chance, killed = Window(date(2026, 3, 9), TODAY), random.Random(5), 0
    with ArxivServer(records, today=date(2026, 3, 18), page=5) as server:
        for place in range(50):
            home = tmp_path / str(place // 5)  # every fifth one begins anew
            there = pointed(home, server)
            killed += _killed(there, asked, server, chance.randrange(10), chance.uniform(0, 0.02))
            if place % 5 == 4:
                with opened(there.database) as db:
                    _settled(db, there, asked)
                    assert (kept(db), ledger.days(db, there, NOW)) == right, f"kill {place}"
    assert killed > 40


def _killed(
    config: Config, asked: Window, server: ArxivServer, requests: int, delay: float
) -> bool:
    """Crawl in a child, killed so long after so many requests; whether it was still at it."""

    def work() -> None:
        with opened(config.database) as db:
            crawled(db, config, asked=asked)

    server.log.clear()
    child = forked(work)
    deadline = time.monotonic() + 10
    while len(server.log) < requests and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])
