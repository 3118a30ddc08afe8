"""Counts and durations of requests, and the state of the store, in the Prometheus text format.

Owns prometheus-client, which also measures memory, processor time and open files of the process.

Public: `RequestCounts`, `render_metrics`, `CONTENT_TYPE`.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tracker.errors import ConfigError
from tracker.pipeline.admin import doctor
from tracker.pipeline.admin.job_states import JobState, list_job_states
from tracker.settings import Config
from tracker.store.database import Database

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_AREAS = frozenset({"api", "search", "paper", "similar", "topics", "topic", "u", "p", "healthz",
                    "metrics"})  # fmt: skip
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class RequestCounts:
    """Requests by area of the site, method and status, and a histogram of their durations."""

    def __init__(self) -> None:
        # A second line for each counter, which hardly anything reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "tracker_http_requests", "Answered requests", ("area", "method", "status"),
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "tracker_http_request_duration_seconds", "Time to answer a request",
            buckets=_BUCKETS, registry=self.registry,
        )  # fmt: skip
        ProcessCollector(registry=self.registry)

    def add(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count one request; unknown paths and methods share one label each."""
        first = path.lstrip("/").partition("/")[0]
        area = first if first in _AREAS else "other"
        self._requests.labels(area, method if method in _METHODS else "other", str(status)).inc()
        self._seconds.observe(seconds)


def render_metrics(db: Database, config: Config, now: datetime, counts: RequestCounts) -> bytes:
    """Return the exposition of the store and of the requests."""
    store = CollectorRegistry()
    store.register(_StoreCollector([*_store_gauges(db, config, now)]))
    return generate_latest(store) + generate_latest(counts.registry)


class _StoreCollector(Collector):
    def __init__(self, gauges: Iterable[GaugeMetricFamily]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._gauges


def _store_gauges(db: Database, config: Config, now: datetime) -> Iterator[GaugeMetricFamily]:
    status = doctor.load_status(db, config)
    yield _gauge("papers", "Papers in the store", "", {"": status["papers"]})
    yield _gauge("index_papers", "Papers by state in the index", "state", asdict(status["index"]))
    yield _gauge("outbox_mails", "Mails by state", "state", status["outbox"])
    yield _gauge("source_last_success_age_seconds", "Time since the last crawl", "source", {
        one.name: round((now - one.last_ok).total_seconds(), 1)
        for one in doctor.list_source_states(db, config) if one.last_ok
    })  # fmt: skip
    jobs = _list_jobs(db, config, now)
    yield _gauge("job_lag_seconds", "Time since the oldest undone work of a job was due", "job",
                 {job.name: job.lag_seconds for job in jobs})  # fmt: skip
    yield _gauge("job_next_due_timestamp_seconds", "When a job is due next", "job",
                 {job.name: job.next_due.timestamp() for job in jobs})  # fmt: skip


def _list_jobs(db: Database, config: Config, now: datetime) -> list[JobState]:
    """Return the state of the jobs; an invalid schedule is for the operator of `tracker run`."""
    try:
        return list_job_states(db, config, now)
    except ConfigError as error:
        logging.getLogger(__name__).error("%s", error)
        return []


def _gauge(name: str, about: str, label: str, values: Mapping[str, Any]) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"tracker_{name}", about, labels=[label] if label else [])
    for key, value in values.items():
        gauge.add_metric([key] if label else [], value)
    return gauge
