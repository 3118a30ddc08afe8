"""Ctrl-C ends a command soon, whatever it waits for.

Python raises KeyboardInterrupt in the main thread only, when that comes back from the library it is
in, and then waits for all other threads: a request to a slow server would be sat out. So a thread
that is told of the signal by the system ends the process when it is still there after two seconds,
or at the second Ctrl-C. That is no harm: every command may be killed at any time.

Public: `bounded`, `end`, `INTERRUPTED`.
"""

import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

INTERRUPTED = 130
GRACE_SECONDS = 2.0
_SENTENCE = b"tracker: Interrupted; what was finished is kept.\n"
_SHOW_CURSOR = b"\x1b[?25h"
_SAID = threading.Event()


@contextmanager
def bounded() -> Iterator[None]:
    """Within the block, and from a Ctrl-C on also after it, the process ends soon after one.

    Commands with handlers of their own (run, serve) see to it themselves. Does nothing outside of
    the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told, teller = os.pipe()
    os.set_blocking(teller, False)
    watch = _Watch(told)
    before = signal.set_wakeup_fd(teller, warn_on_full_buffer=False)
    threading.Thread(target=watch.run, daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        # The thread reads the end of the pipe, unless it is counting the seconds already.
        os.close(teller)


class _Watch:
    """Reads the numbers of the signals that come."""

    def __init__(self, told: int) -> None:
        self._told = told

    def run(self) -> None:
        """Wait for Ctrl-C, then for the end, then end the process."""
        while number := os.read(self._told, 1):
            if number[0] == signal.SIGINT and _is_ours():
                self._wait_for_second()
                end(INTERRUPTED)
        os.close(self._told)

    def _wait_for_second(self) -> None:
        """Return after the grace, or at the next signal; the end of the block changes nothing."""
        readable, _, _ = select.select([self._told], [], [], GRACE_SECONDS)
        if readable and not os.read(self._told, 1):
            threading.Event().wait(GRACE_SECONDS)


def _is_ours() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.default_int_handler


def end(code: int) -> NoReturn:
    """Say so, once, and end the process at once.

    Not by way of sys.exit: that waits for threads, and Python ends by the signal itself where a
    library has met it first.
    """
    if not _SAID.is_set():
        _SAID.set()
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        with suppress(OSError):
            shown = _SHOW_CURSOR if os.isatty(2) else b""  # a progress bar may have hidden it
            os.write(2, shown + _SENTENCE)
    os._exit(code)
