"""Scores by category of a table that has a column for each task, as LiveBench publishes them.

A category's score is the mean of those of its tasks that were run; the overall score is the mean
of the categories, and only models that have all of them have one. Source: the site's own page,
LiveBench/livebench.github.io, src/Table/Averaging.js.

Public: `by_category`, `unmatched`, `has_tasks`.
"""

from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Any

from tracker.models import BoardRow
from tracker.sources import columns
from tracker.sources.columns import OVERALL
from tracker.sources.tables import Rows, Tasks


def by_category(rows: Rows, tasks: Tasks) -> dict[str, list[BoardRow]]:
    """The scored models of all categories together, then those of each; raw is the whole row."""
    found: dict[str, list[BoardRow]] = {name: [] for name in (OVERALL, *tasks)}
    for model, raw in _by_model(rows).items():
        means = {name: mean for name in tasks if (mean := _mean(raw, tasks[name])) is not None}
        if len(means) == len(tasks):
            means = {OVERALL: fmean(means.values()), **means}
        for name, mean in means.items():
            found[name].append(BoardRow(model, mean, raw=dict(raw)))
    return found


def unmatched(rows: Rows, tasks: Tasks) -> Iterator[str]:
    """A sentence for the columns in no category, one for the tasks that have no column."""
    headers = {header for raw in rows for header in raw if not columns.holds("model", [header])}
    named = {task for group in tasks.values() for task in group}
    if strange := sorted(headers - named):
        yield f"columns in no category, kept as they are: {', '.join(strange)}"
    if absent := sorted(named - headers):
        yield f"tasks without a column: {', '.join(absent)}"


def has_tasks(rows: Rows) -> bool:
    """Whether the rows name models and have numbers, but none of them is a score or a rank."""
    if not rows or any(columns.holds(name, rows[0]) for name in ("score", "rank")):
        return False
    numbers = [columns.number(content) is not None for content in rows[0].values()]
    return _model(rows[0]) is not None and any(numbers)


def _by_model(rows: Rows) -> dict[str, Mapping[str, Any]]:
    """The first row of each model."""
    found: dict[str, Mapping[str, Any]] = {}
    for raw in rows:
        if model := _model(raw):
            found.setdefault(model, raw)
    return found


def _model(raw: Mapping[str, Any]) -> str | None:
    model = columns.value({columns.key(header): cell for header, cell in raw.items()}, "model")
    return model.strip() or None if isinstance(model, str) else None


def _mean(raw: Mapping[str, Any], tasks: Any) -> float | None:
    scores = [score for task in tasks if (score := columns.number(raw.get(task))) is not None]
    return fmean(scores) if scores else None
