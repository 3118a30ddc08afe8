"""Compose monthly reports, compute their numbers again by SQL, and compare their claims.

Prints for each month how many numbers agree: those with a recipe in the report's JSON, the papers
and shares of each direction in six months, and the intervals, by the jackknife. Each
claim of growth must be that of the test of `tracker trends`, and not the opposite of what
`tracker trends` prints for the month, which compares it with the three months before.

    python -m benchmarks.report_numbers HOME FOLDER --months 2025-12 2026-03

HOME is written to, so use a copy. A month that is in FOLDER is not composed again.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from math import isclose
from pathlib import Path
from typing import Any

from tests.digest.monthly.recompute import change_intervals, compare_directions, compare_numbers
from tracker.calendar import Period
from tracker.config import load
from tracker.pipeline.issue.report.direction_history import compute_month_trends
from tracker.store.database import open_database

_OPPOSITE = {"growing": "shrinking", "shrinking": "growing"}
_MONTHS = [f"2025-{month:02}" for month in range(9, 13)] + ["2026-01", "2026-02", "2026-03"]


def main() -> int:
    """Measure the months; 1 if a number differs or a claim does not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--months", nargs="+", default=_MONTHS)
    given = parser.parse_args()
    return max([_measure(given.home, given.folder, month) for month in given.months])


def _measure(home: Path, folder: Path, month: str) -> int:
    report = _compose(home, folder, month)
    with closing(sqlite3.connect(f"file:{home}/tracker.db?mode=ro", uri=True)) as database:
        numbers = [*compare_numbers(report, database), *compare_directions(report, database)]
        intervals = _compare_intervals(report, database)
    claims = _compare_claims(home, report)
    wrong = [one for one in numbers if not one.agrees]
    held = sum(change["holds"] for change in report["month"]["changes"])
    print(
        f"{month}: {len(numbers) - len(wrong)} of {len(numbers)} numbers,"
        f" {sum(intervals)} of {len(intervals)} intervals,"
        f" {sum(claims)} of {len(claims)} kinds of change ({held} beyond chance)",
        flush=True,
    )
    for one in wrong:
        print(f"  {one}")
    return int(bool(wrong) or not all(intervals) or not all(claims))


def _compose(home: Path, folder: Path, month: str) -> dict[str, Any]:
    file = folder / f"monthly-{month}.json"
    if not file.exists():
        _run_tracker(home, "report", "--month", month, "--out", str(folder))
    return dict(json.loads(file.read_text(encoding="utf-8")))


def _run_tracker(home: Path, *arguments: str) -> str:
    environment = {**os.environ, "TRACKER_HOME": str(home)}
    command = [sys.executable, "-m", "tracker", *arguments]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    return done.stdout


def _compare_intervals(report: dict[str, Any], database: sqlite3.Connection) -> list[bool]:
    """Return whether each interval of a change is that of the jackknife."""
    changes = report["month"]["changes"]
    intervals = change_intervals(database, report) if changes else {}
    found = []
    for change in changes:
        interval = intervals[change["key"]]
        pairs = zip((change["low"], change["high"]), interval, strict=True)
        found.append(all(isclose(one, other, abs_tol=1e-9) for one, other in pairs))
    return found


def _compare_claims(home: Path, report: dict[str, Any]) -> list[bool]:
    """Return whether each change is called what `tracker trends` calls it."""
    period = Period.parse_month(report["period"])
    config = load(home)
    with open_database(home / "tracker.db") as db:
        same = compute_month_trends(db, config, period)
    kinds = {trend.key: trend.kind for trend in same.trends} if same else {}
    days = str((period.end - period.start).days + 1)
    printed = _run_tracker(home, "trends", "--days", days, "--until", str(period.end), "--json")
    longer = {trend["key"]: trend["kind"] for trend in json.loads(printed)["trends"]}
    return [
        change["holds"] == (kinds[change["key"]] in _OPPOSITE)
        and (not change["holds"] or _agrees(change, kinds, longer))
        for change in report["month"]["changes"]
    ]


def _agrees(change: dict[str, Any], kinds: dict[str, str], longer: dict[str, str]) -> bool:
    kind = "growing" if change["change"] > 0 else "shrinking"
    return kinds[change["key"]] == kind and longer.get(change["key"]) != _OPPOSITE[kind]


if __name__ == "__main__":
    sys.exit(main())
