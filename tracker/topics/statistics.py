"""Statistical methods from scipy, which only this module imports; none is our own.

Public: `optimal_pairs`, `welch_difference`, `MeanDifference`, `adjust_p_values`,
`upper_tail_probability`, `smallest_detectable`, `regression_effect`,
`least_squares`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """A difference of two means with its 95 % confidence interval and two-sided p-value."""

    value: float
    low: float
    high: float
    p: float


def optimal_pairs(similarity: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return pairs (row, column) of (m, n) similarities with the largest sum: Hungarian method."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(similarity, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def welch_difference(now: ArrayLike, before: ArrayLike) -> MeanDifference:
    """Return the mean of `now` minus that of `before`, with Welch's t-test.

    Each needs two values. If all values in each are equal, the interval is infinite and p is 1.
    """
    from scipy.stats import ttest_ind

    one, other = np.asarray(now, np.float64), np.asarray(before, np.float64)
    value = float(one.mean() - other.mean())
    if np.ptp(one) == 0 and np.ptp(other) == 0:
        return MeanDifference(value, -np.inf, np.inf, 1.0)
    found = ttest_ind(one, other, equal_var=False)
    interval = found.confidence_interval(0.95)
    return MeanDifference(value, float(interval.low), float(interval.high), float(found.pvalue))


def adjust_p_values(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return p-values (n,) adjusted for multiple tests: Benjamini and Hochberg's procedure."""
    from scipy.stats import false_discovery_control

    given = np.asarray(p_values, np.float64)
    return np.asarray(false_discovery_control(given)) if len(given) else given


def upper_tail_probability(
    counts: ArrayLike, totals: ArrayLike, share: ArrayLike
) -> NDArray[np.float64]:
    """Return the binomial probability of at least `counts` among `totals`, each with `share`."""
    from scipy.stats import binom

    above = np.asarray(counts) - 1
    return np.asarray(binom.sf(above, np.asarray(totals), np.asarray(share)), np.float64)


def smallest_detectable(half_width: float, tests: int, power: float = 0.8) -> float:
    """Return the smallest difference that is found with probability `power`.

    `half_width` is half the 95 % interval of a difference that is one of `tests`; only one of them
    is assumed to be real, so that it has to pass the strictest correction. The normal approximation
    is close from some 20 days onwards.
    """
    from scipy.stats import norm

    error = half_width / norm.ppf(0.975)
    return float(error * (norm.ppf(1 - 0.025 / tests) + norm.ppf(power)))


def regression_effect(columns: ArrayLike, values: ArrayLike) -> MeanDifference:
    """Return the coefficient of the last of `columns` (n, k) in a least-squares fit of `values`.

    With its 95 % interval and two-sided p-value. The columns are independent, and n is above k.
    """
    from scipy.stats import t

    design, given = np.asarray(columns, np.float64), np.asarray(values, np.float64)
    found = least_squares(design, given)
    freedom = len(given) - design.shape[1]
    variance = float(np.sum((given - design @ found) ** 2)) / freedom
    error = float(np.sqrt(variance * np.linalg.inv(design.T @ design)[-1, -1]))
    value = float(found[-1])
    if error == 0:
        return MeanDifference(value, value, value, 0.0 if value else 1.0)
    half = float(t.ppf(0.975, freedom)) * error
    p = 2 * float(t.sf(abs(value) / error, freedom))
    return MeanDifference(value, value - half, value + half, p)


def least_squares(columns: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
    """Return the coefficients (k,) of the fit of `values` (n,) by `columns` (n, k)."""
    design, given = np.asarray(columns, np.float64), np.asarray(values, np.float64)
    return np.asarray(np.linalg.lstsq(design, given, rcond=None)[0], np.float64)
