"""Commands that collect papers and report completeness: import, crawl, sources, ledger."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from tracker.cli.commands.operations.completion import complete_sources
from tracker.cli.session import (
    DAY,
    EXIT_DEGRADED,
    InputFile,
    Session,
    check_span,
    print_json,
    utc_now,
)
from tracker.errors import UsageError
from tracker.models import ImportReport

_FILES = click.argument("files", nargs=-1, required=True, metavar="FILE...")
# Results of other machines are folders: `tracker import vectors DIR`.
_RESULTS = ("vectors", "summaries")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


@click.command("import")
@_FILES
@click.option(
    "--as", "kind", default="snapshot", metavar="KIND",
    help="snapshot (default), hf-daily, hf-models, accepted, opml, vectors, summaries, board:NAME;"
    " or the library of papers you like: bibtex, ris, zotero-csv, ids, obsidian.",
)  # fmt: skip
@click.option("--for", "email", metavar="EMAIL", help="The library is that of this subscriber.")
@click.option("--date", "day", type=DAY, help="Day of the tables, unless the file has it.")
@_JSON
@click.pass_obj
@click.pass_context
def import_command(
    ctx: click.Context,
    session: Session,
    files: tuple[str, ...],
    kind: str,
    email: str | None,
    day: date | None,
    as_json: bool,
) -> int:
    """Import the public arXiv snapshot, other saved files, or results of exported work.

    The snapshot is arXiv's public metadata file, also compressed or in an archive. The feeds of an
    OPML file are added to the settings. `tracker import vectors DIR` and `tracker import summaries
    DIR` import what other machines made of `tracker export work`.
    The papers of a library are liked.
    """
    from tracker.cli.output.reports import print_import
    from tracker.sources.formats.reference_libraries import LIBRARY_KINDS

    if email is not None and kind not in LIBRARY_KINDS:
        raise UsageError(f"--for is for libraries: {', '.join(LIBRARY_KINDS)}.")
    if kind == "snapshot" and len(files) > 1 and files[0] in _RESULTS:
        kind, files = files[0], files[1:]
    if kind in _RESULTS:
        return print_import(_import_results(session, kind, files, day), as_json=as_json)
    paths = [InputFile().convert(file, _argument(ctx), ctx) for file in files]
    if kind in LIBRARY_KINDS:
        if day:
            raise UsageError("--date is for tables; a library has no day.")
        return _like_library(session, kind, paths, email, as_json=as_json)
    return print_import(_import_files(session, paths, kind, day), as_json=as_json)


def _argument(ctx: click.Context) -> click.Parameter:
    """Return the parameter of the files, which messages about them name."""
    return next(param for param in ctx.command.params if param.name == "files")


def _import_files(
    session: Session, paths: Sequence[Path], kind: str, day: date | None
) -> list[ImportReport]:
    from tracker.pipeline.ingest import feed_subscriptions, imports

    with session.open() as (config, db), session.progress() as progress:
        if kind == feed_subscriptions.KIND:
            return [feed_subscriptions.subscribe_feeds(config, paths, day)]
        return imports.import_files(db, paths, kind=kind, day=day, now=utc_now(), progress=progress)


def _import_results(
    session: Session, kind: str, folders: Sequence[str], day: date | None
) -> list[ImportReport]:
    from tracker.pipeline.bulk import import_summaries, import_vectors

    if day:
        raise UsageError(f"--date is the day of a table or a daily list; {kind} have none.")
    with session.open() as (config, db), session.progress() as progress:
        if kind == "vectors":
            return [
                import_vectors.import_vectors(db, config, Path(folder), progress)
                for folder in folders
            ]
        at = utc_now()
        return [
            import_summaries.import_summaries(db, config, Path(folder), at, progress)
            for folder in folders
        ]


def _like_library(
    session: Session, kind: str, files: Sequence[Path], email: str | None, *, as_json: bool
) -> int:
    """Like the papers of a library and print what became of its entries."""
    from tracker.cli.commands.reading.follow import find_owner
    from tracker.pipeline.mailing.library_likes import like_library
    from tracker.pipeline.retrieval.known_item import missing_notes

    with session.open() as (_, db):
        report = like_library(db, kind, files, utc_now(), find_owner(db, email))
    if as_json:
        print_json(report)
    else:
        click.echo(
            f"{report.entries:,} entries: {report.liked:,} papers liked, {report.judged:,} judged"
            f" before, {len(report.missing) + report.unknown:,} not in the store."
        )
    if report.missing:
        session.print_message(*missing_notes(report.missing[:20]))
    if report.over_limit:
        session.print_message(f"{report.over_limit:,} more than a reader can like were left out.")
    return EXIT_DEGRADED if report.missing or report.unknown or report.over_limit else 0


@click.command("crawl")
@click.argument("sources", nargs=-1, shell_complete=complete_sources)
@click.option("--since", type=DAY, help="First announcement day: 2026-03-01 or 10d.")
@click.option("--until", type=DAY, help="Last announcement day.")
@click.option(
    "--ids", multiple=True, metavar="ID[,ID]",
    help="Only fetch these papers from arXiv, whatever their day.",
)  # fmt: skip
@_JSON
@click.pass_obj
def crawl_command(
    session: Session,
    sources: tuple[str, ...],
    since: date | None,
    until: date | None,
    ids: tuple[str, ...],
    as_json: bool,
) -> int:
    """Read the enabled or named sources.

    By default: the last ten days, and gaps before them.
    """
    from tracker.cli.output.crawl_summary import crawl_lines
    from tracker.pipeline.ingest import crawl, fetch_by_id

    check_span(since, until)
    if ids and (sources or since or until):
        raise UsageError("--ids fetches single papers; give no sources and no days with it.")
    with session.open_locked("crawl") as (config, db), session.progress() as progress:
        at = utc_now()
        if ids:
            reports = [fetch_by_id.fetch_works(db, config, ids, now=at)]
        else:
            window = crawl.crawl_window(db, config, at, since, until)
            options = crawl.CrawlOptions(sources, progress=progress)
            reports = crawl.crawl_sources(db, config, window, now=at, options=options)
    if as_json:
        print_json(reports)
    else:
        click.echo("\n".join(crawl_lines(reports)))
    return EXIT_DEGRADED if any(report.state != "ok" for report in reports) else 0


@click.command("sources")
@_JSON
@click.pass_obj
def sources_command(session: Session, *, as_json: bool) -> None:
    """List all sources: address, state, and last successful crawl."""
    from tracker.cli.output.crawl_summary import source_lines
    from tracker.pipeline.admin.doctor import list_source_states

    with session.read() as (config, db):
        found = list_source_states(db, config)
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(source_lines(found)))


@click.command("ledger")
@click.option("--since", type=DAY, help="First announcement day.")
@click.option("--until", type=DAY, help="Last announcement day.")
@_JSON
@click.pass_obj
def ledger_command(
    session: Session, since: date | None, until: date | None, *, as_json: bool
) -> None:
    """Show expected, received, late and missing papers by day.

    One line for each announcement day and category.
    """
    from tracker.cli.output.crawl_summary import ledger_lines, ledger_rows
    from tracker.pipeline.ingest import completeness

    check_span(since, until)
    with session.read() as (config, db):
        days = completeness.list_days(db, config, utc_now(), since=since, until=until)
    if as_json:
        print_json(ledger_rows(days))
    elif days:
        click.echo("\n".join(ledger_lines(days)))
    else:
        session.print_message("No crawl has covered these days, so there is nothing to show.")
