"""One request at a time and no faster than agreed, over processes, restarts and odd clocks."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.arxiv_server import ArxivServer, invented, slow
from tracker.errors import SourceRefused, SourceUnavailable
from tracker.sources.http import Ask, Client
from tracker.sources.pace import LONGEST_PAUSE, REFUSED_SECONDS, Clock, Gate, Visit, host_key

HOUR = 3600.0


@dataclass
class FakeTime:
    """A clock that moves only when somebody sleeps."""

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
def gate(tmp_path: Path, time: FakeTime) -> Gate:
    return Gate(tmp_path, time.clock)


def visit(
    time: FakeTime, host: str = "arxiv.org", pace: float = 3.0, patience: float = 60
) -> Visit:
    return Visit("arxiv_api", f"https://{host}/", host, pace, time.now + patience)


def test_all_hosts_of_arxiv_share_one_pace() -> None:
    hosts = ("arxiv.org", "export.arxiv.org", "rss.ARXIV.org.", "oaipmh.arxiv.org")
    assert {host_key(host, None) for host in hosts} == {"arxiv.org"}
    assert host_key("notarxiv.org", None) == "notarxiv.org"
    assert host_key("127.0.0.1", 81) != host_key("127.0.0.1", 82)


def test_the_first_request_goes_at_once_and_the_next_waits_its_pace(
    gate: Gate, time: FakeTime
) -> None:
    for _ in range(3):
        with gate.turn(visit(time, "example.org", pace=5)):
            time.now += 1
    assert time.slept == [5, 5]


def test_arxiv_is_never_asked_faster_than_its_terms_allow(gate: Gate, time: FakeTime) -> None:
    for _ in range(2):
        with gate.turn(visit(time, pace=0)):
            pass
    assert time.slept == [3]


def test_a_clock_that_was_set_back_costs_one_pace_and_no_more(gate: Gate, time: FakeTime) -> None:
    with gate.turn(visit(time)):
        pass
    time.now -= 400 * 24 * HOUR
    with gate.turn(visit(time)):
        pass
    assert time.slept == [3]


@pytest.mark.parametrize("text", ["{", "[]", '{"last": 1}', "null\n", "\x00\xff", '{"last":"x"}\n'])
def test_a_damaged_state_file_counts_as_a_request_just_made(
    gate: Gate, time: FakeTime, tmp_path: Path, text: str
) -> None:
    (tmp_path / "arxiv.org.json").write_text(text)
    with gate.turn(visit(time)):
        pass
    assert time.slept == [3]
    assert json.loads((tmp_path / "arxiv.org.json").read_text())["last"] == time.now


def test_a_pause_that_the_host_asked_for_is_kept_by_the_next_process(
    gate: Gate, time: FakeTime, tmp_path: Path
) -> None:
    with gate.turn(visit(time)) as turn:
        turn.pause(30)
    with Gate(tmp_path, time.clock).turn(visit(time)):
        pass
    assert time.slept == [30]


def test_a_pause_beyond_the_deadline_is_told_instead_of_waited_for(
    gate: Gate, time: FakeTime
) -> None:
    with gate.turn(visit(time)) as turn:
        turn.pause(10**9)
    with pytest.raises(SourceUnavailable) as caught, gate.turn(visit(time)):
        pass
    assert caught.value.retry_after == LONGEST_PAUSE
    assert time.slept == []


def test_arxivs_403_stops_every_process_for_the_day_but_not_tomorrows_run(
    gate: Gate, time: FakeTime, tmp_path: Path
) -> None:
    with gate.turn(visit(time)) as turn:
        turn.refuse()
    time.now += REFUSED_SECONDS - 60
    with pytest.raises(SourceRefused, match="403"), Gate(tmp_path, time.clock).turn(visit(time)):
        pass
    time.now += 24 * HOUR - REFUSED_SECONDS
    with gate.turn(visit(time)):
        pass


def test_a_403_still_ends_when_the_clock_is_set_back(gate: Gate, time: FakeTime) -> None:
    with gate.turn(visit(time)) as turn:
        turn.refuse()
    time.now -= 400 * 24 * HOUR
    with pytest.raises(SourceRefused), gate.turn(visit(time)):
        pass
    time.now += REFUSED_SECONDS
    with gate.turn(visit(time)):
        pass


def test_another_hosts_403_is_its_own_business(gate: Gate, time: FakeTime) -> None:
    with gate.turn(visit(time, "example.org")) as turn:
        turn.refuse()
    with gate.turn(visit(time, "example.org")):
        pass


def test_a_busy_host_is_given_up_at_the_deadline(
    gate: Gate, time: FakeTime, tmp_path: Path
) -> None:
    with (
        gate.turn(visit(time)),
        pytest.raises(SourceUnavailable, match="busy"),
        Gate(tmp_path, time.clock).turn(visit(time, patience=1)),
    ):
        pass


def test_a_state_folder_that_cannot_be_made_is_said(tmp_path: Path, time: FakeTime) -> None:
    (tmp_path / "file").touch()
    gate = Gate(tmp_path / "file" / "state", time.clock)
    with pytest.raises(SourceRefused, match="not writable"), gate.turn(visit(time)):
        pass


def test_a_full_disk_is_said(gate: Gate, time: FakeTime, tmp_path: Path) -> None:
    (tmp_path / "arxiv.org.json").symlink_to("/dev/full")
    with pytest.raises(SourceRefused, match="No space left"), gate.turn(visit(time)):
        pass


PROCESS = """
import sys
from pathlib import Path
from tracker.settings import Http
from tracker.sources.http import Ask, Client
client = Client(Http(allow_private=("127.0.0.1",)), Path(sys.argv[1]))
for _ in range(6):
    client.get(Ask("arxiv_api", sys.argv[2], pace=0.1))
"""


def test_two_processes_keep_one_pace_between_them(tmp_path: Path) -> None:
    with ArxivServer(invented(1)) as server:
        command = [sys.executable, "-c", PROCESS, str(tmp_path), server.url]
        processes = [subprocess.Popen(command) for _ in range(2)]
        assert [process.wait(timeout=30) for process in processes] == [0, 0]
        assert len(server.log) == 12
        assert min(server.gaps()) > 0.1


def test_requests_to_one_host_never_overlap(
    make_client: Callable[..., Client], tmp_path: Path
) -> None:
    """While one request hangs, a second client waits, and gives up at its own deadline."""
    with ArxivServer(invented(1), [slow(0.5)]) as server:
        ask = Ask("arxiv_api", server.url)
        hanging = subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(tmp_path / "state"), server.url]
        )
        while not server.log:
            pass
        with pytest.raises(SourceUnavailable, match="busy"):
            make_client(total=0.2).get(ask)
        hanging.kill()
        hanging.wait()
        assert make_client().get(ask).status == 200
