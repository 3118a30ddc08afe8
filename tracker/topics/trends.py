"""What grows, shrinks, bursts or is new: shares of all papers by announcement day, compared.

ArXiv itself grows and weeks with holidays are short, so counts are divided by all papers of their
day. A change is Welch's t-test on the days' shares, which lets days differ as they do; p-values are
corrected for how many things were looked at. Nothing is called growing or shrinking unless the
interval excludes no change. Pure; the statistics are scipy's (`tracker.topics.statistics`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tracker.topics.statistics import corrected, difference, excess

# The share of false trends among those called that is accepted; of bursts, which are looked for on
# every day, fewer.
ALPHA, _BURST_ALPHA = 0.05, 0.01
# Fewer papers than this in both spans together are not tested; and so many make something new.
_TESTED_PAPERS, _NEW_PAPERS = 10, 5
# Days before that must be without a paper for something to be new.
_NEW_DAYS = 10


@dataclass(frozen=True, slots=True)
class Days:
    """Announcement days with all papers of each (n,); the last `now` days are compared with the
    days before.
    """

    days: tuple[date, ...]
    totals: NDArray[np.int64]
    now: int


@dataclass(frozen=True, slots=True)
class Trend:
    """One topic, tag or term: papers and shares now and before, and whether that is a change.

    `change` is the difference of the mean daily shares, `low`..`high` its 95 % interval; both None
    where too few papers were there to test. `q` is the corrected p-value. `kind` is growing,
    shrinking, new or steady. `burst` is the day of a burst in the span, `by_day` the daily shares.
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
        """By how much the share grew: 0.25 is a quarter; None when there was nothing before."""
        return self.share / self.share_before - 1 if self.share_before else None


def trends(days: Days, counts: Mapping[str, NDArray[np.int64]], names: Mapping[str, str]) -> (
    list[Trend]
):  # fmt: skip
    """A trend for every key of `counts` (n,), the surest changes first."""
    bursts = _bursts(days, counts)
    found = [_compared(days, key, names.get(key, key), counts[key]) for key in counts]
    tested = [n for n, (_, p) in enumerate(found) if p is not None]
    q_values = dict(zip(tested, corrected([found[n][1] or 0.0 for n in tested]), strict=True))
    made = [
        _judged(days, trend, q_values.get(n), bursts.get(trend.key))
        for n, (trend, _) in enumerate(found)
    ]
    return sorted(made, key=_surest)


def _surest(trend: Trend) -> tuple[bool, float, int, str]:
    called = trend.kind in ("growing", "shrinking")
    return not called, trend.q if trend.q is not None else 2.0, -trend.papers, trend.key


def _compared(
    days: Days, key: str, name: str, counts: NDArray[np.int64]
) -> tuple[Trend, float | None]:
    shares = counts / np.maximum(days.totals, 1)
    now, before = shares[-days.now :], shares[: -days.now]
    papers, earlier = int(counts[-days.now :].sum()), int(counts[: -days.now].sum())
    trend = Trend(
        key,
        name,
        papers,
        earlier,
        papers / max(1, int(days.totals[-days.now :].sum())),
        earlier / max(1, int(days.totals[: -days.now].sum())),
        "steady",
        by_day=tuple(shares.round(5).tolist()),
    )
    if papers + earlier < _TESTED_PAPERS or min(len(now), len(before)) < 2:
        return trend, None
    found = difference(now, before)
    return replace(trend, change=found.value, low=found.low, high=found.high), found.p


def _judged(days: Days, trend: Trend, q: float | None, burst: date | None) -> Trend:
    kind = "steady"
    if not trend.before and trend.papers >= _NEW_PAPERS and len(days.days) - days.now >= _NEW_DAYS:
        kind = "new"
    elif q is not None and q < ALPHA and trend.low is not None and trend.high is not None:
        kind = "growing" if trend.low > 0 else "shrinking" if trend.high < 0 else "steady"
    return replace(trend, kind=kind, q=q, burst=burst)


def _bursts(days: Days, counts: Mapping[str, NDArray[np.int64]]) -> dict[str, date]:
    """The day of the span on which each key came up far oftener than its share lets expect."""
    if not counts or not days.now:
        return {}
    keys = list(counts)
    table = np.array([counts[key] for key in keys])
    share = table.sum(axis=1) / max(1, int(days.totals.sum()))
    chances = excess(table[:, -days.now :], days.totals[-days.now :], share[:, None])
    sure = corrected(chances.ravel()).reshape(chances.shape)
    recent = days.days[-days.now :]
    found = {}
    for row, key in enumerate(keys):
        best = int(np.argmin(chances[row]))
        if sure[row, best] < _BURST_ALPHA and table[row, -days.now + best] >= _NEW_PAPERS:
            found[key] = recent[best]
    return found


def counted(days: Sequence[date], by_day: Mapping[date, int]) -> NDArray[np.int64]:
    """Counts by day as a row (n,)."""
    return np.array([by_day.get(day, 0) for day in days], np.int64)
