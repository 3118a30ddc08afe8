"""A crawl from a socket to a search result, and reports about failing sources."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from tests.cli.commands import Done
from tests.cli.conftest import Call
from tests.faults.arxiv_server import ArxivServer, Fault, Record, html, invented, status
from tracker.config import load

Crawl = Callable[..., Done]
MONDAY = datetime(2026, 3, 16, 8, 5, tzinfo=UTC)


def pointed(server: ArxivServer) -> list[str]:
    """Return flags that use `server` as arXiv and disable other sources."""
    endpoints = {"arxiv_rss": server.rss, "arxiv_api": server.url, "arxiv_oai": server.oai}
    settings = ["http.allow_private=127.0.0.1"]
    settings += [f"sources.{source}.url={url}" for source, url in endpoints.items()]
    settings += [f"sources.{source}.pace_seconds=0" for source in endpoints]
    others = [name for name in load(Path("/nowhere"), environ={}).sources if name not in endpoints]
    settings += [f"sources.{name}.enabled=no" for name in others]
    return [part for setting in settings for part in ("--set", setting)]


@pytest.fixture
def crawl(call: Call, home: Path) -> Crawl:
    """Calls `tracker crawl` over five days of March 2026, with a test server as arXiv."""

    def crawled(server: ArxivServer, *more: str, until: str = "2026-03-06") -> Done:
        days = ("--since", "2026-03-02", "--until", until)
        return call(*pointed(server), "crawl", *days, *(more or ("arxiv_api",)), home=home)

    return crawled


def _papers(number: int) -> list[Record]:
    """Return papers of 2 to 6 March with ids that the sample does not use."""
    return [record for record in invented(number) if record.published.day < 7][:number]


def test_single_papers_are_fetched_by_their_ids(call: Call, home: Path) -> None:
    old = Record("1706.00900", _papers(1)[0].published, "Lemurs of old", "Ring-tailed words.")
    with ArxivServer([*_papers(5), old]) as server:
        ids = "https://arxiv.org/abs/1706.00900v2,1706.99999"
        done = call(*pointed(server), "crawl", "--ids", ids, home=home)
    assert done.code == 3
    assert "1 added" in done.out
    assert "unknown to arXiv: 1706.99999" in done.out
    assert call("show", "1706.00900", home=home).code == 0


def test_ids_and_days_contradict_each_other(call: Call, home: Path) -> None:
    done = call("crawl", "--ids", "1706.00900", "--since", "3d", home=home)
    assert (done.code, done.out) == (2, "")


def test_crawled_papers_are_found_after_indexing(crawl: Crawl, call: Call, home: Path) -> None:
    lemurs = Record(
        "2603.00900", _papers(1)[0].published, "Lemurs in the attention sink", "Ring-tailed words."
    )
    with ArxivServer([*_papers(20), lemurs]) as server:
        first = crawl(server)
        again = crawl(server, "arxiv_api", "--json")
    assert (first.code, first.err) == (0, "")
    assert first.out == "arxiv_api: ok, 21 read, 21 added, 0 updated\n"
    (report,) = again.json
    assert (report["source"], report["state"], report["added"]) == ("arxiv_api", "ok", 0)
    assert call("status", "--json", home=home).json["index"]["embedded"] == 163
    assert call("index", "--json", home=home).json["embedded"] == 21
    (hit,) = call("search", "lemurs", "-n", "1", "--json", home=home).json["hits"]
    assert hit["id"] == "2603.00900"
    assert len(hit["why"]) == 2, "by words and by meaning"


@pytest.mark.parametrize(("fault", "reason"), [(status(403), "HTTP 403"), (html(), "HTML")])
def test_a_failing_source_is_one_line_and_a_degraded_exit_code(
    fault: Fault, reason: str, crawl: Crawl, call: Call, home: Path
) -> None:
    with ArxivServer(_papers(5), [fault] * 9) as server:
        done = crawl(server)
    assert done.code == 3
    (line,) = done.out.splitlines()
    assert line.startswith("arxiv_api: failed, 0 read, 0 added, 0 updated. ")
    assert reason in line
    state = call("status", "--json", home=home).json["crawls"]["arxiv_api"]
    assert "failed" in state


def test_records_before_a_failure_are_stored(crawl: Crawl, call: Call, home: Path) -> None:
    with ArxivServer(invented(600), [ArxivServer.answer, status(403)]) as server:
        done = crawl(server, until="2026-05-01")
    assert done.code == 3
    assert done.out.startswith("arxiv_api: degraded, 500 read, 500 added, 0 updated. ")
    assert call("status", "--json", home=home).json["papers"] == 663


def test_offline_makes_no_request(call: Call, home: Path) -> None:
    with ArxivServer(_papers(5)) as server:
        done = call("--offline", *pointed(server), "crawl", home=home)
    assert done.code == 3
    assert "offline" in done.out
    assert server.log == []


def test_a_private_address_is_refused_unless_allowed(call: Call, home: Path) -> None:
    with ArxivServer(_papers(5)) as server:
        flags = [*pointed(server), "--set", "http.allow_private="]
        done = call(*flags, "crawl", home=home)
    assert done.code == 3
    assert "not a public address" in done.out
    assert server.log == []


def test_run_once_returns_the_exit_code_of_its_jobs(call: Call, home: Path) -> None:
    with time_machine.travel(MONDAY, tick=False):
        first = call("--offline", "run", "--once", home=home)
        second = call("--offline", "run", "--once", home=home)
    assert first.code == 3
    assert first.out == ""
    assert "tracker: crawl 2026-03-16 failed" in first.err
    assert "tracker: weekly 2026-W11 ok" in first.err
    assert (second.code, second.out, second.err) == (0, "", "")


def test_ledger_and_sources_show_completeness_and_states(
    crawl: Crawl, call: Call, home: Path
) -> None:
    with ArxivServer(_papers(50), [status(403)], today=date(2026, 3, 6)) as server:
        done = crawl(server, "arxiv_rss", "arxiv_api", "arxiv_oai")
        flags = pointed(server)
    assert done.code == 3
    assert [line.split(",")[0] for line in done.out.splitlines()] == [
        "arxiv_rss: failed", "arxiv_api: ok", "arxiv_oai: ok",
    ]  # fmt: skip
    days = call(*flags, "ledger", "--json", home=home).json
    assert {entry["day"] for entry in days} == {f"2026-03-0{n}" for n in range(2, 7)}
    keys = {"day", "category", "state", "expected", "got", "late", "missing", "by"}
    assert all(entry.keys() == keys for entry in days)
    wednesday = next(e for e in days if (e["day"], e["category"]) == ("2026-03-04", "cs.LG"))
    assert wednesday["state"] == "complete"
    assert wednesday["expected"] == wednesday["got"] > 0
    ledger = call(*flags, "ledger", "--since", "2026-03-04", "--until", "2026-03-04", home=home)
    assert len(ledger.out.splitlines()) == 3
    assert "2026-03-04 Wed  cs.LG    complete" in ledger.out
    states = {source["name"]: source for source in call("sources", "--json", home=home).json}
    assert states["arxiv_rss"]["state"] == "failed"
    assert states["arxiv_rss"]["last_ok"] is None
    assert states["arxiv_api"]["last_ok"]
    assert states["feeds.kilcher"] == {
        "name": "feeds.kilcher", "enabled": True, "last_ok": None, "state": "never", "detail": "",
        "url": "https://www.youtube.com/feeds/videos.xml?channel_id=UCZHmQk67mSJgfCCTn7xBfew",
    }  # fmt: skip


def test_a_home_that_never_crawled_has_an_empty_ledger(call: Call, home: Path) -> None:
    assert call("ledger", "--json", home=home).json == []
