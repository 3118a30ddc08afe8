"""Detection of a missing network, so that a crawl without one ends at once.

Each client records how its attempts to connect went; `outage` evaluates all of them together. Any
answer of a host, even an error, proves that there is a network.

Public: `Contact`, `outage`.
"""

from collections.abc import Collection
from dataclasses import dataclass

# How long failed connections to a host are retried before it counts as unreachable.
PATIENCE_SECONDS = 3.0
# A DNS lookup or connection that takes longer has failed: an offline router sends no error.
PENDING_SECONDS = 6.0
# How long to wait for a first attempt; a host may have requested a pause that lasts longer.
WAITING_SECONDS = 6.0


@dataclass(slots=True)
class Contact:
    """The connection attempts of one client; times are in seconds of the monotonic clock."""

    begun: float
    tried: float | None = None
    failure: str = ""
    connected: bool = False

    def note_try(self, now: float) -> None:
        """Record the start of a connection attempt."""
        self.tried = now if self.tried is None else self.tried

    def note_pause(self) -> None:
        """Record that no attempt is in progress, which proves nothing about the network."""
        if not self.failure:
            self.tried = None

    def note_failure(self, reason: str) -> None:
        """Record a failed connection attempt."""
        self.failure = self.failure or reason

    def note_connection(self) -> None:
        """Record a successful connection."""
        self.connected = True

    def waits(self, now: float) -> bool:
        """Return whether the first attempt is still due or may still succeed."""
        if self.tried is None:
            return now - self.begun < WAITING_SECONDS
        return now - self.tried < (PATIENCE_SECONDS if self.failure else PENDING_SECONDS)

    @property
    def reason(self) -> str:
        """Why the host is unreachable; empty if it was reached or there was no attempt."""
        if self.tried is None or self.connected:
            return ""
        return self.failure or "no answer"


def outage(contacts: Collection[Contact], now: float, *, ended: bool = False) -> str:
    """Return why no host can be reached; empty if one may be, or if there was no attempt.

    With `ended`, no further attempts will follow, so pending ones count as failed.
    """
    reasons = [contact.reason for contact in contacts if contact.reason]
    if any(contact.connected for contact in contacts) or not reasons:
        return ""
    if not ended and any(contact.waits(now) for contact in contacts):
        return ""
    others = f"; {len(reasons) - 1} more hosts" if len(reasons) > 1 else ""
    return f"{reasons[0]}{others}"
