"""A file that records which message had been handed over when the sender was killed.

The relay has a message from the moment the line with the single dot is sent; before that, it
certainly does not. Committing to the database just before the dot would put milliseconds between
the two, during which a kill would lose the message. So the row number is written to a small file
immediately before the dot: two system calls, microseconds apart. What the kernel has accepted
survives the process but not the machine, so a record from an earlier boot is ignored.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_WIDTH = 20
# What `read_outcome` returns.
NOT_HANDED_OVER, ACCEPTED, UNKNOWN = "not handed over", "accepted", "unknown"


class HandoverFile:
    """The open file. `mark_handed_over` is called between the text of a message and its dot."""

    def __init__(self, handle: int) -> None:
        self._handle, self._record = handle, b""
        self.handed_over = False

    def prepare(self, row: int) -> None:
        """Prepare the record of a row, so that `mark_handed_over` only has to write it."""
        self._record, self.handed_over = b"%*d?" % (_WIDTH, row), False

    def mark_handed_over(self) -> None:
        """Record that the relay may have the prepared message from now on."""
        self.handed_over = True
        os.pwrite(self._handle, self._record, 0)

    def mark_accepted(self) -> None:
        """Record that the relay has accepted the message, which only has to be committed."""
        os.pwrite(self._handle, b"+", _WIDTH)


@contextmanager
def open_handover_file(file: Path) -> Iterator[HandoverFile]:
    """Start a new file for this boot, without a message."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.pwrite(handle, b"%*d? %s" % (_WIDTH, 0, _read_boot_id().encode()), 0)
        yield HandoverFile(handle)
    finally:
        os.close(handle)


def read_outcome(file: Path, row: int) -> str:
    """Return what is known about the message that was being sent when a run was interrupted.

    NOT_HANDED_OVER if the relay cannot have it, ACCEPTED if the relay confirmed it, else UNKNOWN.
    """
    try:
        record, _, boot_id = file.read_text().strip().partition(" ")
    except OSError:
        return UNKNOWN
    if not boot_id or boot_id != _read_boot_id():
        return UNKNOWN
    if record == f"{row}+":
        return ACCEPTED
    return UNKNOWN if record == f"{row}?" else NOT_HANDED_OVER


def _read_boot_id() -> str:
    """The id of this boot of the machine; empty if the system has none."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""
