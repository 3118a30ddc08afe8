"""Check a TCP connection: whether it is still open, has delivered all data, and ends in time.

A successful write only means that our own kernel has buffered the bytes. Before the final dot that
completes a message it is worth knowing more: until the dot is sent, a broken connection costs
nothing; after it, nobody can tell whether the message was accepted.
"""

import fcntl
import select
import socket
import ssl
import struct
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# Seconds in which a closed connection is noticed; spent once per message.
_GRACE = 0.02
# Seconds between two checks for unacknowledged bytes.
_POLL_INTERVAL = 0.001


def wait_until_acknowledged(connection: socket.socket, timeout: float) -> None:
    """Return when all bytes are acknowledged and the connection is open and idle.

    Raises ConnectionError if the other end has closed it or sent something unexpected, and
    TimeoutError if the bytes are not acknowledged within `timeout` seconds.
    """
    end = time.monotonic() + timeout
    while _unacknowledged_bytes(connection):
        if time.monotonic() > end:
            raise TimeoutError("the message was not acknowledged")
        _raise_if_readable(connection, _POLL_INTERVAL)
    _raise_if_readable(connection, _GRACE)


def _raise_if_readable(connection: socket.socket, seconds: float) -> None:
    readable, _, broken = select.select([connection], [], [connection], seconds)
    if readable or broken:
        raise ConnectionError("the relay closed the connection in the middle of a message")


def _unacknowledged_bytes(connection: socket.socket) -> int:
    """The number of bytes not acknowledged yet; 0 if the system does not report it."""
    try:
        size = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    except OSError:
        return 0
    return int(struct.unpack("i", size)[0])


def wait_until_readable(connection: socket.socket, seconds: float) -> None:
    """Return when the other end has begun to answer. Raises TimeoutError after `seconds`."""
    if isinstance(connection, ssl.SSLSocket) and connection.pending():
        return
    readable, _, _ = select.select([connection], [], [], seconds)
    if not readable:
        raise TimeoutError(f"no answer within {seconds:g} seconds")


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
