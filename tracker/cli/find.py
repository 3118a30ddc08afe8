"""Commands that look things up: search, show, similar, leaderboards."""

import time
from collections.abc import Callable
from typing import Any

import click

from tracker.cli.session import DAY, Session, now, print_json

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_NUMBER = click.option(
    "-n", "number", default=10, show_default=True, type=click.IntRange(1, 1000),
    help="How many results.",
)  # fmt: skip
_FILTERS = (
    click.option("--since", type=DAY, help="Announced on this day or later (2026-03-01, 30d)."),
    click.option("--until", type=DAY, help="Announced on this day or earlier."),
    click.option("--cat", "categories", multiple=True, help="arXiv category; may be repeated."),
    click.option("--topic", "topics", multiple=True, help="Key of the map; may be repeated."),
    click.option("--author", default="", help="Part of an author's name."),
)
_HOW = (
    click.option("--lexical", "by", flag_value="words", help="By words alone."),
    click.option("--semantic", "by", flag_value="meaning", help="By meaning alone."),
)
_SHOWN = (
    click.option(
        "--sort", default="relevance", show_default=True,
        type=click.Choice(["relevance", "date"]), help="Best first, or the latest of the best.",
    ),
    click.option("--open", "open_first", is_flag=True, help="Open the first in the browser."),
)  # fmt: skip


def _options(*options: Any) -> Callable[[Any], Any]:
    """A decorator that adds options in the order in which they are listed."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.command("search")
@click.argument("query")
@_options(_NUMBER, _JSON)
@click.option("--explain", is_flag=True, help="Say what matched.")
@_options(*_SHOWN, *_HOW, *_FILTERS)
@click.pass_obj
def search_command(
    session: Session, /, query: str, *, number: int, as_json: bool, explain: bool, by: str | None,
    sort: str, open_first: bool, **filters: Any,
) -> None:  # fmt: skip
    """Find papers by words and meaning."""
    from tracker.cli.hits import open_page, print_hits, search_json
    from tracker.pipeline import finding

    started = time.perf_counter()
    with session.read() as (config, db):
        only = finding.only(**filters, own=config.directions)
        found = finding.search(
            db, config, query, limit=number, only=only, today=now().date(), by=by or "both",
            sort=sort,
        )  # fmt: skip
    for note in found.notes:
        session.say(note)
    if as_json:
        print_json(search_json(query, found, seconds=time.perf_counter() - started))
    else:
        print_hits(found, explain=explain)
    if open_first and found.hits:
        open_page(session, found.hits[0].paper.url)


@click.command("show")
@click.argument("paper")
@_JSON
@click.pass_obj
def show_command(session: Session, paper: str, *, as_json: bool) -> None:
    """One work: what it says, with proof, its versions and topics."""
    from tracker.cli.reports import print_work
    from tracker.pipeline import finding

    with session.read() as (_, db):
        work = finding.show(db, paper)
    if as_json:
        print_json(work)
    else:
        print_work(work)


@click.command("similar")
@click.argument("paper")
@_options(_NUMBER, _JSON)
@click.pass_obj
def similar_command(session: Session, paper: str, *, number: int, as_json: bool) -> None:
    """The works most like one."""
    from tracker.cli.hits import print_hits, search_json
    from tracker.pipeline import finding

    started = time.perf_counter()
    with session.read() as (config, db):
        found = finding.similar(db, config, paper, number)
    if as_json:
        print_json(search_json(paper, found, seconds=time.perf_counter() - started))
    else:
        print_hits(found, explain=True)


@click.command("leaderboards")
@_JSON
@click.pass_obj
def leaderboards_command(session: Session, *, as_json: bool) -> None:
    """The newest snapshot of every leaderboard."""
    from tracker.cli.reports import print_boards
    from tracker.store import boards

    with session.read() as (_, db):
        found = [boards.latest(db, name, now().date()) for name in boards.names(db)]
    if as_json:
        print_json(found)
    else:
        print_boards([board for board in found if board])
