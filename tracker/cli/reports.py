"""How reports and records look on a terminal: text only, wrapped, no colour."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.session import DEGRADED, print_json
from tracker.errors import UsageError
from tracker.models import BoardSnapshot, ImportReport, Paper

if TYPE_CHECKING:
    from summarizer import Summary
    from tracker.pipeline.demo import Demonstrated
    from tracker.pipeline.finding import Work
    from tracker.pipeline.sending import Sent
    from tracker.pipeline.weighing import Explained, Replayed
    from tracker.store.interests import Numbers

_WIDTH = 78
_VENUE = 60  # characters shown: a journal reference may be a paragraph
_ERRORS_SHOWN = 20


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
    for warning in total.warnings:
        click.echo(warning, err=True)
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
        warnings=[warning for report in reports for warning in report.warnings],
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
    for line in _elsewhere(work):
        click.echo(wrapped(line, "  "))
    for tag in work.tags:
        click.echo(f"topic: {tag.name} {tag.score:.2f} ({tag.why})")


def _elsewhere(work: "Work") -> Iterator[str]:
    """What other sources tell of a work, and what its later versions have changed."""
    for change in work.changes:
        yield f"changed in v{change.version}: {change}"
    for accepted in work.accepted:
        track = f", {accepted.track}" if accepted.track else ""
        yield f"accepted: {accepted.venue} {accepted.year}{track} {accepted.url}"
    if work.attention:
        yield f"upvotes: {work.attention.upvotes} on Hugging Face, as of {work.attention.day}"
    if work.attention and work.attention.code:
        yield f"code: {work.attention.code}"
    if work.models:
        yield f"models: {', '.join(work.models)}"
    for one in work.boards:
        rank = f", rank {one.rank}" if one.rank else ""
        score = f", score {one.score:g}" if one.score is not None else ""
        yield f"board: {one.model} on {one.board}{rank}{score}, as of {one.day}"


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


def print_boards(boards: Sequence[BoardSnapshot]) -> None:
    """The head of each leaderboard."""
    for board in boards:
        click.echo(f"{board.board}, {board.day}, {len(board.rows)} models")
        for row in board.rows[:10]:
            score = "" if row.score is None else f" {row.score:,.1f}"
            interval = f" ({row.low:,.1f} to {row.high:,.1f})" if row.low and row.high else ""
            click.echo(f"  {row.rank or '':>3} {row.model:32}{score}{interval}".rstrip())


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


def sent_lines(sent: "Sent") -> Iterator[str]:
    """How the mails of an issue stand, and each that failed or may or may not have arrived."""
    counted = ", ".join(f"{number:,} {state}" for state, number in sent.counts.items() if number)
    yield f"{sent.issue}: {counted or 'there is no active subscriber'}"
    for mail in sent.told:
        yield f"{mail.state}\t{mail.email}\t{mail.detail}"


def cared_for(counts: "Numbers") -> str:
    """How much a subscriber follows, likes and dislikes, of which there may be nothing."""
    named = ((counts.followed, "followed"), (counts.liked, "liked"), (counts.disliked, "disliked"))
    return ", ".join(f"{number:,} {what}" for number, what in named if number)


def explained_lines(found: "Explained") -> Iterator[str]:
    """Where a paper stands, what each signal adds, and what keeps it from standing higher."""
    yield wrapped(f"{found.id}: {found.title}", "  ")
    yield f"{found.shown}; place {found.place:,} of {found.ranked:,}, score {found.score:.3f}"
    for signal in found.signals:
        sum_ = f"{signal.value:.2f} x {signal.weight:z.2f} = {signal.points:z.3f}"
        yield f"  {signal.name:11} {sum_:22} {signal.text if signal.points else ''}".rstrip()
    yield from found.why_not


def replayed_lines(made: Iterable["Replayed"]) -> Iterator[str]:
    """A line per week, and below it the papers that would go and come."""
    for week in made:
        share = week.precision
        if not (week.kept or week.gone or week.come):
            yield f"{week.week}: the store has no indexed papers of it"
            continue
        liked = f", liked {share[0]:.0%} then, {share[1]:.0%} now" if share else ""
        yield f"{week.week}: {week.kept} stay, {len(week.come)} change{liked}"
        yield from (f"  - {key}" for key in week.gone)
        yield from (f"  + {key}" for key in week.come)
