"""What `index` and `summarize --all` share: where they compute, and what they report.

Public: `ENGINE`, `ADDRESS`, `check_engine`, `index_with_ray`, `print_indexing`, `SummaryScope`,
`summarize_all`.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.session import EXIT_DEGRADED, Session, check_span, print_json, utc_now
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.pipeline.bulk.bulk_report import BulkReport
    from tracker.pipeline.retrieval.index_refresh import IndexingReport

ENGINE = click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local",
    help="local: this process (default); ray: workers, with the extra `ray`.",
)  # fmt: skip
ADDRESS = click.option(
    "--address", metavar="ADDRESS",
    help="Ray cluster: auto, or HOST:PORT; default: one on this machine for the command.",
)  # fmt: skip


def check_engine(engine: str, address: str | None) -> None:
    """Raise UsageError for the address of a cluster without its engine."""
    if address and engine != "ray":
        raise UsageError("--address is that of a Ray cluster; give --engine ray with it.")


def index_with_ray(
    session: Session, since: date | None, until: date | None, address: str | None, *, as_json: bool
) -> int:
    """Embed with Ray, refresh the index and the topics, and print what was done."""
    from tracker.pipeline.bulk import ray_runs

    options = ray_runs.ray_options(session.config(), address)
    with session.open_locked("index") as (config, db), session.progress() as progress:
        report, bulk = ray_runs.index_with_ray(
            db, config, options, (since, until), progress=progress
        )
    _print_reasons(session, bulk)
    return print_indexing(report, as_json=as_json, bulk=bulk)


def print_indexing(
    report: "IndexingReport", *, as_json: bool, bulk: "BulkReport | None" = None
) -> int:
    """Print the counts of an indexing run; return the exit code."""
    if as_json:
        print_json(asdict(report) | ({"bulk": _bulk_json(bulk)} if bulk else {}))
    else:
        click.echo(
            f"{report.embedded:,} papers embedded, {report.tagged:,} tagged, {report.indexed:,} in"
            f" the index. {report.encoder}, {report.runs_on}."
        )
        if bulk:
            click.echo(_speed_line(bulk))
    return EXIT_DEGRADED if bulk and bulk.rejected else 0


@dataclass(frozen=True, slots=True)
class SummaryScope:
    """The summaries to make: their language and the announcement days of the papers."""

    language: str
    since: date | None
    until: date | None


def summarize_all(
    session: Session, scope: SummaryScope, engine: str, address: str | None, *, as_json: bool
) -> int:
    """Summarize all papers without a summary and print what was done; return the exit code."""
    check_span(scope.since, scope.until)
    with session.open_locked("summarize") as (config, db), session.progress() as progress:
        at, span = utc_now(), (scope.since, scope.until)
        if engine == "ray":
            from tracker.pipeline.bulk import ray_runs

            options = ray_runs.ray_options(config, address, session.print_message)
            done = ray_runs.summarize_all_with_ray(
                db, config, options, scope.language, span, at, progress
            )
        else:
            from tracker.pipeline.bulk.local_summaries import summarize_all_here

            done = summarize_all_here(db, config, scope.language, span, at, progress)
    if as_json:
        print_json(_bulk_json(done))
    else:
        click.echo(f"{done.added:,} papers summarized.\n{_speed_line(done)}")
    _print_reasons(session, done)
    return EXIT_DEGRADED if done.rejected else 0


def _bulk_json(report: "BulkReport") -> dict[str, Any]:
    return asdict(report) | {"rows_per_second": round(report.rows_per_second, 1)}


def _speed_line(report: "BulkReport") -> str:
    before = f" {report.resumed:,} were computed by an earlier run." if report.resumed else ""
    return (
        f"{report.rows:,} computed in {report.seconds:,.1f} s, {report.rows_per_second:,.1f} a"
        f" second; {report.rejected:,} failed.{before}"
    )


def _print_reasons(session: Session, report: "BulkReport") -> None:
    for reason in report.reasons:
        session.print_message(reason)
