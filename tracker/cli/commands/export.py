"""`tracker export`: the papers picked by digests, for other programs, and undone work."""

from datetime import date
from pathlib import Path

import click

from tracker.cli.session import DAY, EXIT_DEGRADED, Session, check_span
from tracker.errors import UsageError

_FORMATS = ("obsidian", "notion", "bibtex", "ris", "csl", "jsonl", "opml", "work")


@click.command("export")
@click.argument("form", metavar="FORMAT", type=click.Choice(_FORMATS))
@click.argument("dest", metavar="DEST", required=False, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The same as DEST.")
@click.option("--since", type=DAY, help="Work: only papers announced on this day or later.")
@click.option("--until", type=DAY, help="Work: only papers announced on this day or earlier.")
@click.option("--lang", metavar="LANG", help="Work: language of the summaries; default: en.")
@click.pass_obj
def export_command(
    session: Session, form: str, dest: Path | None, out: Path | None, since: date | None,
    until: date | None, lang: str | None,
) -> int:  # fmt: skip
    """Export the papers picked by digests, the feeds, or undone work.

    As bibtex, ris, csl, jsonl or notion (CSV), the papers are written to the file DEST; as opml,
    the feeds. As obsidian, DEST is a vault: a note for each dimension, direction, topic and picked
    paper. Your own text in a note stays when you export again. As work, DEST is a folder of
    Parquet files with the texts to embed and the papers to summarize, for `tracker import` to
    import the results.
    """
    destination = _destination(dest, out)
    if form == "work":
        return _export_work(session, destination, since, until, lang or "en")
    if since or until or lang:
        raise UsageError("--since, --until and --lang go with `tracker export work` only.")
    if form == "obsidian":
        return export_and_print(session, destination)
    from tracker.pipeline.issue.vault import export_papers

    with session.read() as (config, db):
        number = export_papers.export_file(db, config, form, destination)
    click.echo(f"{number:,} written to {destination}.")
    return 0


def _destination(dest: Path | None, out: Path | None) -> Path:
    """Return the place to write to, which can be given in two ways."""
    if dest and out:
        raise UsageError("Give the destination once: as DEST or with --out.")
    found = dest or out
    if found is None:
        raise click.MissingParameter(param_hint="'DEST'", param_type="argument")
    return found


def _export_work(
    session: Session, folder: Path, since: date | None, until: date | None, language: str
) -> int:
    from tracker.pipeline.bulk.export_work import WorkSpan, export_work

    check_span(since, until)
    with session.read() as (config, db), session.progress() as progress:
        span = WorkSpan(since, until)
        done = export_work(db, config, folder, span, language, progress)
    click.echo(
        f"{done.texts:,} texts to embed and {done.papers:,} papers to summarize written"
        f" to {folder}."
    )
    return 0


def export_and_print(session: Session, folder: Path, *, quiet: bool = False) -> int:
    """Write the vault, and print how many notes were written and which were not.

    Returns the exit code. If `quiet`, only notes that were not updated are reported.
    """
    from tracker.pipeline.issue.vault import export_papers
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
