"""A crawl from a socket to a search result, and what is said of a source that is not well."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from tests.cli.commands import Done
from tests.cli.conftest import Call
from tests.faults.arxiv_server import ArxivServer, Fault, Record, html, invented, status

Crawl = Callable[..., Done]
MONDAY = datetime(2026, 3, 16, 8, 5, tzinfo=UTC)


@pytest.fixture
def crawl(call: Call, home: Path) -> Crawl:
    """Calls `tracker crawl` over five days of March 2026, with a test server as arXiv."""

    def crawled(server: ArxivServer, *more: str, until: str = "2026-03-06") -> Done:
        settings = (f"sources.arxiv_api.url={server.url}", "http.allow_private=127.0.0.1",
                    "sources.arxiv_api.pace_seconds=0")  # fmt: skip
        flags = [part for setting in settings for part in ("--set", setting)]
        days = ("--since", "2026-03-02", "--until", until)
        return call(*flags, "crawl", *days, *more, home=home)

    return crawled


def _papers(number: int) -> list[Record]:
    """Papers of 2 to 6 March, under numbers that the sample does not use."""
    return [record for record in invented(number) if record.published.day < 7][:number]


def test_what_a_crawl_brings_is_found_after_indexing(crawl: Crawl, call: Call, home: Path) -> None:
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
def test_a_source_that_fails_is_one_line_and_the_code_of_a_degraded_run(
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


def test_what_came_before_a_failure_is_kept(crawl: Crawl, call: Call, home: Path) -> None:
    with ArxivServer(invented(600), [ArxivServer.answer, status(403)]) as server:
        done = crawl(server, until="2026-05-01")
    assert done.code == 3
    assert done.out.startswith("arxiv_api: degraded, 500 read, 500 added, 0 updated. ")
    assert call("status", "--json", home=home).json["papers"] == 663


def test_offline_nothing_is_asked(call: Call, home: Path) -> None:
    with ArxivServer(_papers(5)) as server:
        done = call("--offline", "--set", f"sources.arxiv_api.url={server.url}", "crawl", home=home)
    assert done.code == 3
    assert "offline" in done.out
    assert server.log == []


def test_a_private_address_is_not_visited_unless_it_is_allowed(call: Call, home: Path) -> None:
    with ArxivServer(_papers(5)) as server:
        done = call("--set", f"sources.arxiv_api.url={server.url}", "crawl", home=home)
    assert done.code == 3
    assert "not a public address" in done.out
    assert server.log == []


def test_a_run_for_cron_ends_with_the_code_of_what_happened(call: Call, home: Path) -> None:
    with time_machine.travel(MONDAY, tick=False):
        first = call("--offline", "run", "--once", home=home)
        second = call("--offline", "run", "--once", home=home)
    assert first.code == 3
    assert first.out == ""
    assert "tracker: crawl 2026-03-16 failed" in first.err
    assert "tracker: weekly 2026-W11 ok" in first.err
    assert (second.code, second.out, second.err) == (0, "", "")
