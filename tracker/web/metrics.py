"""Counts and durations of requests, and the state of the store, in the Prometheus text format.

Public: `RequestCounts`, `render_metrics`.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tracker.pipeline.admin import doctor
from tracker.settings import Config
from tracker.store.database import Database

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_AREAS = frozenset({"api", "search", "paper", "similar", "topics", "topic", "u", "p", "healthz",
                    "metrics"})  # fmt: skip


class RequestCounts:
    """Requests by area of the site, method and status, and a histogram of their durations."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: Counter[float] = Counter()
        self._seconds = 0.0

    def add(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count one request; unknown paths and methods share one label each."""
        first = path.lstrip("/").partition("/")[0]
        area = first if first in _AREAS else "other"
        known = method if method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        with self._lock:
            self._requests[area, known, status] += 1
            self._seconds += seconds
            self._buckets.update(bound for bound in _BUCKETS if seconds <= bound)

    def lines(self) -> Iterator[str]:
        """Yield the lines of the exposition."""
        with self._lock:
            requests, buckets = dict(self._requests), dict(self._buckets)
            seconds = self._seconds
        labelled = (
            ({"area": area, "method": method, "status": str(status)}, count)
            for (area, method, status), count in sorted(requests.items())
        )
        yield from _metric("tracker_http_requests_total", "counter", labelled)
        name = "tracker_http_request_duration_seconds"
        yield f"# TYPE {name} histogram"
        total = sum(requests.values())
        for bound in _BUCKETS:
            yield f'{name}_bucket{{le="{bound}"}} {buckets.get(bound, 0)}'
        yield f'{name}_bucket{{le="+Inf"}} {total}'
        yield f"{name}_sum {seconds:.6f}"
        yield f"{name}_count {total}"


def render_metrics(db: Database, config: Config, now: datetime, counts: RequestCounts) -> str:
    """Return the exposition of the store and of the requests."""
    status = doctor.load_status(db, config)
    lines = [*_store_lines(status), *_source_lines(db, config, now), *counts.lines()]
    return "\n".join(lines) + "\n"


def _store_lines(status: Mapping[str, Any]) -> Iterator[str]:
    yield from _metric("tracker_papers", "gauge", [({}, status["papers"])])
    index = ((({"state": name}), count) for name, count in asdict(status["index"]).items())
    yield from _metric("tracker_index_papers", "gauge", index)
    outbox = ((({"state": name}), count) for name, count in status["outbox"].items())
    yield from _metric("tracker_outbox_mails", "gauge", outbox)


def _source_lines(db: Database, config: Config, now: datetime) -> Iterator[str]:
    ages = (
        ({"source": one.name}, round((now - one.last_ok).total_seconds(), 1))
        for one in doctor.list_source_states(db, config)
        if one.last_ok
    )
    yield from _metric("tracker_source_last_success_age_seconds", "gauge", ages)


def _metric(
    name: str, kind: str, samples: Iterable[tuple[Mapping[str, str], float]]
) -> Iterator[str]:
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        inner = ",".join(f'{label}="{_escape(text)}"' for label, text in labels.items())
        yield f"{name}{{{inner}}} {value}" if inner else f"{name} {value}"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
