"""Commands for learning: path, next, read, save, unread, reading, vault."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.commands.operations.completion import complete_papers
from tracker.cli.session import EXIT_DEGRADED, Session, print_json

if TYPE_CHECKING:
    from tracker.pipeline.learning.reading_paths import PathStep, ReadingPath
    from tracker.pipeline.learning.weekly_choice import WeeklyChoice
    from tracker.pipeline.learning.what_next import Suggestion
    from tracker.settings import Config
    from tracker.store.database import Database
    from tracker.store.interests import Owner

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_PAPER = click.argument("paper", shell_complete=complete_papers)
_FOR = click.option(
    "--for", "email", metavar="EMAIL", help="For this subscriber; default: the reader of this home."
)
_STAGES = {
    "survey": "Overview",
    "foundation": "Foundations",
    "recent-survey": "Recent overview",
    "built-upon": "Most built upon",
    "new": "Newest",
}


def find_reader(db: "Database", config: "Config", email: str | None) -> tuple["Owner", "Config"]:
    """Return the number of a subscriber, or None, and the settings with their level and minutes."""
    from tracker.store import subscribers

    if email is None:
        return None, config
    reader = subscribers.get_by_email(db, email)
    reading = replace(
        config.reading,
        level=reader.level or config.reading.level,
        minutes=reader.minutes or config.reading.minutes,
    )
    return reader.number, replace(config, reading=reading)


@click.command("path")
@click.argument("topic")
@click.option(
    "-n", "number", default=10, show_default=True, type=click.IntRange(1, 100),
    help="Number of works.",
)  # fmt: skip
@_JSON
@click.pass_obj
def path_command(session: Session, topic: str, *, number: int, as_json: bool) -> None:
    """Show where to start a direction, in reading order."""
    from tracker.pipeline.learning import reading_paths

    direction = reading_paths.check_direction(topic, session.config())
    with session.read() as (_, db):
        path = reading_paths.load_path(db, direction, number)
    if as_json:
        print_json(path)
    else:
        _print_path(path)


def _print_path(path: "ReadingPath") -> None:
    click.echo(f"{path.name}: {path.read} of {path.total} works read")
    for key, why in path.needs:
        click.echo(f"First: `tracker path {key}`, because {why}.")
    stage = ""
    for place, step in enumerate(path.steps, start=1):
        if step.stage != stage:
            stage = step.stage
            click.echo(f"\n{_STAGES[stage]}")
        _print_step(f"{place:3}. ", step)


def _print_step(lead: str, step: "PathStep") -> None:
    from summarizer.text.sentences import to_plain_text

    mark = f" [{step.state}]" if step.state else ""
    click.echo(f"{lead}{to_plain_text(step.title)} ({step.id}){mark}")
    indent = " " * len(lead)
    click.echo(f"{indent}{step.why}")
    if step.fetch:
        click.echo(f"{indent}Not stored; fetch it with `{step.fetch}`.")


@click.command("next")
@click.option(
    "--minutes", type=click.IntRange(5, 240),
    help="Minutes for reading; default: the setting reading.minutes.",
)  # fmt: skip
@_FOR
@_JSON
@click.pass_obj
def next_command(
    session: Session, *, minutes: int | None, email: str | None, as_json: bool
) -> None:
    """Show what to read and try now."""
    from tracker.pipeline.learning.what_next import suggest_next

    with session.read() as (config, db):
        owner, profile = find_reader(db, config, email)
        time = minutes or profile.reading.minutes
        found = suggest_next(db, profile, session.today(), time, owner)
    if as_json:
        print_json(found)
    else:
        _print_suggestion(found)


def _print_suggestion(found: "Suggestion") -> None:
    click.echo(f"{found.name}: {found.read} of {found.total} works read")
    if found.paper is None:
        click.echo("You have read the works of this path.")
    else:
        click.echo("\nRead")
        _print_step("  ", found.paper)
    for step in found.plan:
        click.echo(f"  {step.minutes:3} min  {step.text}")
    if found.paper and not found.paper.fetch:
        click.echo(f"  Afterwards: `tracker read {found.paper.id}`")
    if weekly := found.weekly:
        _print_weekly(weekly)
    if exercise := found.exercise:
        click.echo(f"\nTry ({exercise.minutes} min): {exercise.title}")
        if exercise.setup:
            click.echo(f"  $ {exercise.setup}")
        for place, text in enumerate(exercise.steps, start=1):
            click.echo(f"  {place}. {text}")
        click.echo(f"  What you should see: {exercise.expect}")


def _print_weekly(weekly: "WeeklyChoice") -> None:
    from summarizer.text.sentences import to_plain_text

    click.echo(f"\nOf the papers of {weekly.week}\n  {to_plain_text(weekly.title)} ({weekly.id})")
    if weekly.new_cells:
        cells = ", ".join(" in ".join(filter(None, cell)) for cell in weekly.new_cells)
        click.echo(f"  New to you: {cells}")


@click.command("read")
@_PAPER
@click.option("--tried", is_flag=True, help="You also tried its code, model or exercise.")
@click.pass_obj
def read_command(session: Session, paper: str, *, tried: bool) -> None:
    """Mark a paper as read."""
    _mark(session, paper, "tried" if tried else "read")


@click.command("save")
@_PAPER
@click.pass_obj
def save_command(session: Session, paper: str) -> None:
    """Save a paper to read later."""
    _mark(session, paper, "saved")


def _mark(session: Session, key: str, state: str) -> None:
    from tracker.errors import NotAnId, NotFound
    from tracker.pipeline.retrieval.hybrid_search import find_work
    from tracker.store import reading_progress

    with session.open() as (_, db):
        try:
            work, paper = find_work(db, key)
        except NotAnId:
            raise
        except NotFound as error:
            hint = f"`tracker crawl --ids {error.name}` fetches it."
            raise NotFound("paper", error.name, hint) from None
        reading_progress.store_state(db, work, state, session.today())
    session.print_message(f"Marked {paper.id} as {state}.")


@click.command("unread")
@_PAPER
@click.pass_obj
def unread_command(session: Session, paper: str) -> None:
    """Remove the mark of a paper that was read or saved."""
    from tracker.errors import NotFound
    from tracker.pipeline.retrieval.hybrid_search import find_work
    from tracker.store import reading_progress

    with session.open() as (_, db):
        work, found = find_work(db, paper)
        if not reading_progress.delete_state(db, work):
            raise NotFound("mark of paper", found.id, "`tracker reading` lists them.")
    session.print_message(f"Removed the mark of {found.id}.")


@click.command("reading")
@_FOR
@_JSON
@click.pass_obj
def reading_command(session: Session, *, email: str | None, as_json: bool) -> None:
    """List the papers read, saved and tried."""
    from summarizer.text.sentences import to_plain_text
    from tracker.store import reading_progress

    with session.read() as (config, db):
        found = reading_progress.list_progress(db, find_reader(db, config, email)[0])
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(f"{one.day}\t{one.state}\t{one.id}\t{to_plain_text(one.title)}")


@click.command("vault")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_JSON
@click.pass_obj
def vault_command(session: Session, folder: Path, *, as_json: bool) -> int:
    """Read marks and notes back from an Obsidian vault, and update it.

    Ticked boxes, the properties saved, read and tried, and the text under "My notes" are stored.
    Then the vault is written as by `tracker export obsidian`.
    """
    from tracker.cli.commands.export import export_and_print
    from tracker.pipeline.issue.vault.import_vault import import_vault

    with session.open() as (_, db):
        found = import_vault(db, folder, session.today())
    if as_json:
        print_json(found)
    else:
        click.echo(f"{found.marked:,} marks and {found.noted:,} notes read from {folder}.")
    if found.unknown:
        session.print_message(
            f"Not stored, so not read: {', '.join(found.unknown)}. `tracker crawl --ids` fetches"
            " them."
        )
    exported = export_and_print(session, folder, quiet=as_json)
    return EXIT_DEGRADED if found.unknown else exported
