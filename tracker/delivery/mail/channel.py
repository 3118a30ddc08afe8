"""Email as a delivery channel: one message per recipient through the configured relay."""

from collections.abc import Callable

from tracker.delivery.mail import smtp
from tracker.delivery.mail.smtp import DeliveryResult, Relay
from tracker.delivery.protocol import Message, Outcome, OutcomeState
from tracker.errors import RelayError
from tracker.store import outbox

# Seconds to wait after each connection that breaks before the message was handed over.
_RETRY_WAITS = (0.0, 1.0, 3.0)
_STATES = {
    smtp.SENT: OutcomeState.DELIVERED,
    smtp.DEFERRED: OutcomeState.DEFERRED,
    smtp.LOST: OutcomeState.DEFERRED,
    smtp.LATE: OutcomeState.DEFERRED,
    smtp.REFUSED: OutcomeState.FAILED,
    smtp.UNKNOWN: OutcomeState.UNKNOWN,
}


class MailChannel:
    """Implements `tracker.delivery.protocol.Channel` over SMTP.

    The id of a message is its Message-ID header. An SMTP reply names no time for the next attempt
    (RFC 5321, 4.5.4.1), so a deferred outcome has no `until`.
    """

    name = outbox.MAIL

    def __init__(self, relay: Relay, sender: str, sleep: Callable[[float], None]) -> None:
        """`sender` is the envelope sender of all messages, `sleep` waits for some seconds."""
        self._relay, self._sender, self._sleep = relay, sender, sleep

    @property
    def host(self) -> str:
        """The name of the relay."""
        return self._relay.host

    def deliver(self, message: Message, before_handover: Callable[[], None]) -> Outcome:
        """Send one message. Raises RelayError if the relay rejects all mail or does not answer."""
        result = self._deliver_with_retries(message, before_handover)
        return Outcome(_STATES[result.state], result.detail, timed_out=result.state == smtp.LATE)

    def close(self) -> None:
        """Close the connection to the relay."""
        self._relay.close()

    def _deliver_with_retries(
        self, message: Message, before_handover: Callable[[], None]
    ) -> DeliveryResult:
        """Send a message, again while the connection breaks before it was handed over."""
        for wait in _RETRY_WAITS:
            result = self._relay.deliver(
                self._sender, message.recipient, message.content, before_handover
            )
            if result.state not in (smtp.LOST, smtp.UNREACHABLE):
                return result
            self._sleep(wait)
        if result.state == smtp.UNREACHABLE:
            raise RelayError(self.host, f"it does not answer: {result.detail}")
        return result
