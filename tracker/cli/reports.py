"""How reports and records look on a terminal: text only, wrapped, no colour."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.session import DEGRADED, print_json
from tracker.errors import UsageError
from tracker.models import BoardSnapshot, ImportReport, Paper, SourceReport

if TYPE_CHECKING:
    from summarizer import Summary
    from tracker.pipeline.demo import Demonstrated
    from tracker.pipeline.finding import Landscape, Work

_WIDTH = 78
_VENUE = 60  # characters shown: a journal reference may be a paragraph
_ERRORS_SHOWN = 20


def import_kind(kind: str) -> str | None:
    """The board of `board:NAME`, or None for the snapshot. Raises UsageError."""
    board = kind.removeprefix("board:").strip() if kind.startswith("board:") else ""
    if kind != "snapshot" and not board:
        raise UsageError(f"--as takes snapshot or board:NAME, not {kind!r}.")
    return board or None


def print_import(reports: Sequence[ImportReport], *, as_json: bool) -> int:
    """Counts on stdout, refused lines on stderr; gives the exit code."""
    total = _sum(reports)
    if as_json:
        print_json(total)
    else:
        click.echo(
            f"{total.read:,} read: {total.added:,} added, {total.updated:,} updated,"
            f" {total.skipped:,} known, {total.rejected:,} refused."
        )
    for error in total.errors[:_ERRORS_SHOWN]:
        click.echo(f"line {error.line}: {error.reason}", err=True)
    if total.rejected > _ERRORS_SHOWN:
        click.echo(f"… and {total.rejected - _ERRORS_SHOWN:,} more lines.", err=True)
    return DEGRADED if total.rejected else 0


def _sum(reports: Sequence[ImportReport]) -> ImportReport:
    return ImportReport(
        read=sum(report.read for report in reports),
        added=sum(report.added for report in reports),
        updated=sum(report.updated for report in reports),
        skipped=sum(report.skipped for report in reports),
        rejected=sum(report.rejected for report in reports),
        errors=[error for report in reports for error in report.errors],
    )


def crawl_lines(reports: Iterable[SourceReport]) -> Iterator[str]:
    """One line per source."""
    for report in reports:
        counts = f"{report.read:,} read, {report.added:,} added, {report.updated:,} updated"
        yield f"{report.source}: {report.state}, {counts}" + (
            f". {report.detail}" if report.detail else ""
        )


def demo_lines(done: "Demonstrated") -> Iterator[str]:
    """What the demo did, where its pages lie, and what to try next."""
    indexed = done.indexed
    yield f"{indexed.indexed:,} invented papers indexed: {indexed.encoder}, {indexed.runs_on}."
    for composed in done.composed[1:]:
        yield composed.document.subject
        yield from (f"  {path}" for path in composed.files)
    program = _program()
    yield "Next, try:"
    yield f'  {program} --home "{done.home}" search "MoE"'
    yield f'  {program} --home "{done.home}" show 2602.92029'
    yield f"  {program} crawl && {program} index && {program} digest    # the same from arXiv"


def _program() -> str:
    """How this program can be called again: by its name, its path, or as a module."""
    if shutil.which("tracker"):
        return "tracker"
    return "python -m tracker" if sys.argv[0].endswith("__main__.py") else sys.argv[0]


def wrapped(text: str, indent: str) -> str:
    """A text in lines, each but the first indented."""
    return textwrap.fill(text, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def facts(paper: Paper, venue: str = "") -> str:
    """When and where a work was listed and where it appears; whether it was withdrawn."""
    from summarizer.text import plain

    told = (
        str(paper.announced),
        " ".join(paper.categories[:4]),
        plain(venue)[:_VENUE],
        "WITHDRAWN" * paper.withdrawn,
    )
    return " · ".join(filter(None, told))


def print_work(work: "Work") -> None:
    """One work: facts, sentences with their proof, versions, topics."""
    from summarizer.text import plain

    paper = work.paper
    click.echo(wrapped(plain(paper.title), ""))
    click.echo(wrapped(", ".join(plain(name) for name in paper.authors), ""))
    click.echo(f"{facts(paper)}\n{work.url}\n")
    print_summary(work.summary)
    for label, text in (
        ("comments", paper.comments),
        ("journal", paper.journal_ref),
        ("doi", paper.doi),
    ):
        if text:
            click.echo(wrapped(f"{label}: {text}", "  "))
    click.echo(
        "versions: " + ", ".join(f"v{v.number} {v.created:%Y-%m-%d}" for v in paper.versions)
    )
    for tag in work.tags:
        click.echo(f"topic: {tag.name} {tag.score:.2f} ({tag.why})")


def print_summary(summary: "Summary") -> None:
    """Sentences with what they rest on; says so when there is nothing to summarise."""
    if not summary.sentences:
        click.echo("There is no abstract to summarise.\n")
        return
    for sentence in summary.sentences:
        click.echo(wrapped(f"{sentence.role}: {sentence.text}", "  "))
        if sentence.source != sentence.text:
            click.echo(wrapped(f"  from: {sentence.source}", "    "))
    if summary.note:
        click.echo(wrapped(f"note: {summary.note}", "  "))
    click.echo(f"({made(summary)})\n")


def made(summary: "Summary") -> str:
    """How, by what and when a summary was made, and what was left out for lack of proof."""
    told = (
        summary.method,
        summary.model,
        f"prompt {summary.prompt_version}" if summary.prompt_version else "",
        f"{summary.created:%Y-%m-%d %H:%M} UTC" if summary.created else "",
        f"{summary.dropped} sentences dropped",
    )
    return ", ".join(filter(None, told))


def read_paper(text: str) -> tuple[str, str]:
    """Title and abstract from standard input, an empty line between them. Raises UsageError."""
    title, gap, abstract = text.strip().partition("\n\n")
    if not gap or not abstract.strip():
        raise UsageError("Standard input needs a title, an empty line, and the abstract.")
    return title.strip(), abstract.strip()


def print_landscape(landscape: "Landscape") -> None:
    """The map as a table, dimensions first, and the themes of the newest week."""
    for concept in landscape.concepts:
        click.echo(f"{concept.papers:6,}  {concept.key:18} {concept.name} · {concept.name_zh}")
    if landscape.week:
        click.echo(f"\nThemes of {landscape.week}:")
    for theme in landscape.themes:
        click.echo(f"{len(theme.members):6,}  {theme.label}")


def print_boards(boards: Sequence[BoardSnapshot]) -> None:
    """The head of each leaderboard."""
    for board in boards:
        click.echo(f"{board.board}, {board.day}, {len(board.rows)} models")
        for row in board.rows[:10]:
            interval = f" ({row.low:,.1f} to {row.high:,.1f})" if row.low and row.high else ""
            click.echo(f"  {row.rank or '':>3} {row.model:32} {row.score:,.1f}{interval}")


def print_status(status: Mapping[str, Any]) -> None:
    """The state of the store, a line each."""
    span, index = status["announced"], status["index"]
    click.echo(f"home      {status['home']}")
    click.echo(
        f"papers    {status['papers']:,}"
        + (f", announced {span['first']} to {span['last']}" if span else "")
    )
    click.echo(f"index     {index.embedded:,} embedded, {index.stale:,} stale")
    for name, last in status["crawls"].items():
        click.echo(
            f"crawl     {name}: "
            + (f"{last[1]} at {last[3]:%Y-%m-%d %H:%M} UTC" if last else "never")
        )
    click.echo(f"issues    {len(status['issues'])}")
    click.echo(
        "outbox    " + ", ".join(f"{number} {state}" for state, number in status["outbox"].items())
    )
