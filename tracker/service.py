"""`tracker run`: what is due is asked of the ledger, then done, once.

Owns APScheduler, which only ticks: it keeps no jobs of its own and knows no dates. What a tick does
is decided from the schedules and the ledger alone, so that it may be missed, doubled or cut short.

Public: `tick` does what is due and yields it as `Ran`; `serve` ticks until SIGTERM or SIGINT;
`Ledger` is what the store must offer, `Verb` what the pipeline must.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any, NoReturn, Protocol

from tracker.errors import LockHeld, TrackerError
from tracker.schedules import Job, due

TICK = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=6)
# How long the running verb may go on after a signal: a source, a relay or a model may take minutes.
GRACE_SECONDS = 2.0
DONE = frozenset({"ok", "degraded"})
FAILED, BUSY = "failed", "busy"

# Does a job for one key ("2026-03-10", "2026-W11", "2026-03") and answers ok, degraded or failed.
Verb = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one job for one key: ok, degraded, failed, or busy when a lock was held."""

    job: str
    key: str
    state: str
    detail: str = ""


class Ledger(Protocol):
    """Where it is written what was done. The caller of `tick` holds the lock around both calls."""

    def attempts(self, job: str, key: str) -> Sequence[tuple[str, datetime]]:
        """State and instant (UTC) of every attempt at that job for that key, oldest first."""
        ...

    def record(self, job: str, key: str, state: str, *, detail: str, at: datetime) -> None:
        """Add one attempt, for good when it returns."""
        ...


def tick(
    jobs: Iterable[Job], now: datetime, ledger: Ledger, verbs: Mapping[str, Verb]
) -> Generator[Ran, None, None]:
    """Do what is due at `now` and yield each outcome; to stop between two, stop iterating.

    A failure is recorded, and tried again after 1, 2, 4 … ticks, at most six hours apart; the other
    jobs go on. LockHeld is no failure: nothing is recorded and the next tick tries again. Two ticks
    at once are the caller's to prevent, by one lock around the whole iteration.
    """
    for job in jobs:
        yield from _work_off(job, now, ledger, verbs[job.verb])


def _work_off(job: Job, now: datetime, ledger: Ledger, verb: Verb) -> Iterator[Ran]:
    for key in due(job, now, lambda key: _done(ledger.attempts(job.name, key))):
        attempts = ledger.attempts(job.name, key)  # again: doing the key before may have done it
        if _done(attempts) or not _rested(attempts, now):
            continue
        state, detail = _attempt(verb, key)
        if state != BUSY:
            ledger.record(job.name, key, state, detail=detail, at=now)
        yield Ran(job.name, key, state, detail)


def _done(attempts: Sequence[tuple[str, datetime]]) -> bool:
    return any(state in DONE for state, _ in attempts)


def _rested(attempts: Sequence[tuple[str, datetime]], now: datetime) -> bool:
    """Whether the wait after the last failure is over; a clock set back does not prolong it."""
    if not attempts:
        return True
    doubled = TICK * 2 ** min(len(attempts) - 1, 20)
    return not timedelta() <= now - attempts[-1][1] < min(doubled, LONGEST_WAIT)


def _attempt(verb: Verb, key: str) -> tuple[str, str]:
    """State and detail of one call."""
    try:
        return verb(key), ""
    except LockHeld as error:
        return BUSY, str(error)
    except TrackerError as error:
        return FAILED, str(error)
    except Exception as error:  # one job's fault must not stop the others; recorded and reported
        logging.getLogger(__name__).exception("a scheduled job failed for %s", key)
        return FAILED, f"{type(error).__name__}: {error}"


def serve(
    ticking: Callable[[datetime], Iterable[Ran]],
    report: Callable[[Ran], None],
    *,
    seconds: float = TICK.total_seconds(),
    end: Callable[[int], NoReturn] = os._exit,
) -> int:
    """Call `ticking` with the time now, at once and then every `seconds`, until SIGTERM or SIGINT.

    Both run in a worker thread, always the same one; `report` gets each outcome. Returns the number
    of the signal. It lets the running verb finish if that takes no more than two seconds; else, or
    at a second signal, `end` ends the process with that number's code: every verb may be killed.
    LockHeld from `ticking` waits for the next tick; any other error from it ends the service and is
    raised here. Main thread only, as signal handlers are.
    """
    loop = _Loop(ticking, report, end)
    with _on_signal(loop.stop):
        return loop.run(seconds)


class _Loop:
    """A BlockingScheduler with one job, and the way to end it."""

    def __init__(
        self,
        ticking: Callable[[datetime], Iterable[Ran]],
        report: Callable[[Ran], None],
        end: Callable[[int], NoReturn],
    ) -> None:
        self._ticking, self._report, self._end = ticking, report, end
        self._stops: SimpleQueue[int] = SimpleQueue()
        self._number = 0
        self._stopping = False
        self._ended = threading.Event()
        self._fault: Exception | None = None

    def stop(self, number: int = 0) -> None:
        """Ask for the end. For signal handlers too: SimpleQueue.put is reentrant, locks are not."""
        self._stops.put(number)

    def run(self, seconds: float) -> int:
        """Tick until `stop` is called, and return its number; raises what `ticking` raised."""
        # APScheduler ships no type hints.
        from apscheduler.events import EVENT_SCHEDULER_STARTED  # type: ignore[import-untyped]
        from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
        from apscheduler.schedulers.blocking import (  # type: ignore[import-untyped]
            BlockingScheduler,
        )
        from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

        # It warns every minute that a tick longer than a minute is not started twice: as intended.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = BlockingScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
        scheduler.add_job(
            self._tick,
            IntervalTrigger(seconds=seconds, timezone=UTC),
            id="tick",
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,  # the default drops a tick that is a second late
        )
        drain = threading.Thread(target=self._drain, args=(scheduler,), daemon=True)
        scheduler.add_listener(lambda _: drain.start(), EVENT_SCHEDULER_STARTED)
        scheduler.start()
        self._ended.wait()  # the scheduler may return while the worker is still at a verb
        if self._fault:
            raise self._fault
        return self._number

    def _drain(self, scheduler: Any) -> None:
        """Shut down from a thread of its own: a handler would find the scheduler's locks taken."""
        self._number = self._stops.get()
        self._stopping = True
        threading.Thread(target=self._cut, daemon=True).start()
        scheduler.shutdown(wait=True)
        self._ended.set()
        self._stops.put(0)  # for `_cut`

    def _cut(self) -> None:
        """End the process where the running verb does not end in time, or the person insists."""
        with suppress(Empty):
            self._stops.get(timeout=GRACE_SECONDS)
        if not self._ended.is_set():
            self._end(self._number)

    def _tick(self) -> None:
        try:
            for ran in self._ticking(datetime.now(UTC)):
                self._report(ran)
                if self._stopping:
                    break
        except LockHeld as error:
            self._report(Ran("tick", "", BUSY, str(error)))
        except Exception as error:  # raised again by `run`; APScheduler would only log it
            self._fault = error
            self.stop()


@contextmanager
def _on_signal(stop: Callable[[int], None]) -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda given, _: stop(given)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
