"""Commands for the language model: llm try."""

import click

from tracker.cli.help import FullHelp
from tracker.cli.session import EXIT_DEGRADED, Session, print_json


@click.group("llm", cls=FullHelp)
def llm_command() -> None:
    """Try the language model of the settings."""


@llm_command.command("try")
@click.option(
    "--papers", "number", default=10, show_default=True, type=click.IntRange(1, 200),
    help="Number of papers.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def try_command(session: Session, *, number: int, as_json: bool) -> int:
    """Summarize the newest papers with the model, beside the extract; nothing is stored.

    Each sentence has its level of proof. At the end are speed, memory and the share of each level.
    """
    from tracker.cli.output.model_trials import trial_lines
    from tracker.pipeline.summarize.model_trial import try_model

    with session.read() as (config, db), session.progress() as progress:
        trial = try_model(db, config, number, progress)
    if as_json:
        print_json(trial)
    else:
        click.echo("\n".join(trial_lines(trial)))
    return EXIT_DEGRADED if trial.failed else 0
