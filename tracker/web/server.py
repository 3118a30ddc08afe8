"""`tracker serve`: the web site on a socket, until SIGTERM or SIGINT.

Owns uvicorn. Requests are not logged, because the addresses of private pages contain tokens.

Public: `serve`, `open_listening_socket`, `socket_url`.
"""

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import uvicorn

from tracker.delivery.mail.links import public_url
from tracker.errors import ConfigError, TrackerError
from tracker.pipeline.retrieval import hybrid_search
from tracker.settings import Config, Web
from tracker.store.database import open_database, open_read_only
from tracker.web.app import create_app

# A page takes about 20 ms of one core; more threads than cores, as some wait for the database.
_THREADS = 4
_CONNECTIONS = 200
_IDLE_SECONDS, _END_SECONDS = 5, 3
_MOST_HEAD = 16_384
_LAST_PORT = 65_535


def serve(config: Config, notify: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or SIGINT; `notify` receives a sentence with the address.

    The index and the model are loaded meanwhile. Call it in the main thread, as signal handlers
    require. Raises ConfigError for an invalid setting and TrackerError if it cannot listen.
    """
    with open_database(config.database):
        pass  # creates or migrates it before the first request reads it
    with ThreadPoolExecutor(_THREADS) as workers, open_listening_socket(config.web) as listener:
        server = uvicorn.Server(_uvicorn_config(config, workers))
        # Covers the time before uvicorn installs its own handlers and after it restores these.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, server.handle_exit)
        workers.submit(_warm_up_search, config)
        notify(f"Serving {socket_url(listener)} until it is interrupted.")
        server.run(sockets=[listener])
        workers.shutdown(cancel_futures=True)


def _uvicorn_config(config: Config, workers: ThreadPoolExecutor) -> uvicorn.Config:
    # It logs a warning for every invalid request, which anybody can send.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    return uvicorn.Config(
        create_app(config, workers), log_config=None, access_log=False, server_header=False,
        proxy_headers=False, lifespan="off", loop="asyncio", http="h11", ws="none",
        limit_concurrency=_CONNECTIONS, h11_max_incomplete_event_size=_MOST_HEAD,
        timeout_keep_alive=_IDLE_SECONDS, timeout_graceful_shutdown=_END_SECONDS,
    )  # fmt: skip


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
    with suppress(TrackerError), open_read_only(config.database) as db:
        today = datetime.now(UTC).date()
        options = hybrid_search.SearchOptions(limit=1)
        hybrid_search.search_papers(db, config, "language model", options, today=today)
