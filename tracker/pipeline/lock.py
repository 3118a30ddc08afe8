"""One heavy run at a time: a lock that vanishes with the process that holds it, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tracker.errors import LockHeld, TrackerError
from tracker.files import make_private_folder


@contextmanager
def held(path: Path, holder: str) -> Iterator[None]:
    """Hold the lock file `path`; LockHeld at once when another process does.

    `holder` is what the other one is told of us, beside our process number.
    """
    with _file(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise LockHeld(path, file.read().strip() or "just starting") from None
        file.seek(0)
        file.truncate()
        file.write(f"{holder}, process {os.getpid()}\n")
        file.flush()
        yield


def _file(path: Path) -> TextIO:
    try:
        make_private_folder(path.parent)
        return path.open("a+")
    except OSError as error:
        raise TrackerError(f"The lock {path} cannot be taken: {error.strerror}.") from error
