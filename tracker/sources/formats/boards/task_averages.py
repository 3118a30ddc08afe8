"""Scores by category of a table with a column for each task, as published by LiveBench.

A category's score is the mean of its tasks that were run; the overall score is the mean of the
categories, and only models with all of them have one. Source: the site's code,
LiveBench/livebench.github.io, src/Table/Averaging.js.

Public: `average_by_category`, `describe_unmatched`, `has_task_columns`.
"""

from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Any

from tracker.models import BoardRow
from tracker.sources.formats.boards import leaderboard_columns, table_cells
from tracker.sources.formats.boards.leaderboard_columns import OVERALL
from tracker.sources.formats.boards.tables import Rows, TasksByCategory


def average_by_category(rows: Rows, tasks: TasksByCategory) -> dict[str, list[BoardRow]]:
    """Return the scored models over all categories, then by category; raw is the whole row."""
    found: dict[str, list[BoardRow]] = {name: [] for name in (OVERALL, *tasks)}
    for model, raw in _by_model(rows).items():
        means = {name: mean for name in tasks if (mean := _mean(raw, tasks[name])) is not None}
        if len(means) == len(tasks):
            means = {OVERALL: fmean(means.values()), **means}
        for name, mean in means.items():
            found[name].append(BoardRow(model, mean, raw=dict(raw)))
    return found


def describe_unmatched(rows: Rows, tasks: TasksByCategory) -> Iterator[str]:
    """Yield a sentence for the columns in no category, and one for the tasks without a column."""
    headers = {
        header
        for raw in rows
        for header in raw
        if not leaderboard_columns.has_column("model", [header])
    }
    named = {task for group in tasks.values() for task in group}
    if strange := sorted(headers - named):
        yield f"columns in no category, kept as they are: {', '.join(strange)}"
    if absent := sorted(named - headers):
        yield f"tasks without a column: {', '.join(absent)}"


def has_task_columns(rows: Rows) -> bool:
    """Whether the rows have models and numbers, but neither scores nor ranks."""
    if not rows or any(leaderboard_columns.has_column(name, rows[0]) for name in ("score", "rank")):
        return False
    numbers = [table_cells.parse_number(content) is not None for content in rows[0].values()]
    return _model(rows[0]) is not None and any(numbers)


def _by_model(rows: Rows) -> dict[str, Mapping[str, Any]]:
    """Return the first row of each model."""
    found: dict[str, Mapping[str, Any]] = {}
    for raw in rows:
        if model := _model(raw):
            found.setdefault(model, raw)
    return found


def _model(raw: Mapping[str, Any]) -> str | None:
    model = leaderboard_columns.column_value(
        {leaderboard_columns.normalize_header(header): cell for header, cell in raw.items()},
        "model",
    )
    return table_cells.clean_text(model) or None if isinstance(model, str) else None


def _mean(raw: Mapping[str, Any], tasks: Any) -> float | None:
    scores = [
        score for task in tasks if (score := table_cells.parse_number(raw.get(task))) is not None
    ]
    return fmean(scores) if scores else None
