"""Fetches several sources concurrently: one thread per host reads its sources in sequence.

Waiting for the rate limit or a timeout of one host must not delay the others. The threads only
read; the caller's thread receives their pages and is the only one that writes.

Public: `fetch_pages`, `FetchResult`, `FetchJob`, `ClientFactory`.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import Any, NamedTuple

from tracker.errors import NetworkDown, SourceMalformed, TrackerError
from tracker.records import Page
from tracker.sources.http.client import Client
from tracker.sources.http.contact import outage
from tracker.sources.http.rate_limit import REAL, Cancelled, host_key_of_url
from tracker.sources.protocol import PageReader, Task

# Pages that wait to be written: enough to keep a reader busy, few enough to use little memory.
_QUEUE_SIZE = 4
_POLL_SECONDS = 0.1


class FetchResult(NamedTuple):
    """One result of a source: a page, or no page and the error, if any, with which it ended."""

    source: str
    page: Page | None
    error: TrackerError | None
    seconds: float = 0.0


FetchJob = tuple[PageReader, Task[Any]]
# Creates a client that stops waiting when the event is set.
ClientFactory = Callable[[threading.Event], Client]


def fetch_pages(
    jobs: Mapping[str, FetchJob], create_client: ClientFactory
) -> Iterator[FetchResult]:
    """Yield pages in the order of their arrival; each source ends with a result without a page.

    An error ends the source in which it occurs. When the caller stops iterating, the threads stop
    after their current page or while they wait. Raises NetworkDown when no host can be reached.
    """
    queue: Queue[FetchResult] = Queue(_QUEUE_SIZE)
    stop = threading.Event()
    contacts = []
    for names in _group_by_host(jobs):
        client = create_client(stop)
        contacts.append(client.contact)
        worker = _HostWorker({name: jobs[name] for name in names}, client, queue, stop)
        threading.Thread(target=worker.run, daemon=True).start()
    running = len(jobs)
    try:
        while running:
            with suppress(Empty):
                result = queue.get(timeout=_POLL_SECONDS)
                running -= result.page is None
                yield result
            if reason := outage(contacts, REAL.steady(), ended=not running):
                raise NetworkDown(reason)
    finally:
        stop.set()


def _group_by_host(jobs: Mapping[str, FetchJob]) -> Sequence[Sequence[str]]:
    hosts: dict[str, list[str]] = {}
    for name, (_, task) in jobs.items():
        hosts.setdefault(host_key_of_url(task.settings.url), []).append(name)
    return list(hosts.values())


class _HostWorker:
    """Reads the sources of one host in sequence."""

    def __init__(
        self,
        jobs: Mapping[str, FetchJob],
        client: Client,
        queue: Queue[FetchResult],
        stop: threading.Event,
    ) -> None:
        self._jobs, self._client, self._queue, self._stop = jobs, client, queue, stop

    def run(self) -> None:
        with self._client, suppress(Cancelled):
            for name, job in self._jobs.items():
                started = time.monotonic()
                error = self._fetch_source(name, *job)
                self._enqueue(FetchResult(name, None, error, time.monotonic() - started))

    def _fetch_source(self, name: str, reader: PageReader, task: Task[Any]) -> TrackerError | None:
        try:
            for page in reader(self._client, task):
                self._enqueue(FetchResult(name, page, None))
                if self._stop.is_set():
                    break
        except TrackerError as error:
            return error
        except (
            Exception
        ) as error:  # a defect in one source must not stop the others; it is reported
            logging.getLogger(__name__).exception("the source %s failed", name)
            reason = f"a defect in tracker: {type(error).__name__}: {error}"
            return SourceMalformed(name, task.settings.url, reason)
        return None

    def _enqueue(self, result: FetchResult) -> None:
        while not self._stop.is_set():
            with suppress(Full):
                self._queue.put(result, timeout=_POLL_SECONDS)
                return
