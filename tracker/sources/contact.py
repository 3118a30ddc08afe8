"""Whether the hosts of a crawl can be connected to, so that a missing network is found at once.

Each client notes how its tries to connect went; what all of them together mean is judged here. A
host that answers, whatever it says, proves that there is a network.

Public: `Contact`, `outage`.
"""

from collections.abc import Collection
from dataclasses import dataclass

# A host that cannot be connected to is tried again for so long before it counts as out of reach.
PATIENCE_SECONDS = 3.0
# A look-up or a connection that takes longer has failed: a router that is cut off says nothing.
PENDING_SECONDS = 7.0
# A host whose turn has not come by then, because it asked to be left alone, is not waited for.
WAITING_SECONDS = 8.0


@dataclass(slots=True)
class Contact:
    """What a client has met, in steady seconds: its first try, and whether one has succeeded."""

    begun: float
    tried: float | None = None
    failure: str = ""
    connected: bool = False

    def note_try(self, now: float) -> None:
        """A connection is being tried."""
        self.tried = now if self.tried is None else self.tried

    def note_pause(self) -> None:
        """Nothing is tried now, which says nothing about the network."""
        if not self.failure:
            self.tried = None

    def note_failure(self, reason: str) -> None:
        """A connection could not be made."""
        self.failure = self.failure or reason

    def note_connection(self) -> None:
        """A connection was made."""
        self.connected = True

    def waits(self, now: float) -> bool:
        """Whether its turn has not come, or its first try may still succeed."""
        if self.tried is None:
            return now - self.begun < WAITING_SECONDS
        return now - self.tried < (PATIENCE_SECONDS if self.failure else PENDING_SECONDS)

    @property
    def reason(self) -> str:
        """Why it is out of reach; empty when nothing was tried."""
        if self.tried is None or self.connected:
            return ""
        return self.failure or "no answer"


def outage(contacts: Collection[Contact], now: float, *, ended: bool = False) -> str:
    """Why no host can be reached; empty while one may be, or when none was tried.

    With `ended` there is nothing more to come, so nothing is waited for.
    """
    reasons = [contact.reason for contact in contacts if contact.reason]
    if any(contact.connected for contact in contacts) or not reasons:
        return ""
    if not ended and any(contact.waits(now) for contact in contacts):
        return ""
    others = f"; {len(reasons) - 1} more hosts" if len(reasons) > 1 else ""
    return f"{reasons[0]}{others}"
