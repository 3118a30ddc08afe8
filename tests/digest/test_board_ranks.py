"""Ranks are sets where intervals overlap, and a board's history has every change."""

from datetime import date

from tracker.digest.board_ranks import rank_lines, rank_ranges, trace_board
from tracker.models import BoardRow, BoardSnapshot


def row(model: str, score: float, margin: float | None = 5.0, rank: int | None = None) -> BoardRow:
    low, high = (None, None) if margin is None else (score - margin, score + margin)
    return BoardRow(model, score, rank, low, high)


def test_models_whose_intervals_overlap_share_their_ranks() -> None:
    rows = [row("oak", 1500), row("elm", 1480), row("ash", 1475), row("fir", 1400)]
    found = [(one.model, one.best, one.worst) for one in rank_ranges(rows)]
    assert found == [("oak", 1, 1), ("elm", 2, 3), ("ash", 2, 3), ("fir", 4, 4)]


def test_without_intervals_a_rank_is_the_published_one() -> None:
    rows = [row("oak", 90, None, 1), row("elm", 80, None)]
    assert [(one.best, one.worst) for one in rank_ranges(rows)] == [(1, 1), (2, 2)]


def test_history_compares_every_two_consecutive_snapshots() -> None:
    days = [date(2026, 3, n) for n in (2, 9, 16)]
    scores = {"oak": (1400, 1400, 1500), "elm": (1450, 1450, 1450), "fir": (1300, 1300, 1300)}
    snapshots = [
        BoardSnapshot("wood", day, tuple(
            row(name, points[n], 5.0, rank) for rank, (name, points) in
            enumerate(sorted(scores.items(), key=lambda one: -one[1][n]), 1)
        ))
        for n, day in enumerate(days)
    ]  # fmt: skip
    history = trace_board(snapshots)
    assert history.days == tuple(days)
    assert [[(m.kind, m.model) for m in c.moves] for c in history.changes] == [[], [("up", "oak")]]
    assert rank_lines(snapshots, 2) == {"oak": (2, 2, 1), "elm": (1, 1, 2)}
