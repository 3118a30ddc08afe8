"""Whether the other end of a connection is still there and has got everything.

A write that succeeds says only that our own machine has taken the bytes. Before the dot that turns
a text into a mail it pays to know more: while the dot has not left, a broken connection costs
nothing, and after it nobody can tell whether there is a mail.
"""

import fcntl
import select
import socket
import struct
import termios
import time

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
