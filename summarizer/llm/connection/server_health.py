"""Whether a server still answers. One that does not is given up, also by later steps of a run.

What counts is the time in which no answer arrives at all, whatever the number of requests: a run
waits for a server that hangs hardly longer than one request may take.

Public surface: ``ServerHealth``, ``health_of``.
"""

import threading
import time

from summarizer.exceptions import GenerationError, ServerTimeout

_MOST_TIMEOUTS = 3  # in a row
# A server is given up once the silence that ended in failures lasts this part of the time that one
# request may take. Without parallel requests, one timeout is enough.
_MOST_SILENCE = 0.25
_REST_SECONDS = 600.0


class ServerHealth:
    """The answers and failures of one server, from all requests of this process to it.

    A server that was given up is left alone for a while. All methods are safe for threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._error: GenerationError | None = None
        self._timeouts = 0
        self._silence = 0.0
        self._last_answer = self._last_failure = float("-inf")

    def raise_if_given_up(self) -> None:
        """Raise the failure for which the server was given up."""
        with self._lock:
            if self._silence and time.monotonic() - self._last_failure > _REST_SECONDS:
                self._forget()
            if self._error:
                raise self._error

    def note_answer(self) -> None:
        """Note that an answer arrived just now."""
        with self._lock:
            self._last_answer, self._timeouts = time.monotonic(), 0

    def note_failure(self, error: GenerationError, begun: float, most_seconds: float) -> None:
        """Note that a request of time ``begun``, which may take ``most_seconds``, got no answer."""
        with self._lock:
            now = time.monotonic()
            self._silence += now - max(begun, self._last_answer, self._last_failure)
            self._last_failure = now
            self._timeouts += isinstance(error, ServerTimeout)
            if self._timeouts >= _MOST_TIMEOUTS or self._silence > _MOST_SILENCE * most_seconds:
                self._error = self._error or error


def health_of(base_url: str) -> ServerHealth:
    """Return what this process knows of the server at an address."""
    return _servers.setdefault(base_url, ServerHealth())


_servers: dict[str, ServerHealth] = {}
