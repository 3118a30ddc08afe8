"""The statistics we take from scipy, which this module owns: nothing here is our own method."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two means with its 95 % confidence interval and two-sided p-value."""

    value: float
    low: float
    high: float
    p: float


def pairing(similarity: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The pairs (row, column) of (m, n) similarities whose sum is largest: the Hungarian method."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(similarity, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def difference(now: ArrayLike, before: ArrayLike) -> Difference:
    """How far the mean of `now` lies above that of `before`: Welch's t-test.

    Each needs two values; days that do not differ at all prove nothing.
    """
    from scipy.stats import ttest_ind

    one, other = np.asarray(now, np.float64), np.asarray(before, np.float64)
    value = float(one.mean() - other.mean())
    if np.ptp(one) == 0 and np.ptp(other) == 0:
        return Difference(value, -np.inf, np.inf, 1.0)
    found = ttest_ind(one, other, equal_var=False)
    interval = found.confidence_interval(0.95)
    return Difference(value, float(interval.low), float(interval.high), float(found.pvalue))


def corrected(p_values: ArrayLike) -> NDArray[np.float64]:
    """P-values adjusted for how many there are (n,): Benjamini and Hochberg's procedure."""
    from scipy.stats import false_discovery_control

    given = np.asarray(p_values, np.float64)
    return np.asarray(false_discovery_control(given)) if len(given) else given


def excess(counts: ArrayLike, totals: ArrayLike, share: ArrayLike) -> NDArray[np.float64]:
    """The chance of as many as `counts` among `totals` where each has the chance `share`."""
    from scipy.stats import binom

    above = np.asarray(counts) - 1
    return np.asarray(binom.sf(above, np.asarray(totals), np.asarray(share)), np.float64)
