"""Cuts a connection that lasts too long.

An HTTP library's time-outs are per read, so a server that sends a byte now and then, in the headers
or in the body, would hold us for ever ("slow loris"). The name look-up is not covered: the system's
resolver has its own time-out.

Public: `Watchdog`.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self


class Watchdog:
    """Leaving the block raises TimeoutError when `seconds` had passed and the sockets were cut.

    `trace` is given to the library as its hook for events, which hands out the sockets; `connected`
    is called when there is a connection.
    """

    def __init__(self, seconds: float, connected: Callable[[], None] = lambda: None) -> None:
        self._streams: list[Any] = []
        self._connected = connected
        self._timer = threading.Timer(max(seconds, 0.0), self._bite)
        self._timer.daemon = True
        self.bitten = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self.bitten and (kind is None or issubclass(kind, Exception)):
            raise TimeoutError("the answer was not complete in time")

    def trace(self, event: str, facts: Mapping[str, Any]) -> None:
        """Called by the library at each step of a request."""
        if event == "connection.connect_tcp.complete":
            self._connected()
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._streams.append(facts["return_value"])
            if self.bitten:  # the time was up before there was anything to cut
                self._bite()

    def _bite(self) -> None:
        self.bitten = True
        for stream in self._streams:
            with contextlib.suppress(OSError):  # closed already, or wrapped by TLS since
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
