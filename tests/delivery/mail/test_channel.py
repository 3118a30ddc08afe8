"""Email as a channel: each answer of a relay has one outcome."""

import pytest

from tests.delivery.mail.test_relay import ANN, MAIL, SENDER, settings
from tests.faults.smtp_server import Mailbox, served
from tracker.delivery.mail.channel import MailChannel
from tracker.delivery.mail.smtp import Relay
from tracker.delivery.protocol import Channel, Message, Outcome, OutcomeState
from tracker.errors import RelayError


def deliver(port: int, recipient: str) -> tuple[Outcome, int]:
    """The outcome of one message, and how often a handover was announced."""
    handovers: list[str] = []
    channel: Channel = MailChannel(Relay(settings(port), ""), SENDER, lambda _: None)
    try:
        message = Message("<1@x.example>", recipient, MAIL)
        return channel.deliver(message, lambda: handovers.append(recipient)), len(handovers)
    finally:
        channel.close()


@pytest.mark.parametrize(
    ("recipient", "state", "handovers"),
    [
        (ANN, OutcomeState.DELIVERED, 1),
        ("refuse-1@x.example", OutcomeState.FAILED, 0),
        ("grey-1@x.example", OutcomeState.DEFERRED, 0),
        ("after-1@x.example", OutcomeState.UNKNOWN, 1),
    ],
)
def test_each_answer_has_one_outcome(recipient: str, state: OutcomeState, handovers: int) -> None:
    with served(Mailbox()) as port:
        outcome, count = deliver(port, recipient)
    assert (outcome.state, count) == (state, handovers)
    assert outcome.reason
    assert outcome.until is None


def test_unreachable_relay_is_an_error_and_not_an_outcome() -> None:
    with pytest.raises(RelayError, match="does not answer"):
        deliver(1, ANN)
