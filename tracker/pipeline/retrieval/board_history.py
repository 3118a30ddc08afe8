"""Leaderboards over time, from the store.

Public: `newest_snapshots`, `load_snapshots`, `plot_board`.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tracker.delivery import charts
from tracker.digest.board_ranks import rank_lines
from tracker.errors import NotFound
from tracker.models import BoardSnapshot
from tracker.store import boards
from tracker.store.database import Database


def newest_snapshots(db: Database, board: str | None, until: date) -> list[BoardSnapshot]:
    """Return the newest snapshot of each board, or of one. Raises NotFound for an unknown board."""
    found = (boards.latest_snapshot(db, name, until) for name in _names(db, board))
    return [snapshot for snapshot in found if snapshot]


def load_snapshots(
    db: Database, board: str | None, since: date, until: date
) -> list[list[BoardSnapshot]]:
    """Return by board its snapshots of some days, oldest first, after the last one before them."""
    found = (boards.snapshots_between(db, name, since, until) for name in _names(db, board))
    return [snapshots for snapshots in found if snapshots]


def _names(db: Database, board: str | None) -> list[str]:
    names = boards.list_names(db)
    if board is None:
        return names
    if board not in names:
        # Without the categories of boards, of which one may have thirty.
        whole = ", ".join(n for n in names if "/" not in n or n.partition("/")[0] not in names)
        hint = f"There are {whole}." if names else "No leaderboard was crawled yet."
        raise NotFound("leaderboard", board, hint)
    return [board]


def plot_board(snapshots: Sequence[BoardSnapshot], path: Path) -> None:
    """Plot the ranks of a board's first models. Raises UsageError for another kind of file."""
    charts.check_chart_path(path)
    lines = rank_lines(snapshots)
    # Days before the first of these models was listed have nothing to show.
    first = min(
        (next(filter(places.__getitem__, range(len(places)))) for places in lines.values()),
        default=0,
    )
    days = [snapshot.day for snapshot in snapshots[first:]]
    shown = {model: places[first:] for model, places in lines.items()}
    charts.plot_ranks(days, shown, f"{snapshots[-1].board}: ranks", path)
