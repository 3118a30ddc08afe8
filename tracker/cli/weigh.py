"""The command that argues with the ranking: replay."""

import click

from tracker.calendar import Period
from tracker.cli.completion import complete_weeks
from tracker.cli.session import Session, print_json


@click.command("replay")
@click.option("--weeks", type=click.IntRange(1, 60), default=8, help="How many weeks; default: 8.")
@click.option(
    "--until", metavar="WEEK", shell_complete=complete_weeks,
    help="The last of them; default: the last full week.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def replay_command(session: Session, weeks: int, until: str | None, *, as_json: bool) -> None:
    """What the set weights would have picked: `tracker --set ranking.team=0 replay --weeks 8`."""
    from tracker.cli.reports import replayed_lines
    from tracker.pipeline.weighing import replay

    last = Period.parse_week(until) if until else Period.week_of(session.today()).previous()
    with session.open() as (config, db), session.progress() as progress:
        made = replay(db, config, last, weeks, progress=progress)
    if as_json:
        print_json(made)
    else:
        click.echo("\n".join(replayed_lines(made)))
