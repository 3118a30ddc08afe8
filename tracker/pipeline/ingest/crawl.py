"""The crawl: decides what to request from each source and stores the answers page by page.

Each page is committed together with the cursor of its source, so an interrupted crawl resumes where
it stopped and never stores half a page.

Public: `crawl_window`, `crawl_sources`, `select_sources`, `CrawlWindow`, `CrawlOptions`.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from tracker.errors import NetworkDown, UsageError
from tracker.models import SourceReport
from tracker.pipeline import Progress, silent
from tracker.pipeline.ingest import (
    arxiv_outage,
    completeness,
    daily_batches,
    link_acceptances,
)
from tracker.pipeline.ingest.fetch_workers import FetchResult, fetch_pages
from tracker.pipeline.ingest.store_batch import store_page
from tracker.records import Page
from tracker.settings import FEEDS, Config, ListingSource, SecondHandSource
from tracker.sources import arxiv_rss
from tracker.sources.http.client import Client
from tracker.sources.http.messages import DEFAULT_RETRY_POLICY, RetryPolicy
from tracker.sources.http.rate_limit import cancellable
from tracker.sources.protocol import Task
from tracker.sources.registry import find_reader
from tracker.store import citation_links, cursors, popularity
from tracker.store.database import Database
from tracker.store.runs import RunHistory
from tracker.store.upsert import UpsertCounts

# Papers are announced one to four days after submission, later when they are in moderation
# (info.arxiv.org/help/availability.html): a window of this length finds them.
WINDOW_DAYS = 10
# Ids in one request to a source queried by work, not by day (semanticscholar.org: at most 500).
_MAX_WORKS = 500
_RECOUNT_DAYS = 7
_MAX_NOTES = 50


@dataclass(frozen=True, slots=True)
class CrawlWindow:
    """The announcement days that a crawl requests, both included."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """How to crawl: `sources` limits it to those named; without any, all enabled ones are read."""

    sources: Sequence[str] = ()
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY
    progress: Progress = silent


def crawl_window(
    db: Database, config: Config, now: datetime, since: date | None, until: date | None
) -> CrawlWindow:
    """Return the days to request: the last ten, or more when an earlier day is incomplete.

    Raises UsageError when `since` is after `until`.
    """
    last = until or now.date()
    if since is None:
        gaps = completeness.find_gaps(db, config, now)
        since = min([last - timedelta(days=WINDOW_DAYS), *gaps[:1]])
    if since > last:
        raise UsageError(f"The crawl would end before it starts: {since} is after {last}.")
    return CrawlWindow(since, last)


def crawl_sources(
    db: Database,
    config: Config,
    requested: CrawlWindow,
    *,
    now: datetime,
    options: CrawlOptions = CrawlOptions(),
) -> list[SourceReport]:
    """Crawl the sources and return a report on each; one that fails does not stop the others.

    Second-hand sources are read last: those that are named, and others when arXiv has failed for
    hours. Raises NetworkDown, which is also recorded as the state of each source, when no host can
    be reached.
    """
    selected = select_sources(config, options.sources)
    others = [n for n in selected if not isinstance(config.sources[n], SecondHandSource)]
    crawl = _Crawl(db, config, requested, now, options)
    reports = crawl.read(others) if others else []
    spare = [name for name in selected if name not in others]
    due = spare if options.sources else arxiv_outage.list_due_sources(db, config, spare, now)
    if due:
        reports += crawl.read_second_hand(due, must_connect=not others)
    link_acceptances.link_accepted_papers(db)
    return reports


@dataclass(frozen=True, slots=True)
class _Crawl:
    """One crawl, which reads sources in one or two groups."""

    db: Database
    config: Config
    requested: CrawlWindow
    now: datetime
    options: CrawlOptions

    def read_second_hand(self, names: Sequence[str], *, must_connect: bool) -> list[SourceReport]:
        """Read second-hand sources; that none can be reached matters only if no other was."""
        try:
            return self.read(names)
        except NetworkDown as error:
            if must_connect:
                raise
            return [replace(self._blank(name), state="failed", detail=str(error)) for name in names]

    def read(self, names: Sequence[str]) -> list[SourceReport]:
        """Read sources, store and record what they deliver, and return a report on each."""
        db, config, now = self.db, self.config, self.now
        jobs = {
            name: (find_reader(name), _build_task(db, config, name, self.requested, now))
            for name in names
        }
        reports = {name: self._blank(name) for name in jobs}
        try:
            for fetched in fetch_pages(jobs, self._connect):
                result = _check_result(db, config, fetched, now)
                report = reports[result.source] = _store_result(
                    db, reports[result.source], result, now
                )
                if result.page:
                    self.options.progress(result.source, report.read, result.page.total)
                else:
                    _log_source(report, result.seconds)
        except NetworkDown as error:
            failed = [_unreached(report, error) for report in reports.values()]
            _record(db, failed, self.requested, now)
            raise
        _record(db, reports.values(), self.requested, now)
        return list(reports.values())

    def _blank(self, name: str) -> SourceReport:
        return SourceReport(name, "ok", self.requested.since, self.requested.until)

    def _connect(self, stop: threading.Event) -> Client:
        clock, policy = cancellable(stop), self.options.retry_policy
        state = self.config.home / "state"
        return Client(self.config.http, state, retry_policy=policy, clock=clock)


def _check_result(db: Database, config: Config, result: FetchResult, now: datetime) -> FetchResult:
    """Return the result as it can be stored, the daily feed compared with earlier batches."""
    if result.page is None or result.source != arxiv_rss.NAME:
        return result
    page = daily_batches.check_batch(db, result.page, config.categories, now)
    return result._replace(page=page)


def _unreached(report: SourceReport, error: NetworkDown) -> SourceReport:
    return report if report.detail else replace(report, state="failed", detail=str(error))


def _record(
    db: Database, reports: Iterable[SourceReport], requested: CrawlWindow, now: datetime
) -> None:
    for report in reports:
        RunHistory(db).record(
            f"crawl:{report.source}", requested.until.isoformat(), report.state,
            detail=report.detail, at=now, report=asdict(report),
        )  # fmt: skip


def _log_source(report: SourceReport, seconds: float) -> None:
    facts = {
        "source": report.source, "state": report.state, "read": report.read, "added": report.added,
        "updated": report.updated, "unread": report.unread, "seconds": round(seconds, 3),
    }  # fmt: skip
    logging.getLogger(__name__).info("source read", extra=facts)


def select_sources(config: Config, sources: Sequence[str] = ()) -> list[str]:
    """Return the sources to read; "feeds" means every feed. UsageError for an unknown one."""
    feeds = [name for name in config.sources if name.startswith(FEEDS)]
    requested = [name for item in sources for name in (feeds if item == FEEDS[:-1] else [item])]
    for name in requested:
        find_reader(name)
        if name not in config.sources:
            raise UsageError(f"There is no section [sources.{name}] in the settings.")
    enabled = [name for name, source in config.sources.items() if source.enabled]
    selected = list(dict.fromkeys(requested)) or enabled
    if not selected:
        raise UsageError("No source is enabled, and none was named.")
    return selected


def _build_task(
    db: Database, config: Config, name: str, requested: CrawlWindow, now: datetime
) -> Task[Any]:
    works, settings = _WORKS.get(name), config.sources[name]
    days: Sequence[tuple[date, str]] = ()
    if isinstance(settings, ListingSource):
        categories = settings.categories or config.categories
        settings, span = (
            replace(settings, categories=categories),
            (requested.since, requested.until),
        )
        uncounted = completeness.find_uncounted_days(db, config, span, now)
        days = [entry for entry in uncounted if entry[1] in categories]
    return Task(
        name=name,
        settings=settings,
        since=requested.since,
        until=requested.until,
        now=now,
        cursor=cursors.load_cursor(db, name),
        cache_validators=cursors.load_cache_validators(db, name),
        works=tuple(works(db, now)) if works else (),
        days=tuple(days),
    )


def _find_missing_works(db: Database, now: datetime) -> list[str]:
    return arxiv_outage.list_works_to_look_up(db, now)[:_MAX_WORKS]


def _find_uncounted_works(db: Database, now: datetime) -> list[str]:
    return popularity.works_due_for_citation_count(
        db, now.date() - timedelta(days=_RECOUNT_DAYS), _MAX_WORKS
    )


def _find_works_without_references(db: Database, now: datetime) -> list[str]:
    return citation_links.works_due_for_references(db, now.date(), _MAX_WORKS)


# The sources that are queried by work, with the function that returns the ids to request.
_WORKS: Mapping[str, Callable[[Database, datetime], list[str]]] = {
    "arxiv_api": _find_missing_works,
    "semantic_scholar": _find_uncounted_works,
    "references": _find_works_without_references,
    "semantic_scholar_papers": arxiv_outage.list_missing_works,
    "openalex_papers": arxiv_outage.list_missing_works,
}


def _store_result(
    db: Database, report: SourceReport, result: FetchResult, now: datetime
) -> SourceReport:
    """Store a fetched page and return the report updated with its counts or with the error."""
    if result.page:
        return _add_counts(report, result.page, store_page(db, result.source, result.page, now))
    if result.error:
        return replace(
            report, state="degraded" if report.read else "failed", detail=str(result.error)
        )
    return report


def _add_counts(report: SourceReport, page: Page, counts: UpsertCounts) -> SourceReport:
    return replace(
        report,
        read=report.read + counts.added + counts.updated + counts.skipped,
        added=report.added + counts.added,
        updated=report.updated + counts.updated,
        skipped=report.skipped + counts.skipped,
        unread=report.unread + len(page.skipped),
        notes=(*report.notes, *page.warnings, *page.skipped)[:_MAX_NOTES],
    )
