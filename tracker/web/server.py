"""`tracker serve`: the web site on a socket, until SIGTERM or SIGINT.

Owns uvicorn. Requests are not logged, because the addresses of private pages contain tokens.
Connections that say nothing are closed after a while, or earlier when others need their place.

Public: `serve`, `open_listening_socket`, `socket_url`.
"""

import asyncio
import logging
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import uvicorn
from h11 import LocalProtocolError
from uvicorn.protocols.http.h11_impl import H11Protocol

from tracker.delivery.mail.links import public_url
from tracker.errors import ConfigError, TrackerError
from tracker.pipeline.retrieval import hybrid_search
from tracker.settings import Config, Web
from tracker.store.database import open_database, open_read_only
from tracker.store.snapshots import pin
from tracker.web.app import create_app

# A page takes about 20 ms of one core; more threads than cores, as some wait for the database.
_THREADS = 4
# Half of the connections, because a proxy on this machine is one client.
_CONNECTIONS, _CONNECTIONS_OF_A_CLIENT = 200, 100
# How long a client may take to read an answer, also while it is being computed.
_ANSWER_SECONDS = 120.0
_IDLE_SECONDS, _END_SECONDS = 5, 3
_MOST_HEAD = 16_384
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n").search
_LAST_PORT = 65_535


def serve(config: Config, notify: Callable[[str], None], *, read_only: bool = False) -> None:
    """Answer requests until SIGTERM or SIGINT; `notify` receives a sentence with the address.

    The index and the model are loaded meanwhile. With `read_only` nothing is written, not even a
    database that is missing. Call it in the main thread, as signal handlers
    require. Raises ConfigError for an invalid setting and TrackerError if it cannot listen.
    """
    # Creates or migrates the database before the first request reads it.
    with open_read_only(config.database) if read_only else open_database(config.database):
        pass
    with ThreadPoolExecutor(_THREADS) as workers, open_listening_socket(config.web) as listener:
        server = uvicorn.Server(_uvicorn_config(config, workers, read_only))
        # Covers the time before uvicorn installs its own handlers and after it restores these.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, server.handle_exit)
        workers.submit(_warm_up_search, config)
        notify(f"Serving {socket_url(listener)} until it is interrupted.")
        server.run(sockets=[listener])
        workers.shutdown(cancel_futures=True)


def _uvicorn_config(config: Config, workers: ThreadPoolExecutor, read_only: bool) -> uvicorn.Config:
    # It logs a warning for every invalid request, which anybody can send.
    log = logging.getLogger("uvicorn.error")
    log.setLevel(logging.ERROR)
    log.addFilter(_is_our_error)
    return uvicorn.Config(
        create_app(config, workers, read_only=read_only),
        log_config=None, access_log=False, server_header=False, proxy_headers=False,
        lifespan="off", loop="asyncio", ws="none",
        http=_limited_protocol(config.web.header_seconds),
        h11_max_incomplete_event_size=_MOST_HEAD,
        timeout_keep_alive=_IDLE_SECONDS, timeout_graceful_shutdown=_END_SECONDS,
    )  # fmt: skip


def _is_our_error(record: logging.LogRecord) -> bool:
    """Whether an error is not of an answer to a client whose next request was invalid.

    uvicorn has answered that one and closed the connection by then.
    """
    return not (record.exc_info and isinstance(record.exc_info[1], LocalProtocolError))


def _limited_protocol(seconds: float) -> type[H11Protocol]:
    """Return the protocol with `seconds` for the head of a request; uvicorn creates its objects."""

    class Protocol(_LimitedProtocol):
        header_seconds = seconds

    return Protocol


class _Head:
    """Checks the head of a request while it arrives, more strictly than the parser.

    The parser takes a line feed alone for the end of a line, which a proxy may not, and limits only
    heads that do not arrive at once.
    """

    def __init__(self) -> None:
        self._tail, self._length = b"", 0

    def is_invalid(self, data: bytes) -> bool:
        """Whether the head is invalid with what has arrived now."""
        text = self._tail + (data if self._length else data.lstrip(b"\r\n"))
        end = text.find(b"\r\n\r\n")
        stop = end if end >= 0 else len(text)
        is_bare = _BARE_LINE_FEED(text, len(self._tail), stop)
        length = self._length + stop - len(self._tail)
        self._tail, self._length = (b"", 0) if end >= 0 else (text[-3:], length)
        return bool(is_bare) or length > _MOST_HEAD


class _LimitedProtocol(H11Protocol):
    """HTTP/1.1 with a limit for the time of each step and for the number of connections.

    A connection is silent while no request has been received whole. When all connections are in
    use, or half of them by one client, the one that has been silent longest is closed for a new
    one; if none is silent, the new one is refused with 503.
    """

    header_seconds: float
    _timer: asyncio.TimerHandle | None = None
    _watched: object = None
    _since = 0.0
    _is_evicted = False
    _head: _Head

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head = _Head()
        self._start_timer(self.header_seconds)
        if not self._ensure_place():
            self._refuse("503 Service Unavailable")

    def data_received(self, data: bytes) -> None:
        if self._is_evicted:
            return
        if self._is_silent() and self._head.is_invalid(data):
            self._refuse("400 Bad Request")
            return
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def _refuse(self, status: str) -> None:
        self._is_evicted = True
        head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        self.transport.write(head.encode())
        self.transport.close()

    def _is_silent(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _is_incomplete(self) -> bool:
        """Whether no whole request has been received that is not answered yet."""
        return self._is_silent() or (self.cycle.more_body and not self.cycle.response_started)

    def _watch(self) -> None:
        """Give each step its time: single bytes of a head do not extend it."""
        step = None if self._is_silent() else self.cycle
        if step is not self._watched:
            self._watched = step
            self._start_timer(self.header_seconds if step is None else _ANSWER_SECONDS)

    def _start_timer(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._since = self.loop.time()
        self._timer = self.loop.call_later(seconds, self._end_step)

    def _end_step(self) -> None:
        """Close the connection, unless its client is still reading the last answer."""
        left = self._since + _ANSWER_SECONDS - self.loop.time()
        if self.transport.get_write_buffer_size() and left > 0:
            self._timer = self.loop.call_later(left, self._end_step)
        else:
            self._evict()

    def _evict(self) -> None:
        self._is_evicted = True
        self.transport.abort()

    def _ensure_place(self) -> bool:
        """Close the longest silent connection if there are too many; return whether this fits."""
        others = [c for c in self.connections if isinstance(c, _LimitedProtocol) and c is not self]
        live = [other for other in others if not other._is_evicted]
        address = self.client and self.client[0]
        own = [other for other in live if other.client and other.client[0] == address]
        if len(own) >= _CONNECTIONS_OF_A_CLIENT:
            return _evict_silent(own)
        return len(live) < _CONNECTIONS or _evict_silent(live)


def _evict_silent(connections: Sequence[_LimitedProtocol]) -> bool:
    """Close the connection that has been silent longest; return whether there was one."""
    silent = [one for one in connections if one._is_incomplete()]
    if silent:
        min(silent, key=lambda one: one._since)._evict()
    return bool(silent)


@contextmanager
def open_listening_socket(web: Web) -> Iterator[socket.socket]:
    """Yield a socket that listens on the configured address; port 0 chooses a free port."""
    family, place = _resolve_address(web)
    try:
        listener = socket.create_server(place, family=family, backlog=128)
    except OSError as error:
        # Python adds the address to the message of the system.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise TrackerError(
            f"Cannot listen on {web.host} port {web.port}: {reason}."
            " `tracker --set web.port=NUMBER serve` uses another port."
        ) from error
    # Accepted connections inherit it. Otherwise, the body of an answer on a kept connection waits
    # for the client's delayed acknowledgement of the head, about 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def _resolve_address(web: Web) -> tuple[int, tuple[Any, ...]]:
    """Return family and address to listen on. Raises ConfigError for an invalid one.

    Listening on all addresses requires web.public_url, the name by which the site is reached.
    """
    if web.port > _LAST_PORT:
        raise ConfigError(
            f"The setting web.port cannot be {web.port}: the last port is {_LAST_PORT}."
        )
    try:
        family, *_, place = socket.getaddrinfo(web.host, web.port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"The setting web.host cannot be {web.host!r}: there is no such address."
        ) from error
    if ip_address(place[0]).is_unspecified and not public_url(web):
        raise ConfigError(
            f"With web.host {web.host} the site can be reached from outside: set web.public_url to"
            " its public address, e.g. https://digest.example.org."
        )
    return family, place


def socket_url(listener: socket.socket) -> str:
    """Return the address of the socket as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _warm_up_search(config: Config) -> None:
    """Load the index and the model, which take most of the time of a first search."""
    config = pin(config)
    with suppress(TrackerError), open_read_only(config.database) as db:
        today = datetime.now(UTC).date()
        options = hybrid_search.SearchOptions(limit=1)
        hybrid_search.search_papers(db, config, "language model", options, today=today)
