"""Rate limits of hosts: one request at a time, spaced, across all processes of a home folder.

arXiv counts the requests of all programs of a user together and requires a single connection and
three seconds between requests (info.arxiv.org/help/api/tou.html), so the limit outlives a process.
Each host has one small file: it is locked during a request, and its line of JSON records when the
last request was made and whether the host asked for a pause.

Public: `RateLimiter` (`acquire`), `Slot` (`pause`, `record_refusal`), `PendingRequest`, `host_key`,
`host_key_of_url`, `Clock`, `REAL`.
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
# The minimum pace, which settings cannot lower: arXiv's terms of use.
_FLOOR = {ARXIV: 3.0}
# After a 403, arXiv is not contacted for a day ("continued hits … will be interpreted as an
# attack", its robots page): less than 24 h, so that the run of the next day tries again.
REFUSAL_PAUSE_SECONDS = 20 * 3600.0
# A longer Retry-After is considered a mistake.
LONGEST_PAUSE = 24 * 3600.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks, sleep and randomness, which tests can replace.

    `wall` returns seconds since the epoch, `steady` is monotonic, `jitter(low, high)` is uniform.
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
class PendingRequest:
    """A request to be made: its source, address, host, pace, and `deadline` (steady clock)."""

    source: str
    url: str
    host: str
    pace: float
    deadline: float


@dataclass(slots=True)
class _HostState:
    """The state of a host, in wall-clock seconds; every instant is in the past.

    From `paused` on it must not be contacted for `seconds`; `refused` after a 403.
    """

    last: float = 0.0
    paused: float = 0.0
    seconds: float = 0.0
    refused: bool = False

    def remaining_pause(self, now: float) -> float:
        """Return for how long the host must not be contacted."""
        return self.paused + self.seconds - now


def host_key(host: str, port: int | None) -> str:
    """Return the key of a host's rate limit: all of arXiv's hosts share one."""
    name = host.lower().rstrip(".")
    if name == ARXIV or name.endswith("." + ARXIV):
        return ARXIV
    return name if port is None else f"{name}:{port}"


def host_key_of_url(url: str) -> str:
    """Return the same for the host of an address; an invalid address is its own key."""
    try:
        parts = urlsplit(url)
        return host_key(parts.hostname or url, parts.port)
    except ValueError:
        return url


class RateLimiter:
    """The rate limits of all hosts; `folder` is shared by all processes with the same limits."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder, self._clock = folder, clock

    @contextlib.contextmanager
    def acquire(self, request: PendingRequest) -> Iterator["Slot"]:
        """Wait until the request may be sent, and block all others until the block is left.

        Raises SourceRefused during the pause after a 403 of arXiv or when the file cannot be
        written, and SourceUnavailable when the wait would exceed the deadline, with `retry_after`
        where it is known.
        """
        descriptor = self._open_state_file(request)
        try:
            self._wait_for_lock(descriptor, request)
            turn = Slot(descriptor, request, self._clock)
            turn.wait()
            try:
                yield turn
            finally:
                turn.record_request()
        finally:
            os.close(descriptor)

    def _open_state_file(self, request: PendingRequest) -> int:
        name = re.sub(r"[^a-z0-9.-]", "_", request.host)[:100]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return os.open(self._folder / f"{name}.json", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(request, error) from error

    def _wait_for_lock(self, descriptor: int, request: PendingRequest) -> None:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if self._clock.steady() > request.deadline:
                reason = f"another process kept {request.host} busy until our time was up"
                raise SourceUnavailable(request.source, request.url, reason)
            self._clock.sleep(_POLL_SECONDS)


class Slot:
    """The permission to contact one host; the pauses it asks for apply to all processes."""

    def __init__(self, descriptor: int, request: PendingRequest, clock: Clock) -> None:
        self._descriptor, self._request, self._clock = descriptor, request, clock
        self._state = self._load_state()

    def wait(self) -> None:
        """Sleep until the request may start."""
        self._wait_out_pause()
        pace = max(self._request.pace, _FLOOR.get(self._request.host, 0.0))
        self._sleep_within_deadline(self._state.last + pace - self._clock.wall())
        self.record_request()

    def record_request(self) -> None:
        """Store that a request is made now: at its start, in case we are killed, and at its end.

        The pace counts from the end: arXiv's manual requires a delay *between* calls, and however
        long a connection took, the host never sees two requests closer together.
        """
        self._state.last = self._clock.wall()
        self._save_state()

    def pause(self, seconds: float) -> None:
        """Store a pause that the host asked for (Retry-After)."""
        self._block(min(seconds, LONGEST_PAUSE), refused=False)

    def record_refusal(self) -> None:
        """Store that the host responded with 403. Only arXiv treats more requests as an attack."""
        if self._request.host == ARXIV:
            self._block(REFUSAL_PAUSE_SECONDS, refused=True)

    def _block(self, seconds: float, *, refused: bool) -> None:
        self._state.paused, self._state.seconds = self._clock.wall(), seconds
        self._state.refused = refused
        self._save_state()

    def _wait_out_pause(self) -> None:
        remaining = self._state.remaining_pause(self._clock.wall())
        if remaining > 0 and self._state.refused:
            self._save_state()  # if the clock was set back, `paused` has just been changed
            hours = f"it answered 403 and is left alone for another {remaining / 3600:.1f} h"
            raise SourceRefused(self._request.source, self._request.url, hours)
        self._sleep_within_deadline(remaining)

    def _sleep_within_deadline(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if self._clock.steady() + seconds > self._request.deadline:
            reason = f"its next turn is {seconds:.0f} s away"
            raise SourceUnavailable(
                self._request.source, self._request.url, reason, retry_after=seconds
            )
        self._clock.sleep(seconds)

    def _load_state(self) -> _HostState:
        """Return the host's state. An instant in the future, after the clock was set back, is now.

        A line that cannot be read counts as a request made just now, the cautious choice.
        """
        now = self._clock.wall()
        text = os.pread(self._descriptor, 4096, 0).decode("ascii", "replace")
        line, _, _ = text.partition("\n")
        if not line:
            return _HostState()
        try:
            facts = _parse_state(line)
        except (ValueError, TypeError, LookupError):
            return _HostState(last=now)
        facts.last, facts.paused = min(facts.last, now), min(facts.paused, now)
        return facts

    def _save_state(self) -> None:
        # Overwritten before the rest is truncated: a crash in between leaves one complete line.
        line = (json.dumps(asdict(self._state)) + "\n").encode()
        try:
            os.pwrite(self._descriptor, line, 0)
            os.ftruncate(self._descriptor, len(line))
        except OSError as error:
            raise _unwritable(self._request, error) from error


def _unwritable(request: PendingRequest, error: OSError) -> SourceRefused:
    reason = f"the pace cannot be kept, its file is not writable: {error.strerror}"
    return SourceRefused(request.source, request.url, reason)


def _parse_state(line: str) -> _HostState:
    """Parse a line of `_save_state`. Raises ValueError, TypeError or LookupError for others."""
    known = json.loads(line)
    return _HostState(
        last=float(known["last"]),
        paused=float(known["paused"]),
        seconds=min(float(known["seconds"]), LONGEST_PAUSE),
        refused=bool(known["refused"]),
    )
