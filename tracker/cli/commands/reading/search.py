"""Commands that look up papers and boards: search, show, similar, leaderboards."""

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from tracker.cli.commands.operations.completion import complete_papers, complete_topics
from tracker.cli.session import DAY, Session, check_span, print_json, utc_now
from tracker.errors import UsageError

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_NUMBER = click.option(
    "-n", "number", default=10, show_default=True, type=click.IntRange(1, 1000),
    help="Number of results.",
)  # fmt: skip
_FILTERS = (
    click.option("--since", type=DAY, help="Announced on or after this day (2026-03-01, 30d)."),
    click.option("--until", type=DAY, help="Announced on or before this day."),
    click.option("--cat", "categories", multiple=True, help="arXiv category; repeatable."),
    click.option(
        "--topic", "topics", multiple=True, shell_complete=complete_topics,
        help="Topic key; repeatable.",
    ),
    click.option("--author", default="", help="Part of an author's name."),
)  # fmt: skip
_HOW = (
    click.option("--lexical", is_flag=True, help="Search by words only."),
    click.option("--semantic", is_flag=True, help="Search by meaning only."),
)
_SHOWN = (
    click.option(
        "--sort", default="relevance", show_default=True,
        type=click.Choice(["relevance", "date"]), help="Best first, or the best by date.",
    ),
    click.option("--open", "open_first", is_flag=True, help="Open the first result."),
)  # fmt: skip


def _add_options(*options: Any) -> Callable[[Any], Any]:
    """Return a decorator that adds options in the listed order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.command("search")
@click.argument("query")
@_add_options(_NUMBER, _JSON)
@click.option("--explain", is_flag=True, help="Show what matched.")
@_add_options(*_SHOWN, *_HOW, *_FILTERS)
@click.pass_obj
def search_command(
    session: Session, /, query: str, *, number: int, as_json: bool, explain: bool, lexical: bool,
    semantic: bool, sort: str, open_first: bool, **filters: Any,
) -> None:  # fmt: skip
    """Find papers by words and meaning."""
    _compute_in_one_thread()
    from tracker.cli.output.hits import open_in_browser, print_hits
    from tracker.pipeline.retrieval import hybrid_search
    from tracker.pipeline.retrieval.public_json import search_json

    started = time.perf_counter()
    by = _retrieval(lexical=lexical, semantic=semantic)
    check_span(filters["since"], filters["until"])
    with session.read() as (config, db):
        only = hybrid_search.build_filter(**filters, user_directions=config.directions)
        options = hybrid_search.SearchOptions(number, only, mode=by, sort=sort, single=True)
        found = hybrid_search.search_papers(db, config, query, options, today=utc_now().date())
    for note in found.notes:
        session.print_message(note)
    if as_json:
        print_json(search_json(query, found, seconds=time.perf_counter() - started))
    else:
        print_hits(found, explain=explain)
    if open_first and found.hits:
        open_in_browser(session, found.hits[0].paper.url)


def _compute_in_one_thread() -> None:
    """Keep numpy, if it is not loaded yet, from starting a thread for each processor.

    They wait for each other in loops: one query takes ten times as long on two busy processors.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _retrieval(*, lexical: bool, semantic: bool) -> str:
    if lexical and semantic:
        raise UsageError("Give --lexical or --semantic, not both; without either, both are used.")
    return "words" if lexical else "meaning" if semantic else "both"


@click.command("show")
@click.argument("paper", shell_complete=complete_papers)
@_JSON
@click.pass_obj
def show_command(session: Session, paper: str, *, as_json: bool) -> None:
    """Show a paper: summary with sources, versions, topics."""
    from tracker.cli.output.reports import print_work
    from tracker.pipeline.retrieval import hybrid_search

    with session.read() as (_, db):
        work = hybrid_search.load_work(db, paper)
    if as_json:
        print_json(work)
    else:
        print_work(work)


@click.command("similar")
@click.argument("paper", shell_complete=complete_papers)
@_add_options(_NUMBER, _JSON)
@click.pass_obj
def similar_command(session: Session, paper: str, *, number: int, as_json: bool) -> None:
    """List the papers most similar to one."""
    from tracker.cli.output.hits import print_hits
    from tracker.pipeline.retrieval import hybrid_search
    from tracker.pipeline.retrieval.public_json import search_json

    started = time.perf_counter()
    with session.read() as (config, db):
        found = hybrid_search.find_similar(db, config, paper, number)
    if as_json:
        print_json(search_json(paper, found, seconds=time.perf_counter() - started))
    else:
        print_hits(found, explain=True)


@click.command("leaderboards")
@click.argument("board", required=False)
@click.option("--since", type=DAY, help="Show what changed since this day (2026-03-01, 30d).")
@click.option(
    "--plot", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Draw the ranks of BOARD over time (.png or .svg).",
)  # fmt: skip
@_JSON
@click.pass_obj
def leaderboards_command(
    session: Session, board: str | None, since: date | None, plot: Path | None, *, as_json: bool
) -> None:
    """Show the newest snapshot of each leaderboard, or of BOARD.

    With --since, shows the moves from snapshot to snapshot that intervals separate, without changes
    that all scores share, and the ranks that intervals allow.
    """
    from tracker.cli.output.board_tables import print_board_histories
    from tracker.cli.output.reports import print_boards
    from tracker.digest.board_ranks import trace_board
    from tracker.pipeline.retrieval import board_history

    if plot and not board:
        raise UsageError("--plot draws one leaderboard; name it: `tracker leaderboards NAME`.")
    today = utc_now().date()
    with session.read() as (_, db):
        newest = board_history.newest_snapshots(db, board, today)
        past = board_history.load_snapshots(db, board, since or date.min, today)
    if plot and past:
        board_history.plot_board(past[0], plot)
    if not since:
        print_json(newest) if as_json else print_boards(newest)
        return
    histories = [trace_board(snapshots) for snapshots in past]
    print_json(histories) if as_json else print_board_histories(histories)
