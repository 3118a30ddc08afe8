"""One long-running job at a time: a lock file that the system frees when its holder ends.

Owns the library `filelock`. The lock is the kernel's (`flock`), so a killed holder leaves none
behind; the file itself stays and names its last holder.

Public: `hold_lock`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tracker.errors import LockHeld, TrackerError
from tracker.files import make_private_folder


@contextmanager
def hold_lock(path: Path, job: str) -> Iterator[None]:
    """Hold the lock file `path`. Raises LockHeld at once when another process holds it.

    `job` and the process number are what that error reports to others. Raises TrackerError when the
    file cannot be created.
    """
    lock = _acquire(path)
    try:
        # The same file, so that the lock stays on it.
        path.write_text(f"{job}, process {os.getpid()}\n", encoding="utf-8")
        yield
    finally:
        lock.release()


def _acquire(path: Path) -> FileLock:
    # Without `flock`, a lock file left by a killed process would have to be removed by hand.
    lock = FileLock(path, timeout=0, thread_local=False, fallback_to_soft=False)
    try:
        make_private_folder(path.parent)
        lock.acquire()
    except Timeout:
        raise LockHeld(path, _read_holder(path)) from None
    except OSError as error:
        reason = error.strerror or error
        raise TrackerError(f"The lock {path} cannot be acquired: {reason}.") from error
    return lock


def _read_holder(path: Path) -> str:
    """Return what the holder wrote; it may just be starting."""
    try:
        return path.read_text(encoding="utf-8").strip() or "just starting"
    except OSError:
        return "unknown"
