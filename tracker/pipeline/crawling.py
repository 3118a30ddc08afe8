"""The crawl: what to ask of each source, and what comes back taken in page by page.

Each page is committed with the place where its source goes on, so that a crawl that was cut short
is gone on with and never leaves half a page. Public: `window`, `crawl`, `Window`.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from tracker.errors import NetworkDown, UsageError
from tracker.models import SourceReport
from tracker.pipeline import Progress, ledger, linking, silent
from tracker.pipeline.arrivals import Arrival, arrivals
from tracker.pipeline.pages import take_page
from tracker.records import (
    Page,
)
from tracker.settings import FEEDS, Config
from tracker.sources.exchange import PATIENT, Patience
from tracker.sources.http import Client
from tracker.sources.pace import cancellable
from tracker.sources.reader import Task
from tracker.sources.registry import reader
from tracker.store import attention, bookmarks, listings
from tracker.store.database import Database
from tracker.store.ledger import Ledger
from tracker.store.rows import Taken

# Papers are announced one to four days after submission, later when they are held in moderation
# (info.arxiv.org/help/availability.html): a window this long finds them.
WINDOW_DAYS = 10
# Ids in one request of those who answer about works, not days (semanticscholar.org: at most 500).
_WORKS_ASKED = 500
_RECOUNT_DAYS = 7
_NOTES_KEPT = 50


@dataclass(frozen=True, slots=True)
class Window:
    """The announcement days a crawl asks for, both included."""

    since: date
    until: date


def window(
    db: Database, config: Config, now: datetime, since: date | None, until: date | None
) -> Window:
    """What to ask for: ten days back, or as far back as the ledger has a gap."""
    last = until or now.date()
    if since is None:
        gaps = ledger.gaps(db, config, now)
        since = min([last - timedelta(days=WINDOW_DAYS), *gaps[:1]])
    if since > last:
        raise UsageError(f"The crawl would end before it starts: {since} is after {last}.")
    return Window(since, last)


def crawl(
    db: Database,
    config: Config,
    asked: Window,
    *,
    now: datetime,
    only: Sequence[str] = (),
    patience: Patience = PATIENT,
    progress: Progress = silent,
) -> list[SourceReport]:
    """Read the enabled sources, or just those named; one that fails does not stop the others.

    Raises NetworkDown, which is kept as the state of each source, when none can be reached.
    """

    def connect(stop: threading.Event) -> Client:
        clock = cancellable(stop)
        return Client(config.http, config.home / "state", patience=patience, clock=clock)

    jobs = {
        name: (reader(name), _task(db, config, name, asked, now)) for name in names(config, only)
    }
    reports = {name: SourceReport(name, "ok", asked.since, asked.until) for name in jobs}
    try:
        for arrival in arrivals(jobs, connect):
            report = reports[arrival.source] = _received(db, reports[arrival.source], arrival, now)
            if arrival.page:
                progress(arrival.source, report.read, arrival.page.total)
    except NetworkDown as error:
        _record(db, [_unreached(report, error) for report in reports.values()], asked, now)
        raise
    linking.link(db)
    _record(db, reports.values(), asked, now)
    return list(reports.values())


def _unreached(report: SourceReport, error: NetworkDown) -> SourceReport:
    return report if report.detail else replace(report, state="failed", detail=str(error))


def _record(db: Database, reports: Iterable[SourceReport], asked: Window, now: datetime) -> None:
    for report in reports:
        Ledger(db).record(
            f"crawl:{report.source}", asked.until.isoformat(), report.state,
            detail=report.detail, at=now, report=asdict(report),
        )  # fmt: skip


def names(config: Config, only: Sequence[str] = ()) -> list[str]:
    """The sources to read; "feeds" names all of them. UsageError for one that nobody knows."""
    feeds = [name for name in config.sources if name.startswith(FEEDS)]
    wanted = [name for given in only for name in (feeds if given == FEEDS[:-1] else [given])]
    for name in wanted:
        reader(name)
        if name not in config.sources:
            raise UsageError(f"There is no section [sources.{name}] in the settings.")
    enabled = [name for name, source in config.sources.items() if source.enabled]
    found = list(dict.fromkeys(wanted)) or enabled
    if not found:
        raise UsageError("No source is enabled, and none was named.")
    return found


def _task(db: Database, config: Config, name: str, asked: Window, now: datetime) -> Task[Any]:
    works = _WORKS.get(name)
    return Task(
        name=name,
        settings=config.sources[name],
        since=asked.since,
        until=asked.until,
        now=now,
        cursor=bookmarks.cursor(db, name),
        copies=bookmarks.copies(db, name),
        works=tuple(works(db, now)) if works else (),
    )


def _listed_but_missing(db: Database, now: datetime) -> list[str]:
    since = now.date() - timedelta(days=ledger.FARTHEST_DAYS)
    return listings.missing(db, since)[:_WORKS_ASKED]


def _to_be_counted(db: Database, now: datetime) -> list[str]:
    return attention.uncounted(db, now.date() - timedelta(days=_RECOUNT_DAYS), _WORKS_ASKED)


# The sources that are asked about works, and about which.
_WORKS: Mapping[str, Callable[[Database, datetime], list[str]]] = {
    "arxiv_api": _listed_but_missing,
    "semantic_scholar": _to_be_counted,
}


def _received(db: Database, report: SourceReport, arrival: Arrival, now: datetime) -> SourceReport:
    """The report after an arrival, which is in the store by then."""
    if arrival.page:
        return _taken(report, arrival.page, take_page(db, arrival.source, arrival.page, now))
    if arrival.error:
        return replace(
            report, state="degraded" if report.read else "failed", detail=str(arrival.error)
        )
    return report


def _taken(report: SourceReport, page: Page, taken: Taken) -> SourceReport:
    return replace(
        report,
        read=report.read + taken.added + taken.updated + taken.skipped,
        added=report.added + taken.added,
        updated=report.updated + taken.updated,
        skipped=report.skipped + taken.skipped,
        unread=report.unread + len(page.skipped),
        notes=(*report.notes, *page.warnings, *page.skipped)[:_NOTES_KEPT],
    )
