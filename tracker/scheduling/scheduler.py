"""The scheduler of `tracker run`: runs every job that is due according to the run history once.

Owns APScheduler, which only provides the ticks: it stores no jobs and knows no dates. What a tick
does depends only on the schedules and the run history, so a tick may be missed, duplicated or
interrupted.

Public: `run_due_jobs` runs the due jobs and yields each `JobOutcome`; `run_until_signal` ticks
until SIGTERM or SIGINT; `RunHistory` and `JobAction` are the interfaces that the store and the
pipeline implement.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any, NoReturn, Protocol

from tracker.errors import IssueHeld, LockHeld, TrackerError
from tracker.scheduling.schedules import Job, due_keys

TICK = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=6)
# How long the running job may continue after a signal: a source, relay or model may take minutes.
GRACE_SECONDS = 2.0
# A held issue only waits for papers, which may arrive at any hour.
LONGEST_WAIT_IF_HELD = timedelta(hours=1)
DONE = frozenset({"ok", "degraded"})
FAILED, HELD, BUSY = "failed", "held", "busy"

# Runs a job for one key ("2026-03-10", "2026-W11", "2026-03"); returns ok, degraded or failed.
JobAction = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """The outcome of one job for one key: ok, degraded, failed, held, or busy if locked out."""

    job: str
    key: str
    state: str
    detail: str = ""


class RunHistory(Protocol):
    """The record of attempts. The caller of `run_due_jobs` holds the lock around both methods."""

    def attempts(self, job: str, key: str) -> Sequence[tuple[str, datetime]]:
        """Return state and time (UTC) of every attempt at that job for that key, oldest first."""
        ...

    def record(self, job: str, key: str, state: str, *, detail: str, at: datetime) -> None:
        """Record one attempt; it is committed on return."""
        ...


def run_due_jobs(
    jobs: Iterable[Job], now: datetime, history: RunHistory, actions: Mapping[str, JobAction]
) -> Generator[JobOutcome, None, None]:
    """Run the jobs that are due at `now` and yield each outcome; to stop, stop iterating.

    A failure is recorded and retried after 1, 2, 4 … ticks, at most six hours apart, and a held
    issue at most one hour apart; the other jobs continue. LockHeld is not a failure: nothing is
    recorded and the next tick tries again. The caller prevents concurrent ticks by holding one lock
    around the whole iteration.
    """
    for job in jobs:
        yield from _run_job(job, now, history, actions[job.verb])


def _run_job(
    job: Job, now: datetime, history: RunHistory, action: JobAction
) -> Iterator[JobOutcome]:
    for key in due_keys(job, now, lambda key: _is_done(history.attempts(job.name, key))):
        attempts = history.attempts(job.name, key)  # again: the previous key may have completed it
        if _is_done(attempts) or not _is_retry_due(attempts, now):
            continue
        state, detail = _run_logged(job, key, action)
        if state != BUSY:
            history.record(job.name, key, state, detail=detail, at=now)
        yield JobOutcome(job.name, key, state, detail)


def _run_logged(job: Job, key: str, action: JobAction) -> tuple[str, str]:
    """Return state and detail of one job, whose start and end are logged."""
    logger, started = logging.getLogger(__name__), time.monotonic()
    logger.info("job started", extra={"job": job.name, "key": key})
    state, detail = _run_action(action, key)
    facts = {"job": job.name, "key": key, "state": state, "detail": detail}
    seconds = round(time.monotonic() - started, 3)
    logger.info("job ended", extra=facts | {"seconds": seconds})
    return state, detail


def _is_done(attempts: Sequence[tuple[str, datetime]]) -> bool:
    return any(state in DONE for state, _ in attempts)


def _is_retry_due(attempts: Sequence[tuple[str, datetime]], now: datetime) -> bool:
    """Return whether the wait after the last failure is over, also if the clock was set back."""
    if not attempts:
        return True
    doubled = TICK * 2 ** min(len(attempts) - 1, 20)
    state, last = attempts[-1]
    longest = LONGEST_WAIT_IF_HELD if state == HELD else LONGEST_WAIT
    return not timedelta() <= now - last < min(doubled, longest)


def _run_action(action: JobAction, key: str) -> tuple[str, str]:
    """Run a job for one key and return its state and detail."""
    try:
        return action(key), ""
    except LockHeld as error:
        return BUSY, str(error)
    except IssueHeld as error:
        return HELD, str(error)
    except TrackerError as error:
        return FAILED, str(error)
    except Exception as error:  # a defect in one job must not stop the others; it is recorded
        logging.getLogger(__name__).exception("a scheduled job failed for %s", key)
        return FAILED, f"{type(error).__name__}: {error}"


def run_until_signal(
    run_due: Callable[[datetime], Iterable[JobOutcome]],
    report: Callable[[JobOutcome], None],
    *,
    seconds: float = TICK.total_seconds(),
    end: Callable[[int], NoReturn] = os._exit,
) -> int:
    """Call `run_due` with the current time, at once and then every `seconds`, until a signal.

    Returns the number of the signal, SIGTERM or SIGINT. `run_due` and `report`, which receives each
    outcome, always run in the same worker thread. The running job may finish within two seconds;
    after that, or on a second signal, `end` ends the process with the number of the signal, which
    is safe during any job. After LockHeld from `run_due` the next tick tries again; any other error
    ends the loop and is raised here. Call it from the main thread only, as it sets signal handlers.
    """
    loop = _SchedulerLoop(run_due, report, end)
    with _handle_signals(loop.stop):
        return loop.run(seconds)


class _SchedulerLoop:
    """A BlockingScheduler with one job, which can be stopped from signal handlers."""

    def __init__(
        self,
        run_due: Callable[[datetime], Iterable[JobOutcome]],
        report: Callable[[JobOutcome], None],
        end: Callable[[int], NoReturn],
    ) -> None:
        self._run_due, self._report, self._end = run_due, report, end
        self._stops: SimpleQueue[int] = SimpleQueue()
        self._number = 0
        self._is_stopping = False
        self._ended = threading.Event()
        self._error: Exception | None = None

    def stop(self, number: int = 0) -> None:
        """Request the end. Safe in signal handlers: SimpleQueue.put is reentrant, locks are not."""
        self._stops.put(number)

    def run(self, seconds: float) -> int:
        """Tick until `stop` is called and return its number. Raises the error of a failed tick."""
        # APScheduler ships no type hints.
        from apscheduler.events import EVENT_SCHEDULER_STARTED  # type: ignore[import-untyped]
        from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
        from apscheduler.schedulers.blocking import (  # type: ignore[import-untyped]
            BlockingScheduler,
        )
        from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

        # It warns every minute that a long tick is not started a second time, which is intended.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = BlockingScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
        scheduler.add_job(
            self._run_tick,
            IntervalTrigger(seconds=seconds, timezone=UTC),
            id="tick",
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,  # the default drops a tick that is one second late
        )
        drain = threading.Thread(target=self._shut_down_on_stop, args=(scheduler,), daemon=True)
        scheduler.add_listener(lambda _: drain.start(), EVENT_SCHEDULER_STARTED)
        scheduler.start()
        self._ended.wait()  # the scheduler may return while a job is still running
        if self._error:
            raise self._error
        return self._number

    def _shut_down_on_stop(self, scheduler: Any) -> None:
        """Shut down in a separate thread: a signal handler could deadlock on a scheduler lock."""
        self._number = self._stops.get()
        self._is_stopping = True
        threading.Thread(target=self._end_after_grace, daemon=True).start()
        scheduler.shutdown(wait=True)
        self._ended.set()
        self._stops.put(0)  # for `_end_after_grace`

    def _end_after_grace(self) -> None:
        """End the process if the running job does not finish in time, or on a second signal."""
        with suppress(Empty):
            self._stops.get(timeout=GRACE_SECONDS)
        if not self._ended.is_set():
            self._end(self._number)

    def _run_tick(self) -> None:
        try:
            for outcome in self._run_due(datetime.now(UTC)):
                self._report(outcome)
                if self._is_stopping:
                    break
        except LockHeld as error:
            self._report(JobOutcome("tick", "", BUSY, str(error)))
        except Exception as error:  # raised again by `run`; APScheduler would only log it
            self._error = error
            self.stop()


@contextmanager
def _handle_signals(stop: Callable[[int], None]) -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {
        number: signal.signal(number, lambda received, _: stop(received)) for number in numbers
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
