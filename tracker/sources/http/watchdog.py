"""Closes a connection that takes too long.

An HTTP library's time-outs are per read, so a server that sends an occasional byte, in the headers
or in the body, could block us indefinitely ("slow loris"). The name look-up is not covered: the
system's resolver has a time-out.

Public: `Watchdog`.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self


class Watchdog:
    """Close the sockets after `seconds`; then leaving the block raises TimeoutError.

    Pass `trace` to the library as its hook for events, which provides the sockets.
    """

    def __init__(self, seconds: float, connected: Callable[[], None] = lambda: None) -> None:
        self._streams: list[Any] = []
        self._connected = connected
        self._timer = threading.Timer(max(seconds, 0.0), self._cut_connections)
        self._timer.daemon = True
        self.timed_out = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self.timed_out and (kind is None or issubclass(kind, Exception)):
            raise TimeoutError("the answer was not complete in time")

    def trace(self, event: str, facts: Mapping[str, Any]) -> None:
        """Called by the library at each step of a request."""
        if event == "connection.connect_tcp.complete":
            self._connected()
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._streams.append(facts["return_value"])
            if self.timed_out:  # the time was up before there was a socket
                self._cut_connections()

    def _cut_connections(self) -> None:
        self.timed_out = True
        for stream in self._streams:
            with contextlib.suppress(OSError):  # already closed, or since wrapped by TLS
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
