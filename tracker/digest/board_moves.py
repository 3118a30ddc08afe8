"""Changes on a leaderboard; a change counts only if the confidence intervals do not overlap."""

from collections.abc import Mapping

from tracker.digest.document import BoardMove, BoardMoves
from tracker.models import BoardRow, BoardSnapshot

_HEAD = 5
# Without intervals only the rank can be compared, and a change matters only near the top.
_NEWS_RANK = 10


def compare_snapshots(before: BoardSnapshot | None, now: BoardSnapshot) -> BoardMoves:
    """Compare two snapshots of one board; without an earlier one there are no moves."""
    moves: tuple[BoardMove, ...] = ()
    if before and before.day < now.day:
        moves = _list_moves({r.model: r for r in before.rows}, {r.model: r for r in now.rows})
    head = tuple((row.rank, row.model, row.score) for row in now.rows[:_HEAD])
    return BoardMoves(
        now.board, now.day, before.day if before else None, moves, head, len(now.rows)
    )


def _list_moves(
    before: Mapping[str, BoardRow], now: Mapping[str, BoardRow]
) -> tuple[BoardMove, ...]:
    found = [
        _build_move(_classify_move(before.get(m), now.get(m)), before.get(m), now.get(m))
        for m in {*before, *now}
    ]
    order = {"new": 0, "up": 1, "down": 2, "gone": 3}
    changed = [move for move in found if move.kind in order]
    return tuple(sorted(changed, key=lambda move: (order[move.kind], move.rank or 0, move.model)))


def _classify_move(before: BoardRow | None, now: BoardRow | None) -> str:
    if now is None:
        return "gone"
    if before is None:
        return "new"
    if now.low is None or now.high is None or before.low is None or before.high is None:
        return _classify_by_rank(before, now)
    if now.low > before.high:
        return "up"
    return "down" if now.high < before.low else "same"


def _classify_by_rank(before: BoardRow, now: BoardRow) -> str:
    if before.rank is None or now.rank is None or min(before.rank, now.rank) > _NEWS_RANK:
        return "same"
    if before.score is None or now.score is None:  # it may not have moved: others may have
        return "same"
    if now.rank < before.rank and now.score > before.score:
        return "up"
    return "down" if now.rank > before.rank and now.score < before.score else "same"


def _build_move(kind: str, before: BoardRow | None, now: BoardRow | None) -> BoardMove:
    known = now or before
    assert known is not None
    return BoardMove(
        kind=kind,
        model=known.model,
        organization=known.organization,
        rank=now.rank if now else None,
        rank_before=before.rank if before else None,
        score=now.score if now else None,
        score_before=before.score if before else None,
        interval=_interval(now),
        interval_before=_interval(before),
    )


def _interval(row: BoardRow | None) -> tuple[float, float] | None:
    return (row.low, row.high) if row and row.low is not None and row.high is not None else None
