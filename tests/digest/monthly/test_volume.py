"""A month's papers are compared with what the previous months suggest."""

from datetime import date, timedelta

import numpy as np
import pytest

from tracker.digest.monthly.volume import DailyPapers, compare_volume
from tracker.topics.statistics import regression_effect

START = date(2026, 3, 1)
DAYS = [
    day
    for n in range(213)
    if (day := date(2025, 8, 31) + timedelta(days=n)).weekday() < 5 and day.month != 4
]
# More papers on Tuesdays, and growth of about 1 % a week.
WEEKDAY = (1.0, 2.0, 1.2, 1.1, 0.9)


def papers(factor: float, level: float = 200.0) -> DailyPapers:
    random = np.random.default_rng(7)
    counts = {
        day: round(
            level
            * WEEKDAY[day.weekday()]
            * 1.01 ** ((day - DAYS[0]).days / 7)
            * (factor if day >= START else 1.0)
            * float(np.exp(random.normal(0, 0.05)))
        )
        for day in DAYS
    }
    return DailyPapers(DAYS, {"": counts})


@pytest.mark.parametrize("factor", [1.0, 1.4, 0.6])
def test_weekdays_and_growth_are_no_difference(factor: float) -> None:
    found = compare_volume(papers(factor), START)
    assert found is not None
    whole = found.changes[0]
    assert whole.change == pytest.approx(factor - 1, abs=0.06)
    assert whole.low < factor - 1 < whole.high
    assert whole.holds == (factor != 1.0)
    assert whole.expected == pytest.approx(whole.papers / (1 + whole.change), abs=0.1)
    assert sum(day.expected for day in found.days) == pytest.approx(whole.expected, rel=0.001)
    assert {day.day for day in found.days} == {day for day in DAYS if day >= START}


def test_a_larger_spread_needs_a_larger_change() -> None:
    found = compare_volume(papers(1.0), START)
    assert found is not None
    assert 0 < found.changes[0].detectable < 0.2


def test_a_short_history_gives_no_comparison() -> None:
    days = [day for day in DAYS if day >= date(2026, 1, 15)]
    assert compare_volume(DailyPapers(days, papers(1.0).counts), START) is None
    assert compare_volume(DailyPapers([], {"": {}}), START) is None


def test_an_effect_equals_the_difference_of_means_in_the_simplest_design() -> None:
    values = [1.0, 2.0, 3.0, 6.0, 7.0]
    found = regression_effect([[1, 0]] * 3 + [[1, 1]] * 2, values)
    assert found.value == pytest.approx(4.5)
    assert found.low < 4.5 < found.high
    assert 0 < found.p < 0.05
