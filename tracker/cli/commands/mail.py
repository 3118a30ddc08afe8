"""Commands that deliver issues by mail: subscribers, send."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.calendar import Period
from tracker.cli.commands.operations.completion import (
    complete_days,
    complete_months,
    complete_weeks,
)
from tracker.cli.help import FullHelp
from tracker.cli.session import EXIT_DEGRADED, Session, print_json, utc_now
from tracker.errors import UsageError
from tracker.learning.reading import LEVELS

if TYPE_CHECKING:
    from tracker.pipeline.mailing.send import DryRunResult
    from tracker.store.database import Database
    from tracker.store.subscribers import Subscriber

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("subscribers", cls=FullHelp)
def subscribers_command() -> None:
    """Manage subscribers: add, remove, list, pause."""


@subscribers_command.command("add")
@click.argument("emails", nargs=-1, required=True, metavar="EMAIL...")
@click.option("--name", default="", help="Name in the To header of the mails.")
@click.option("--lang", metavar="LANG", help="Language of the mails: en, zh-TW or zh-CN.")
@click.option(
    "--level", type=click.Choice(LEVELS), help="Level of the paper to read; default: the setting."
)
@click.option("--minutes", type=click.IntRange(5, 240), help="Minutes a day; default: the setting.")
@click.option("--again", is_flag=True, help="Also add addresses that have unsubscribed.")
@click.option("--weekly/--no-weekly", default=None, help="The weekly digest; default: sent.")
@click.option("--daily/--no-daily", default=None, help="The daily edition; default: not sent.")
@click.option("--monthly/--no-monthly", default=None, help="The monthly report; default: not sent.")
@click.pass_obj
def add_command(
    session: Session, /, emails: tuple[str, ...], name: str, lang: str | None, *,
    level: str | None, minutes: int | None, again: bool, **kinds: bool | None,
) -> int:  # fmt: skip
    """Add addresses, or resume paused ones.

    Addresses that have unsubscribed are added only with --again. An address that is known keeps
    what is not given, so `--monthly` alone adds the report to what it gets.
    """
    from tracker.delivery.mail.message import parse_address, printable_line
    from tracker.language import get_language
    from tracker.pipeline.mailing.preferences import Subscription, subscribe

    if name and len(emails) > 1:
        raise UsageError("--name is the name of one reader: give one EMAIL.")
    with session.open() as (config, db):
        code = get_language(lang).code if lang else ""
        wanted = {kind: value for kind, value in kinds.items() if value is not None}
        known = (printable_line(name), code, config.digest.language, again, wanted)
        requests = [Subscription(parse_address(email), *known) for email in emails]
        added = [subscribe(db, request, utc_now()) for request in requests]
        if level or minutes:
            added = [_change_profile(db, one, level, minutes) for one in added]
    return _print_added(session, added)


def _change_profile(
    db: "Database", one: "Subscriber", level: str | None, minutes: int | None
) -> "Subscriber":
    """Store what is given of the level and the minutes of a subscriber."""
    from tracker.pipeline.mailing.preferences import set_profile

    return set_profile(db, one, level or one.level, minutes or one.minutes)


def _print_added(session: Session, added: "Sequence[Subscriber]") -> int:
    """Print each subscriber, or that they have unsubscribed; return the exit code."""
    from tracker.store.subscribers import UNSUBSCRIBED

    for one in added:
        if one.state == UNSUBSCRIBED:
            session.print_message(f"{one.email} has unsubscribed; use --again to add it anyway.")
        else:
            click.echo(" ".join((one.email, one.language, one.state, *_unusual_kinds(one))))
    return EXIT_DEGRADED if any(one.state == UNSUBSCRIBED for one in added) else 0


def _unusual_kinds(one: "Subscriber") -> tuple[str, ...]:
    """Return which kinds of issues a subscriber gets, or () for those that everybody gets first."""
    from tracker.store.subscribers import DEFAULT_KINDS

    return () if one.kinds == DEFAULT_KINDS else (", ".join(one.kinds),)


@subscribers_command.command("remove")
@click.argument("email")
@click.pass_obj
def remove_command(session: Session, email: str) -> None:
    """Delete an address with its interests and sent mails."""
    from tracker.store import subscribers

    with session.open() as (_, db):
        known = subscribers.get_by_email(db, _as_stored(email))
        subscribers.delete(db, known.email)
    click.echo(f"{known.email} removed")


@subscribers_command.command("pause")
@click.argument("email")
@click.pass_obj
def pause_command(session: Session, email: str) -> None:
    """Stop sending mails to an address until it is added again."""
    from tracker.store import subscribers

    with session.open() as (_, db):
        paused = subscribers.set_state(db, _as_stored(email), subscribers.PAUSED)
    click.echo(f"{paused.email} {paused.state}")


def _as_stored(email: str) -> str:
    """An address as it was added; what is none may still be in the store, and named as it is."""
    from tracker.delivery.mail.message import parse_address

    try:
        return parse_address(email)
    except UsageError:
        return email.strip()


@subscribers_command.command("list")
@_JSON
@click.pass_obj
def list_command(session: Session, *, as_json: bool) -> None:
    """List subscribers with language, state and interests, and what they get if not the digest."""
    from tracker.cli.output.reports import describe_interests
    from tracker.store import interests, subscribers

    with session.read() as (_, db):
        known, numbers = subscribers.list_all(db), interests.count_interests(db)
    rows = [(one, numbers.get(one.number, interests.InterestCounts())) for one in known]
    if as_json:
        print_json([asdict(one) | asdict(counts) for one, counts in rows])
    for one, counts in () if as_json else rows:
        row = (one.email, one.language, one.state, *_unusual_kinds(one), one.name)
        click.echo("\t".join(filter(None, (*row, describe_interests(counts)))))


def _collect_period(ctx: click.Context, param: click.Parameter, given: str | None) -> None:
    """Collect the options that name a period, of which `_select_period` allows one."""
    if given and param.name:
        ctx.meta.setdefault(_PERIOD, {})[param.name] = given


_PERIOD = f"{__name__}.period"


@click.command("send")
@click.option(
    "--week", metavar="WEEK", shell_complete=complete_weeks, callback=_collect_period,
    help="ISO week like 2026-W11; default: the last one.", expose_value=False,
)  # fmt: skip
@click.option(
    "--month", metavar="MONTH", shell_complete=complete_months, callback=_collect_period,
    help="Month like 2026-03.", expose_value=False,
)  # fmt: skip
@click.option(
    "--day", metavar="DAY", shell_complete=complete_days, callback=_collect_period,
    help="Announcement day like 2026-03-10.", expose_value=False,
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write .eml files and send nothing.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files of --dry-run.",
)
@click.option(
    "--due", is_flag=True, help="Do not retry deferred mails before they are due; for cron."
)
@click.option("--incomplete", is_flag=True, help="Do not wait for papers that are missing.")
@click.option(
    "--resend", multiple=True, type=click.Choice(("unknown", "failed", "restored")),
    help="Send mails in this state, too. Unknown ones may arrive twice, as may those that could"
    " have been sent before a backup was restored.",
)  # fmt: skip
@_JSON
@click.pass_obj
def send_command(
    session: Session,
    dry_run: bool,
    out: Path | None,
    due: bool,
    incomplete: bool,
    resend: Sequence[str],
    as_json: bool,
) -> int:
    """Mail an issue to each subscriber who has not received it.

    It may be interrupted and repeated: each subscriber gets each issue once.
    """
    from tracker.cli.output.reports import send_lines
    from tracker.pipeline.mailing import send

    period = _select_period(session)
    if dry_run and (due or resend or incomplete):
        raise UsageError(
            "--due, --incomplete and --resend have no effect with --dry-run, which sends nothing."
        )
    if dry_run:
        return _write_mails(session, period, out, as_json=as_json)
    if out:
        raise UsageError("--out requires --dry-run.")
    with session.open_locked("send") as (config, db), session.progress() as progress:
        options = send.SendOptions(due_only=due, resend=resend, incomplete=incomplete)
        sent = send.send_issue(db, config, period, options, progress)
    if as_json:
        print_json(sent)
    else:
        click.echo("\n".join(send_lines(sent)))
    _print_notes(session, (*sent.notes, *map(_incomplete_note, sent.missing)))
    return 0 if sent.is_complete and not sent.missing else EXIT_DEGRADED


def _incomplete_note(reason: str) -> str:
    return f"The issue was sent incomplete: {reason.rstrip('.')}."


def _write_mails(session: Session, period: Period, out: Path | None, *, as_json: bool) -> int:
    from tracker.cli.output.reports import no_subscriber_note
    from tracker.pipeline.mailing import send

    with session.read() as (config, db), session.progress() as progress:
        written = send.write_mails(db, config, period, out, progress=progress)
    _print_files(written, as_json=as_json)
    _print_notes(session, [] if written.files else [no_subscriber_note(period.kind)])
    _print_notes(session, written.notes)
    return 0


def _print_files(written: "DryRunResult", *, as_json: bool) -> None:
    if as_json:
        print_json(written)
    else:
        click.echo("\n".join(map(str, written.files)), nl=bool(written.files))


def _print_notes(session: Session, notes: Sequence[str]) -> None:
    for note in notes:
        session.print_message(note)


def _select_period(session: Session) -> Period:
    """Return the period that the options name, else the last week."""
    given: dict[str, str] = click.get_current_context().meta.get(_PERIOD, {})
    if len(given) > 1:
        raise UsageError("Give one of --day, --week and --month.")
    if "day" in given:
        return session.day(given["day"])
    return session.month(given["month"]) if "month" in given else session.week(given.get("week"))
