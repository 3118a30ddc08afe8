"""Read-only copies for other machines: replica."""

from pathlib import Path

import click

from tracker.cli.session import Session, utc_now


@click.command("replica")
@click.argument("dest", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keep", type=click.IntRange(min=1), default=2, show_default=True, metavar="N",
    help="How many of the newest snapshots to keep.",
)  # fmt: skip
@click.pass_obj
def replica_command(session: Session, dest: Path, keep: int) -> None:
    """Copy database, index and published pages to a snapshot in DEST.

    DEST/current then links to it; commands that read, and `tracker serve --read-only`, use it with
    --home DEST/current. Settings of the reading machine are in DEST/config.toml.
    """
    from tracker.pipeline.admin.replica_snapshots import make_snapshot

    with session.read() as (config, db):
        made = make_snapshot(db, config, dest.absolute(), keep, utc_now())
    click.echo(str(made.folder))
