"""How the shares of dimensions and directions changed, and how they go together.

Public: `list_share_changes`, `build_heat_map`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from tracker.digest.document_sections import GroupCount, PeriodCounts
from tracker.digest.monthly.month_parts import HeatMap, ShareChange
from tracker.topics.statistics import smallest_detectable
from tracker.topics.trends import Trend

# A map of fewer papers consists of small numbers that mean nothing.
_LEAST_PAPERS = 100


def list_share_changes(
    counts: PeriodCounts, trends: Mapping[str, Trend], tested: int
) -> tuple[ShareChange, ...]:
    """Return the tested change of every dimension and direction, the largest of each kind first."""
    rows = [
        change
        for kind, group in (("dimension", counts.dimensions), ("direction", counts.directions))
        for change in _changes_of_kind(kind, group, trends, tested)
    ]
    return tuple(sorted(rows, key=lambda row: (row.kind, -row.change, row.key)))


def _changes_of_kind(
    kind: str, rows: Iterable[GroupCount], trends: Mapping[str, Trend], tested: int
) -> Iterable[ShareChange]:
    for row in rows:
        trend = trends.get(row.key)
        if trend is None or trend.q is None or row.share_before is None:
            continue
        low, high, change = (float(value or 0.0) for value in (trend.low, trend.high, trend.change))
        if not math.isfinite(low):  # nothing varies, so nothing can be said
            continue
        yield ShareChange(
            key=row.key,
            kind=kind,
            name=row.name,
            papers=row.papers,
            share=row.share,
            share_before=row.share_before,
            change=change,
            low=low,
            high=high,
            q=float(trend.q),
            holds=trend.kind in ("growing", "shrinking"),
            detectable=smallest_detectable((high - low) / 2, tested),
        )


def build_heat_map(counts: PeriodCounts, pairs: Mapping[tuple[str, str], int]) -> HeatMap | None:
    """Return the map of a month, directions with most papers first; None with too few papers.

    `pairs` are how many papers have both of two tags.
    """
    rows: Sequence[GroupCount] = sorted(
        (row for row in counts.directions if row.papers), key=lambda row: (-row.papers, row.key)
    )
    if sum(row.papers for row in rows) < _LEAST_PAPERS:
        return None
    return HeatMap(
        tuple((column.key, column.name) for column in counts.dimensions),
        tuple((row.key, row.name) for row in rows),
        tuple(
            tuple(pairs.get((row.key, column.key), 0) for column in counts.dimensions)
            for row in rows
        ),
        tuple(row.papers for row in rows),
    )
