"""Working off the outbox: what is committed before, around and after each dialogue.

At most one mail is in the air. It is `sending` from before the relay hears of it until its answer
is committed. What a killed run left as `sending` is pending again when it surely was not handed
over, and `unknown` otherwise: an unknown mail is not sent again unless a person asks for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tracker.delivery import handover
from tracker.delivery.smtp import (
    DEFERRED,
    LATE,
    LOST,
    SENT,
    UNKNOWN,
    UNREACHABLE,
    Relay,
    Verdict,
)
from tracker.errors import RelayError, UsageError
from tracker.store import outbox
from tracker.store.database import Database
from tracker.store.outbox import Waiting

# Greylisting relays want some minutes (RFC 6647); RFC 5321, 4.5.4.1, gives up after 4-5 days, but
# news of last week is stale long before.
FIRST_WAIT, LONGEST_WAIT, GIVE_UP = timedelta(minutes=5), timedelta(hours=6), timedelta(hours=48)
# Seconds to wait after each connection that breaks under a mail that is still ours.
_WAITS = (0.0, 1.0, 3.0)
# So many mails in a row that were not taken: something is wrong with us and not with them.
MOST_IN_A_ROW = 20
# And so many that the relay was too slow for, each of which takes a minute or more.
_MOST_LATE_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to go: the addresses of the envelope, and the whole message with CRLF ends."""

    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Clock:
    """The time and how to let some pass; a run asks for both many times."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


# What a row becomes that a run was at when it was interrupted, and why.
_FATES = {
    "ours": (outbox.PENDING, "the run was interrupted before it"),
    "taken": (outbox.SENT, "the run was interrupted after it"),
    "unknown": (outbox.UNKNOWN, "the run was interrupted at the end of it"),
}


def recover(db: Database, mark: Path, now: datetime) -> None:
    """Settle what an interrupted run left. The caller holds the lock."""
    for row in outbox.interrupted(db):
        state, why = _FATES[handover.fate(mark, row)]
        outbox.settle(db, row, state, why, now)


def drain(
    db: Database,
    relay: Relay,
    mails: Sequence[Waiting],
    letter: Callable[[Waiting], Letter],
    *,
    mark: Path,
    clock: Clock,
    per_minute: int = 0,
    progress: Callable[[int, int], None],
) -> None:
    """Send the mails one by one and commit what became of each. The caller holds the lock.

    Raises RelayError when the relay refuses us altogether or takes nothing for a long time; what
    has not been sent by then is pending.
    """
    failures = late = 0
    with handover.opened(mark) as marked:
        for done, mail in enumerate(mails):
            progress(done, len(mails))
            started = clock.now()
            written = _written(db, mail, letter, clock)
            if written is None:
                continue
            verdict = _delivered(db, relay, mail, written, marked, clock)
            if verdict is None:
                continue
            _settle(db, mail, verdict, clock.now())
            failures = 0 if verdict.state == SENT else failures + 1
            late = late + 1 if verdict.state == LATE else 0
            if failures >= MOST_IN_A_ROW or late >= _MOST_LATE_IN_A_ROW:
                raise RelayError(
                    relay.host, f"{failures} mails in a row were not taken; {verdict.detail}"
                )
            _pace(clock, started, per_minute)
    progress(len(mails), len(mails))


def _written(
    db: Database, mail: Waiting, letter: Callable[[Waiting], Letter], clock: Clock
) -> Letter | None:
    """The mail of one reader; None, and failed, where none can be written to what was stored."""
    try:
        return letter(mail)
    except (UsageError, ValueError) as error:
        outbox.settle(db, mail.row, outbox.FAILED, str(error)[:300], clock.now())
        return None


def _delivered(
    db: Database,
    relay: Relay,
    mail: Waiting,
    letter: Letter,
    marked: handover.Handover,
    clock: Clock,
) -> Verdict | None:
    """Offer a mail and say what became of it; what ends the run leaves it pending or unknown.

    None where its reader has paused or unsubscribed since the run began.
    """
    if not outbox.begin(db, mail.row, letter.content, clock.now()):
        return None
    marked.prepare(mail.row)
    try:
        verdict = _offered(relay, letter, marked, clock)
        if verdict.state == SENT:
            marked.taken()
        return verdict
    except BaseException as error:
        state = outbox.UNKNOWN if marked.handed_over else outbox.PENDING
        outbox.settle(db, mail.row, state, str(error)[:300], clock.now())
        raise


def _offered(relay: Relay, letter: Letter, marked: handover.Handover, clock: Clock) -> Verdict:
    """Offer a mail again while the connection breaks under it and it is still ours."""
    for wait in _WAITS:
        verdict = relay.deliver(letter.sender, letter.recipient, letter.content, marked.mark)
        if verdict.state not in (LOST, UNREACHABLE):
            return verdict
        clock.sleep(wait)
    if verdict.state == UNREACHABLE:
        raise RelayError(relay.host, f"it does not answer: {verdict.detail}")
    return verdict


def _settle(db: Database, mail: Waiting, verdict: Verdict, now: datetime) -> None:
    if verdict.state == SENT:
        outbox.settle(db, mail.row, outbox.SENT, verdict.detail, now)
    elif verdict.state == UNKNOWN:
        outbox.settle(db, mail.row, outbox.UNKNOWN, verdict.detail, now)
    elif verdict.state not in (DEFERRED, LOST, LATE):
        outbox.settle(db, mail.row, outbox.FAILED, verdict.detail, now)
    elif now - (mail.first or now) >= GIVE_UP:
        outbox.settle(db, mail.row, outbox.FAILED, f"given up: {verdict.detail}", now)
    else:
        wait = min(FIRST_WAIT * 2 ** min(mail.attempts, 10), LONGEST_WAIT)
        outbox.settle(db, mail.row, outbox.PENDING, verdict.detail, now, due=now + wait)


def _pace(clock: Clock, started: datetime, per_minute: int) -> None:
    if per_minute:
        spent = (clock.now() - started).total_seconds()
        clock.sleep(max(0.0, 60 / per_minute - spent))
