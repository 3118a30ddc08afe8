"""The papers of a month against the six months before, without weekdays and arXiv's growth.

Counts are compared as logarithms. The effect of a weekday is its mean difference from the mean of
its week. What remains is averaged by week, because days of one week resemble each other, and the
difference is that of the month's weeks from a line through the weeks before. What was expected are
the month's papers without this difference. The seasons of conferences are not removed.

Public: `compare_volume`, `DailyPapers`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tracker.digest.monthly.month_parts import MonthVolume, VolumeChange, VolumeDay
from tracker.topics.statistics import (
    MeanDifference,
    adjust_p_values,
    least_squares,
    regression_effect,
    smallest_detectable,
)
from tracker.topics.trends import ALPHA

# Without so many weeks before the month, and in it, nothing is compared.
_LEAST_WEEKS, _LEAST_MONTH_WEEKS = 12, 2
# So that a day without papers of a small category has a logarithm.
_HALF_PAPER = 0.5


@dataclass(frozen=True, slots=True)
class DailyPapers:
    """The days that were collected, oldest first, and the papers of each by category.

    The category "" has all papers.
    """

    days: Sequence[date]
    counts: Mapping[str, Mapping[date, int]]


@dataclass(frozen=True, slots=True)
class _Weeks:
    """The days grouped into weeks: day numbers by week, and the week (n,) of each day.

    A week that the month divides counts as two. `times` are the weeks since the first one.
    """

    of_day: NDArray[np.int64]
    times: NDArray[np.float64]
    in_month: NDArray[np.bool_]


def compare_volume(papers: DailyPapers, start: date) -> MonthVolume | None:
    """Return the papers of the month that begins on `start` against those of the days before.

    None if there are too few weeks before it, or days in it.
    """
    weeks = _group_weeks(papers.days, start)
    before = int(np.sum(~weeks.in_month))
    if before < _LEAST_WEEKS or len(weeks.in_month) - before < _LEAST_MONTH_WEEKS:
        return None
    fits = {key: _fit_category(papers.days, counts, weeks) for key, counts in papers.counts.items()}
    adjusted = adjust_p_values([effect.p for effect, _ in fits.values()])
    current = [day for day in papers.days if day >= start]
    changes = tuple(
        _describe_change(
            key,
            sum(papers.counts[key].get(day, 0) for day in current),
            (effect, float(q), len(fits)),
        )
        for (key, (effect, _)), q in zip(fits.items(), adjusted, strict=True)
    )
    days = _list_days(papers, current, fits[""][1], changes[0].expected)
    return MonthVolume(papers.days[0], days, changes)


def _list_days(
    papers: DailyPapers,
    current: Sequence[date],
    line: NDArray[np.float64],
    expected: float,
) -> tuple[VolumeDay, ...]:
    """Return the days with their part of the papers expected in the month; `line` is (days,)."""
    ahead = line[-len(current) :]
    parts = expected * ahead / ahead.sum()
    return tuple(
        VolumeDay(day, papers.counts[""].get(day, 0), round(float(number), 1))
        for day, number in zip(current, parts, strict=True)
    )


def _group_weeks(days: Sequence[date], start: date) -> _Weeks:
    keys = [(day.isocalendar()[:2], day >= start) for day in days]
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    mondays = [date.fromisocalendar(*week, 1).toordinal() for week, _ in places]
    times = (np.array(mondays, np.float64) - mondays[0]) / 7 if mondays else np.zeros(0)
    return _Weeks(
        np.array([places[key] for key in keys], np.int64),
        times,
        np.array([inside for _, inside in places], np.bool_),
    )


def _fit_category(
    days: Sequence[date], counts: Mapping[date, int], weeks: _Weeks
) -> tuple[MeanDifference, NDArray[np.float64]]:
    """Return the effect of the month, as a logarithm, and the papers (n,) expected on each day."""
    logs = np.log(np.array([counts.get(day, 0) for day in days], np.float64) + _HALF_PAPER)
    weekdays = np.array([day.weekday() for day in days])
    effects = _weekday_effects(logs, weekdays, weeks)
    means = _week_means(logs - effects, weeks.of_day)
    ones = np.ones(len(means))
    design = np.column_stack((ones, weeks.times, weeks.in_month))
    effect = regression_effect(design, means)
    level, slope, _ = least_squares(design, means)
    growth = (level + slope * weeks.times)[weeks.of_day]
    return effect, np.exp(growth + effects) - _HALF_PAPER


def _weekday_effects(
    logs: NDArray[np.float64], weekdays: NDArray[np.int64], weeks: _Weeks
) -> NDArray[np.float64]:
    """Return the effect of its weekday on each day (n,), from the weeks before the month."""
    centred = logs - _week_means(logs, weeks.of_day)[weeks.of_day]
    before = ~weeks.in_month[weeks.of_day]
    found: defaultdict[int, float] = defaultdict(float)
    for weekday in set(weekdays.tolist()):
        chosen = centred[before & (weekdays == weekday)]
        found[weekday] = float(chosen.mean()) if len(chosen) else 0.0
    return np.array([found[weekday] for weekday in weekdays.tolist()])


def _week_means(values: NDArray[np.float64], of_day: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.bincount(of_day, values) / np.bincount(of_day)


def _describe_change(key: str, papers: int, fit: tuple[MeanDifference, float, int]) -> VolumeChange:
    """Return the change of a category; `fit` is its effect, corrected p-value, and all tests."""
    effect, q, tests = fit
    detectable = smallest_detectable((effect.high - effect.low) / 2, tests)
    return VolumeChange(
        key=key,
        papers=papers,
        expected=round(papers / float(np.exp(effect.value)), 1),
        change=float(np.expm1(effect.value)),
        low=float(np.expm1(effect.low)),
        high=float(np.expm1(effect.high)),
        q=q,
        holds=q < ALPHA and effect.low * effect.high > 0,
        detectable=float(np.expm1(detectable)),
    )
