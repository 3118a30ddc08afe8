"""A limit on the total time of a connection, whatever the other end sends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Deadline:
    """Shut down a connection after a total time, even if it is active.

    The time-out of a socket restarts with every byte received.
    """

    def __init__(self) -> None:
        self._connection: socket.socket | None = None
        self._lock = threading.Lock()
        self.passed = False

    def watch(self, connection: socket.socket) -> None:
        """Shut down this connection when the time is over. Call `release` when it is closed."""
        with self._lock:
            self._connection = connection.dup()  # the original is replaced if it is wrapped for TLS
        if self.passed:
            self._shut_down()

    def release(self) -> None:
        """Close our duplicate of the connection, after which the other end sees it closed."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection:
            connection.close()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Shut down the connection and set `passed` if the block takes longer."""
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self.passed = True
        self._shut_down()

    def _shut_down(self) -> None:
        with self._lock, suppress(OSError):
            if self._connection:
                self._connection.shutdown(socket.SHUT_RDWR)
