"""A period is compared only with earlier periods that were collected and indexed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from tests.store.records import paper
from tracker.calendar import Period, announcement_days
from tracker.digest.document import PeriodCounts
from tracker.models import Tag
from tracker.pipeline.issue.compose_issue import IssueOptions, compose_period
from tracker.pipeline.issue.load_period import load_period
from tracker.pipeline.retrieval.trend_reports import ComparisonSpan, compute_trends
from tracker.records import ListingComplete
from tracker.settings import Config
from tracker.store import listings, papers, summaries_and_tags
from tracker.store.database import Database

WEEK, MARCH = Period.parse_week("2026-W11"), Period.parse_month("2026-03")
NOW = datetime(2026, 4, 6, 8, tzinfo=UTC)
NUMBERS = count(1)
A_WEEK = timedelta(days=7)


def collect(db: Database, days: tuple[date, ...], each: int) -> list[int]:
    """Store `each` papers on each of the days; return their numbers."""
    records = [
        paper(f"2603.{next(NUMBERS):05}", announced=day) for day in days for _ in range(each)
    ]
    papers.upsert(db, records)
    return list(papers.load_by_key(db, [record.id for record in records]))


def days_of(period: Period) -> tuple[date, ...]:
    return announcement_days(period.start, period.end)


def before(period: Period, times: int = 1) -> Period:
    for _ in range(times):
        period = period.previous()
    return period


def counts(db: Database, config: Config, period: Period = WEEK) -> PeriodCounts:
    return load_period(db, config, period)[0].counts


def one_stray_last_period(db: Database, period: Period) -> None:
    collect(db, (before(period).start + timedelta(days=2),), 1)


def one_stray_long_ago(db: Database, period: Period) -> None:
    collect(db, (before(period, 8).start,), 1)


def one_stray_in_each_period(db: Database, period: Period) -> None:
    for times in range(1, 9):
        collect(db, days_of(before(period, times))[:1], 1)


def one_stray_on_each_day(db: Database, period: Period) -> None:
    for times in range(1, 9):
        collect(db, days_of(before(period, times)), 1)


def half_of_the_days(db: Database, period: Period) -> None:
    days = days_of(before(period))
    collect(db, days[: len(days) // 2], 40)


def gap_after_collected_periods(db: Database, period: Period) -> None:
    for times in range(2, 5):
        collect(db, days_of(before(period, times)), 40)


def nothing(db: Database, period: Period) -> None:
    """Store no earlier papers."""


@pytest.mark.parametrize("period", [WEEK, MARCH], ids=["week", "month"])
@pytest.mark.parametrize(
    "earlier",
    [nothing, one_stray_last_period, one_stray_long_ago, one_stray_in_each_period,
     one_stray_on_each_day, half_of_the_days, gap_after_collected_periods],
)  # fmt: skip
def test_a_few_stray_papers_are_not_a_baseline(
    earlier: Callable[[Database, Period], None], period: Period, db: Database, config: Config
) -> None:
    collect(db, days_of(period), 40)
    earlier(db, period)
    found = counts(db, config, period)
    assert (found.baseline, found.baseline_periods, found.change) == (None, 0, None)
    for row in (*found.categories, *found.dimensions, *found.directions):
        assert (row.before, row.share_before, row.low, row.trend) == (None, None, None, "")
    compose_period(db, config, period, now=NOW, options=IssueOptions(out=config.digests))
    kind = "weekly" if period.kind == "week" else "monthly"
    for suffix in ("html", "txt", "md"):
        page = (config.digests / f"{kind}-{period.key}.{suffix}").read_text(encoding="utf-8")
        text = " ".join(page.split())
        assert f"No comparison: the previous {period.kind} was not collected" in text
        assert "above the m" not in text
        assert "above the w" not in text


def test_collected_periods_are_the_baseline(db: Database, config: Config) -> None:
    collect(db, days_of(WEEK), 11)
    for times, each in enumerate((10, 12, 8), 1):
        collect(db, days_of(before(WEEK, times)), each)
    collect(db, days_of(before(WEEK, 4))[:1], 1)
    found = counts(db, config)
    assert found.baseline_periods == 3
    assert found.baseline == pytest.approx(10 * 5, rel=0.1)
    assert found.change == pytest.approx(0.1, abs=0.06)


def test_a_day_without_papers_counts_as_collected_if_a_listing_page_proves_it(
    db: Database, config: Config
) -> None:
    collect(db, days_of(WEEK), 10)
    listed, quiet = days_of(before(WEEK))[:3], days_of(before(WEEK))[3:]
    collect(db, listed, 10)
    assert counts(db, config).baseline is None
    completions = [ListingComplete(day, config.categories[:1]) for day in quiet]
    listings.store_completions(db, "arxiv_listings", completions, NOW)
    assert counts(db, config).baseline is None, "complete for one category only"
    completions = [ListingComplete(day, config.categories) for day in quiet]
    listings.store_completions(db, "arxiv_listings", completions, NOW)
    assert (counts(db, config).baseline, counts(db, config).baseline_periods) == (30, 1)


@pytest.mark.parametrize(("indexed", "compared"), [(1, False), (20, False), (50, True)])
def test_shares_are_compared_only_if_enough_papers_were_indexed(
    indexed: int, compared: bool, db: Database, config: Config
) -> None:
    here, there = (
        collect(db, days_of(WEEK), 10),
        collect(db, days_of(before(WEEK)), 10),
    )
    for works in (here, there[:indexed]):
        summaries_and_tags.store_tags(db, "t", {work: [Tag("moe", 0.9)] for work in works})
    found = counts(db, config)
    assert found.baseline == 50
    (row,) = (row for row in found.directions if row.key == "moe")
    assert (row.share_before is not None) is compared


def test_trends_skip_days_that_were_not_collected(db: Database, config: Config) -> None:
    collect(db, days_of(WEEK), 40)
    collect(db, tuple(WEEK.start - n * A_WEEK for n in range(1, 4)), 1)
    found = compute_trends(db, config, "term", ComparisonSpan.last_days(7, WEEK.end))
    assert (found.papers, found.papers_before, found.trends) == (200, 0, ())
