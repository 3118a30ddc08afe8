"""Commands that manage the home folder: init, paths, status, doctor, backup, restore."""

from datetime import UTC, datetime
from pathlib import Path

import click

from tracker.cli.session import Session, print_json
from tracker.errors import ConfigError, UsageError

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("init")
@click.pass_obj
def init_command(session: Session) -> None:
    """Create the home folder, a commented settings file, and a list of feeds to choose from."""
    from tracker import resources
    from tracker.cli.output.reports import init_lines
    from tracker.config import settings_template
    from tracker.files import replace_bytes, replace_text
    from tracker.settings import Config
    from tracker.store.database import open_database

    config = session.config()
    with open_database(config.database):
        pass
    if config.file.exists():
        session.print_message(f"{config.file} already exists and was not changed.")
    else:
        replace_text(config.file, settings_template(Config(config.home)))
    feeds = config.home / "feeds.opml"
    if not feeds.exists():
        replace_bytes(feeds, resources.starter_feeds().read_bytes())
    click.echo(str(config.file))
    for sentence in () if session.quiet else init_lines(config, session.home):
        session.print_message(sentence)


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
