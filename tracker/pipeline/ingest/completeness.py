"""Completeness: papers expected, stored, late and missing for each announcement day and category.

A day is *complete* when a source has delivered its whole listing and every paper of it is stored;
*closed* when arXiv lists nothing on it; *degraded* otherwise. The states are computed from what is
stored, so they are never out of date.

Public: `list_days`, `find_gaps`.
"""

from datetime import date, datetime, timedelta

from tracker.calendar import is_announcement_day, is_listing_published
from tracker.records import CompletenessDay
from tracker.settings import Config
from tracker.store import listings
from tracker.store.database import Database
from tracker.store.listings import CompletenessCounts
from tracker.store.runs import RunHistory

# The API is not an archive: older gaps are filled from the metadata snapshot or from OAI.
LOOKBACK_DAYS = 90
_DAY = timedelta(days=1)


def list_days(
    db: Database,
    config: Config,
    now: datetime,
    *,
    since: date | None = None,
    until: date | None = None,
) -> list[CompletenessDay]:
    """Return every published day since the first crawled one, oldest first; none before a crawl."""
    span = _known_span(db, now)
    if span is None:
        return []
    first, last = max(span[0], since or date.min), min(span[1], until or date.max)
    counts = listings.completeness_counts(db, first, last, config.categories)
    days: list[CompletenessDay] = []
    for n in range((last - first).days + 1):
        day = first + n * _DAY
        by_category = {
            name: counts.get((day, name), CompletenessCounts()) for name in config.categories
        }
        has_papers = any(count.got or count.missing for count in by_category.values())
        days += [
            _assess_day(day, name, count, has_papers=has_papers)
            for name, count in by_category.items()
        ]
    return days


def _known_span(db: Database, now: datetime) -> tuple[date, date] | None:
    """Return the first and last day that were requested or delivered.

    The last day is today unless every crawl named an earlier end.
    """
    completed, requested = (
        listings.completed_span(db),
        RunHistory(db).requested_span("crawl:arxiv_"),
    )
    known = [span for span in (completed, requested) if span]
    if not known:
        return None
    last = min(max(until for _, until in known), now.date() + _DAY)
    while not is_listing_published(last, now):
        last -= _DAY
    return min(since for since, _ in known), last


def _assess_day(
    day: date, category: str, count: CompletenessCounts, *, has_papers: bool
) -> CompletenessDay:
    """Return the state of one category; `has_papers`: any category lists a paper that day."""
    delivered = bool(count.complete_sources)
    expected = count.got + count.missing if delivered else None
    if not delivered and not count.missing and not is_announcement_day(day):
        state, expected = "closed", count.got
    elif delivered and not has_papers:
        state = "closed"  # a holiday that the calendar does not know
    else:
        state = "complete" if delivered and not count.missing else "degraded"
    return CompletenessDay(
        day, category, state, expected, count.got, count.late, count.missing, count.complete_sources
    )


def find_gaps(db: Database, config: Config, now: datetime) -> list[date]:
    """Return those of the last ninety days that no source has listed completely, oldest first."""
    since = now.date() - timedelta(days=LOOKBACK_DAYS)
    incomplete = {
        entry.day
        for entry in list_days(db, config, now, since=since)
        if entry.state == "degraded" and entry.expected is None
    }
    return sorted(incomplete)
