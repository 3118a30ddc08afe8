"""Commands that show the shape of the field: topics, trends."""

from datetime import date
from pathlib import Path

import click

from tracker.cli.session import DAY, Session, now, print_json

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("topics")
@click.option("--until", type=DAY, help="Last of the 30 days that are counted; default: today.")
@_JSON
@click.pass_obj
def topics_command(session: Session, *, until: date | None, as_json: bool) -> None:
    """The map of the last 30 days, and the topics of the newest week composed."""
    from tracker.cli.shapes import print_landscape
    from tracker.pipeline import mapping
    from tracker.store.interests import liked

    with session.read() as (config, db):
        landscape = mapping.landscape(db, config, until or now().date(), liked(db))
    if as_json:
        print_json(landscape)
    else:
        print_landscape(landscape)


@click.command("trends")
@click.option(
    "--by", default="tag", show_default=True, type=click.Choice(["tag", "topic", "term"]),
    help="Keys of the map, topics of the digests' weeks, or terms in titles.",
)  # fmt: skip
@click.option(
    "--days", default=28, show_default=True, type=click.IntRange(7, 366),
    help="Days that are compared with three times as many before.",
)  # fmt: skip
@click.option("--until", type=DAY, help="Last of these days; default: today.")
@click.option(
    "-n", "number", default=20, show_default=True, type=click.IntRange(1, 1000),
    help="How many lines.",
)  # fmt: skip
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Draw them into a .png or .svg too.")  # fmt: skip
@_JSON
@click.pass_obj
def trends_command(
    session: Session, /, *, by: str, days: int, until: date | None, number: int,
    plot: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """What grows and shrinks as a share of all papers, by more than chance."""
    from tracker.cli.shapes import print_trends
    from tracker.pipeline.trending import Span, compare, draw

    with session.read() as (config, db):
        found = compare(db, config, by, Span.last(days, until or now().date()))
    if plot:
        draw(found, plot)
    if as_json:
        print_json(found)
    else:
        print_trends(found, number)
