"""The history of a leaderboard: its moves from snapshot to snapshot, and ranks that are certain.

Public: `BoardHistory`, `RankRange`, `trace_board`, `rank_ranges`, `rank_lines`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tracker.digest.board_moves import compare_snapshots
from tracker.digest.document import BoardMoves
from tracker.models import BoardRow, BoardSnapshot
from tracker.sources.formats.boards.model_names import parse_identity


@dataclass(frozen=True, slots=True)
class RankRange:
    """The ranks that a model can have by its interval and those of the others."""

    model: str
    score: float | None
    best: int
    worst: int


@dataclass(frozen=True, slots=True)
class BoardHistory:
    """A board's days with a snapshot, the changes between them, and its models now."""

    board: str
    days: tuple[date, ...]
    changes: tuple[BoardMoves, ...]
    standings: tuple[RankRange, ...]


def trace_board(snapshots: Sequence[BoardSnapshot]) -> BoardHistory:
    """Return the history of one board from its snapshots, oldest first; at least one is needed."""
    pairs = pairwise(snapshots)
    newest = snapshots[-1]
    return BoardHistory(
        newest.board,
        tuple(snapshot.day for snapshot in snapshots),
        tuple(compare_snapshots(before, now) for before, now in pairs),
        rank_ranges(newest.rows),
    )


def rank_ranges(rows: Sequence[BoardRow]) -> tuple[RankRange, ...]:
    """Return the ranks that intervals allow: above those wholly below, below those wholly above.

    A row without an interval has the published rank, or else its place.
    """
    return tuple(_rank_range(row, place, rows) for place, row in enumerate(rows, 1))


def _rank_range(row: BoardRow, place: int, rows: Sequence[BoardRow]) -> RankRange:
    if row.low is None or row.high is None:
        rank = row.rank or place
        return RankRange(row.model, row.score, rank, rank)
    above = sum(other.low is not None and other.low > row.high for other in rows)
    below = sum(other.high is not None and other.high < row.low for other in rows)
    return RankRange(row.model, row.score, above + 1, len(rows) - below)


def rank_lines(
    snapshots: Sequence[BoardSnapshot], number: int = 10
) -> dict[str, tuple[int | None, ...]]:
    """Return, for the first models of the newest snapshot, their rank in each snapshot.

    A model is the same under another spelling; None where it is not listed.
    """
    ranks = [
        {parse_identity(row.model): row.rank or place for place, row in enumerate(found.rows, 1)}
        for found in snapshots
    ]
    first = [row.model for row in snapshots[-1].rows[:number]]
    return {
        model: tuple(by_name.get(parse_identity(model)) for by_name in ranks) for model in first
    }
