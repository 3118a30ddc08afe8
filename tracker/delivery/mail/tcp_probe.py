"""Check a TCP connection: whether it is still open, and has delivered all data.

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
import time

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
