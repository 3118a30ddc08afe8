"""Whose turn it is to ask a host: one request at a time, paced, over all processes of one home.

arXiv counts requests over all of a user's programs together and asks for one connection and three
seconds between requests (info.arxiv.org/help/api/tou.html), so the agreement outlives a process.
Each host has one small file: its lock is held while a request runs, and its one line of JSON says
when the last request was made and whether the host asked to be left alone.

Public: `Gate` (`turn`), `Turn` (`pause`, `refuse`), `Visit`, `host_key`, `Clock`, `REAL`,
`cancellable`, `Cancelled`.
"""

import contextlib
import fcntl
import json
import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from tracker.errors import SourceRefused, SourceUnavailable

ARXIV = "arxiv.org"
# The least pace whatever the settings say: arXiv's terms of use.
_FLOOR = {ARXIV: 3.0}
# A 403 of arXiv closes it for the day ("continued hits … will be interpreted as an attack", its
# robots page): less than 24 h, so that tomorrow's run at the same hour is tried again.
REFUSED_SECONDS = 20 * 3600.0
# A longer Retry-After than this is taken for a slip.
LONGEST_PAUSE = 24 * 3600.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks, sleep and chance, in one place so that tests can bring their own.

    `wall` gives seconds since the epoch, `steady` never goes back, `jitter(low, high)` is uniform.
    """

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform


REAL = Clock()


class Cancelled(BaseException):
    """Ends a thread that sleeps for somebody who does not wait any more; no error of a source."""


def cancellable(stop: threading.Event) -> Clock:
    """The real clock, whose sleep raises Cancelled as soon as `stop` is set."""

    def sleep(seconds: float) -> None:
        if stop.wait(seconds):
            raise Cancelled

    return replace(REAL, sleep=sleep)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request to be made: for whom, where, how spaced, and by which `deadline` (steady)."""

    source: str
    url: str
    host: str
    pace: float
    deadline: float


@dataclass(slots=True)
class _Facts:
    """What is known of a host, in wall-clock seconds; every instant lies in the past.

    From `paused` on it wants to be left alone for `seconds`; `refused` when it said 403.
    """

    last: float = 0.0
    paused: float = 0.0
    seconds: float = 0.0
    refused: bool = False

    def remaining(self, now: float) -> float:
        """How long the host is still to be left alone."""
        return self.paused + self.seconds - now


def host_key(host: str, port: int | None) -> str:
    """The name under which a host is paced: all of arXiv's hosts are one."""
    name = host.lower().rstrip(".")
    if name == ARXIV or name.endswith("." + ARXIV):
        return ARXIV
    return name if port is None else f"{name}:{port}"


def host_key_of(url: str) -> str:
    """The same for the host of an address; what is no address is a host of its own."""
    try:
        parts = urlsplit(url)
        return host_key(parts.hostname or url, parts.port)
    except ValueError:
        return url


class Gate:
    """The turns of all hosts; `folder` is shared by every process that must keep the same pace."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder, self._clock = folder, clock

    @contextlib.contextmanager
    def turn(self, visit: Visit) -> Iterator["Turn"]:
        """Wait until it is our turn, and keep all others waiting until the block is left.

        Raises SourceRefused while arXiv's 403 stands or when the file cannot be written, and
        SourceUnavailable when the turn would come after the deadline; its `retry_after` then says
        when to come back, where that is known.
        """
        descriptor = self._opened(visit)
        try:
            self._lock(descriptor, visit)
            turn = Turn(descriptor, visit, self._clock)
            turn.wait()
            try:
                yield turn
            finally:
                turn.note()
        finally:
            os.close(descriptor)

    def _opened(self, visit: Visit) -> int:
        name = re.sub(r"[^a-z0-9.-]", "_", visit.host)[:100]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return os.open(self._folder / f"{name}.json", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(visit, error) from error

    def _lock(self, descriptor: int, visit: Visit) -> None:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if self._clock.steady() > visit.deadline:
                reason = f"another process kept {visit.host} busy until our time was up"
                raise SourceUnavailable(visit.source, visit.url, reason)
            self._clock.sleep(_POLL_SECONDS)


class Turn:
    """Our turn to ask one host: what it answers about being left alone is kept for all."""

    def __init__(self, descriptor: int, visit: Visit, clock: Clock) -> None:
        self._descriptor, self._visit, self._clock = descriptor, visit, clock
        self._facts = self._load()

    def wait(self) -> None:
        """Sleep until the request may begin."""
        self._stand_back()
        pace = max(self._visit.pace, _FLOOR.get(self._visit.host, 0.0))
        self._sleep(self._facts.last + pace - self._clock.wall())
        self.note()

    def note(self) -> None:
        """A request is being made now. Noted at its start, lest we are killed, and at its end.

        The pace counts from the end: that is the delay *between* calls that arXiv's manual asks
        for, and however long we took to connect, the host never sees two requests closer.
        """
        self._facts.last = self._clock.wall()
        self._save()

    def pause(self, seconds: float) -> None:
        """The host asked to be left alone (Retry-After)."""
        self._close(min(seconds, LONGEST_PAUSE), refused=False)

    def refuse(self) -> None:
        """The host said 403. Only arXiv takes the next request for an attack."""
        if self._visit.host == ARXIV:
            self._close(REFUSED_SECONDS, refused=True)

    def _close(self, seconds: float, *, refused: bool) -> None:
        self._facts.paused, self._facts.seconds = self._clock.wall(), seconds
        self._facts.refused = refused
        self._save()

    def _stand_back(self) -> None:
        remaining = self._facts.remaining(self._clock.wall())
        if remaining > 0 and self._facts.refused:
            self._save()  # with a clock that was set back, `paused` has just been moved
            hours = f"it answered 403 and is left alone for another {remaining / 3600:.1f} h"
            raise SourceRefused(self._visit.source, self._visit.url, hours)
        self._sleep(remaining)

    def _sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if self._clock.steady() + seconds > self._visit.deadline:
            reason = f"its next turn is {seconds:.0f} s away"
            raise SourceUnavailable(
                self._visit.source, self._visit.url, reason, retry_after=seconds
            )
        self._clock.sleep(seconds)

    def _load(self) -> _Facts:
        """The host's facts. An instant in the future means the clock was set back: it is now.

        A line that cannot be read counts as a request made just now, the polite reading.
        """
        now = self._clock.wall()
        text = os.pread(self._descriptor, 4096, 0).decode("ascii", "replace")
        line, _, _ = text.partition("\n")
        if not line:
            return _Facts()
        try:
            facts = _read(line)
        except (ValueError, TypeError, LookupError):
            return _Facts(last=now)
        facts.last, facts.paused = min(facts.last, now), min(facts.paused, now)
        return facts

    def _save(self) -> None:
        # Written over the old line before the tail is cut: a crash between leaves one whole line.
        line = (json.dumps(asdict(self._facts)) + "\n").encode()
        try:
            os.pwrite(self._descriptor, line, 0)
            os.ftruncate(self._descriptor, len(line))
        except OSError as error:
            raise _unwritable(self._visit, error) from error


def _unwritable(visit: Visit, error: OSError) -> SourceRefused:
    reason = f"the pace cannot be kept, its file is not writable: {error.strerror}"
    return SourceRefused(visit.source, visit.url, reason)


def _read(line: str) -> _Facts:
    """Raises ValueError, TypeError or LookupError for anything but the line that `_save` writes."""
    known = json.loads(line)
    return _Facts(
        last=float(known["last"]),
        paused=float(known["paused"]),
        seconds=min(float(known["seconds"]), LONGEST_PAUSE),
        refused=bool(known["refused"]),
    )
