"""Every number of a report with a recipe is what its query returns, on the sample and on real data.

With TRACKER_TEST_HOME, the path of a home with real papers, its stored reports are tested, too.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.digest.monthly.recompute import change_intervals, compare_numbers

_REAL_HOME = os.environ.get("TRACKER_TEST_HOME")


def databases(demo_home: Path) -> Iterator[Path]:
    yield demo_home / "tracker.db"
    if _REAL_HOME:
        yield Path(_REAL_HOME) / "tracker.db"


def reports(database: sqlite3.Connection) -> list[dict[str, Any]]:
    rows = database.execute("SELECT document FROM issues WHERE kind = 'monthly' ORDER BY period")
    return [json.loads(document) for (document,) in rows]


def test_numbers_equal_those_of_their_queries(demo_home: Path) -> None:
    for path in databases(demo_home):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            found = reports(database)
            assert found
            for report in found:
                compared = compare_numbers(report, database)
                assert len(compared) >= 40
                assert [one for one in compared if not one.agrees] == []


def test_intervals_and_claims_are_those_of_the_test(demo_home: Path) -> None:
    """The jackknife over daily counts gives each interval and supports each claim."""
    for path in databases(demo_home):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            for report in reports(database):
                intervals = change_intervals(database, report)
                for change in report["month"]["changes"]:
                    expected = intervals[change["key"]]
                    assert (change["low"], change["high"]) == pytest.approx(expected)
                    difference = change["share"] - change["share_before"]
                    assert change["change"] == pytest.approx(difference)
                    if change["holds"]:
                        assert change["low"] * change["high"] > 0
                        assert change["q"] < 0.05
