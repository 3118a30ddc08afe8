"""One request at a time within the rate limit, across processes, restarts and clock changes."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.faults.arxiv_server import ArxivServer, invented, slow
from tracker.errors import SourceRefused, SourceUnavailable
from tracker.sources.http.client import Client, Request
from tracker.sources.http.rate_limit import (
    LONGEST_PAUSE,
    REFUSAL_PAUSES,
    Clock,
    PendingRequest,
    RateLimiter,
    host_key,
)

HOUR = 3600.0


@dataclass
class FakeTime:
    """A clock that advances only by sleeping."""

    now: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(wall=lambda: self.now, steady=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def gate(tmp_path: Path, time: FakeTime) -> RateLimiter:
    return RateLimiter(tmp_path, time.clock)


def visit(
    time: FakeTime, host: str = "arxiv.org", pace: float = 3.0, timeout: float = 60
) -> PendingRequest:
    return PendingRequest("arxiv_api", f"https://{host}/", host, pace, time.now + timeout)


def test_all_hosts_of_arxiv_share_one_pace() -> None:
    hosts = ("arxiv.org", "export.arxiv.org", "rss.ARXIV.org.", "oaipmh.arxiv.org")
    assert {host_key(host, None) for host in hosts} == {"arxiv.org"}
    assert host_key("notarxiv.org", None) == "notarxiv.org"
    assert host_key("127.0.0.1", 81) != host_key("127.0.0.1", 82)


def test_the_first_request_is_sent_at_once_and_the_next_waits(
    gate: RateLimiter, time: FakeTime
) -> None:
    for _ in range(3):
        with gate.acquire(visit(time, "example.org", pace=5)):
            time.now += 1
    assert time.slept == [5, 5]


def test_arxiv_is_never_contacted_faster_than_its_terms_allow(
    gate: RateLimiter, time: FakeTime
) -> None:
    for _ in range(2):
        with gate.acquire(visit(time, pace=0)):
            pass
    assert time.slept == [3]


def test_a_clock_that_was_set_back_costs_one_pace_and_no_more(
    gate: RateLimiter, time: FakeTime
) -> None:
    with gate.acquire(visit(time)):
        pass
    time.now -= 400 * 24 * HOUR
    with gate.acquire(visit(time)):
        pass
    assert time.slept == [3]


@pytest.mark.parametrize("text", ["{", "[]", '{"last": 1}', "null\n", "\x00\xff", '{"last":"x"}\n'])
def test_a_damaged_state_file_counts_as_a_request_just_made(
    gate: RateLimiter, time: FakeTime, tmp_path: Path, text: str
) -> None:
    (tmp_path / "arxiv.org.json").write_text(text)
    with gate.acquire(visit(time)):
        pass
    assert time.slept == [3]
    assert json.loads((tmp_path / "arxiv.org.json").read_text())["last"] == time.now


def test_a_pause_requested_by_the_host_applies_to_the_next_process(
    gate: RateLimiter, time: FakeTime, tmp_path: Path
) -> None:
    with gate.acquire(visit(time)) as turn:
        turn.pause(30)
    with RateLimiter(tmp_path, time.clock).acquire(visit(time)):
        pass
    assert time.slept == [30]


def test_a_pause_beyond_the_deadline_is_an_error(gate: RateLimiter, time: FakeTime) -> None:
    with gate.acquire(visit(time)) as turn:
        turn.pause(10**9)
    with pytest.raises(SourceUnavailable) as caught, gate.acquire(visit(time)):
        pass
    assert caught.value.retry_after == LONGEST_PAUSE
    assert time.slept == []


def test_arxivs_403_stops_every_process_longer_each_time_but_not_tomorrows_run(
    gate: RateLimiter, time: FakeTime, tmp_path: Path
) -> None:
    for pause in REFUSAL_PAUSES:
        with gate.acquire(visit(time)) as turn:
            turn.record_refusal()
        time.now += pause - 60
        with (
            pytest.raises(SourceRefused, match="403"),
            RateLimiter(tmp_path, time.clock).acquire(visit(time)),
        ):
            pass
        time.now += 120
    assert REFUSAL_PAUSES[-1] < 24 * HOUR
    with gate.acquire(visit(time)):
        pass


def test_a_403_of_one_endpoint_leaves_the_others_open(gate: RateLimiter, time: FakeTime) -> None:
    paper = replace(visit(time), url="https://arxiv.org/html/2603.00001v1")
    with gate.acquire(paper) as turn:
        turn.record_refusal()
    with pytest.raises(SourceRefused), gate.acquire(replace(paper, url="https://arxiv.org/html/x")):
        pass
    for url in (
        "https://arxiv.org/list/cs.CL/new", "https://rss.arxiv.org/rss/cs.CL",
        "https://export.arxiv.org/api/query?start=0", "https://oaipmh.arxiv.org/oai",
    ):  # fmt: skip
        with gate.acquire(replace(paper, url=url)):
            pass


def test_requests_to_arxiv_slow_down_until_it_answers_again(
    gate: RateLimiter, time: FakeTime
) -> None:
    for _ in range(2):
        with gate.acquire(visit(time)) as turn:
            turn.slow_down()
    time.slept.clear()
    for _ in range(3):
        with gate.acquire(visit(time)) as turn:
            turn.record_success()
    assert time.slept == [12, 6, 3]


def test_a_403_still_ends_when_the_clock_is_set_back(gate: RateLimiter, time: FakeTime) -> None:
    with gate.acquire(visit(time)) as turn:
        turn.record_refusal()
    time.now -= 400 * 24 * HOUR
    with pytest.raises(SourceRefused), gate.acquire(visit(time)):
        pass
    time.now += REFUSAL_PAUSES[0]
    with gate.acquire(visit(time)):
        pass


def test_a_403_of_another_host_causes_no_pause(gate: RateLimiter, time: FakeTime) -> None:
    with gate.acquire(visit(time, "example.org")) as turn:
        turn.record_refusal()
    with gate.acquire(visit(time, "example.org")):
        pass


def test_a_busy_host_is_given_up_at_the_deadline(
    gate: RateLimiter, time: FakeTime, tmp_path: Path
) -> None:
    with (
        gate.acquire(visit(time)),
        pytest.raises(SourceUnavailable, match="busy"),
        RateLimiter(tmp_path, time.clock).acquire(visit(time, timeout=1)),
    ):
        pass


def test_a_state_folder_that_cannot_be_created_is_reported(tmp_path: Path, time: FakeTime) -> None:
    (tmp_path / "file").touch()
    gate = RateLimiter(tmp_path / "file" / "state", time.clock)
    with pytest.raises(SourceRefused, match="not writable"), gate.acquire(visit(time)):
        pass


def test_a_full_disk_is_reported(gate: RateLimiter, time: FakeTime, tmp_path: Path) -> None:
    (tmp_path / "arxiv.org.json").symlink_to("/dev/full")
    with pytest.raises(SourceRefused, match="No space left"), gate.acquire(visit(time)):
        pass


PROCESS = """
import sys
from pathlib import Path
from tracker.settings import Http
from tracker.sources.http.client import Request, Client
client = Client(Http(allow_private=("127.0.0.1",)), Path(sys.argv[1]))
for _ in range(6):
    client.get(Request("arxiv_api", sys.argv[2], pace=0.1))
"""


def test_two_processes_share_one_rate_limit(tmp_path: Path) -> None:
    with ArxivServer(invented(1)) as server:
        command = [sys.executable, "-c", PROCESS, str(tmp_path), server.url]
        processes = [subprocess.Popen(command) for _ in range(2)]
        assert [process.wait(timeout=30) for process in processes] == [0, 0]
        assert len(server.log) == 12
        assert min(server.gaps()) > 0.1


def test_requests_to_one_host_never_overlap(
    make_client: Callable[..., Client], tmp_path: Path
) -> None:
    """While one request hangs, a second client waits until its deadline."""
    with ArxivServer(invented(1), [slow(0.5)]) as server:
        query = Request("arxiv_api", server.url)
        hanging = subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(tmp_path / "state"), server.url]
        )
        while not server.log:
            pass
        with pytest.raises(SourceUnavailable, match="busy"):
            make_client(total=0.2).get(query)
        hanging.kill()
        hanging.wait()
        assert make_client().get(query).status == 200
