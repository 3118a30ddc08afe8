"""Due jobs run once, failures are retried, and the service ends on a signal."""

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
from tracker.scheduling.scheduler import (
    LONGEST_WAIT,
    TICK,
    JobOutcome,
    run_due_jobs,
    run_until_signal,
)
from tracker.scheduling.schedules import Job

CRAWL = Job("crawl", "crawl", "announcement-day", time(0, 30), "America/New_York")
WEEKLY = Job("weekly", "digest", "week", time(8), "UTC")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)  # a Monday: one listing and one week are due


class MemoryHistory:
    """A run history in memory."""

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


class RecordedActions(dict[str, Callable[[str], str]]):
    """Two actions that record their keys; the behaviour of `crawl` can be replaced."""

    def __init__(self, crawl: Callable[[str], str] = lambda _key: "ok") -> None:
        self.calls: list[str] = []
        super().__init__(crawl=self._recorded(crawl), digest=self._recorded(lambda _key: "ok"))

    def _recorded(self, action: Callable[[str], str]) -> Callable[[str], str]:
        def call(key: str) -> str:
            self.calls.append(key)
            return action(key)

        return call


def states(
    jobs: Sequence[Job], history: MemoryHistory, actions: RecordedActions, now: datetime = NOW
) -> list[tuple[str, str]]:
    return [(outcome.key, outcome.state) for outcome in run_due_jobs(jobs, now, history, actions)]


def test_due_jobs_run_once() -> None:
    history, actions = MemoryHistory(), RecordedActions()
    both = (CRAWL, WEEKLY)
    assert states(both, history, actions) == [("2026-03-16", "ok"), ("2026-W11", "ok")]
    assert states(both, history, actions) == []  # a duplicate tick
    assert states(both, history, actions, NOW + timedelta(hours=12)) == []
    assert actions.calls == ["2026-03-16", "2026-W11"]


def test_a_degraded_run_is_reported_and_not_repeated() -> None:
    history, actions = MemoryHistory(), RecordedActions(lambda _key: "degraded")
    assert states([CRAWL], history, actions) == [("2026-03-16", "degraded")]
    assert states([CRAWL], history, actions, NOW + timedelta(hours=1)) == []


def test_three_missed_days_are_caught_up_in_order() -> None:
    history, actions = MemoryHistory(), RecordedActions()
    job = Job("crawl", "crawl", "announcement-day", time(0, 30), "America/New_York", catch_up=9)
    history.record("crawl", "2026-03-10", "ok", detail="", at=NOW - timedelta(days=6))
    states([job], history, actions)
    assert actions.calls[-4:] == ["2026-03-11", "2026-03-12", "2026-03-13", "2026-03-16"]
    assert "2026-03-10" not in actions.calls


def test_a_day_completed_along_with_another_is_not_run_again() -> None:
    """A crawl covers a window of days and may record every day that it completed."""
    history = MemoryHistory()

    def crawl(_key: str) -> str:
        history.record("crawl", "2026-03-16", "ok", detail="by the window", at=NOW)
        return "ok"

    job = Job("crawl", "crawl", "announcement-day", time(0, 30), "America/New_York", catch_up=2)
    assert states([job], history, RecordedActions(crawl)) == [("2026-03-13", "ok")]


def test_a_restart_resumes_where_the_last_run_stopped() -> None:
    history, actions = MemoryHistory(), RecordedActions()
    running = run_due_jobs((CRAWL, WEEKLY), NOW, history, actions)
    assert next(running) == JobOutcome("crawl", "2026-03-16", "ok")
    running.close()  # the service was stopped
    assert states((CRAWL, WEEKLY), history, actions) == [("2026-W11", "ok")]


def test_a_killed_run_is_repeated_at_once() -> None:
    history = MemoryHistory()

    def killed(_key: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        states([CRAWL], history, RecordedActions(killed))
    assert states([CRAWL], history, RecordedActions()) == [("2026-03-16", "ok")]


def unreachable(_key: str) -> str:
    raise SourceUnavailable("arxiv_api", "https://example.org", "no answer")


def test_a_failure_is_recorded_and_does_not_stop_the_other_jobs() -> None:
    history = MemoryHistory()
    outcome = list(run_due_jobs((CRAWL, WEEKLY), NOW, history, RecordedActions(unreachable)))
    assert outcome == [
        JobOutcome("crawl", "2026-03-16", "failed", "arxiv_api: no answer (https://example.org)"),
        JobOutcome("weekly", "2026-W11", "ok"),
    ]
    assert history.attempts("crawl", "2026-03-16") == [("failed", NOW)]


def test_an_unexpected_error_in_a_job_is_a_failure_with_its_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_key: str) -> str:
        raise ZeroDivisionError("by zero")

    (outcome,) = run_due_jobs([CRAWL], NOW, MemoryHistory(), RecordedActions(broken))
    assert (outcome.state, outcome.detail) == ("failed", "ZeroDivisionError: by zero")
    assert "Traceback" in caplog.text


def test_retries_of_a_failing_job_become_less_frequent() -> None:
    history, failing = MemoryHistory(), RecordedActions(unreachable)
    minutes = range(20 * 60)
    tries = [minute for minute in minutes if states([CRAWL], history, failing, NOW + minute * TICK)]
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]
    again = NOW + (tries[-1] + 360) * TICK
    assert states([CRAWL], history, RecordedActions(), again) == [
        ("2026-03-17", "ok")
    ]  # the newest only


def test_a_job_that_succeeds_on_retry_is_done() -> None:
    history = MemoryHistory()
    states([CRAWL], history, RecordedActions(unreachable))
    assert states([CRAWL], history, RecordedActions(), NOW + TICK / 2) == []  # too early
    assert states([CRAWL], history, RecordedActions(), NOW + TICK) == [("2026-03-16", "ok")]
    assert states([CRAWL], history, RecordedActions(), NOW + 2 * TICK) == []


def test_the_wait_is_never_longer_than_six_hours() -> None:
    history = MemoryHistory()
    for failure in range(500):
        history.record("weekly", "2026-W11", "failed", detail="", at=NOW + failure * TICK)
    last = NOW + 499 * TICK
    assert states([WEEKLY], history, RecordedActions(), last + LONGEST_WAIT - TICK) == []
    assert states([WEEKLY], history, RecordedActions(), last + LONGEST_WAIT) == [("2026-W11", "ok")]


def test_a_held_issue_is_retried_within_the_hour() -> None:
    def held(_key: str) -> str:
        raise IssueEmpty("2026-W11")

    history = MemoryHistory()
    for attempt in range(20):
        assert states(
            [CRAWL], history, RecordedActions(held), NOW + attempt * timedelta(hours=1)
        ) == [("2026-03-16", "held")]


def test_a_clock_set_back_does_not_stop_the_retries() -> None:
    history = MemoryHistory()
    history.record("weekly", "2026-W11", "failed", detail="", at=NOW + timedelta(days=300))
    assert states([WEEKLY], history, RecordedActions()) == [("2026-W11", "ok")]


def test_a_held_lock_postpones_a_job_without_a_failure() -> None:
    history = MemoryHistory()

    def locked(_key: str) -> str:
        raise LockHeld(Path("run.lock"), "process 7")

    assert states([CRAWL], history, RecordedActions(locked)) == [("2026-03-16", "busy")]
    assert history.attempts("crawl", "2026-03-16") == []
    assert states([CRAWL], history, RecordedActions()) == [("2026-03-16", "ok")]


PROGRAM = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from tracker.errors import LockHeld
from tracker.scheduling.scheduler import JobOutcome, run_until_signal

ticks = 0

def run_due(now):
    global ticks
    ticks += 1
    assert now.tzinfo is UTC
    {body}

def report(outcome):
    print(outcome.job, outcome.key, outcome.state, flush=True)

run_until_signal(run_due, report, seconds=0.05)
print("ended", flush=True)
"""


def start_service(body: str) -> subprocess.Popen[str]:
    source = PROGRAM.format(body=textwrap.indent(textwrap.dedent(body), "    ").strip())
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", source],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


SLOW = """
print("working", ticks, flush=True)
time.sleep(0.5)
yield JobOutcome("crawl", "first", "ok")
yield JobOutcome("crawl", "second", "ok")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_running_job_finish_and_starts_no_other(number: signal.Signals) -> None:
    with start_service(SLOW) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == "working 1\n"
        service.send_signal(number)
        out, err = service.communicate(timeout=10)
    assert (out, err, service.returncode) == ("crawl first ok\nended\n", "", 0)


def test_the_service_ticks_repeatedly_and_ends_quickly_when_idle() -> None:
    with start_service('yield JobOutcome("crawl", str(ticks), "ok")') as service:
        assert service.stdout is not None
        lines = [service.stdout.readline() for _ in range(3)]
        service.send_signal(signal.SIGTERM)
        out, err = service.communicate(timeout=10)
    assert lines == ["crawl 1 ok\n", "crawl 2 ok\n", "crawl 3 ok\n"]
    assert out.endswith("ended\n")
    assert (err, service.returncode) == ("", 0)


def test_a_tick_longer_than_the_interval_is_not_started_twice() -> None:
    """APScheduler does not fill the journal with warnings about it either."""
    body = """
        time.sleep(0.4)
        yield JobOutcome("crawl", str(ticks), "ok")
        time.sleep(0.2)
        yield JobOutcome("weekly", str(ticks), "ok")
    """
    with start_service(body) as service:
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
        yield JobOutcome("crawl", "first", "ok")
    """
    with start_service(body) as service:
        assert service.stdout is not None
        lines = [service.stdout.readline() for _ in range(2)]
        service.terminate()
        service.communicate(timeout=10)
    assert lines == ["tick  busy\n", "crawl first ok\n"]


def test_an_error_outside_the_jobs_ends_the_service_with_that_error() -> None:
    """A store that cannot be opened must not only be logged while the service keeps running."""
    handler = signal.getsignal(signal.SIGTERM)

    def damaged(_now: datetime) -> list[JobOutcome]:
        raise RuntimeError("the database is damaged")

    with pytest.raises(RuntimeError, match="the database is damaged"):
        run_until_signal(damaged, lambda _outcome: None, seconds=0.05)
    assert signal.getsignal(signal.SIGTERM) is handler
