"""What the store has for a monthly report, read by `tracker.pipeline.issue.report.month_history`.

Public: `MonthRecords`, `DirectionHistory`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tracker.digest.monthly.month_lists import GroupedWork
from tracker.digest.monthly.month_parts import (
    BoardLines,
    LastMonth,
    ModelEvidence,
    MonthShare,
    NewModel,
    Recipe,
)
from tracker.digest.monthly.volume import DailyPapers
from tracker.topics.trends import Trend


@dataclass(frozen=True, slots=True)
class DirectionHistory:
    """The trends of a month by concept, how many were tested, and the shares of six months."""

    trends: Mapping[str, Trend] = field(default_factory=dict)
    tested: int = 0
    series: Mapping[str, tuple[MonthShare, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MonthRecords:
    """`pairs` are how many papers have both of two tags, `venues` ids of papers by stated venue.

    `kinds` are how many papers are of a kind or have code, `stars` those of repositories by paper
    id, and `grouped` the papers that are attributed to a group.
    """

    history: DirectionHistory = field(default_factory=DirectionHistory)
    daily: DailyPapers | None = None
    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    venues: Mapping[str, Sequence[str]] = field(default_factory=dict)
    boards: tuple[BoardLines, ...] = ()
    models: tuple[ModelEvidence, ...] = ()
    new_models: tuple[NewModel, ...] = ()
    last_month: LastMonth | None = None
    recipes: tuple[Recipe, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    stars: Mapping[str, int] = field(default_factory=dict)
    grouped: Sequence[GroupedWork] = ()
