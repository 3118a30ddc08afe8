"""Rate limits of hosts: one request at a time, spaced, across all processes of a home folder.

arXiv counts the requests of all programs of a user together and requires a single connection and
three seconds between requests (info.arxiv.org/help/api/tou.html), so the limit outlives a process.
Each host has one small file: it is locked during a request, and its line of JSON records when the
last request was made and whether the host asked for a pause.

Public: `RateLimiter` (`acquire`), `Slot` (`pause`, `slow_down`, `record_refusal`,
`record_success`), `PendingRequest`, `host_key`, `host_key_of_url`, `Clock`, `REAL`.
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
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from tracker.errors import SourceRefused, SourceUnavailable

ARXIV = "arxiv.org"
# The minimum pace, which settings cannot lower: arXiv's terms of use.
_FLOOR = {ARXIV: 3.0}
# After a 403 of arXiv, the refused endpoint is left alone ("continued hits … will be interpreted
# as an attack", its robots page). It also answers 403 while it is busy, so the first pause is short
# and further refusals make it longer; the last is less than 24 h, so that the next day tries again.
REFUSAL_PAUSE_SECONDS = 20 * 3600.0
REFUSAL_PAUSES = (3600.0, 4 * 3600.0, REFUSAL_PAUSE_SECONDS)
# After an answer that asks for fewer requests (403, 406, 429, 503), arXiv is asked more slowly: the
# pace is doubled each time, up to this factor, and halved again by each good answer.
SLOWEST = 8.0
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

    @property
    def endpoint(self) -> str:
        """What a refusal applies to: the host by its full name and the first part of the path."""
        try:
            parts = urlsplit(self.url)
            first = parts.path.strip("/").split("/")[0]
            return f"{(parts.hostname or self.host).lower()}/{first}"[:80]
        except ValueError:
            return self.host


@dataclass(slots=True)
class _HostState:
    """The state of a host, in wall-clock seconds; every instant is in the past.

    From `paused` on it must not be contacted for `seconds`. `refused` has the instant and the
    number of the refusals of each endpoint since its last good answer; `slower` is the factor of
    the pace.
    """

    last: float = 0.0
    paused: float = 0.0
    seconds: float = 0.0
    refused: dict[str, tuple[float, int]] = field(default_factory=dict)
    slower: float = 1.0

    def remaining_pause(self, now: float) -> float:
        """Return for how long the host must not be contacted."""
        return self.paused + self.seconds - now

    def remaining_refusal(self, endpoint: str, now: float) -> float:
        """Return for how long an endpoint that has refused us must not be contacted."""
        since, count = self.refused.get(endpoint, (0.0, 0))
        return since + REFUSAL_PAUSES[min(count, len(REFUSAL_PAUSES)) - 1] - now if count else 0.0


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
        pace = max(self._request.pace, _FLOOR.get(self._request.host, 0.0)) * self._state.slower
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
        self._block(min(seconds, LONGEST_PAUSE))

    def record_refusal(self) -> None:
        """Store that the endpoint responded with 403. Only arXiv treats more requests as an attack.

        Other endpoints of the host stay open.
        """
        if self._request.host == ARXIV:
            _, count = self._state.refused.get(self._request.endpoint, (0.0, 0))
            self._state.refused[self._request.endpoint] = (self._clock.wall(), count + 1)
            self.slow_down()

    def slow_down(self) -> None:
        """Double the pace of arXiv, which asked for fewer requests."""
        if self._request.host == ARXIV:
            self._state.slower = min(2 * self._state.slower, SLOWEST)
            self._save_state()

    def record_success(self) -> None:
        """Store that the endpoint has answered: earlier refusals of it are over."""
        known = self._state.refused.pop(self._request.endpoint, None)
        if known or self._state.slower > 1.0:
            self._state.slower = max(self._state.slower / 2, 1.0)
            self._save_state()

    def _block(self, seconds: float) -> None:
        self._state.paused, self._state.seconds = self._clock.wall(), seconds
        self._save_state()

    def _wait_out_pause(self) -> None:
        now = self._clock.wall()
        refusal = self._state.remaining_refusal(self._request.endpoint, now)
        if refusal > 0:
            self._save_state()  # if the clock was set back, its instant has just been changed
            hours = f"it answered 403 and is left alone for another {refusal / 3600:.1f} h"
            raise SourceRefused(self._request.source, self._request.url, hours)
        self._sleep_within_deadline(self._state.remaining_pause(now))

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
        facts.refused = {name: (min(at, now), n) for name, (at, n) in facts.refused.items()}
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
        refused=_parse_refusals(known.get("refused")),
        slower=min(max(float(known.get("slower", 1.0)), 1.0), SLOWEST),
    )


def _parse_refusals(known: object) -> dict[str, tuple[float, int]]:
    """Parse the refusals by endpoint; earlier versions stored only whether there was one."""
    if not isinstance(known, dict):
        return {}
    return {str(name): (float(at), int(count)) for name, (at, count) in known.items()}
