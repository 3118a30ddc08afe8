"""Commands that bring things in and account for it: import, crawl, sources, ledger."""

from datetime import date
from pathlib import Path

import click

from tracker.cli.session import DAY, DEGRADED, Session, now, print_json

_FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


@click.command("import")
@_FILES
@click.option(
    "--as", "kind", default="snapshot", metavar="KIND",
    help="snapshot (default), hf-daily, hf-models, accepted, or board:NAME for a leaderboard.",
)  # fmt: skip
@click.option("--date", "day", type=DAY, help="Day of the tables, if the file does not say it.")
@_JSON
@click.pass_obj
def import_command(
    session: Session, files: tuple[Path, ...], kind: str, day: date | None, as_json: bool
) -> int:
    """Take in files: the public arXiv metadata snapshot (.jsonl, .jsonl.gz), or saved answers."""
    from tracker.cli.reports import print_import
    from tracker.pipeline import saved

    with session.open() as (_, db), session.progress() as progress:
        reports = saved.take_in(db, files, kind=kind, day=day, now=now(), progress=progress)
    return print_import(reports, as_json=as_json)


@click.command("crawl")
@click.argument("sources", nargs=-1)
@click.option("--since", type=DAY, help="First announcement day, 2026-03-01 or 10d.")
@click.option("--until", type=DAY, help="Last announcement day.")
@_JSON
@click.pass_obj
def crawl_command(
    session: Session,
    sources: tuple[str, ...],
    since: date | None,
    until: date | None,
    as_json: bool,
) -> int:
    """Read the enabled sources, or those named: by default the last ten days and any gap before."""
    from tracker.cli.accounts import crawl_lines
    from tracker.pipeline import crawling

    with session.locked("crawl") as (config, db), session.progress() as progress:
        at = now()
        asked = crawling.window(db, config, at, since, until)
        reports = crawling.crawl(db, config, asked, now=at, only=sources, progress=progress)
    if as_json:
        print_json(reports)
    else:
        click.echo("\n".join(crawl_lines(reports)))
    return DEGRADED if any(report.state != "ok" for report in reports) else 0


@click.command("sources")
@_JSON
@click.pass_obj
def sources_command(session: Session, *, as_json: bool) -> None:
    """Every source: whether it is read, from where, when it was last well, and how it is now."""
    from tracker.cli.accounts import source_lines
    from tracker.pipeline.care import sources

    with session.read() as (config, db):
        found = sources(db, config)
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(source_lines(found)))


@click.command("ledger")
@click.option("--since", type=DAY, help="From this announcement day on.")
@click.option("--until", type=DAY, help="Up to this announcement day.")
@_JSON
@click.pass_obj
def ledger_command(
    session: Session, since: date | None, until: date | None, *, as_json: bool
) -> None:
    """Each announcement day and category: what was expected, got, late and still missing."""
    from tracker.cli.accounts import ledger_lines
    from tracker.pipeline import ledger

    with session.read() as (config, db):
        days = ledger.days(db, config, now(), since=since, until=until)
    if as_json:
        print_json(days)
    elif days:
        click.echo("\n".join(ledger_lines(days)))
    else:
        session.say("No crawl has covered these days, so there is nothing to account for.")
