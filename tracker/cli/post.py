"""Commands that bring issues to readers: subscribers, send."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.calendar import Period
from tracker.cli.session import DEGRADED, Session, now, print_json
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.pipeline.sending import Written

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("subscribers")
def subscribers_command() -> None:
    """Who gets the mails: add, remove, list, pause."""


@subscribers_command.command("add")
@click.argument("emails", nargs=-1, required=True, metavar="EMAIL...")
@click.option("--name", default="", help="Name for the To of the mails.")
@click.option("--lang", metavar="LANG", help="Language of the mails: en, zh-TW or zh-CN.")
@click.option("--again", is_flag=True, help="Also add those who have unsubscribed.")
@click.pass_obj
def add_command(
    session: Session, emails: tuple[str, ...], name: str, lang: str | None, *, again: bool
) -> int:
    """Add addresses; one that was paused gets mails again, one that has unsubscribed does not."""
    from tracker.delivery.email import address, printable
    from tracker.language import language
    from tracker.pipeline.preferences import subscribe
    from tracker.store.subscribers import UNSUBSCRIBED

    with session.open() as (config, db):
        code = language(lang).code if lang else ""
        added = [
            subscribe(
                db, email, name=printable(name), code=code, default=config.digest.language,
                again=again, now=now(),
            )
            for email in [address(email) for email in emails]
        ]  # fmt: skip
    gone = [one for one in added if one.state == UNSUBSCRIBED]
    for one in added:
        if one in gone:
            session.say(f"{one.email} has unsubscribed; --again adds such addresses, too.")
        else:
            click.echo(f"{one.email} {one.language} {one.state}")
    return DEGRADED if gone else 0


@subscribers_command.command("remove")
@click.argument("email")
@click.pass_obj
def remove_command(session: Session, email: str) -> None:
    """Forget an address, what it follows and likes, and what was sent to it."""
    from tracker.store import subscribers

    with session.open() as (_, db):
        subscribers.remove(db, email.strip())
    click.echo(f"{email.strip()} removed")


@subscribers_command.command("pause")
@click.argument("email")
@click.pass_obj
def pause_command(session: Session, email: str) -> None:
    """Send no mails to an address until it is added again."""
    from tracker.store import subscribers

    with session.open() as (_, db):
        paused = subscribers.put(db, email.strip(), subscribers.PAUSED)
    click.echo(f"{paused.email} {paused.state}")


@subscribers_command.command("list")
@_JSON
@click.pass_obj
def list_command(session: Session, *, as_json: bool) -> None:
    """All subscribers: language, state, and how much each follows and likes."""
    from tracker.cli.reports import cared_for
    from tracker.store import interests, subscribers

    with session.read() as (_, db):
        known, numbers = subscribers.everyone(db), interests.numbers(db)
    told = [(one, numbers.get(one.number, interests.Numbers())) for one in known]
    if as_json:
        print_json([asdict(one) | asdict(counts) for one, counts in told])
    for one, counts in () if as_json else told:
        row = (one.email, one.language, one.state, one.name, cared_for(counts))
        click.echo("\t".join(filter(None, row)))


@click.command("send")
@click.option(
    "--week", metavar="WEEK", help="Issue of a week like 2026-W11; default: the last one."
)
@click.option("--month", metavar="MONTH", help="Issue of a month like 2026-03.")
@click.option("--dry-run", is_flag=True, help="Write .eml files and send nothing.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for --dry-run's files."
)
@click.option("--due", is_flag=True, help="Leave what was put off until its time; for cron.")
@click.option(
    "--resend", multiple=True, type=click.Choice(("unknown", "failed")),
    help="Also try mails again that are in this state; unknown ones may arrive twice.",
)  # fmt: skip
@_JSON
@click.pass_obj
def send_command(
    session: Session,
    week: str | None,
    month: str | None,
    dry_run: bool,
    out: Path | None,
    due: bool,
    resend: Sequence[str],
    as_json: bool,
) -> int:
    """Send the issue to every active subscriber who has not got it; may be stopped and repeated."""
    from tracker.cli.reports import sent_lines
    from tracker.pipeline import sending

    period = _period(session, week, month)
    if dry_run and (due or resend):
        raise UsageError("With --dry-run nothing is sent, so --due and --resend mean nothing.")
    if out and not dry_run:
        raise UsageError("--out is the folder of --dry-run's files.")
    if dry_run:
        with session.read() as (config, db), session.progress() as progress:
            folder = out or config.digests / "mails" / period.key
            written = sending.dry_run(db, config, period, folder, progress=progress)
        _print_written(written, as_json=as_json)
        _say(session, [] if written.files else ["There is no active subscriber."])
        _say(session, written.notes)
        return 0
    with session.locked("send") as (config, db), session.progress() as progress:
        sent = sending.send(db, config, period, due_only=due, resend=resend, progress=progress)
    if as_json:
        print_json(sent)
    else:
        click.echo("\n".join(sent_lines(sent)))
    _say(session, sent.notes)
    return 0 if sent.complete else DEGRADED


def _print_written(written: "Written", *, as_json: bool) -> None:
    if as_json:
        print_json(written)
    else:
        click.echo("\n".join(map(str, written.files)), nl=bool(written.files))


def _say(session: Session, notes: Sequence[str]) -> None:
    for note in notes:
        session.say(note)


def _period(session: Session, week: str | None, month: str | None) -> Period:
    if week and month:
        raise UsageError("An issue is of a week or of a month: give --week or --month, not both.")
    return session.month(month) if month else session.week(week)
