"""The history of leaderboards in the terminal."""

from collections.abc import Sequence

import click

from tracker.digest.board_ranks import BoardHistory, RankRange
from tracker.digest.document import BoardMove, BoardMoves

_SHOWN = 10


def print_board_histories(histories: Sequence[BoardHistory]) -> None:
    """Print the changes of each board, newest first, and the ranks of its first models."""
    for history in histories:
        first, last = history.days[0], history.days[-1]
        click.echo(f"{history.board}, {first} to {last}, {len(history.days)} snapshots")
        for changes in reversed(history.changes):
            _print_changes(changes)
        if not history.changes:
            click.echo("  Nothing to compare with yet.")
        overlap = any(standing.best != standing.worst for standing in history.standings)
        click.echo("  ranks that the intervals allow:" if overlap else "  ranks:")
        for standing in history.standings[:_SHOWN]:
            click.echo(f"    {_rank_text(standing):>7} {standing.model}")


def _print_changes(changes: BoardMoves) -> None:
    click.echo(f"  {changes.day}, compared with {changes.day_before}{_scale_text(changes)}")
    for move in changes.moves:
        click.echo(f"    {move.kind:4} {move.model}{_ranks_text(move)}")
    if not changes.moves and not changes.new_series:
        click.echo("    No model moved by more than its margin of error.")


def _scale_text(changes: BoardMoves) -> str:
    if changes.new_series:
        return "; the questions were replaced, so nothing is compared"
    if changes.shift is None:
        return ""
    return f"; a change of all scores by {changes.shift:+,.1f} is left out"


def _ranks_text(move: BoardMove) -> str:
    if move.rank is None and move.rank_before is None:
        return ""
    if move.rank_before is None:
        return f", rank {move.rank}"
    if move.rank is None:
        return f", was rank {move.rank_before}"
    return f", rank {move.rank_before} to {move.rank}"


def _rank_text(standing: RankRange) -> str:
    if standing.best == standing.worst:
        return str(standing.best)
    return f"{standing.best}–{standing.worst}"
