"""A tick does what is due once, whatever happens around it; the service ends when it is told to."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tracker.errors import IssueEmpty, LockHeld, SourceUnavailable
from tracker.schedules import Job
from tracker.service import LONGEST_WAIT, TICK, Ran, serve, tick

CRAWL = Job("crawl", "crawl", "announcement-day", time(0, 30), "America/New_York")
WEEKLY = Job("weekly", "digest", "week", time(8), "UTC")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)  # a Monday: one listing and one week are due


class Ledger:
    """The smallest real one."""

    def __init__(self) -> None:
        self.rows = sqlite3.connect(":memory:")
        self.rows.execute("CREATE TABLE attempt (job, key, state, detail, at)")

    def attempts(self, job: str, key: str) -> Sequence[tuple[str, datetime]]:
        select = "SELECT state, at FROM attempt WHERE job = ? AND key = ? ORDER BY at"
        found = self.rows.execute(select, (job, key))
        return [(state, datetime.fromisoformat(at)) for state, at in found]

    def record(self, job: str, key: str, state: str, *, detail: str, at: datetime) -> None:
        row = (job, key, state, detail, at.isoformat())
        self.rows.execute("INSERT INTO attempt VALUES (?, ?, ?, ?, ?)", row)


class Verbs(dict[str, Callable[[str], str]]):
    """Two verbs that note what they were called for; `crawl` may be given another behaviour."""

    def __init__(self, crawl: Callable[[str], str] = lambda _key: "ok") -> None:
        self.calls: list[str] = []
        super().__init__(crawl=self._noting(crawl), digest=self._noting(lambda _key: "ok"))

    def _noting(self, verb: Callable[[str], str]) -> Callable[[str], str]:
        def noted(key: str) -> str:
            self.calls.append(key)
            return verb(key)

        return noted


def states(
    jobs: Sequence[Job], ledger: Ledger, verbs: Verbs, now: datetime = NOW
) -> list[tuple[str, str]]:
    return [(ran.key, ran.state) for ran in tick(jobs, now, ledger, verbs)]


def test_a_tick_does_what_is_due_and_the_next_one_nothing() -> None:
    ledger, verbs = Ledger(), Verbs()
    both = (CRAWL, WEEKLY)
    assert states(both, ledger, verbs) == [("2026-03-16", "ok"), ("2026-W11", "ok")]
    assert states(both, ledger, verbs) == []  # a doubled tick
    assert states(both, ledger, verbs, NOW + timedelta(hours=12)) == []
    assert verbs.calls == ["2026-03-16", "2026-W11"]


def test_degraded_is_done_and_said() -> None:
    ledger, verbs = Ledger(), Verbs(lambda _key: "degraded")
    assert states([CRAWL], ledger, verbs) == [("2026-03-16", "degraded")]
    assert states([CRAWL], ledger, verbs, NOW + timedelta(hours=1)) == []


def test_three_missed_days_are_made_up_in_order() -> None:
    ledger, verbs = Ledger(), Verbs()
    job = Job("crawl", "crawl", "announcement-day", time(0, 30), "America/New_York", catch_up=9)
    ledger.record("crawl", "2026-03-10", "ok", detail="", at=NOW - timedelta(days=6))
    states([job], ledger, verbs)
    assert verbs.calls[-4:] == ["2026-03-11", "2026-03-12", "2026-03-13", "2026-03-16"]
    assert "2026-03-10" not in verbs.calls


def test_a_day_that_the_verb_did_along_with_another_is_not_done_again() -> None:
    """A crawl looks back over a window, and may write down every day that it completed."""
    ledger = Ledger()

    def crawl(_key: str) -> str:
        ledger.record("crawl", "2026-03-16", "ok", detail="by the window", at=NOW)
        return "ok"

    job = Job("crawl", "crawl", "announcement-day", time(0, 30), "America/New_York", catch_up=2)
    assert states([job], ledger, Verbs(crawl)) == [("2026-03-13", "ok")]


def test_a_restart_in_the_middle_goes_on_where_it_stopped() -> None:
    ledger, verbs = Ledger(), Verbs()
    running = tick((CRAWL, WEEKLY), NOW, ledger, verbs)
    assert next(running) == Ran("crawl", "2026-03-16", "ok")
    running.close()  # the service was told to stop
    assert states((CRAWL, WEEKLY), ledger, verbs) == [("2026-W11", "ok")]


def test_a_run_that_was_killed_is_done_again_at_once() -> None:
    ledger = Ledger()

    def killed(_key: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        states([CRAWL], ledger, Verbs(killed))
    assert states([CRAWL], ledger, Verbs()) == [("2026-03-16", "ok")]


def unreachable(_key: str) -> str:
    raise SourceUnavailable("arxiv_api", "https://example.org", "no answer")


def test_a_failure_is_written_down_and_does_not_stop_the_other_jobs() -> None:
    ledger = Ledger()
    outcome = list(tick((CRAWL, WEEKLY), NOW, ledger, Verbs(unreachable)))
    assert outcome == [
        Ran("crawl", "2026-03-16", "failed", "arxiv_api: no answer (https://example.org)"),
        Ran("weekly", "2026-W11", "ok"),
    ]
    assert ledger.attempts("crawl", "2026-03-16") == [("failed", NOW)]


def test_a_fault_in_a_verb_is_a_failure_with_its_name(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_key: str) -> str:
        raise ZeroDivisionError("by zero")

    (ran,) = tick([CRAWL], NOW, Ledger(), Verbs(broken))
    assert (ran.state, ran.detail) == ("failed", "ZeroDivisionError: by zero")
    assert "Traceback" in caplog.text


def test_a_failing_verb_is_tried_ever_less_often_until_it_succeeds() -> None:
    ledger, failing = Ledger(), Verbs(unreachable)
    minutes = range(20 * 60)
    tries = [minute for minute in minutes if states([CRAWL], ledger, failing, NOW + minute * TICK)]
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]
    again = NOW + (tries[-1] + 360) * TICK
    assert states([CRAWL], ledger, Verbs(), again) == [("2026-03-17", "ok")]  # the newest only


def test_a_failure_that_mends_itself_is_then_done() -> None:
    ledger = Ledger()
    states([CRAWL], ledger, Verbs(unreachable))
    assert states([CRAWL], ledger, Verbs(), NOW + TICK / 2) == []  # too early
    assert states([CRAWL], ledger, Verbs(), NOW + TICK) == [("2026-03-16", "ok")]
    assert states([CRAWL], ledger, Verbs(), NOW + 2 * TICK) == []


def test_the_wait_is_never_longer_than_six_hours() -> None:
    ledger = Ledger()
    for failure in range(500):
        ledger.record("weekly", "2026-W11", "failed", detail="", at=NOW + failure * TICK)
    last = NOW + 499 * TICK
    assert states([WEEKLY], ledger, Verbs(), last + LONGEST_WAIT - TICK) == []
    assert states([WEEKLY], ledger, Verbs(), last + LONGEST_WAIT) == [("2026-W11", "ok")]


def test_what_is_held_back_is_asked_for_again_within_the_hour() -> None:
    def held(_key: str) -> str:
        raise IssueEmpty("2026-W11")

    ledger = Ledger()
    for attempt in range(20):
        assert states([CRAWL], ledger, Verbs(held), NOW + attempt * timedelta(hours=1)) == [
            ("2026-03-16", "held")
        ]


def test_a_clock_that_was_set_back_does_not_stop_the_retries() -> None:
    ledger = Ledger()
    ledger.record("weekly", "2026-W11", "failed", detail="", at=NOW + timedelta(days=300))
    assert states([WEEKLY], ledger, Verbs()) == [("2026-W11", "ok")]


def test_a_held_lock_means_not_now_and_is_no_failure() -> None:
    ledger = Ledger()

    def locked(_key: str) -> str:
        raise LockHeld(Path("run.lock"), "process 7")

    assert states([CRAWL], ledger, Verbs(locked)) == [("2026-03-16", "busy")]
    assert ledger.attempts("crawl", "2026-03-16") == []
    assert states([CRAWL], ledger, Verbs()) == [("2026-03-16", "ok")]


PROGRAM = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from tracker.errors import LockHeld
from tracker.service import Ran, serve

ticks = 0

def ticking(now):
    global ticks
    ticks += 1
    assert now.tzinfo is UTC
    {body}

def report(ran):
    print(ran.job, ran.key, ran.state, flush=True)

serve(ticking, report, seconds=0.05)
print("ended", flush=True)
"""


def started(body: str) -> subprocess.Popen[str]:
    source = PROGRAM.format(body=textwrap.indent(textwrap.dedent(body), "    ").strip())
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", source],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )


SLOW = """
print("working", ticks, flush=True)
time.sleep(0.5)
yield Ran("crawl", "first", "ok")
yield Ran("crawl", "second", "ok")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_running_verb_finish_and_starts_no_other(number: signal.Signals) -> None:
    with started(SLOW) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == "working 1\n"
        service.send_signal(number)
        out, err = service.communicate(timeout=10)
    assert (out, err, service.returncode) == ("crawl first ok\nended\n", "", 0)


def test_the_service_ticks_again_and_again_and_ends_quickly_when_idle() -> None:
    with started('yield Ran("crawl", str(ticks), "ok")') as service:
        assert service.stdout is not None
        lines = [service.stdout.readline() for _ in range(3)]
        service.send_signal(signal.SIGTERM)
        out, err = service.communicate(timeout=10)
    assert lines == ["crawl 1 ok\n", "crawl 2 ok\n", "crawl 3 ok\n"]
    assert out.endswith("ended\n")
    assert (err, service.returncode) == ("", 0)


def test_a_tick_longer_than_the_interval_is_not_started_twice() -> None:
    """Nor does APScheduler fill the journal with saying so."""
    body = """
        time.sleep(0.4)
        yield Ran("crawl", str(ticks), "ok")
        time.sleep(0.2)
        yield Ran("weekly", str(ticks), "ok")
    """
    with started(body) as service:
        assert service.stdout is not None
        lines = [service.stdout.readline() for _ in range(3)]
        service.send_signal(signal.SIGTERM)
        _, err = service.communicate(timeout=10)
    assert lines == ["crawl 1 ok\n", "weekly 1 ok\n", "crawl 2 ok\n"]
    assert (err, service.returncode) == ("", 0)


def test_a_second_service_waits_while_the_first_holds_the_lock() -> None:
    body = """
        if ticks == 1:
            raise LockHeld(Path("tick.lock"), "process 7")
        yield Ran("crawl", "first", "ok")
    """
    with started(body) as service:
        assert service.stdout is not None
        lines = [service.stdout.readline() for _ in range(2)]
        service.terminate()
        service.communicate(timeout=10)
    assert lines == ["tick  busy\n", "crawl first ok\n"]


def test_a_fault_outside_the_verbs_ends_the_service_with_that_fault() -> None:
    """The store that cannot be opened is not hidden in a log while the service looks alive."""
    handler = signal.getsignal(signal.SIGTERM)

    def damaged(_now: datetime) -> list[Ran]:
        raise RuntimeError("the database is damaged")

    with pytest.raises(RuntimeError, match="the database is damaged"):
        serve(damaged, lambda _ran: None, seconds=0.05)
    assert signal.getsignal(signal.SIGTERM) is handler
