"""A limit on the requests of each client address, as a token bucket.

Public: `RateLimit`.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

# Addresses that are remembered; the one that asked longest ago is forgotten first.
_MOST_CLIENTS = 10_000


class RateLimit:
    """At most `per_minute` requests a minute from one address; 0 means no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, client: str) -> int:
        """Count one request and return 0, or return after how many seconds it is allowed."""
        if self._per_minute <= 0:
            return 0
        rate = self._per_minute / 60
        with self._lock:
            now = self._clock()
            left, before = self._buckets.pop(client, (float(self._per_minute), now))
            left = min(self._per_minute, left + (now - before) * rate)
            allowed = left >= 1
            self._buckets[client] = (left - 1 if allowed else left), now
            if len(self._buckets) > _MOST_CLIENTS:
                self._buckets.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) / rate)
