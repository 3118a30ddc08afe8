"""Commands that describe the field: topics, trends."""

from datetime import date
from pathlib import Path

import click

from tracker.cli.session import DAY, Session, print_json

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("topics")
@click.option(
    "--until", type=DAY, help="Last of the 30 days; default: today, or the newest day with papers."
)
@_JSON
@click.pass_obj
def topics_command(session: Session, *, until: date | None, as_json: bool) -> None:
    """Show the map of the last 30 days and the newest themes."""
    from tracker.cli.output.trend_tables import print_knowledge_map
    from tracker.pipeline.learning import knowledge_map
    from tracker.store.interests import liked_work_ids
    from tracker.store.reading_progress import finished_keys

    until = session.newest_day(until)
    with session.read() as (config, db):
        landscape = knowledge_map.load_knowledge_map(
            db, config, until, finished_keys(db) | set(liked_work_ids(db))
        )
    if as_json:
        print_json(landscape)
    else:
        print_knowledge_map(landscape)


@click.command("trends")
@click.option(
    "--by", default="tag", show_default=True, type=click.Choice(["tag", "topic", "term"]),
    help="Topic keys, themes of weekly digests, or terms in titles.",
)  # fmt: skip
@click.option(
    "--days", default=28, show_default=True, type=click.IntRange(7, 366),
    help="Days to compare with three times as many before.",
)  # fmt: skip
@click.option(
    "--until", type=DAY, help="Last of these days; default: today, or the newest day with papers."
)
@click.option(
    "-n", "number", default=20, show_default=True, type=click.IntRange(1, 1000),
    help="Number of lines.",
)  # fmt: skip
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Plot them into a .png or .svg, too.")  # fmt: skip
@_JSON
@click.pass_obj
def trends_command(
    session: Session, /, *, by: str, days: int, until: date | None, number: int,
    plot: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Show what grows or shrinks significantly."""
    from tracker.cli.output.trend_tables import print_trends
    from tracker.pipeline.retrieval.trend_reports import ComparisonSpan, compute_trends, plot_trends

    span = ComparisonSpan.last_days(days, session.newest_day(until))
    with session.read() as (config, db):
        found = compute_trends(db, config, by, span)
    if plot:
        plot_trends(found, plot)
    if as_json:
        print_json(found)
    else:
        print_trends(found, number)
