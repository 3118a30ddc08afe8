"""Terminal output of the map of topics and of trends.

Public: `print_knowledge_map`, `print_trends`, `sparkline`.
"""

from collections.abc import Iterator, Sequence

import click

from tracker.pipeline.learning.knowledge_map import KnowledgeMap, TopicCount
from tracker.pipeline.retrieval.trend_reports import TrendReport
from tracker.topics.trends import Trend

_SIGNS = {"growing": "▲", "shrinking": "▼", "new": "+", "steady": " "}
_BARS = "▁▂▃▄▅▆▇█"
_SPARKS = 16


def sparkline(values: Sequence[float]) -> str:
    """Return values as at most sixteen bars, each the mean of one part of them."""
    size = max(1, -(-len(values) // _SPARKS))
    parts = [values[start : start + size] for start in range(0, len(values), size)]
    means = [sum(part) / len(part) for part in parts]
    top = max(means, default=0) or 1
    return "".join(_BARS[round(mean / top * (len(_BARS) - 1))] for mean in means)


def print_knowledge_map(landscape: KnowledgeMap) -> None:
    """Print dimensions, directions by dimension, and the themes of the newest week."""
    for line in (*_dimension_lines(landscape.concepts), *_direction_lines(landscape.concepts)):
        click.echo(line)
    if landscape.week:
        click.echo(f"\nThemes of {landscape.week}:")
    kinds = {change.position: change.kind for change in landscape.changes
             if change.kind in ("new", "continued", "split")}  # fmt: skip
    for place, theme in enumerate(landscape.themes):
        click.echo(f"{len(theme.members):6,}  {kinds.get(place, ''):9}  {theme.label}")
    gone = [change.name for change in landscape.changes if change.kind in ("faded", "merged")]
    for name in gone:
        click.echo(f"{'-':>6}  {'gone':9}  {name}")


def _dimension_lines(concepts: Sequence[TopicCount]) -> Iterator[str]:
    for concept in concepts:
        if concept.kind == "dimension":
            row = f"{concept.papers:6,} {_format_growth(concept)}  {concept.key:18}"
            yield f"{row} {_format_names(concept)}"


def _direction_lines(concepts: Sequence[TopicCount]) -> Iterator[str]:
    dimensions = [concept for concept in concepts if concept.kind == "dimension"]
    heads = "".join(f"{dimension.key[:7]:>8}" for dimension in dimensions)
    yield f"\npapers  growth  read{heads}"
    for concept in concepts:
        if concept.kind == "direction":
            cells = "".join(f"{_format_cell(concept, d.key):>8}" for d in dimensions)
            row = f"{concept.papers:6,} {_format_growth(concept)} {concept.read or '·':>5}{cells}"
            yield f"{row}  {concept.key} · {_format_names(concept)}"


def _format_cell(concept: TopicCount, dimension: str) -> str:
    """Return a cell: its papers, after the number of those that the user has read, if any."""
    papers = str(concept.by_dimension[dimension] or "·")
    read = concept.read_by_dimension[dimension]
    return f"{read}/{papers}" if read else papers


def _format_names(concept: TopicCount) -> str:
    return f"{concept.name} · {concept.name_zh}"


def _format_growth(concept: TopicCount) -> str:
    if concept.growth is None:
        return f"{'':7}"
    return f"{100 * concept.growth:+5.0f}%{_SIGNS[concept.trend]}"


def print_trends(found: TrendReport, number: int) -> None:
    """Print what was compared, then a line for each trend, the most significant first."""
    click.echo(
        f"{found.papers:,} papers of {found.since} to {found.until} against"
        f" {found.papers_before:,} since {found.before_since}; {found.tested} tested."
    )
    shown = found.trends[:number] if found.by == "tag" else _notable_trends(found.trends)[:number]
    for trend in shown:
        click.echo(_trend_line(trend))
    if not any(trend.kind in ("growing", "shrinking") for trend in found.trends):
        click.echo("No share changed significantly.")


def _notable_trends(trends: Sequence[Trend]) -> list[Trend]:
    """Return the trends that changed, are new, or burst."""
    return [trend for trend in trends if trend.kind != "steady" or trend.burst]


def _trend_line(trend: Trend) -> str:
    interval = ""
    if trend.low is not None and trend.high is not None and trend.change is not None:
        low, high = 100 * trend.low, 100 * trend.high
        interval = f"{100 * trend.change:+6.2f} ({low:+.2f} to {high:+.2f}) points"
    burst = f"burst {trend.burst}" if trend.burst else ""
    label = "new " if trend.kind == "new" else ""
    return (
        f"{_SIGNS[trend.kind]} {sparkline(trend.by_day):{_SPARKS}} {trend.papers:6,}"
        f" {100 * trend.share:6.1f}%  {interval:34} {trend.name}  {label}{burst}".rstrip()
    )
