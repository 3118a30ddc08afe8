"""Standard streams as they may be: closed, full, or left by their reader.

Public: `open_missing`, `cannot_print`, `mute`.
"""

import errno
import io
import os
import sys
from contextlib import suppress

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})


def open_missing() -> None:
    """Give each standard stream that is closed (`>&-`) an end that takes and gives nothing.

    Else the next file that is opened, the database for one, becomes standard output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)


def cannot_print(error: OSError) -> bool:
    """Whether it came of printing: errors of a file that was opened by its name have that name."""
    return error.filename is None and error.errno in _FULL


def mute() -> None:
    """Print nothing more: Python would try again at its end, and show a traceback."""
    with suppress(OSError, io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
