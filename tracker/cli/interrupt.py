"""End a command soon after Ctrl-C, whatever it is waiting for.

Python raises KeyboardInterrupt only in the main thread, once the library it is in returns, and then
waits for all other threads, so a request to a slow server would be waited for. A thread that reads
the signals from a pipe therefore ends the process if it is still running after two seconds, or at
the second Ctrl-C. This is safe, because every command may be killed at any time.

Public: `bounded`, `raise_interrupts`, `end`, `INTERRUPTED`.
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
_REPORTED = threading.Event()


@contextmanager
def bounded() -> Iterator[None]:
    """End the process soon after a Ctrl-C in the block, even if the block has ended by then.

    Commands that install a handler (run, serve) are not affected. Does nothing outside the main
    thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    watch = _Watch(reader)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=watch.run, daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        # The thread sees the end of the pipe, unless it is already waiting to end the process.
        os.close(writer)


class _Watch:
    """Read the numbers of incoming signals from a pipe."""

    def __init__(self, reader: int) -> None:
        self._reader = reader

    def run(self) -> None:
        """Wait for Ctrl-C, then for the end, then end the process."""
        while number := os.read(self._reader, 1):
            if number[0] == signal.SIGINT and _is_ours():
                self._wait_for_second()
                end(INTERRUPTED)
        os.close(self._reader)

    def _wait_for_second(self) -> None:
        """Return after the grace period or at the next signal, even if the block ends before."""
        readable, _, _ = select.select([self._reader], [], [], GRACE_SECONDS)
        if readable and not os.read(self._reader, 1):
            threading.Event().wait(GRACE_SECONDS)


def raise_interrupts() -> None:
    """Let Ctrl-C raise KeyboardInterrupt again, if it ended the process during the imports."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_ours() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.default_int_handler


def end(code: int) -> NoReturn:
    """Print that the command was interrupted, once, and end the process immediately.

    sys.exit is not used, because it waits for threads.
    """
    if not _REPORTED.is_set():
        _REPORTED.set()
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        with suppress(OSError):
            shown = _SHOW_CURSOR if os.isatty(2) else b""  # a progress bar may have hidden it
            os.write(2, shown + _SENTENCE)
    os._exit(code)
