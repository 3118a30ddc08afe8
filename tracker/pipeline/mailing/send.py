"""Send an issue to its subscribers: one message each, in their language, through the outbox.

The steps are separate: `prepare_issue` composes and publishes, `build_messages` renders and
personalizes, `deliver` hands the messages to a channel. A run may be interrupted at any time and
repeated.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from tracker.calendar import Period
from tracker.delivery.mail import drain_outbox, hosts, tokens
from tracker.delivery.mail.channel import MailChannel
from tracker.delivery.mail.drain_outbox import Clock, DrainOptions
from tracker.delivery.mail.smtp import Relay
from tracker.delivery.protocol import Channel, Message
from tracker.digest.document import Document
from tracker.errors import IssueIncomplete, SendUnconfirmed, UsageError
from tracker.pipeline import Progress, silent
from tracker.pipeline.issue import readiness
from tracker.pipeline.issue.publish import write_atomically
from tracker.pipeline.mailing import channels, report_pdf
from tracker.pipeline.mailing.channels import LoadedChannel
from tracker.pipeline.mailing.mail_builder import MailBuilder
from tracker.pipeline.mailing.prepare_issue import (
    ISSUE_KINDS,
    PreparedIssue,
    draft_issue,
    has_started_sending,
    prepare_issue,
    utc_now,
)
from tracker.pipeline.summarize.summaries import summary_store
from tracker.settings import Config
from tracker.store import closed_issues, issues, outbox, past_recipients, subscribers
from tracker.store.database import Database
from tracker.store.outbox import MailStatus, PendingMail
from tracker.store.subscribers import Subscriber

# In `SendOptions.resend`: the operator says that the issue had not been sent.
RESTORED = "restored"
# From of a dry run if none is set; RFC 2606 reserves this domain.
_PLACEHOLDER_SENDER = "LLM Weekly <tracker@example.invalid>"


@dataclass(frozen=True, slots=True)
class SendOptions:
    """What one run sends, and when.

    With `due_only`, deferred messages wait until their time. `resend` names states (unknown,
    failed) whose messages are sent once more; with RESTORED, so are those of an issue that may have
    been sent before a backup was restored. `incomplete` allows an issue that lacks papers. `at`
    is the time by which the issue must be complete, if it is not the current time of `clock`.
    """

    due_only: bool = False
    resend: Sequence[str] = ()
    incomplete: bool = False
    at: datetime | None = None
    clock: Clock = field(default_factory=lambda: Clock(utc_now, time.sleep))


@dataclass(frozen=True, slots=True)
class SendReport:
    """The result of a run: the number of messages of the issue by state after it.

    `told` lists the failed and unknown messages. `waiting` counts those of active readers that a
    later run will try, `notes` are about readers whose saved searches are invalid, and `missing`
    is what an issue that was sent incomplete lacks.
    """

    issue: str
    counts: Mapping[str, int]
    told: tuple[MailStatus, ...]
    waiting: int
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every active reader certainly has the message."""
        return not (self.waiting or self.counts[outbox.FAILED] or self.counts[outbox.UNKNOWN])


def send_issue(
    db: Database,
    config: Config,
    period: Period,
    options: SendOptions | None = None,
    progress: Progress = silent,
) -> SendReport:
    """Send the issue of a period to every subscriber who gets its kind, and every channel, once.

    The caller holds the lock. Raises RelayError if the relay accepts nothing, ConfigError if none
    is set, UsageError while the period is not over or if it is closed, and IssueHeld for an issue
    without papers, one that lacks some unless `options.incomplete` allows it, or one that may have
    been sent before a backup was restored unless `options.resend` allows it.
    """
    options = options or SendOptions()
    clock = options.clock
    at = options.at or clock.now()
    _check_period_is_over(period, at)
    _refuse_closed(db, period)
    kind = ISSUE_KINDS[period.kind]
    posted = channels.load_channels(config, kind, clock.now)
    readers = subscribers.list_active(db, kind)
    if readers or not posted:
        hosts.relay_address(config.smtp)
    drain_outbox.recover_interrupted(db, _marker_path(config), clock.now())
    languages = sorted({*_languages(readers), *channels.languages_of(posted)})
    prepared = prepare_issue(db, config, period, languages, at, incomplete=options.incomplete)
    pending = enqueue_messages(db, prepared, readers, options)
    if (pending or posted) and RESTORED not in options.resend:
        _refuse_unconfirmed(db, period)
    post_options = channels.PostOptions(_marker_path(config), clock, options.due_only)
    channels.post_issue(db, config, prepared, posted, post_options)
    if not readers:
        return _build_report(db, prepared, (), posted)
    builder = build_messages(db, config, prepared, _recipients(readers, pending), clock.now())
    deliver(db, config, pending, builder, clock, progress)
    return _build_report(db, prepared, builder.notes, posted)


def enqueue_messages(
    db: Database, prepared: PreparedIssue, readers: Sequence[Subscriber], options: SendOptions
) -> list[PendingMail]:
    """Add a row to the outbox for each reader who has none, and return the rows to send now."""
    now = options.clock.now()
    for code, issue in prepared.issues.items():
        recipients = [r.number for r in readers if r.language == code]
        outbox.enqueue(db, issue.number, recipients, now)
    # Of all languages: a waiting message may be in the language that its reader had before.
    numbers = _issue_numbers(db, prepared.period)
    if options.resend:
        outbox.requeue(db, numbers, options.resend, now)
    pending = outbox.list_pending(db, numbers, now if options.due_only else None)
    active = {reader.number for reader in readers}
    return [mail for mail in pending if mail.subscriber in active]


def build_messages(
    db: Database,
    config: Config,
    prepared: PreparedIssue,
    recipients: Sequence[Subscriber],
    now: datetime,
) -> MailBuilder:
    """Render the issue for these recipients, select their papers, and return the builder."""
    documents = prepared.documents(_languages(recipients))
    for document in documents.values():
        report_pdf.publish_pdf(config, document)
    store = summary_store(db, now)
    return MailBuilder(db, config, prepared.period, recipients, documents=documents, store=store)


def deliver(
    db: Database,
    config: Config,
    pending: Sequence[PendingMail],
    builder: MailBuilder,
    clock: Clock,
    progress: Progress,
) -> None:
    """Deliver the pending messages by mail, committing the outcome of each."""
    options = DrainOptions(_marker_path(config), clock, config.smtp.per_minute)
    relay = Relay(config.smtp, tokens.load_password(config.smtp))
    channel: Channel = MailChannel(relay, builder.sender_address, clock.sleep)
    build: Callable[[PendingMail], Message] = builder.build_message
    try:
        drain_outbox.send_pending(
            db, channel, pending, build, options, lambda done, of: progress("send", done, of)
        )
    finally:
        channel.close()


def _marker_path(config: Config) -> Path:
    return config.home / "outbox.mark"


def _recipients(readers: Sequence[Subscriber], pending: Sequence[PendingMail]) -> list[Subscriber]:
    """The readers of the pending messages, in the order of the messages."""
    by_number = {reader.number: reader for reader in readers}
    return [by_number[mail.subscriber] for mail in pending]


def _issue_numbers(db: Database, period: Period) -> list[int]:
    return issues.issue_numbers(db, ISSUE_KINDS[period.kind], period.key)


def _languages(readers: Iterable[Subscriber]) -> list[str]:
    return sorted({reader.language for reader in readers})


def _check_period_is_over(period: Period, now: datetime) -> None:
    """Refuse an unfinished period: whoever received half of an issue would not get the rest."""
    if period.kind == "day" and not period.is_over(now):
        raise UsageError(f"The papers of {period.key} have not been announced yet.")
    if not period.is_over(now):
        raise UsageError(
            f"{period.key} is not over before {period.end}, and each reader receives an issue only"
            " once; `tracker send --dry-run` shows it as it is now."
        )


def _refuse_closed(db: Database, period: Period) -> None:
    """Refuse an issue so old that the records of who received it were deleted."""
    closed = closed_issues.closed_before(db)
    if closed and period.end < closed:
        raise UsageError(
            f"{period.key} is not sent: who received issues of periods before {closed} is no longer"
            " known (retention.outbox_days)."
        )


def _refuse_unconfirmed(db: Database, period: Period) -> None:
    """Raise SendUnconfirmed if the issue may have been sent before a backup was restored."""
    at = past_recipients.last_unverified_restore(db)
    if at and period.is_over(at):
        raise SendUnconfirmed(period.key, at)


def _build_report(
    db: Database,
    prepared: PreparedIssue,
    notes: tuple[str, ...],
    posted: Sequence[LoadedChannel] = (),
) -> SendReport:
    period = prepared.period
    numbers = _issue_numbers(db, period)
    return SendReport(
        issue=f"{ISSUE_KINDS[period.kind]}-{period.key}",
        counts=outbox.count_by_state(db, numbers),
        told=tuple(outbox.list_mails(db, numbers, (outbox.UNKNOWN, outbox.FAILED))),
        waiting=len(outbox.list_pending(db, numbers, None))
        + channels.count_waiting(db, numbers, posted),
        notes=notes,
        missing=prepared.missing,
    )


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """The files that a dry run wrote, and the `notes` of `SendReport`."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def write_mails(
    db: Database,
    config: Config,
    period: Period,
    folder: Path | None,
    *,
    progress: Progress = silent,
) -> DryRunResult:
    """Write an .eml file for each subscriber who gets the issue, without changing the outbox.

    Neither a relay nor a sender needs to be set. A folder that already contains emails is left
    unchanged: a new one is created next to it, or inside it if it was given. Raises IssueEmpty.
    """
    readers = subscribers.list_active(db, ISSUE_KINDS[period.kind])
    notes = []
    if not config.smtp.sender:
        config = replace(config, smtp=replace(config.smtp, sender=_PLACEHOLDER_SENDER))
        notes.append("smtp.sender is not set; the emails have a placeholder as their sender.")
    posted = channels.load_channels(config, ISSUE_KINDS[period.kind], utc_now)
    languages = sorted({*_languages(readers), *channels.languages_of(posted)})
    documents = {code: draft_issue(db, config, period, code) for code in languages}
    builder = MailBuilder(db, config, period, readers, documents=documents)
    folder = _empty_folder(config, period, folder)
    files = []
    for done, reader in enumerate(readers):
        progress("write", done, len(readers))
        try:
            content = builder.build_mail(reader)
        except (UsageError, ValueError) as error:  # as in a real run, the others are still built
            notes.append(str(error))
            continue
        files.append(write_atomically(folder / _mail_file_name(reader.email), content))
    for name, body in channels.dry_posts(config, posted, documents).items():
        files.append(write_atomically(folder / f"{name}.json", body))
    notes += _incomplete_notes(db, config, period, documents.values())
    return DryRunResult(tuple(files), (*notes, *builder.notes))


def _incomplete_notes(
    db: Database, config: Config, period: Period, documents: Iterable[Document]
) -> list[str]:
    """A sentence saying that a run would not send the issue yet, if that is so."""
    if has_started_sending(db, period):
        return []
    try:
        for document in documents:
            readiness.refuse_unfit(db, config, period, document, utc_now())
    except IssueIncomplete as error:
        return [str(error)]
    return []


def _empty_folder(config: Config, period: Period, given: Path | None) -> Path:
    """The first folder for the emails of a dry run that contains none."""
    first = given or config.digests / "mails" / period.key
    inner = first / f"{ISSUE_KINDS[period.kind]}-{period.key}" if given else first
    numbered = (inner.with_name(f"{inner.name}-{number}") for number in count(2))
    return next(
        folder for folder in chain((first, inner), numbered) if not any(folder.glob("*.eml"))
    )


def _mail_file_name(email: str) -> str:
    """The file name of an email; a slash in the address must not lead out of the folder."""
    return f"{email.replace('%', '%25').replace('/', '%2F')}.eml"
