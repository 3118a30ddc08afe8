"""Trends are significant changes of shares, not noise, holidays or the growth of arXiv."""

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from tracker.topics.trends import DailyTotals, Trend, find_trends

NOW, BEFORE = 20, 60
RNG = np.random.default_rng(11)


def days(totals: NDArray[np.int64]) -> DailyTotals:
    first = date(2026, 1, 5)
    return DailyTotals(tuple(first + timedelta(days=n) for n in range(len(totals))), totals, NOW)


def counts(totals: NDArray[np.int64], share: float, later: float | None = None) -> (
    NDArray[np.int64]
):  # fmt: skip
    """Return papers by day for this share, with another share in the current span."""
    shares = np.full(len(totals), share)
    shares[-NOW:] = share if later is None else later
    return RNG.binomial(totals, shares)


def by_key(totals: NDArray[np.int64], **rows: NDArray[np.int64]) -> dict[str, Trend]:
    return {trend.key: trend for trend in find_trends(days(totals), rows, {})}


STEADY = np.full(NOW + BEFORE, 300)


def test_a_doubled_share_grows_and_a_halved_one_shrinks() -> None:
    trends = by_key(STEADY, up=counts(STEADY, 0.05, 0.1), down=counts(STEADY, 0.1, 0.05))
    assert (trends["up"].kind, trends["down"].kind) == ("growing", "shrinking")
    up = trends["up"]
    assert up.low is not None
    assert up.high is not None
    assert 0 < up.low < 0.05 < up.high
    assert up.growth == pytest.approx(1, abs=0.25)


def test_growth_of_arxiv_itself_is_not_a_trend() -> None:
    growing = np.linspace(100, 400, NOW + BEFORE).astype(np.int64)
    rows = {str(n): counts(growing, 0.1) for n in range(40)}
    assert {trend.kind for trend in by_key(growing, **rows).values()} == {"steady"}


def test_short_weeks_are_not_a_trend() -> None:
    holidays = STEADY.copy()
    holidays[-NOW::2] = 20
    rows = {str(n): counts(holidays, 0.1) for n in range(40)}
    assert {trend.kind for trend in by_key(holidays, **rows).values()} == {"steady"}


def test_without_a_change_almost_nothing_is_a_trend() -> None:
    """At most the nominal 5 % of intervals exclude zero; after correction almost none."""
    rows = {str(n): counts(STEADY, share) for n, share in enumerate(np.linspace(0.005, 0.2, 400))}
    trends = by_key(STEADY, **rows).values()
    excluding = [t for t in trends if t.low is not None and t.high and (t.low > 0 or t.high < 0)]
    assert len(excluding) <= 0.05 * len(trends) + 2 * (0.05 * 0.95 * len(trends)) ** 0.5
    assert sum(trend.kind != "steady" for trend in trends) <= 1


def test_a_key_absent_before_is_new_and_not_growing() -> None:
    fresh = np.zeros(NOW + BEFORE, np.int64)
    fresh[-6:] = 2
    trend = by_key(STEADY, fresh=fresh)["fresh"]
    assert (trend.kind, trend.before, trend.growth) == ("new", 0, None)


def test_a_burst_is_a_day_far_above_the_share() -> None:
    row = counts(STEADY, 0.02)
    row[-4] = 40
    assert by_key(STEADY, burst=row)["burst"].burst == days(STEADY).days[-4]
    assert by_key(STEADY, calm=counts(STEADY, 0.02))["calm"].burst is None


def test_a_few_papers_are_not_tested() -> None:
    row = np.zeros(NOW + BEFORE, np.int64)
    row[[3, -3]] = 2
    trend = by_key(STEADY, few=row)["few"]
    assert (trend.q, trend.low, trend.kind) == (None, None, "steady")


def test_identical_days_are_steady() -> None:
    assert by_key(STEADY, flat=np.full(NOW + BEFORE, 3))["flat"].kind == "steady"


def test_the_most_significant_trends_come_first() -> None:
    rows = {"a": counts(STEADY, 0.1), "b": counts(STEADY, 0.05, 0.1)}
    assert [trend.key for trend in find_trends(days(STEADY), rows, {"b": "Bees"})] == ["b", "a"]


def test_no_counts_give_no_trends() -> None:
    assert find_trends(days(STEADY), {}, {}) == []
