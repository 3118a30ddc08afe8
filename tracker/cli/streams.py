"""Standard streams that are closed, full or no longer read, and what must not reach a terminal.

Public: `open_missing`, `cannot_print`, `mute`, `remove_control_characters`.
"""

import errno
import io
import os
import re
import sys
from contextlib import suppress

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})

# All but tabs and line breaks: they move the cursor, change colours, or reorder what is shown.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def remove_control_characters(text: str) -> str:
    """Return a text from outside without the characters that control a terminal."""
    return _CONTROL.sub("", text)


def open_missing() -> None:
    """Connect each closed standard stream (`>&-`) to the null device.

    Otherwise the next file that is opened, such as the database, would become standard output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # uses the lowest free number
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)


def cannot_print(error: OSError) -> bool:
    """Whether an error comes from printing: errors of files opened by name have a file name."""
    return error.filename is None and error.errno in _FULL


def mute() -> None:
    """Discard further output: Python would try again at exit, and show a traceback."""
    with suppress(OSError, io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
