"""Trends: what grows, shrinks, bursts or is new, as shares of all papers by announcement day.

ArXiv itself grows and weeks with holidays are short, so counts are divided by all papers of their
day. A change of the share is tested with the days as the sample, by Welch's t-test, which allows
for unequal variances; p-values are corrected for the number of tests. Nothing is called growing or
shrinking unless the interval excludes zero. Pure; the statistics are scipy's
(`tracker.topics.statistics`).

Public: `find_trends`, `Trend`, `DailyTotals`, `daily_count_array`, `ALPHA`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tracker.topics.statistics import adjust_p_values, upper_tail_probability, welch_difference

# Accepted share of false trends among those reported; lower for bursts, which are tested on every
# day.
ALPHA, _BURST_ALPHA = 0.05, 0.01
# Least number of papers in both spans together for a test, and in the current span for "new" and
# for a burst.
_MIN_TESTED_PAPERS, _MIN_NEW_PAPERS = 10, 5
# Least number of earlier days, all without a paper, for something to be new.
_MIN_EARLIER_DAYS = 10


@dataclass(frozen=True, slots=True)
class DailyTotals:
    """Announcement days and the number of papers on each (n,).

    The last `current_days` days are compared with the days before.
    """

    days: tuple[date, ...]
    totals: NDArray[np.int64]
    current_days: int


@dataclass(frozen=True, slots=True)
class Trend:
    """One topic, theme or term: papers and shares now and before, and whether they changed.

    `change` is `share` - `share_before`, `low`..`high` its 95 % interval; all None with too few
    papers to test. `q` is the corrected p-value. `kind` is growing, shrinking, new or
    steady. `burst` is the day of a burst in the current span, `by_day` the daily shares.
    """

    key: str
    name: str
    papers: int
    before: int
    share: float
    share_before: float
    kind: str
    change: float | None = None
    low: float | None = None
    high: float | None = None
    q: float | None = None
    burst: date | None = None
    by_day: tuple[float, ...] = ()

    @property
    def growth(self) -> float | None:
        """The relative growth of the share: 0.25 is 25 %; None when there was nothing before."""
        return self.share / self.share_before - 1 if self.share_before else None


def find_trends(
    days: DailyTotals, counts: Mapping[str, NDArray[np.int64]], names: Mapping[str, str]
) -> list[Trend]:
    """Return a trend for every key of `counts` (n,), the most significant changes first."""
    bursts = _find_bursts(days, counts)
    compared = [_compare_shares(days, key, names.get(key, key), counts[key]) for key in counts]
    tested = [n for n, (_, p) in enumerate(compared) if p is not None]
    adjusted = adjust_p_values([compared[n][1] or 0.0 for n in tested])
    q_values = dict(zip(tested, adjusted, strict=True))
    trends = [
        _classify_trend(days, trend, q_values.get(n), bursts.get(trend.key))
        for n, (trend, _) in enumerate(compared)
    ]
    return sorted(trends, key=_significance_key)


def _significance_key(trend: Trend) -> tuple[bool, float, int, str]:
    changed = trend.kind in ("growing", "shrinking")
    return not changed, trend.q if trend.q is not None else 2.0, -trend.papers, trend.key


def _compare_shares(
    days: DailyTotals, key: str, name: str, counts: NDArray[np.int64]
) -> tuple[Trend, float | None]:
    """Return the trend of one key without its kind, and its p-value if it was tested."""
    current, past = slice(-days.current_days, None), slice(-days.current_days)
    shares = counts / np.maximum(days.totals, 1)
    papers, earlier = int(counts[current].sum()), int(counts[past].sum())
    trend = Trend(
        key,
        name,
        papers,
        earlier,
        papers / max(1, int(days.totals[current].sum())),
        earlier / max(1, int(days.totals[past].sum())),
        "steady",
        by_day=tuple(shares.round(5).tolist()),
    )
    now, before = (_jackknife(counts[chosen], days.totals[chosen]) for chosen in (current, past))
    if papers + earlier < _MIN_TESTED_PAPERS or min(len(now), len(before)) < 2:
        return trend, None
    difference = welch_difference(now, before)
    tested = replace(trend, change=difference.value, low=difference.low, high=difference.high)
    return tested, difference.p


def _jackknife(counts: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return values (n,) of days whose mean is the share of all days together.

    They are the jackknife's pseudo-values of a ratio of two sums (Miller, Biometrika 61, 1974),
    moved to that mean. The mean of daily shares would weigh a day of 100 papers as one of 900, and
    differ from the shares that readers see.
    """
    share = counts.sum() / max(1, int(totals.sum()))
    without = (counts.sum() - counts) / np.maximum(totals.sum() - totals, 1)
    values: NDArray[np.float64] = share + (len(totals) - 1) * (without.mean() - without)
    return values


def _classify_trend(days: DailyTotals, trend: Trend, q: float | None, burst: date | None) -> Trend:
    kind = "steady"
    earlier_days = len(days.days) - days.current_days
    if not trend.before and trend.papers >= _MIN_NEW_PAPERS and earlier_days >= _MIN_EARLIER_DAYS:
        kind = "new"
    elif q is not None and q < ALPHA and trend.low is not None and trend.high is not None:
        kind = "growing" if trend.low > 0 else "shrinking" if trend.high < 0 else "steady"
    return replace(trend, kind=kind, q=q, burst=burst)


def _find_bursts(days: DailyTotals, counts: Mapping[str, NDArray[np.int64]]) -> dict[str, date]:
    """Return the current day on which a key occurred far more often than its share predicts."""
    if not counts or not days.current_days:
        return {}
    keys = list(counts)
    table = np.array([counts[key] for key in keys])
    share = table.sum(axis=1) / max(1, int(days.totals.sum()))
    current = table[:, -days.current_days :]
    p_values = upper_tail_probability(current, days.totals[-days.current_days :], share[:, None])
    q_values = adjust_p_values(p_values.ravel()).reshape(p_values.shape)
    recent = days.days[-days.current_days :]
    bursts = {}
    for row, key in enumerate(keys):
        best = int(np.argmin(p_values[row]))
        if q_values[row, best] < _BURST_ALPHA and current[row, best] >= _MIN_NEW_PAPERS:
            bursts[key] = recent[best]
    return bursts


def daily_count_array(days: Sequence[date], by_day: Mapping[date, int]) -> NDArray[np.int64]:
    """Return the counts of `days` as an array (n,); a day without a count is 0."""
    return np.array([by_day.get(day, 0) for day in days], np.int64)
