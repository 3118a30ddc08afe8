"""A connection watched: is the other end still there, has it got everything, does it end at all.

A write that succeeds says only that our own machine has taken the bytes. Before the dot that turns
a text into a mail it pays to know more: while the dot has not left, a broken connection costs
nothing, and after it nobody can tell whether there is a mail.
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

# A relay that goes away while it reads shows it within this time; it is spent once per mail.
_GRACE = 0.02
_LOOK = 0.001


def arrived(line: socket.socket, seconds: float) -> None:
    """Return when the other machine has all that was sent and the line is quiet and open.

    Raises ConnectionError when the other end has closed it or said something out of turn, and
    TimeoutError when the bytes do not arrive in `seconds`.
    """
    end = time.monotonic() + seconds
    while _unacknowledged(line):
        if time.monotonic() > end:
            raise TimeoutError("the text did not arrive")
        _refuse_a_word(line, _LOOK)
    _refuse_a_word(line, _GRACE)


def _refuse_a_word(line: socket.socket, seconds: float) -> None:
    readable, _, broken = select.select([line], [], [line], seconds)
    if readable or broken:
        raise ConnectionError("the relay ended the connection in the middle of a mail")


def _unacknowledged(line: socket.socket) -> int:
    """Bytes that the other machine has not confirmed; 0 where the system cannot say."""
    try:
        answer = fcntl.ioctl(line.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    except OSError:
        return 0
    return int(struct.unpack("i", answer)[0])


def heard(line: socket.socket, seconds: float) -> None:
    """Return when the other end has begun to answer. Raises TimeoutError when it does not."""
    if isinstance(line, ssl.SSLSocket) and line.pending():
        return
    readable, _, _ = select.select([line], [], [], seconds)
    if not readable:
        raise TimeoutError(f"no answer within {seconds:g} seconds")


class Deadline:
    """Cuts a connection that takes too long altogether, however busy it seems.

    A time-out of the socket begins anew with every byte that comes.
    """

    def __init__(self) -> None:
        self._line: socket.socket | None = None
        self._lock = threading.Lock()
        self.passed = False

    def watch(self, line: socket.socket) -> None:
        """Cut this connection when the time is over. Call `release` when it is closed."""
        with self._lock:
            self._line = line.dup()  # stays what it is when the line itself is wrapped for TLS
        if self.passed:
            self._cut()

    def release(self) -> None:
        """Let go of the connection, which only then ends for the other side."""
        with self._lock:
            line, self._line = self._line, None
        if line:
            line.close()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut the connection, and note that it `passed`, when the block takes longer."""
        timer = threading.Timer(seconds, self._pass)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _pass(self) -> None:
        self.passed = True
        self._cut()

    def _cut(self) -> None:
        with self._lock, suppress(OSError):
            if self._line:
                self._line.shutdown(socket.SHUT_RDWR)
