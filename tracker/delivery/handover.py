"""Which mail had been handed over when the sender was killed.

A mail is the relay's from the instant the line with the single dot has left; before that it is
certainly ours. Committing to the database just before the dot would put milliseconds between the
two, in which a kill leaves a mail that nobody has. So the number of the mail is written into a
small file right before the dot: two system calls, microseconds apart. What the kernel has taken
survives the process but not the machine, so a mark of an earlier boot proves nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_WIDTH = 20


class Handover:
    """The open mark; `mark(row)` is called between a mail's text and its dot."""

    def __init__(self, handle: int) -> None:
        self._handle, self._row = handle, b""
        self.handed_over = False

    def prepare(self, row: int) -> None:
        """Make all that `mark` needs, so that nothing is left to do between mark and dot."""
        self._row, self.handed_over = b"%*d?" % (_WIDTH, row), False

    def mark(self) -> None:
        """From here on the mail that was prepared may be the relay's."""
        self.handed_over = True
        os.pwrite(self._handle, self._row, 0)

    def taken(self) -> None:
        """The relay has said that it took the mail, which is now only to be committed."""
        os.pwrite(self._handle, b"+", _WIDTH)


@contextmanager
def opened(file: Path) -> Iterator[Handover]:
    """Start a new file of marks of this boot, which names no mail yet."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.pwrite(handle, b"%*d? %s" % (_WIDTH, 0, _boot().encode()), 0)
        yield Handover(handle)
    finally:
        os.close(handle)


def fate(file: Path, row: int) -> str:
    """What is known of a mail that a run was at when it was interrupted.

    "ours" when it cannot have been handed over, "taken" when the relay had said so; else "unknown".
    """
    try:
        marked, _, boot = file.read_text().strip().partition(" ")
    except OSError:
        return "unknown"
    if not boot or boot != _boot():
        return "unknown"
    if marked == f"{row}+":
        return "taken"
    return "unknown" if marked == f"{row}?" else "ours"


def _boot() -> str:
    """What names this run of the machine; empty where the system has no such name."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
