"""Compute the numbers of a report's JSON again: by its recipes, and by other queries."""

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

from scipy.stats import t


@dataclass(frozen=True)
class Comparison:
    """A number of the report, and what its query returned; None if it returned no such row."""

    where: str
    key: str
    stated: float
    computed: float | None

    @property
    def agrees(self) -> bool:
        """Whether both are the same but for rounding errors."""
        return self.computed is not None and abs(self.stated - self.computed) < 1e-9


def compare_numbers(report: Mapping[str, Any], database: sqlite3.Connection) -> list[Comparison]:
    """Return a comparison of every number of the report that has a recipe."""
    found = []
    for recipe in report["month"]["recipes"]:
        rows = dict(database.execute(recipe["query"], dict(recipe["values"])).fetchall())
        found += [
            Comparison(recipe["where"], key, value, rows.get(_in_query(recipe["where"], key)))
            for key, value in _stated(report, recipe["where"])
            if value or _in_query(recipe["where"], key) in rows
        ]
    return found


def _in_query(where: str, key: str) -> str:
    return re.sub(r"\s", "", key).upper() if "accepted" in where else key


def _stated(report: Mapping[str, Any], where: str) -> Iterator[tuple[str, float]]:
    """Yield the key and number of each place that `where` names."""
    if where == "counts.papers":
        yield "", report["counts"]["papers"]
    elif where == "month.heat_map.papers[]":
        heat_map = report["month"]["heat_map"] or {"directions": [], "papers": []}
        for (key, _), papers in zip(heat_map["directions"], heat_map["papers"], strict=True):
            yield key, papers
    else:
        path, _, field = where.partition("[].")
        rows: Any = report
        for name in path.split("."):
            rows = (rows or {}).get(name)
        for row in rows or ():
            key = next(row[name] for name in ("key", "id", "venue", "name", "day") if name in row)
            if key or path != "month.volume.changes":
                yield key, row[field]


def compare_directions(
    report: Mapping[str, Any], database: sqlite3.Connection
) -> Iterator[Comparison]:
    """Yield a comparison of the papers and shares of each direction in each month."""
    for facts in report["month"]["directions"]:
        points = [{"month": report["period"], **facts}, *facts["series"]]
        for point in points:
            papers, whole = _count_tagged(database, facts["key"], point["month"])
            where = f"{facts['key']} {point['month']}"
            yield Comparison(where, "papers", point["papers"], papers)
            if point["share"] is not None:
                yield Comparison(where, "share", point["share"], papers / whole)


def _count_tagged(database: sqlite3.Connection, key: str, month: str) -> tuple[int, int]:
    """Return the papers of a month under a tag, and all that were tagged."""
    (papers,) = database.execute(
        "SELECT count(*) FROM tags t, works w WHERE w.id = t.work AND t.name = ?"
        " AND w.announced LIKE ? || '-%'",
        [key, month],
    ).fetchone()
    (whole,) = database.execute(
        "SELECT count(*) FROM tagged t, works w WHERE w.id = t.work AND w.announced LIKE ? || '-%'",
        [month],
    ).fetchone()
    return papers, whole


def change_intervals(
    database: sqlite3.Connection, report: dict[str, Any]
) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of the change of each tag's share against the month before.

    Each share has the variance of a jackknife over the days, the difference the degrees of freedom
    of Welch and Satterthwaite.
    """
    values = dict(
        next(r for r in report["month"]["recipes"] if r["where"].endswith(".change"))["values"]
    )
    span = (values["before"], values["end"])
    totals = Counter(dict(database.execute(
        "SELECT w.announced, count(*) FROM works w, tagged g WHERE g.work = w.id"
        " AND w.announced BETWEEN ? AND ? GROUP BY w.announced", span,
    )))  # fmt: skip
    hits: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, day, number in database.execute(
        "SELECT t.name, w.announced, count(*) FROM works w, tags t WHERE t.work = w.id"
        " AND w.announced BETWEEN ? AND ? GROUP BY t.name, w.announced", span,
    ):  # fmt: skip
        hits[name][day] = number
    now = [day for day in totals if day >= values["start"]]
    before = [day for day in totals if day < values["start"]]
    return {
        name: _difference(*(
            _ratio([by_day[day] for day in days], [totals[day] for day in days])
            for days in (now, before)
        ))
        for name, by_day in hits.items()
        if min(len(now), len(before)) > 1
    }  # fmt: skip


def _ratio(hits: list[int], totals: list[int]) -> tuple[float, float, int]:
    """Return the share of all days, its variance, and how many days there are."""
    days = range(len(totals))
    others = [(sum(hits) - hits[day]) / (sum(totals) - totals[day]) for day in days]
    middle = sum(others) / len(days)
    variance = sum((one - middle) ** 2 for one in others) * (len(days) - 1) / len(days)
    return sum(hits) / sum(totals), variance, len(days)


def _difference(
    now: tuple[float, float, int], before: tuple[float, float, int]
) -> tuple[float, float]:
    variance = now[1] + before[1]
    if not variance:
        return -inf, inf
    freedom = variance**2 / sum(v**2 / (days - 1) for _, v, days in (now, before))
    half = t.ppf(0.975, freedom) * sqrt(variance)
    return now[0] - before[0] - half, now[0] - before[0] + half
