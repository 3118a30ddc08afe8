"""Run the recipes of a report's JSON and compare each number with the one that it explains."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


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
