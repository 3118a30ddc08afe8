"""A period is compared with earlier ones that were collected and indexed, and with no others."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from tests.store.records import paper
from tracker.calendar import Period, announcement_days
from tracker.digest.document import Counts
from tracker.models import Tag
from tracker.pipeline.composing import compose_period, gathered
from tracker.pipeline.trending import Span, compare
from tracker.records import Roll
from tracker.settings import Config
from tracker.store import findings, listings, papers
from tracker.store.database import Database

WEEK, MARCH = Period.parse_week("2026-W11"), Period.parse_month("2026-03")
NOW = datetime(2026, 4, 6, 8, tzinfo=UTC)
NUMBERS = count(1)
A_WEEK = timedelta(days=7)


def collect(db: Database, days: tuple[date, ...], each: int) -> list[int]:
    """So many papers on each of the days; their numbers."""
    made = [paper(f"2603.{next(NUMBERS):05}", announced=day) for day in days for _ in range(each)]
    papers.take(db, made)
    return list(papers.by_key(db, [one.id for one in made]))


def due(period: Period) -> tuple[date, ...]:
    return announcement_days(period.start, period.end)


def before(period: Period, times: int = 1) -> Period:
    for _ in range(times):
        period = period.previous()
    return period


def counts(db: Database, config: Config, period: Period = WEEK) -> Counts:
    return gathered(db, config, period)[0].counts


def one_stray(db: Database, period: Period) -> None:
    collect(db, (before(period).start + timedelta(days=2),), 1)


def one_stray_long_ago(db: Database, period: Period) -> None:
    collect(db, (before(period, 8).start,), 1)


def a_stray_in_each(db: Database, period: Period) -> None:
    for times in range(1, 9):
        collect(db, due(before(period, times))[:1], 1)


def a_stray_on_each_day(db: Database, period: Period) -> None:
    for times in range(1, 9):
        collect(db, due(before(period, times)), 1)


def half_of_the_days(db: Database, period: Period) -> None:
    days = due(before(period))
    collect(db, days[: len(days) // 2], 40)


def a_gap_after_whole_ones(db: Database, period: Period) -> None:
    for times in range(2, 5):
        collect(db, due(before(period, times)), 40)


def nothing(db: Database, period: Period) -> None:
    """No earlier paper at all."""


@pytest.mark.parametrize("period", [WEEK, MARCH], ids=["week", "month"])
@pytest.mark.parametrize(
    "earlier",
    [nothing, one_stray, one_stray_long_ago, a_stray_in_each, a_stray_on_each_day,
     half_of_the_days, a_gap_after_whole_ones],
)  # fmt: skip
def test_a_few_stray_papers_are_no_baseline(
    earlier: Callable[[Database, Period], None], period: Period, db: Database, config: Config
) -> None:
    collect(db, due(period), 40)
    earlier(db, period)
    found = counts(db, config, period)
    assert (found.baseline, found.baseline_periods, found.change) == (None, 0, None)
    for row in (*found.categories, *found.dimensions, *found.directions):
        assert (row.before, row.share_before, row.low, row.trend) == (None, None, None, "")
    compose_period(db, config, period, now=NOW)
    kind = "weekly" if period.kind == "week" else "monthly"
    for suffix in ("html", "txt", "md"):
        page = (config.digests / f"{kind}-{period.key}.{suffix}").read_text(encoding="utf-8")
        text = " ".join(page.split())
        assert f"There is no baseline: the {period.kind} before was not collected" in text
        assert "above the m" not in text
        assert "above the w" not in text


def test_periods_that_were_collected_are_the_baseline(db: Database, config: Config) -> None:
    collect(db, due(WEEK), 11)
    for times, each in enumerate((10, 12, 8), 1):
        collect(db, due(before(WEEK, times)), each)
    collect(db, due(before(WEEK, 4))[:1], 1)
    found = counts(db, config)
    assert found.baseline_periods == 3
    assert found.baseline == pytest.approx(10 * 5, rel=0.1)
    assert found.change == pytest.approx(0.1, abs=0.06)


def test_a_day_on_which_arxiv_listed_nothing_is_collected_by_its_sources_word(
    db: Database, config: Config
) -> None:
    collect(db, due(WEEK), 10)
    open_days, quiet = due(before(WEEK))[:3], due(before(WEEK))[3:]
    collect(db, open_days, 10)
    assert counts(db, config).baseline is None
    rolls = [Roll(day, config.categories[:1]) for day in quiet]
    listings.take_rolls(db, "arxiv_oai", rolls, NOW)
    assert counts(db, config).baseline is None, "of one category only"
    rolls = [Roll(day, config.categories) for day in quiet]
    listings.take_rolls(db, "arxiv_oai", rolls, NOW)
    assert (counts(db, config).baseline, counts(db, config).baseline_periods) == (30, 1)


@pytest.mark.parametrize(("looked_at", "compared"), [(1, False), (20, False), (50, True)])
def test_shares_are_compared_with_what_was_indexed(
    looked_at: int, compared: bool, db: Database, config: Config
) -> None:
    here, there = collect(db, due(WEEK), 10), collect(db, due(before(WEEK)), 10)
    for works in (here, there[:looked_at]):
        findings.add_tags(db, "t", {work: [Tag("moe", 0.9)] for work in works})
    found = counts(db, config)
    assert found.baseline == 50
    (row,) = (row for row in found.directions if row.key == "moe")
    assert (row.share_before is not None) is compared


def test_trends_leave_out_days_that_were_not_collected(db: Database, config: Config) -> None:
    collect(db, due(WEEK), 40)
    collect(db, tuple(WEEK.start - n * A_WEEK for n in range(1, 4)), 1)
    found = compare(db, config, "term", Span.last(7, WEEK.end))
    assert (found.papers, found.papers_before, found.trends) == (200, 0, ())
