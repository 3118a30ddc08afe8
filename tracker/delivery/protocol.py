"""The contract of a delivery channel: deliver one composed message to one subscription.

A channel owns the last step of sending, from a finished message to the answer of whoever carries
it. It does not compose, personalize or store anything: the caller does that before, and records
the outcome after. Email (`tracker.delivery.mail.channel`) is the first implementation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A finished message for one subscription.

    `id` is derived from the issue and the subscription and is the same in every attempt, so that a
    carrier or a recipient can recognize a repeated message. `recipient` is an address in the form
    that the channel needs, and `content` the bytes to deliver, also the same in every attempt.
    """

    id: str
    recipient: str
    content: bytes


class OutcomeState(StrEnum):
    """What is known about a message after one call of `Channel.deliver`."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one delivery.

    delivered: the carrier has accepted the message and is now responsible for it.
    deferred: nobody has it, and it may be tried again from `until` on, or at a time that the caller
    chooses if `until` is None. failed: it was rejected and another attempt would be rejected, too.
    unknown: it may or may not have arrived; the caller must not send it again on its own.

    `reason` is the answer of the carrier, for people. `timed_out` is set if the carrier was too
    slow, which costs the caller time and is a reason to stop early.
    """

    state: OutcomeState
    reason: str = ""
    until: datetime | None = None
    timed_out: bool = False


class Channel(Protocol):
    """A way to deliver messages, used for any number of them, one at a time."""

    @property
    def name(self) -> str:
        """The name of the channel in the outbox, such as "mail"."""

    @property
    def host(self) -> str:
        """The name of the carrier, for error messages."""

    def deliver(self, message: Message, before_handover: Callable[[], None]) -> Outcome:
        """Make one delivery and return its outcome.

        `before_handover` must be called immediately before the step after which the carrier may
        have the message. If the process is killed before that call, the message is sent again; if
        it is killed after it, the outcome is unknown. Raises RelayError if the carrier cannot be
        used for any message; the message is then deferred, or unknown after `before_handover`.
        """

    def close(self) -> None:
        """Release the connection. Calling it again does nothing."""
