"""Completeness: papers expected, stored, late and missing for each announcement day and category.

The state of a day is computed from what is stored, so it is never out of date:

- *complete*: an independent count (a listing page, or a whole OAI harvest by datestamps) says how
  many papers were listed, and all of them are stored;
- *degraded*: some papers that a source has listed are not stored; *missing*: none of them is;
- *closed*: nothing was listed, according to the calendar or to a listing page;
- *unverified*: nothing came, or papers came that only the daily feed or the API vouches for. Both
  fail without an error: they repeat the last batch, lag, or leave papers out. A day without
  papers on listing pages, of which other sources have works that are on no page, is assessed
  without the pages.

Public: `list_days`, `find_gaps`, `find_uncounted_days`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker.calendar import announcement_days, is_announcement_day, is_listing_published
from tracker.records import CompletenessDay
from tracker.settings import Config
from tracker.store import listings
from tracker.store.database import Database
from tracker.store.listings import COUNTING_SOURCES, CompletenessCounts
from tracker.store.runs import RunHistory

# The API is not an archive: older gaps are filled from the metadata snapshot or from OAI.
LOOKBACK_DAYS = 90
# arXiv's catch-up pages go back 90 days; the last one is left out, time zones differ.
_CATCHUP_DAYS = 88
_DAY = timedelta(days=1)
_DayOfCategory = tuple[date, str]
_OPEN = frozenset({"unverified", "degraded", "missing"})


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
    unexplained = listings.unexplained_counts(db, first, last, config.categories)
    days: list[CompletenessDay] = []
    for n in range((last - first).days + 1):
        day = first + n * _DAY
        keys = [(day, name) for name in config.categories]
        days += _assess_categories(
            {key: counts.get(key, CompletenessCounts()) for key in keys},
            {key: unexplained[key] for key in keys if key in unexplained},
        )
    return days


def _assess_categories(
    counts: Mapping[_DayOfCategory, CompletenessCounts],
    unexplained: Mapping[_DayOfCategory, CompletenessCounts],
) -> list[CompletenessDay]:
    """Return the categories of one day; those without listing pages count as `unexplained`."""
    is_empty = not any(count.got or count.missing for count in counts.values())
    if is_empty and unexplained:
        counts = {key: _without_pages(count, unexplained.get(key)) for key, count in counts.items()}
        is_empty = False
    return [
        _assess_day(day, name, count, is_empty=is_empty) for (day, name), count in counts.items()
    ]


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


def _without_pages(
    count: CompletenessCounts, others: CompletenessCounts | None
) -> CompletenessCounts:
    """Return the counts of a day that is empty on listing pages and not for `others`.

    Its pages do not count, so that they are requested again.
    """
    sources = tuple(name for name in count.complete_sources if name != "arxiv_listings")
    return replace(others or CompletenessCounts(), complete_sources=sources)


def _assess_day(
    day: date, category: str, count: CompletenessCounts, *, is_empty: bool
) -> CompletenessDay:
    """Return the state of one category; `is_empty`: no category has a paper on that day."""
    state = _state(day, count, is_empty=is_empty)
    is_known = state != "unverified" and (state == "closed" or count.complete_sources)
    expected = count.got + count.missing if is_known else None
    return CompletenessDay(
        day, category, state, expected, count.got, count.late, count.missing,
        count.complete_sources, count.second_hand,
    )  # fmt: skip


def _state(day: date, count: CompletenessCounts, *, is_empty: bool) -> str:
    is_counted = any(source in COUNTING_SOURCES for source in count.complete_sources)
    if count.missing:
        return "degraded" if count.got else "missing"
    if is_empty and not is_announcement_day(day):
        return "closed"
    if is_empty and "arxiv_listings" in count.complete_sources:
        return "closed"  # a holiday that the calendar does not know
    # A harvest without papers proves no holiday: OAI may be late by a day.
    return "complete" if is_counted and not is_empty else "unverified"


def find_gaps(db: Database, config: Config, now: datetime) -> list[date]:
    """Return those of the last ninety days that no source has delivered whole, oldest first."""
    since = now.date() - timedelta(days=LOOKBACK_DAYS)
    incomplete = {
        entry.day
        for entry in list_days(db, config, now, since=since)
        if entry.state in _OPEN and not entry.by
    }
    return sorted(incomplete)


def find_uncounted_days(
    db: Database, config: Config, requested: tuple[date, date], now: datetime
) -> list[tuple[date, str]]:
    """Return the announcement days and categories to count on listing pages, newest first.

    They are those requested, and earlier ones since the first crawl, that no listing page has
    counted and OAI has not either.
    """
    since, until = requested
    known = {(entry.day, entry.category): entry for entry in list_days(db, config, now)}
    first = max(
        min([since, *(day for day, _ in known)]), now.date() - timedelta(days=_CATCHUP_DAYS)
    )
    return [
        (day, category)
        for day in reversed(announcement_days(first, until))
        for category in config.categories
        if is_listing_published(day, now) and _needs_count(known.get((day, category)))
    ]


def _needs_count(entry: CompletenessDay | None) -> bool:
    if entry is None:
        return True
    return entry.state in _OPEN and "arxiv_listings" not in entry.by
