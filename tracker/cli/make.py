"""Commands that make something: demo, index, digest, report, summarize."""

import sys
from datetime import date
from pathlib import Path

import click

from tracker.calendar import Period
from tracker.cli.session import DAY, DEGRADED, Session, now, print_json

_OUT = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the pages."
)
_LANG = click.option("--lang", metavar="LANG", help="Language of the pages: en, zh-TW or zh-CN.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("demo")
@_OUT
@click.pass_obj
def demo_command(session: Session, out: Path | None) -> None:
    """The whole pipeline on the bundled sample of invented papers, offline."""
    from tracker.cli.reports import demo_lines
    from tracker.pipeline.demo import demo

    with session.progress() as progress:
        done = demo(session.config(), out=out, progress=progress)
    click.echo("\n".join(demo_lines(done)))


@click.command("index")
@click.option("--since", type=DAY, help="Only papers announced on this day or later.")
@click.option("--until", type=DAY, help="Only papers announced on this day or earlier.")
@_JSON
@click.pass_obj
def index_command(
    session: Session, since: date | None, until: date | None, *, as_json: bool
) -> None:
    """Embed what is new, refresh the index and the topics; may be stopped and goes on later."""
    from tracker.pipeline.indexing import index

    with session.locked("index") as (config, db), session.progress() as progress:
        report = index(db, config, since=since, until=until, progress=progress)
    if as_json:
        print_json(report)
    else:
        click.echo(
            f"{report.embedded:,} papers embedded, {report.tagged:,} tagged, {report.indexed:,} in"
            f" the index. {report.encoder}, {report.runs_on}."
        )


@click.command("digest")
@click.option("--week", metavar="WEEK", help="An ISO week like 2026-W11; default: the last one.")
@_LANG
@_OUT
@click.option("--explain", metavar="ID", help="Compose nothing; say why a paper is where it is.")
@click.pass_obj
def digest_command(
    session: Session, week: str | None, lang: str | None, out: Path | None, explain: str | None
) -> int:
    """Compose the weekly digest: .html, .txt, .md and .json."""
    period = session.week(week)
    if explain:
        return _explain(session, period, explain)
    return _compose(session, period, lang=lang, out=out)


@click.command("report")
@click.option("--month", metavar="MONTH", help="A month like 2026-03; default: the last one.")
@_LANG
@_OUT
@click.pass_obj
def report_command(session: Session, month: str | None, lang: str | None, out: Path | None) -> int:
    """Compose the LLM Monthly Report: .html, .txt, .md and .json."""
    return _compose(session, session.month(month), lang=lang, out=out)


def _explain(session: Session, period: Period, paper: str) -> int:
    from tracker.cli.reports import explained_lines
    from tracker.pipeline.finding import find
    from tracker.pipeline.weighing import explain

    with session.read() as (config, db):
        found = explain(db, config, period, find(db, paper)[1].id)
    click.echo("\n".join(explained_lines(found)))
    return 0


def _compose(session: Session, period: Period, *, lang: str | None, out: Path | None) -> int:
    from tracker.pipeline.composing import compose_period

    with session.open() as (config, db), session.progress() as progress:
        done = compose_period(
            db, config, period, now=now(), language=lang or config.digest.language, out=out,
            progress=progress,
        )  # fmt: skip
    for notice in done.document.notices:
        session.say(notice)
    click.echo("\n".join(str(path) for path in done.files))
    return DEGRADED if done.degraded else 0


@click.command("summarize")
@click.argument("paper")
@click.option("--lang", metavar="LANG", default="en", help="en; with a model zh-TW, zh-CN too.")
@_JSON
@click.pass_obj
def summarize_command(session: Session, paper: str, lang: str, *, as_json: bool) -> None:
    """One paper by its id, or `title`, an empty line and the abstract on standard input (-)."""
    from tracker.cli.reports import print_summary, read_paper
    from tracker.pipeline import finding, summarising

    if paper == "-":
        text = read_paper(sys.stdin.read())
        summary = summarising.summary_of(session.config(), *text, language=lang)
    else:
        with session.open() as (config, db):
            _, work = finding.find(db, paper)
            at = now()
            made = summarising.summaries(
                db, config, [work], at, language=lang, store=summarising.summary_store(db, at)
            )
            summary = made[work.id]
    if as_json:
        print_json(summary)
    else:
        print_summary(summary)
