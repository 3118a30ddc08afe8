"""Reads several sources at once: each host in a thread of its own, its sources one after another.

Waiting for one host's pace or time-outs must not hold up the others. Threads only read; what they
bring is handed to the caller's thread, which alone writes.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Any, NamedTuple

from tracker.errors import NetworkDown, SourceMalformed, TrackerError
from tracker.records import Page
from tracker.sources.contact import outage
from tracker.sources.http import Client
from tracker.sources.pace import REAL, Cancelled, host_key_of
from tracker.sources.reader import Reader, Task

# Pages that wait to be written: enough to keep a reader busy, few enough to stay small.
_AHEAD = 4
_POLL_SECONDS = 0.1


class Arrival(NamedTuple):
    """What a source brought: a page, or the error or None with which it ended."""

    source: str
    page: Page | None
    error: TrackerError | None


Job = tuple[Reader, Task[Any]]
# Makes a client that gives up its waiting when the event is set.
Connect = Callable[[threading.Event], Client]


def arrivals(jobs: Mapping[str, Job], connect: Connect) -> Iterator[Arrival]:
    """Pages in the order in which they come; each source ends with an arrival without a page.

    An error of a source ends that source. When the caller stops iterating, the threads stop after
    the page they are at, or while they wait. Raises NetworkDown when no host can be connected to.
    """
    queue: Queue[Arrival] = Queue(_AHEAD)
    stop = threading.Event()
    contacts = []
    for names in _by_host(jobs):
        client = connect(stop)
        contacts.append(client.contact)
        reading = _Reading({name: jobs[name] for name in names}, client, queue, stop)
        threading.Thread(target=reading.run, daemon=True).start()
    running = len(jobs)
    try:
        while running:
            with suppress(Empty):
                arrival = queue.get(timeout=_POLL_SECONDS)
                running -= arrival.page is None
                yield arrival
            if reason := outage(contacts, REAL.steady(), ended=not running):
                raise NetworkDown(reason)
    finally:
        stop.set()


def _by_host(jobs: Mapping[str, Job]) -> Sequence[Sequence[str]]:
    hosts: dict[str, list[str]] = {}
    for name, (_, task) in jobs.items():
        hosts.setdefault(host_key_of(task.settings.url), []).append(name)
    return list(hosts.values())


class _Reading:
    """One host's sources, read one after another."""

    def __init__(
        self,
        jobs: Mapping[str, Job],
        client: Client,
        queue: Queue[Arrival],
        stop: threading.Event,
    ) -> None:
        self._jobs, self._client, self._queue, self._stop = jobs, client, queue, stop

    def run(self) -> None:
        with self._client, suppress(Cancelled):
            for name, job in self._jobs.items():
                self._put(Arrival(name, None, self._read(name, *job)))

    def _read(self, name: str, reader: Reader, task: Task[Any]) -> TrackerError | None:
        try:
            for page in reader(self._client, task):
                self._put(Arrival(name, page, None))
                if self._stop.is_set():
                    break
        except TrackerError as error:
            return error
        except Exception as error:  # one source's fault must not stop the others; reported
            logging.getLogger(__name__).exception("the source %s failed", name)
            reason = f"a fault of ours: {type(error).__name__}: {error}"
            return SourceMalformed(name, task.settings.url, reason)
        return None

    def _put(self, arrival: Arrival) -> None:
        while not self._stop.is_set():
            with suppress(Full):
                self._queue.put(arrival, timeout=_POLL_SECONDS)
                return
