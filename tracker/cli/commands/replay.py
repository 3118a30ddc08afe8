"""The command that compares rankings: replay."""

import click

from tracker.cli.commands.operations.completion import complete_weeks
from tracker.cli.session import Session, print_json


@click.command("replay")
@click.option("--weeks", type=click.IntRange(1, 60), default=8, help="Number of weeks; default: 8.")
@click.option(
    "--until", metavar="WEEK", shell_complete=complete_weeks,
    help="Last of these weeks; default: the last full week.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def replay_command(session: Session, weeks: int, until: str | None, *, as_json: bool) -> None:
    """Show what other ranking weights would have picked.

    Example: `tracker --set ranking.team=0 replay --weeks 8`.
    """
    from tracker.cli.output.reports import replay_lines
    from tracker.pipeline.admin.ranking_audit import replay_weeks

    last = session.newest_week(until)
    with session.read() as (config, db), session.progress() as progress:
        made = replay_weeks(db, config, last, weeks, progress=progress)
    if as_json:
        print_json(made)
    else:
        click.echo("\n".join(replay_lines(made)))
