"""`tracker export`: what the digests picked, for other programs."""

from pathlib import Path

import click

from tracker.cli.session import DEGRADED, Session, now

_FORMATS = ("obsidian", "bibtex", "ris", "csl", "jsonl", "opml")


@click.command("export")
@click.argument("form", metavar="FORMAT", type=click.Choice(_FORMATS))
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
@click.pass_obj
def export_command(session: Session, form: str, destination: Path) -> int:
    """Write the picked papers to DEST as bibtex, ris, csl or jsonl; feeds as opml.

    As obsidian, DEST is a vault: a note for each dimension, direction, topic and picked paper. What
    you write into a note stays when you export again.
    """
    from tracker.pipeline import exporting
    from tracker.store.interests import liked

    with session.read() as (config, db):
        if form != "obsidian":
            number = exporting.export(db, config, form, destination)
            click.echo(f"{number:,} written to {destination}.")
            return 0
        done = exporting.obsidian(db, config, destination, today=now().date(), read=liked(db))
    click.echo(
        f"{done.made:,} notes made, {done.updated:,} updated, {done.unchanged:,} as they were."
    )
    for path in done.left_alone:
        session.say(f"{path} has a changed block or none; it was left alone.")
    return DEGRADED if done.left_alone else 0
