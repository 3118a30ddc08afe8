"""Numbers of a monthly report equal those of independent SQL on the same store.

The sample's month has few directions; with TRACKER_TEST_HOME set to an indexed home with the real
records of early 2026, March 2026 is checked as well (on a copy; more than 40 numbers).
"""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.digest.monthly.recompute import compare_directions

MONTH = "2026-03"
# Read before the tests' own environment replaces it.
REAL_HOME = os.environ.get("TRACKER_TEST_HOME", "")


def wrong_numbers(document: dict[str, Any], store: Path) -> list[tuple[str, bool]]:
    """Return every number that can be recomputed, and whether it differs."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        found = compare_directions(document, db)
        return [(f"{one.where} {one.key}", not one.agrees) for one in found]


def compose(call: Call, home: Path, out: Path) -> dict[str, Any]:
    done = call("report", "--month", MONTH, "--out", str(out), home=home)
    assert done.code in (0, 3), done.err
    return dict(json.loads((out / f"monthly-{MONTH}.json").read_text(encoding="utf-8")))


def test_numbers_of_the_sample_equal_those_of_sql(call: Call, home: Path, tmp_path: Path) -> None:
    document = compose(call, home, tmp_path)
    assert document["month"] is not None
    assert not [name for name, wrong in wrong_numbers(document, home / "tracker.db") if wrong]


def test_a_month_without_papers_writes_nothing(call: Call, home: Path) -> None:
    done = call("report", "--month", "2020-01", home=home)
    assert done.code == 3
    assert not list((home / "digests").glob("monthly-2020-01*"))
    assert "No papers were collected for this month" in done.err


def test_numbers_of_a_real_month_equal_those_of_sql(call: Call, tmp_path: Path) -> None:
    if not REAL_HOME:
        pytest.skip("TRACKER_TEST_HOME does not name a home with the real records")
    home = tmp_path / "real"
    shutil.copytree(REAL_HOME, home)
    document = compose(call, home, tmp_path / "out")
    checked = list(wrong_numbers(document, home / "tracker.db"))
    assert len(checked) >= 40
    assert not [name for name, wrong in checked if wrong]
    trends = call("trends", "--days", "31", "--until", "2026-03-31", "--json", home=home).json
    kinds = {trend["key"]: trend["kind"] for trend in trends["trends"]}
    opposite = {"growing": "shrinking", "shrinking": "growing"}
    for facts in document["month"]["directions"]:
        assert kinds[facts["key"]] != opposite.get(facts["trend"])
