"""`tracker export`: the papers picked by digests, for other programs."""

from pathlib import Path

import click

from tracker.cli.session import EXIT_DEGRADED, Session

_FORMATS = ("obsidian", "notion", "bibtex", "ris", "csl", "jsonl", "opml")


@click.command("export")
@click.argument("form", metavar="FORMAT", type=click.Choice(_FORMATS))
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
@click.pass_obj
def export_command(session: Session, form: str, destination: Path) -> int:
    """Export the papers picked by digests, or the feeds.

    As bibtex, ris, csl, jsonl or notion (CSV), the papers are written to the file DEST; as opml,
    the feeds. As obsidian, DEST is a vault: a note for each dimension, direction, topic and picked
    paper. Your own text in a note stays when you export again.
    """
    from tracker.pipeline.issue import export_papers

    if form == "obsidian":
        return export_and_print(session, destination)
    with session.read() as (config, db):
        number = export_papers.export_file(db, config, form, destination)
    click.echo(f"{number:,} written to {destination}.")
    return 0


def export_and_print(session: Session, folder: Path, *, quiet: bool = False) -> int:
    """Write the vault, and print how many notes were written and which were not.

    Returns the exit code. If `quiet`, only notes that were not updated are reported.
    """
    from tracker.pipeline.issue import export_papers
    from tracker.store.interests import liked_work_ids
    from tracker.store.reading_progress import finished_keys

    until = session.newest_day(None)
    with session.read() as (config, db):
        read = finished_keys(db) | set(liked_work_ids(db))
        done = export_papers.export_vault(db, config, folder, today=until, read=read)
    if not quiet:
        click.echo(
            f"{done.made:,} notes created, {done.updated:,} updated, {done.unchanged:,} unchanged."
        )
    for path in done.user_edited:
        session.print_message(f"{path} was not updated: its generated block was edited or removed.")
    return EXIT_DEGRADED if done.user_edited else 0
