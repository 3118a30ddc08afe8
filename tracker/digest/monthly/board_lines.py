"""The ranks of a leaderboard's first models over some months.

Public: `build_board_lines`.
"""

from collections.abc import Sequence

from tracker.digest.board_ranks import RankRange, rank_lines, rank_ranges
from tracker.digest.monthly.month_parts import BoardLines, RankLine
from tracker.models import BoardSnapshot
from tracker.sources.formats.boards.model_names import parse_identity

_MODELS = 8


def build_board_lines(snapshots: Sequence[BoardSnapshot]) -> BoardLines | None:
    """Return the lines of a board from its snapshots, oldest first; None with fewer than two."""
    if len(snapshots) < 2:
        return None
    now = {found.model: found for found in rank_ranges(snapshots[-1].rows)}
    before = {parse_identity(r.model): r for r in rank_ranges(snapshots[0].rows)}
    lines = (
        _rank_line(ranks, now[model], before.get(parse_identity(model)))
        for model, ranks in rank_lines(snapshots, _MODELS).items()
    )
    days = tuple(snapshot.day for snapshot in snapshots)
    return BoardLines(snapshots[-1].board, days, tuple(lines))


def _rank_line(ranks: Sequence[int | None], now: RankRange, before: RankRange | None) -> RankLine:
    return RankLine(
        now.model,
        tuple(ranks),
        now.best,
        now.worst,
        before.best if before else None,
        before.worst if before else None,
    )
