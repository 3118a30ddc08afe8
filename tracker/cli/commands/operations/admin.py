"""Commands that manage the home folder: init, profile, paths, status, doctor, backup, restore."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tracker.cli.session import Session, print_json
from tracker.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from tracker.settings import Config

LEVELS = ("beginner", "engineer", "researcher")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("init")
@click.option("--level", type=click.Choice(LEVELS), help="For whom reading plans are.")
@click.option(
    "--direction", "directions", multiple=True, metavar="KEY",
    help="A direction to follow; `tracker topics` lists them.",
)  # fmt: skip
@click.option("--minutes", type=click.IntRange(5, 240), help="Minutes a day for reading.")
@click.option("--lang", "language", metavar="LANG", help="Language: en, zh-TW or zh-CN.")
@click.option("--mail", "email", metavar="ADDRESS", help="Address to send digests to.")
@click.pass_obj
def init_command(
    session: Session, level: str | None, directions: tuple[str, ...], minutes: int | None,
    language: str | None, email: str | None,
) -> None:  # fmt: skip
    """Create the home folder, a commented settings file, and a list of feeds to choose from.

    On a terminal it asks for the options of a new home that you did not give; press Enter to skip a
    question.
    """
    from tracker.cli.output.reports import init_lines

    config = session.config()
    answers = _Answers(level, directions, minutes, language, email)
    if not (config.file.exists() or session.quiet) and sys.stdin.isatty() and sys.stderr.isatty():
        answers = answers.ask()
    given = any(answers)
    if config.file.exists() and not given:
        session.print_message(f"{config.file} already exists and was not changed.")
    _create_home(config, answers)
    click.echo(str(config.file))
    for sentence in () if session.quiet else init_lines(config, session.home):
        session.print_message(sentence)


class _Answers(NamedTuple):
    level: str | None
    directions: tuple[str, ...]
    minutes: int | None
    language: str | None
    email: str | None

    def ask(self) -> "_Answers":
        """Return the answers with those that are missing asked for on the terminal."""
        level = self.level or _ask(
            "Your level: beginner, engineer or researcher", click.Choice(("", *LEVELS))
        )
        directions = self.directions or _ask_directions()
        minutes = self.minutes or _ask_minutes()
        language = self.language or _ask(
            "Language: en, zh-TW or zh-CN", click.Choice(("", "en", "zh-TW", "zh-CN"))
        )
        email = self.email or _ask("Mail address for digests", click.STRING)
        return _Answers(level or None, directions, minutes, language or None, email or None)


def _ask_directions() -> tuple[str, ...]:
    answer = _ask("Directions to follow, such as moe, agents", click.STRING)
    return tuple(re.findall(r"[\w-]+", answer))


def _ask_minutes() -> int | None:
    return int(_ask("Minutes a day for reading", _Minutes()) or 0) or None


class _Minutes(click.ParamType[str]):
    name = "minutes"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """Return the number as text; fail for one that is not from 5 to 240."""
        return str(click.IntRange(5, 240).convert(value, param, ctx)) if value else ""


def _ask(question: str, kind: "click.ParamType[str]") -> str:
    text = f"{question} (Enter to skip)"
    answer = click.prompt(
        text, default="", show_default=False, show_choices=False, type=kind, err=True
    )
    return str(answer).strip()


def _create_home(config: "Config", answers: _Answers) -> None:
    from tracker import resources
    from tracker.cli.session import utc_now
    from tracker.delivery.mail.message import parse_address
    from tracker.files import replace_bytes
    from tracker.language import get_language
    from tracker.pipeline.admin.profile import Profile, store_profile
    from tracker.store.database import open_database

    email = parse_address(answers.email) if answers.email else None
    language = get_language(answers.language).code if answers.language else None
    profile = Profile(answers.level, answers.directions, answers.minutes, language, email)
    with open_database(config.database) as db:
        store_profile(db, config, profile, utc_now())
    feeds = config.home / "feeds.opml"
    if not feeds.exists():
        replace_bytes(feeds, resources.starter_feeds().read_bytes())


@click.command("profile")
@click.option("--delete", is_flag=True, help="Delete your marks, notes, answers and interests.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
@_JSON
@click.pass_obj
def profile_command(session: Session, *, delete: bool, yes: bool, as_json: bool) -> None:
    """Show your level, minutes, language and directions, or delete what is stored about you.

    Subscribers have profiles of their interests; `tracker subscribers remove` deletes one.
    """
    from tracker.pipeline.admin.profile import delete_profile
    from tracker.store import interests

    if delete:
        if not (yes or _confirm_deletion()):
            return
        with session.open() as (_, db):
            delete_profile(db)
        session.print_message("Deleted. Settings and subscribers were not changed.")
        return
    with session.read() as (config, db):
        follows = [one.query for one in interests.list_saved_searches(db)]
    found = {
        "level": config.reading.level, "minutes": config.reading.minutes,
        "language": config.digest.language, "follows": follows,
    }  # fmt: skip
    if as_json:
        print_json(found)
    else:
        shown = {**found, "follows": ", ".join(follows)}
        click.echo("\n".join(f"{name:9} {value}" for name, value in shown.items()))


def _confirm_deletion() -> bool:
    """Ask on a terminal whether to delete the profile. Raises UsageError elsewhere."""
    if not sys.stdin.isatty():
        raise UsageError("Deleting a profile needs --yes where nobody can be asked.")
    return click.confirm("Delete all marks, notes, answers and interests?", err=True)


@click.command("paths")
@_JSON
@click.pass_obj
def paths_command(session: Session, *, as_json: bool) -> None:
    """Show where settings, database and other files are."""
    from tracker.config import list_paths

    found = list_paths(session.config())
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(f"{name:9} {path}" for name, path in found.items()))


@click.command("status")
@_JSON
@click.pass_obj
def status_command(session: Session, *, as_json: bool) -> None:
    """Show what is stored, the last crawls, the scheduled jobs, and mails to send."""
    from tracker.cli.output.maintenance import print_status
    from tracker.pipeline.admin.doctor import load_status
    from tracker.pipeline.admin.job_states import list_job_states

    with session.read() as (config, db):
        found = load_status(db, config) | {"jobs": []}
        try:
            found["jobs"] = list_job_states(db, config, datetime.now(UTC))
        except ConfigError as error:  # a schedule is not needed to see the rest
            session.print_message(str(error))
    if as_json:
        print_json(found)
    else:
        print_status(found)


@click.command("doctor")
@_JSON
@click.pass_obj
def doctor_command(session: Session, *, as_json: bool) -> int:
    """Check database, index, model, settings and the machine."""
    from tracker.pipeline.admin.doctor import run_checks

    findings = list(run_checks(session.config()))
    if as_json:
        print_json(findings)
    else:
        click.echo("\n".join(f"{found.state:4} {found.what}: {found.detail}" for found in findings))
    return int(any(found.state == "FAIL" for found in findings))


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup_command(session: Session, file: Path) -> None:
    """Copy the database to FILE, even while it is in use."""
    from tracker.store.backups import backup

    if not file.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {file.absolute().parent} to put the backup in.")
    with session.open() as (_, db):
        backup(db, file)
    click.echo(str(file))


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.pass_obj
def restore_command(session: Session, file: Path | None) -> None:
    """Replace the database with the backup FILE.

    The previous database is kept beside it, and what was mailed since the backup is copied
    from it. Without FILE, a restoration that was interrupted is completed.
    """
    from tracker.cli.output.maintenance import restore_notes
    from tracker.locking import hold_lock
    from tracker.store import backups
    from tracker.store.database import restored_path

    config = session.config()
    if file is None and not restored_path(config.database).exists():
        raise UsageError("Name the backup to restore: `tracker restore FILE`.")
    with hold_lock(config.home / "run.lock", "restore"):
        if file is None:
            kept, notes = backups.complete_restore(config.database), list[str]()
        else:
            restored = backups.restore(file, config.database, datetime.now(UTC))
            kept, notes = restored.kept, list(restore_notes(restored))
    if kept:
        session.print_message(f"The previous database is kept as {kept}.")
    for note in notes:
        session.print_message(note)
    click.echo(str(config.database))
