"""Terminal output of reports and records: plain, wrapped text without colour."""

import shlex
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.session import EXIT_DEGRADED, print_json
from tracker.cli.streams import remove_control_characters
from tracker.errors import UsageError
from tracker.files import decode
from tracker.models import BoardSnapshot, ImportReport, Paper
from tracker.settings import Config

if TYPE_CHECKING:
    from summarizer import Sentence, Summary
    from tracker.pipeline.admin.demo import DemoResult
    from tracker.pipeline.admin.ranking_audit import RankingExplanation, ReplayedWeek
    from tracker.pipeline.mailing.send import SendReport
    from tracker.pipeline.retrieval.hybrid_search import WorkDetails
    from tracker.store.interests import InterestCounts

_WIDTH = 78
_VENUE = 60  # most characters shown; a journal reference may be a paragraph
_ERRORS_SHOWN = 20


def print_import(reports: Sequence[ImportReport], *, as_json: bool) -> int:
    """Print counts on stdout and refused lines on stderr; return the exit code."""
    total = _sum_reports(reports)
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
    return EXIT_DEGRADED if total.rejected else 0


def _sum_reports(reports: Sequence[ImportReport]) -> ImportReport:
    return ImportReport(
        read=sum(report.read for report in reports),
        added=sum(report.added for report in reports),
        updated=sum(report.updated for report in reports),
        skipped=sum(report.skipped for report in reports),
        rejected=sum(report.rejected for report in reports),
        errors=[error for report in reports for error in report.errors],
        warnings=[warning for report in reports for warning in report.warnings],
    )


def demo_lines(done: "DemoResult") -> Iterator[str]:
    """Yield what the demo did, its pages, and what to try next."""
    indexed = done.index_report
    yield f"{indexed.indexed:,} invented papers indexed: {indexed.encoder}, {indexed.runs_on}."
    for composed in done.issues[1:]:
        yield composed.document.subject
        yield from (f"  {path}" for path in composed.files)
    here = f"{_program_name()} --home {shlex.quote(str(done.home))}"
    yield "Three things to try:"
    yield f"  {_opening(_page(done))}"
    yield f'  {here} search "MoE"'
    yield f"  {here} show 2602.92029"
    yield f"For papers from arXiv, begin with: {_program_name()} init"


def _page(done: "DemoResult") -> Path:
    """The weekly digest that the demo composed last, as a web page."""
    weekly = [one for one in done.issues if one.document.kind == "weekly"]
    return next(path for path in weekly[-1].files if path.suffix == ".html")


def _opening(page: Path) -> str:
    """The command that opens a page in the user's browser."""
    for opener in ("xdg-open", "open"):
        if shutil.which(opener):
            return f"{opener} {shlex.quote(str(page))}"
    address = page.absolute().as_uri()
    return f"{shlex.quote(sys.executable)} -m webbrowser {shlex.quote(address)}"


def init_lines(config: Config, home: Path | None) -> Iterator[str]:
    """What to set in a new settings file, and what to run next; `home` is the one asked for."""
    here = f"{_program_name()} --home {shlex.quote(str(home))}" if home else _program_name()
    if not config.http.contact:
        yield "Set http.contact in it to your mail address, which arXiv asks for."
    if not config.smtp.host:
        yield "For mails, set smtp.host and smtp.sender too."
    yield f"Then run: {here} crawl && {here} index && {here} digest"


def _program_name() -> str:
    """Return how to call this program: by name, by path, or as a module."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m tracker"
    found = shutil.which(called.name)  # another project's command may have the same name
    same = found and called.exists() and Path(found).samefile(called)
    return called.name if same else shlex.quote(str(called))


def wrap_text(text: str, indent: str) -> str:
    """Wrap a text; all lines except the first are indented."""
    text = remove_control_characters(text)
    return textwrap.fill(text, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def paper_facts(paper: Paper, venue: str = "") -> str:
    """Return announcement day, categories and venue of a work, and whether it was withdrawn."""
    from summarizer.text.sentences import to_plain_text

    facts = (
        str(paper.announced),
        " ".join(paper.categories[:4]),
        to_plain_text(venue)[:_VENUE],
        "WITHDRAWN" * paper.withdrawn,
    )
    return remove_control_characters(" · ".join(filter(None, facts)))


def print_work(work: "WorkDetails") -> None:
    """Print a work: facts, summary with sources, versions, topics."""
    from summarizer.text.sentences import to_plain_text

    paper = work.paper
    click.echo(wrap_text(to_plain_text(paper.title), ""))
    click.echo(wrap_text(", ".join(to_plain_text(name) for name in paper.authors), ""))
    click.echo(f"{paper_facts(paper)}\n{work.url}\n")
    print_summary(work.summary)
    if paper.abstract:
        click.echo(wrap_text(f"abstract: {to_plain_text(paper.abstract)}", "  ") + "\n")
    for label, text in (
        ("comments", paper.comments),
        ("journal", paper.journal_ref),
        ("doi", paper.doi),
    ):
        if text:
            click.echo(wrap_text(f"{label}: {text}", "  "))
    click.echo(
        "versions: " + ", ".join(f"v{v.number} {v.created:%Y-%m-%d}" for v in paper.versions)
    )
    for line in _external_lines(work):
        click.echo(wrap_text(line, "  "))
    for tag in work.tags:
        click.echo(f"topic: {tag.name} {tag.score:.2f} ({tag.why})")


def _external_lines(work: "WorkDetails") -> Iterator[str]:
    """Yield what later versions changed, and what other sources know about a work."""
    from summarizer.text.sentences import to_plain_text

    if work.second_hand:
        source, day = work.second_hand.source, work.second_hand.at.date()
        yield f"second-hand: this record is from {source}, as arXiv did not answer ({day})"
    for change in work.changes:
        yield f"changed in v{change.version}: {change}"
    for accepted in work.accepted:
        track = f", {accepted.track}" if accepted.track else ""
        yield f"accepted: {accepted.venue} {accepted.year}{track} {accepted.url}"
    yield from _attention_lines(work)
    if work.models:
        yield f"models: {', '.join(work.models)}"
    yield from _board_lines(work)
    for label, linked in (("builds on", work.builds_on), ("built on by", work.built_on_by)):
        for other in linked:
            yield f"{label}: {other.id} {to_plain_text(other.title)}"


def _board_lines(work: "WorkDetails") -> Iterator[str]:
    for one in work.boards:
        rank = f", rank {one.rank}" if one.rank else ""
        score = f", score {one.score:g}" if one.score is not None else ""
        yield f"board: {one.model} on {one.board}{rank}{score}, as of {one.day}"


def _attention_lines(work: "WorkDetails") -> Iterator[str]:
    if work.trending:
        yield f"trending: place {work.trending.position} on Papers with Code, {work.trending.day}"
    if work.attention:
        yield f"upvotes: {work.attention.upvotes} on Hugging Face, as of {work.attention.day}"
    codes = [named.code for named in (work.attention, work.trending) if named and named.code]
    for code in dict.fromkeys(codes):
        yield f"code: {code}"


def print_summary(summary: "Summary") -> None:
    """Print the sentences of a summary with their sources, or that there is no abstract."""
    if not summary.sentences:
        click.echo("There is no abstract to summarise.\n")
        return
    for sentence in summary.sentences:
        level = f" [{level_of(sentence)}]" if summary.method == "generated" else ""
        click.echo(wrap_text(f"{sentence.role}: {sentence.text}{level}", "  "))
        if sentence.source != sentence.text:
            click.echo(wrap_text(f"  from: {sentence.source}", "    "))
    if summary.note:
        click.echo(wrap_text(f"note: {summary.note}", "  "))
    click.echo(f"({summary_provenance(summary)})\n")


def level_of(sentence: "Sentence") -> str:
    """Return how a sentence that a model wrote is proven: copied, shortened or entailed."""
    from summarizer.grounding.proof import support_level

    return support_level(sentence.text, sentence.source)


def summary_provenance(summary: "Summary") -> str:
    """Return method, model and time of a summary, and how many sentences were dropped."""
    facts = (
        summary.method,
        summary.model,
        f"prompt {summary.prompt_version}" if summary.prompt_version else "",
        f"{summary.created:%Y-%m-%d %H:%M} UTC" if summary.created else "",
        f"{summary.dropped} sentences dropped",
    )
    return ", ".join(filter(None, facts))


def parse_paper(content: bytes) -> tuple[str, str]:
    """Split standard input into title and abstract at the first empty line. Raises UsageError."""
    try:
        text = "\n".join(decode(content).splitlines())
    except ValueError as error:
        raise UsageError(f"Standard input cannot be read: {error}.") from error
    title, gap, abstract = text.strip().partition("\n\n")
    if not gap or not abstract.strip():
        raise UsageError("Standard input needs a title, an empty line, and the abstract.")
    return title.strip(), abstract.strip()


def print_boards(boards: Sequence[BoardSnapshot]) -> None:
    """Print the first ten rows of each leaderboard."""
    for board in boards:
        click.echo(f"{board.board}, {board.day}, {len(board.rows)} models")
        for row in board.rows[:10]:
            score = "" if row.score is None else f" {row.score:,.1f}"
            interval = f" ({row.low:,.1f} to {row.high:,.1f})" if row.low and row.high else ""
            click.echo(f"  {row.rank or '':>3} {row.model:32}{score}{interval}".rstrip())


def send_lines(sent: "SendReport") -> Iterator[str]:
    """Yield the counts of an issue's mails, then each failed or unknown one."""
    counted = ", ".join(f"{number:,} {state}" for state, number in sent.counts.items() if number)
    nobody = no_subscriber_note(_PERIODS.get(sent.issue.partition("-")[0], ""))
    yield f"{sent.issue}: {counted or nobody[0].lower() + nobody[1:].rstrip('.')}"
    for mail in sent.told:
        yield f"{mail.state}\t{mail.email}\t{mail.detail}"


_PERIODS = {"daily": "day", "monthly": "month"}
_OPTIONAL_ISSUES = {"day": ("daily edition", "--daily"), "month": ("monthly report", "--monthly")}


def no_subscriber_note(period: str) -> str:
    """Return that nobody gets the issues of a kind of period, and how to get optional ones."""
    if period not in _OPTIONAL_ISSUES:
        return "There is no active subscriber."
    name, option = _OPTIONAL_ISSUES[period]
    return (
        f"There is no active subscriber of the {name}; `tracker subscribers add {option}` adds one."
    )


def describe_interests(counts: "InterestCounts") -> str:
    """Return how many searches a subscriber follows and papers they like and dislike."""
    named = ((counts.followed, "followed"), (counts.liked, "liked"), (counts.disliked, "disliked"))
    return ", ".join(f"{number:,} {what}" for number, what in named if number)


def explanation_lines(found: "RankingExplanation") -> Iterator[str]:
    """Yield a paper's rank, the points of each signal, and what keeps it from a higher rank."""
    yield wrap_text(f"{found.id}: {found.title}", "  ")
    rank = f"rank {found.rank:,} of {found.ranked_count:,}"
    yield f"{found.position_in_issue}; {rank}, score {found.score:.3f}"
    for signal in found.signals:
        sum_text = f"{signal.value:.2f} x {signal.weight:z.2f} = {signal.points:z.3f}"
        yield f"  {signal.name:11} {sum_text:22} {signal.text if signal.points else ''}".rstrip()
    yield from found.why_not


def replay_lines(made: Iterable["ReplayedWeek"]) -> Iterator[str]:
    """Yield a line per week, followed by the papers that would be dropped and added."""
    for week in made:
        share = week.precision
        if not (week.kept or week.gone or week.come):
            yield f"{week.week}: the store has no indexed papers of it"
            continue
        liked = f", liked {share[0]:.0%} then, {share[1]:.0%} now" if share else ""
        yield f"{week.week}: {week.kept} stay, {len(week.come)} change{liked}"
        yield from (f"  - {key}" for key in week.gone)
        yield from (f"  + {key}" for key in week.come)
