"""Commands that produce something: demo, index, digest, report, summarize."""

import sys
from datetime import date
from pathlib import Path

import click

from tracker.calendar import Period
from tracker.cli.commands.operations import bulk
from tracker.cli.commands.operations.completion import (
    complete_days,
    complete_months,
    complete_papers,
    complete_weeks,
)
from tracker.cli.session import DAY, EXIT_DEGRADED, Session, check_span, print_json, utc_now
from tracker.errors import UsageError

_OUT = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the pages."
)
_LANG = click.option("--lang", metavar="LANG", help="Language of the pages: en, zh-TW or zh-CN.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("demo")
@_OUT
@click.pass_obj
def demo_command(session: Session, out: Path | None) -> None:
    """Run the pipeline offline on a bundled, invented sample."""
    from tracker.cli.output.reports import demo_lines
    from tracker.pipeline.admin.demo import run_demo

    with session.progress() as progress:
        done = run_demo(session.config(), out=out, progress=progress)
    click.echo("\n".join(demo_lines(done)))


@click.command("index")
@click.option("--since", type=DAY, help="Only papers announced on this day or later.")
@click.option("--until", type=DAY, help="Only papers announced on this day or earlier.")
@bulk.ENGINE
@bulk.ADDRESS
@_JSON
@click.pass_obj
def index_command(
    session: Session, since: date | None, until: date | None, engine: str, address: str | None,
    *, as_json: bool,
) -> int:  # fmt: skip
    """Embed new papers, refresh the index and the topics.

    It may be interrupted at any time; the next run continues. With `--engine ray` the papers are
    embedded by workers on this machine or on a cluster.
    """
    from tracker.pipeline.retrieval.index_refresh import index_papers

    check_span(since, until)
    bulk.check_engine(engine, address)
    if engine == "ray":
        return bulk.index_with_ray(session, since, until, address, as_json=as_json)
    with session.open_locked("index") as (config, db), session.progress() as progress:
        report = index_papers(db, config, since=since, until=until, progress=progress)
    return bulk.print_indexing(report, as_json=as_json)


@click.command("digest")
@click.option(
    "--week", metavar="WEEK", shell_complete=complete_weeks,
    help="ISO week like 2026-W11; default: the last one with papers.",
)  # fmt: skip
@click.option(
    "--day", metavar="DAY", shell_complete=complete_days,
    help="Compose the daily edition of an announcement day like 2026-03-10.",
)  # fmt: skip
@_LANG
@_OUT
@click.option(
    "--explain", metavar="ID", shell_complete=complete_papers,
    help="Compose nothing; explain the rank of a paper.",
)  # fmt: skip
@click.pass_obj
def digest_command(
    session: Session, week: str | None, day: str | None, lang: str | None, out: Path | None,
    explain: str | None,
) -> int:  # fmt: skip
    """Compose the weekly digest, or a daily edition: .html, .txt, .md and .json."""
    if day and (week or explain):
        raise UsageError("--day composes a daily edition: leave out --week and --explain.")
    if day:
        return _compose_issue(session, session.day(day), lang=lang, out=out)
    if explain and (lang or out):
        raise UsageError("With --explain nothing is composed, so --lang and --out mean nothing.")
    period = session.newest_week(week)
    if explain:
        return _print_explanation(session, period, explain)
    return _compose_issue(session, period, lang=lang, out=out)


@click.command("report")
@click.option(
    "--month", metavar="MONTH", shell_complete=complete_months,
    help="Month like 2026-03; default: the last one with papers.",
)  # fmt: skip
@_LANG
@_OUT
@click.option("--pdf", is_flag=True, help="Also write a PDF; needs the extra `pdf`.")
@click.pass_obj
def report_command(
    session: Session, month: str | None, lang: str | None, out: Path | None, *, pdf: bool
) -> int:
    """Compose the LLM Monthly Report: .html, .txt, .md and .json.

    What you write between the notes markers of the .md is kept when it is composed again.
    """
    if pdf:
        from tracker.delivery.pdf import require_pdf

        require_pdf()
    return _compose_issue(session, session.newest_month(month), lang=lang, out=out, pdf=pdf)


def _print_explanation(session: Session, period: Period, paper: str) -> int:
    from tracker.cli.output.reports import explanation_lines
    from tracker.pipeline.admin.ranking_audit import explain_ranking
    from tracker.pipeline.retrieval.hybrid_search import find_work

    with session.read() as (config, db):
        found = explain_ranking(db, config, period, find_work(db, paper)[1].id)
    click.echo("\n".join(explanation_lines(found)))
    return 0


def _compose_issue(
    session: Session, period: Period, *, lang: str | None, out: Path | None, pdf: bool = False
) -> int:
    from tracker.pipeline.issue.compose_issue import IssueOptions, compose_period

    with session.open() as (config, db), session.progress() as progress:
        options = IssueOptions(
            lang or config.digest.language, out, announce=session.print_progress_note
        )
        done = compose_period(db, config, period, now=utc_now(), options=options, progress=progress)
    for sentence in dict.fromkeys((*done.document.notices, *done.reasons)):
        session.print_message(sentence)
    files = (*done.files, *_pdf_of(done.files)) if pdf else done.files
    click.echo("\n".join(str(path) for path in files), nl=bool(files))
    return EXIT_DEGRADED if done.degraded else 0


def _pdf_of(files: tuple[Path, ...]) -> list[Path]:
    """Write the HTML page among some files as PDF beside it."""
    from tracker.delivery.pdf import write_pdf

    pages = [file for file in files if file.suffix == ".html"]
    return [write_pdf(page.read_text("utf-8"), page.with_suffix(".pdf")) for page in pages]


@click.command("summarize")
@click.argument("paper", required=False, shell_complete=complete_papers)
@click.option(
    "--lang", metavar="LANG", default="en", help="en; with a language model also zh-TW, zh-CN."
)
@click.option("--all", "every", is_flag=True, help="All papers that have no summary yet.")
@click.option("--since", type=DAY, help="All: only papers announced on this day or later.")
@click.option("--until", type=DAY, help="All: only papers announced on this day or earlier.")
@bulk.ENGINE
@bulk.ADDRESS
@_JSON
@click.pass_obj
def summarize_command(
    session: Session, paper: str | None, lang: str, every: bool, since: date | None,
    until: date | None, engine: str, address: str | None, *, as_json: bool,
) -> int:  # fmt: skip
    """Summarize a stored paper by its id, standard input (-), or all papers (--all).

    Standard input has a title, an empty line and the abstract. What is summarized with --all is
    stored as it is made; it may be interrupted at any time, and the next run continues.
    """
    bulk.check_engine(engine, address)
    if every:
        if paper:
            raise UsageError("Give the id of a paper or --all, not both.")
        return bulk.summarize_all(
            session, bulk.SummaryScope(lang, since, until), engine, address, as_json=as_json
        )
    if paper is None:
        raise click.MissingParameter(param_hint="'PAPER'", param_type="argument")
    if since or until or engine != "local":
        raise UsageError("--since, --until and --engine go with --all.")
    return _summarize_one(session, paper, lang, as_json=as_json)


def _summarize_one(session: Session, paper: str, lang: str, *, as_json: bool) -> int:
    """Print the summary of one paper; return the exit code."""
    from tracker.cli.output.reports import parse_paper, print_summary
    from tracker.pipeline.retrieval import hybrid_search
    from tracker.pipeline.summarize import summaries

    if paper == "-":
        text = parse_paper(sys.stdin.buffer.read())
        summary = summaries.summarize_text(session.config(), *text, language=lang)
    else:
        with session.open() as (config, db):
            _, work = hybrid_search.find_work(db, paper)
            at = utc_now()
            options = summaries.SummaryOptions(lang, store=summaries.summary_store(db, at))
            made = summaries.summarize_works(db, config, [work], at, options)
            summary = made[work.id]
    if as_json:
        print_json(summary)
    else:
        print_summary(summary)
    failed = bool(summary.note) and summary.note != summaries.ENGLISH_ONLY
    return EXIT_DEGRADED if failed else 0
