"""A trend is what shares show beyond chance; noise, holidays and arXiv's own growth are none."""

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from tracker.topics.trends import Days, Trend, trends

NOW, BEFORE = 20, 60
RNG = np.random.default_rng(11)


def days(totals: NDArray[np.int64]) -> Days:
    first = date(2026, 1, 5)
    return Days(tuple(first + timedelta(days=n) for n in range(len(totals))), totals, NOW)


def counts(totals: NDArray[np.int64], share: float, later: float | None = None) -> (
    NDArray[np.int64]
):  # fmt: skip
    """Papers by day of something with this share, and another one in the last days."""
    shares = np.full(len(totals), share)
    shares[-NOW:] = share if later is None else later
    return RNG.binomial(totals, shares)


def found(totals: NDArray[np.int64], **rows: NDArray[np.int64]) -> dict[str, Trend]:
    return {trend.key: trend for trend in trends(days(totals), rows, {})}


STEADY = np.full(NOW + BEFORE, 300)


def test_what_doubles_grows_and_what_halves_shrinks() -> None:
    seen = found(STEADY, up=counts(STEADY, 0.05, 0.1), down=counts(STEADY, 0.1, 0.05))
    assert (seen["up"].kind, seen["down"].kind) == ("growing", "shrinking")
    up = seen["up"]
    assert up.low is not None
    assert up.high is not None
    assert 0 < up.low < 0.05 < up.high
    assert up.growth == pytest.approx(1, abs=0.25)


def test_growth_of_arxiv_itself_is_no_trend() -> None:
    growing = np.linspace(100, 400, NOW + BEFORE).astype(np.int64)
    rows = {str(n): counts(growing, 0.1) for n in range(40)}
    assert {trend.kind for trend in found(growing, **rows).values()} == {"steady"}


def test_short_weeks_are_no_trend() -> None:
    holidays = STEADY.copy()
    holidays[-NOW::2] = 20
    rows = {str(n): counts(holidays, 0.1) for n in range(40)}
    assert {trend.kind for trend in found(holidays, **rows).values()} == {"steady"}


def test_on_shuffled_dates_hardly_anything_is_a_trend() -> None:
    """The nominal 5 % of intervals exclude nothing happening; after correction almost none."""
    rows = {str(n): counts(STEADY, share) for n, share in enumerate(np.linspace(0.005, 0.2, 400))}
    seen = found(STEADY, **rows).values()
    excluding = [t for t in seen if t.low is not None and t.high and (t.low > 0 or t.high < 0)]
    assert len(excluding) <= 0.05 * len(seen) + 2 * (0.05 * 0.95 * len(seen)) ** 0.5
    assert sum(trend.kind != "steady" for trend in seen) <= 1


def test_what_was_absent_before_is_new_and_not_called_growing() -> None:
    fresh = np.zeros(NOW + BEFORE, np.int64)
    fresh[-6:] = 2
    trend = found(STEADY, fresh=fresh)["fresh"]
    assert (trend.kind, trend.before, trend.growth) == ("new", 0, None)


def test_a_burst_is_a_day_that_stands_out() -> None:
    row = counts(STEADY, 0.02)
    row[-4] = 40
    assert found(STEADY, burst=row)["burst"].burst == days(STEADY).days[-4]
    assert found(STEADY, calm=counts(STEADY, 0.02))["calm"].burst is None


def test_a_few_papers_are_not_tested() -> None:
    row = np.zeros(NOW + BEFORE, np.int64)
    row[[3, -3]] = 2
    trend = found(STEADY, few=row)["few"]
    assert (trend.q, trend.low, trend.kind) == (None, None, "steady")


def test_days_that_do_not_differ_prove_nothing() -> None:
    assert found(STEADY, flat=np.full(NOW + BEFORE, 3))["flat"].kind == "steady"


def test_the_surest_come_first() -> None:
    rows = {"a": counts(STEADY, 0.1), "b": counts(STEADY, 0.05, 0.1)}
    assert [trend.key for trend in trends(days(STEADY), rows, {"b": "Bees"})] == ["b", "a"]


def test_nothing_has_no_trends() -> None:
    assert trends(days(STEADY), {}, {}) == []
