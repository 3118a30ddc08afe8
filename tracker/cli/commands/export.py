"""`tracker export`: the papers picked by digests, for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.session import EXIT_DEGRADED, Session, utc_now

if TYPE_CHECKING:
    from tracker.delivery.vault import ExportCounts

_FORMATS = ("obsidian", "bibtex", "ris", "csl", "jsonl", "opml")


@click.command("export")
@click.argument("form", metavar="FORMAT", type=click.Choice(_FORMATS))
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
@click.pass_obj
def export_command(session: Session, form: str, destination: Path) -> int:
    """Export the papers picked by digests, or the feeds.

    As bibtex, ris, csl or jsonl, the papers are written to the file DEST; as opml, the feeds. As
    obsidian, DEST is a vault: a note for each dimension, direction, topic and picked paper. Your
    own text in a note stays when you export again.
    """
    from tracker.pipeline.issue import export_papers
    from tracker.store.interests import liked_work_ids

    with session.read() as (config, db):
        if form != "obsidian":
            number = export_papers.export_file(db, config, form, destination)
            click.echo(f"{number:,} written to {destination}.")
            return 0
        done = export_papers.export_vault(
            db, config, destination, today=utc_now().date(), read=liked_work_ids(db)
        )
    return _print_vault(session, done)


def _print_vault(session: Session, done: "ExportCounts") -> int:
    """Print how many notes were written and which were not; return the exit code."""
    click.echo(
        f"{done.made:,} notes created, {done.updated:,} updated, {done.unchanged:,} unchanged."
    )
    for path in done.user_edited:
        session.print_message(f"{path} was not updated: its generated block was edited or removed.")
    return EXIT_DEGRADED if done.user_edited else 0
