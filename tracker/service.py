"""`tracker run`: what is due is asked of the ledger, then done, once.

Owns APScheduler, which only ticks: it keeps no jobs of its own and knows no dates. What a tick does
is decided from the schedules and the ledger alone, so that it may be missed, doubled or cut short.

Public: `tick` does what is due and yields it as `Ran`; `serve` ticks until SIGTERM or SIGINT;
`Ledger` is what the store must offer, `Verb` what the pipeline must.
"""

import logging
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any, Protocol

from tracker.errors import IssueHeld, LockHeld, TrackerError
from tracker.schedules import Job, due

TICK = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=6)
# What is held back only waits for papers, which may be here at any hour.
LONGEST_WAIT_IF_HELD = timedelta(hours=1)
DONE = frozenset({"ok", "degraded"})
FAILED, HELD, BUSY = "failed", "held", "busy"

# Does a job for one key ("2026-03-10", "2026-W11", "2026-03") and answers ok, degraded or failed.
Verb = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one job for one key: ok, degraded, failed, held back, or busy under a lock."""

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

    A failure is recorded, and tried again after 1, 2, 4 … ticks, at most six hours apart, and an
    issue that is held back at most one hour apart; the other jobs go on. LockHeld is no failure:
    nothing is recorded and the next tick tries again. Two ticks at once are the caller's to
    prevent, by one lock around the whole iteration.
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
    state, last = attempts[-1]
    longest = LONGEST_WAIT_IF_HELD if state == HELD else LONGEST_WAIT
    return not timedelta() <= now - last < min(doubled, longest)


def _attempt(verb: Verb, key: str) -> tuple[str, str]:
    """State and detail of one call."""
    try:
        return verb(key), ""
    except LockHeld as error:
        return BUSY, str(error)
    except IssueHeld as error:
        return HELD, str(error)
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
) -> None:
    """Call `ticking` with the time now, at once and then every `seconds`, until SIGTERM or SIGINT.

    Both run in a worker thread, always the same one; `report` gets each outcome. A signal lets the
    running verb finish, then ends. LockHeld from `ticking` waits for the next tick; any other error
    from it ends the service and is raised here. Main thread only, as signal handlers are.
    """
    loop = _Loop(ticking, report)
    with _on_signal(loop.stop):
        loop.run(seconds)


class _Loop:
    """A BlockingScheduler with one job, and the way to end it."""

    def __init__(
        self, ticking: Callable[[datetime], Iterable[Ran]], report: Callable[[Ran], None]
    ) -> None:
        self._ticking, self._report = ticking, report
        self._stops: SimpleQueue[None] = SimpleQueue()
        self._stopping = False
        self._fault: Exception | None = None

    def stop(self) -> None:
        """Ask for the end. For signal handlers too: SimpleQueue.put is reentrant, locks are not."""
        self._stops.put(None)

    def run(self, seconds: float) -> None:
        """Tick until `stop` is called; raises what `ticking` raised."""
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
        if self._fault:
            raise self._fault

    def _drain(self, scheduler: Any) -> None:
        """Shut down from a thread of its own: a handler would find the scheduler's locks taken."""
        self._stops.get()
        self._stopping = True
        scheduler.shutdown(wait=True)

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
def _on_signal(stop: Callable[[], None]) -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: stop()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
