"""The command that argues with the ranking: replay."""

import click

from tracker.cli.session import Session, print_json


@click.command("replay")
@click.option("--weeks", type=click.IntRange(1, 60), default=8, help="How many weeks; default: 8.")
@click.option("--until", metavar="WEEK", help="The last of them; default: the last full week.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def replay_command(session: Session, weeks: int, until: str | None, *, as_json: bool) -> None:
    """What the set weights would have picked: `tracker --set ranking.team=0 replay --weeks 8`."""
    from tracker.cli.reports import replayed_lines
    from tracker.pipeline.weighing import replay

    last = session.week(until)
    with session.read() as (config, db), session.progress() as progress:
        made = replay(db, config, last, weeks, progress=progress)
    if as_json:
        print_json(made)
    else:
        click.echo("\n".join(replayed_lines(made)))
