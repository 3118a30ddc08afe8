"""Send the pending messages of the outbox, committing the state around each delivery.

At most one message is being sent at a time. Its row is `sending` from before the channel sees it
until the outcome is committed. A row that a killed run left as `sending` becomes `pending` if the
message certainly was not handed over, and `unknown` otherwise: an unknown message is only sent
again when a person asks for it.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tracker.delivery.mail import handover
from tracker.delivery.protocol import Channel, Message, Outcome, OutcomeState
from tracker.errors import RelayError, UsageError
from tracker.store import outbox
from tracker.store.database import Database
from tracker.store.outbox import PendingMail

# Greylisting relays expect a retry after some minutes (RFC 6647). RFC 5321, 4.5.4.1, recommends
# giving up after 4-5 days, but last week's news is outdated long before.
FIRST_RETRY_DELAY, MAX_RETRY_DELAY, GIVE_UP_AFTER = (
    timedelta(minutes=5),
    timedelta(hours=6),
    timedelta(hours=48),
)
# After this many failures in a row the cause is probably on our side, not with the recipients.
MAX_CONSECUTIVE_FAILURES = 20
# Each time-out takes a minute or more.
_MAX_CONSECUTIVE_TIMEOUTS = 3
# Characters of an error message that are stored in the outbox.
_MAX_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Clock:
    """The current time, and a way to wait some seconds."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class DrainOptions:
    """How to send: the handover file, the clock, and the most messages per minute (0: no limit)."""

    marker_path: Path
    clock: Clock
    per_minute: int = 0


@dataclass(slots=True)
class _FailureCounter:
    """Counts failures and time-outs in a row."""

    failures: int = 0
    timeouts: int = 0

    def add(self, outcome: Outcome) -> None:
        delivered = outcome.state == OutcomeState.DELIVERED
        self.failures = 0 if delivered else self.failures + 1
        self.timeouts = self.timeouts + 1 if outcome.timed_out else 0

    @property
    def exceeded(self) -> bool:
        return (
            self.failures >= MAX_CONSECUTIVE_FAILURES or self.timeouts >= _MAX_CONSECUTIVE_TIMEOUTS
        )


# The new state of a row that was being sent when the run was interrupted, and the reason.
_RECOVERED = {
    handover.NOT_HANDED_OVER: (outbox.PENDING, "the run was interrupted before the handover"),
    handover.ACCEPTED: (outbox.SENT, "the run was interrupted after the relay's answer"),
    handover.UNKNOWN: (outbox.UNKNOWN, "the run was interrupted during the handover"),
}
# The state of a row by the outcome of its delivery; a deferred one is pending or given up.
_FINAL_STATES = {
    OutcomeState.DELIVERED: outbox.SENT,
    OutcomeState.FAILED: outbox.FAILED,
    OutcomeState.UNKNOWN: outbox.UNKNOWN,
}


def recover_interrupted(db: Database, marker_path: Path, now: datetime) -> None:
    """Update the rows that an interrupted run left as `sending`. The caller holds the lock."""
    for row in outbox.list_interrupted(db):
        state, reason = _RECOVERED[handover.read_outcome(marker_path, row)]
        outbox.record_outcome(db, row, state, reason, now)


def send_pending(
    db: Database,
    channel: Channel,
    mails: Sequence[PendingMail],
    build: Callable[[PendingMail], Message],
    options: DrainOptions,
    progress: Callable[[int, int], None],
) -> None:
    """Send the messages one by one and commit the outcome of each. The caller holds the lock.

    Raises RelayError if the channel cannot be used or too many deliveries in a row fail; messages
    not sent by then stay pending.
    """
    failed = _FailureCounter()
    with handover.open_handover_file(options.marker_path) as handover_file:
        for done, mail in enumerate(mails):
            progress(done, len(mails))
            started = options.clock.now()
            outcome = _send(db, channel, mail, build, handover_file, options.clock)
            if outcome is None:
                continue
            _log_outcome(mail, outcome, (options.clock.now() - started).total_seconds())
            failed.add(outcome)
            if failed.exceeded:
                reason = f"{failed.failures} mails in a row were not accepted; {outcome.reason}"
                raise RelayError(channel.host, reason)
            _throttle(options, started)
    progress(len(mails), len(mails))


def _send(
    db: Database,
    channel: Channel,
    mail: PendingMail,
    build: Callable[[PendingMail], Message],
    handover_file: handover.HandoverFile,
    clock: Clock,
) -> Outcome | None:
    """Build and deliver one message and record the outcome; None if there was no delivery."""
    message = _build_or_fail(db, mail, build, clock)
    if message is None:
        return None
    outcome = _deliver(db, channel, mail, message, handover_file, clock)
    if outcome is not None:
        _record_outcome(db, mail, outcome, clock.now())
    return outcome


def _build_or_fail(
    db: Database, mail: PendingMail, build: Callable[[PendingMail], Message], clock: Clock
) -> Message | None:
    """Return the message of a row; record a failure and return None if it cannot be built."""
    try:
        return build(mail)
    except (UsageError, ValueError) as error:
        detail = str(error)[:_MAX_DETAIL]
        outbox.record_outcome(db, mail.row, outbox.FAILED, detail, clock.now())
        return None


def _deliver(
    db: Database,
    channel: Channel,
    mail: PendingMail,
    message: Message,
    handover_file: handover.HandoverFile,
    clock: Clock,
) -> Outcome | None:
    """Deliver a message; None if its reader has paused or unsubscribed since the run began.

    Any exception leaves the row pending, or unknown if the message may have been handed over.
    """
    if not outbox.mark_sending(db, mail.row, message.content, clock.now()):
        return None
    handover_file.prepare(mail.row)
    try:
        outcome = channel.deliver(message, handover_file.mark_handed_over)
        if outcome.state == OutcomeState.DELIVERED:
            handover_file.mark_accepted()
        return outcome
    except BaseException as error:
        state = outbox.UNKNOWN if handover_file.handed_over else outbox.PENDING
        outbox.record_outcome(db, mail.row, state, str(error)[:_MAX_DETAIL], clock.now())
        raise


def _record_outcome(db: Database, mail: PendingMail, outcome: Outcome, now: datetime) -> None:
    if outcome.state in _FINAL_STATES:
        outbox.record_outcome(db, mail.row, _FINAL_STATES[outcome.state], outcome.reason, now)
    elif now - (mail.first or now) >= GIVE_UP_AFTER:
        outbox.record_outcome(db, mail.row, outbox.FAILED, f"given up: {outcome.reason}", now)
    else:
        delay = min(FIRST_RETRY_DELAY * 2 ** min(mail.attempts, 10), MAX_RETRY_DELAY)
        due = outcome.until or now + delay
        outbox.record_outcome(db, mail.row, outbox.PENDING, outcome.reason, now, due=due)


def _log_outcome(mail: PendingMail, outcome: Outcome, seconds: float) -> None:
    # Not the whole reply: relays repeat the address in it.
    reply = outcome.reason[:3] if outcome.reason[:3].isdecimal() else ""
    facts = {
        "state": outcome.state.value, "subscriber": mail.subscriber, "attempt": mail.attempts,
        "reply": reply, "seconds": round(seconds, 3),
    }  # fmt: skip
    logging.getLogger(__name__).info("mail offered", extra=facts)


def _throttle(options: DrainOptions, started: datetime) -> None:
    if options.per_minute:
        spent = (options.clock.now() - started).total_seconds()
        options.clock.sleep(max(0.0, 60 / options.per_minute - spent))
