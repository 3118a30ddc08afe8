"""Commands that look after the home folder: init, paths, status, doctor, backup, restore."""

from pathlib import Path

import click

from tracker.cli.session import Session, print_json
from tracker.errors import UsageError

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("init")
@click.pass_obj
def init_command(session: Session) -> None:
    """Make the home folder and a settings file in which every setting is explained."""
    from tracker.config import template
    from tracker.settings import Config
    from tracker.store.database import opened

    config = session.config()
    with opened(config.database):
        pass
    if config.file.exists():
        session.say(f"{config.file} is there already and was left as it is.")
    else:
        config.file.write_text(template(Config(config.home)), encoding="utf-8")
    click.echo(str(config.file))


@click.command("paths")
@_JSON
@click.pass_obj
def paths_command(session: Session, *, as_json: bool) -> None:
    """Where everything is."""
    from tracker.config import places

    found = places(session.config())
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(f"{name:9} {path}" for name, path in found.items()))


@click.command("status")
@_JSON
@click.pass_obj
def status_command(session: Session, *, as_json: bool) -> None:
    """What is in the store, what was done last, and what waits."""
    from tracker.cli.reports import print_status
    from tracker.pipeline.care import status

    with session.read() as (config, db):
        found = status(db, config)
    if as_json:
        print_json(found)
    else:
        print_status(found)


@click.command("doctor")
@_JSON
@click.pass_obj
def doctor_command(session: Session, *, as_json: bool) -> int:
    """Check the database, the index, the model, the settings and the machine."""
    from tracker.pipeline.care import check

    findings = list(check(session.config()))
    if as_json:
        print_json(findings)
    else:
        click.echo("\n".join(f"{found.state:4} {found.what}: {found.detail}" for found in findings))
    return int(any(found.state == "FAIL" for found in findings))


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup_command(session: Session, file: Path) -> None:
    """Copy the database to FILE, also while others use it."""
    from tracker.store.database import backup

    if not file.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {file.absolute().parent} to put the backup in.")
    with session.open() as (_, db):
        backup(db, file)
    click.echo(str(file))


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def restore_command(session: Session, file: Path) -> None:
    """Put the backup FILE in place of the database, which is kept beside it."""
    from tracker.pipeline.lock import held
    from tracker.store.database import restore

    config = session.config()
    with held(config.home / "run.lock", "restore"):
        kept = restore(file, config.database)
    if kept:
        session.say(f"The database that was there is kept as {kept}.")
    click.echo(str(config.database))
