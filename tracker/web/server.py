"""`tracker serve`: the site on a socket, until SIGTERM or SIGINT.

Owns uvicorn. Requests are not logged: tokens stand in their addresses.
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

from tracker.delivery.links import public_url
from tracker.errors import ConfigError, TrackerError
from tracker.pipeline import finding
from tracker.settings import Config, Web
from tracker.store.database import opened, reading
from tracker.web.site import site

# A page takes a core for some 20 ms; two more threads answer while one waits for the database.
_THREADS = 4
_CONNECTIONS = 200
_IDLE_SECONDS, _END_SECONDS = 5, 3
_MOST_HEAD = 16_384
_LAST_PORT = 65_535


def serve(config: Config, say: Callable[[str], None]) -> None:
    """Answer until a signal says stop; `say` is told the address.

    The first search is warmed up meanwhile. Main thread only, as signal handlers are. Raises
    ConfigError for a wrong setting and TrackerError where nothing can be listened to.
    """
    with opened(config.database):
        pass  # made, or brought up to date, before anybody reads it
    with ThreadPoolExecutor(_THREADS) as workers, listening(config.web) as taken:
        server = uvicorn.Server(_settings(config, workers))
        # Not before uvicorn's own handlers are set, and after they are taken back, either.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, server.handle_exit)
        workers.submit(_warm, config)
        say(f"Serving {address(taken)} until it is interrupted.")
        server.run(sockets=[taken])
        workers.shutdown(cancel_futures=True)


def _settings(config: Config, workers: ThreadPoolExecutor) -> uvicorn.Config:
    # It warns of every request that is not HTTP, which anybody can send at will.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    return uvicorn.Config(
        site(config, workers), log_config=None, access_log=False, server_header=False,
        proxy_headers=False, lifespan="off", loop="asyncio", http="h11", ws="none",
        limit_concurrency=_CONNECTIONS, h11_max_incomplete_event_size=_MOST_HEAD,
        timeout_keep_alive=_IDLE_SECONDS, timeout_graceful_shutdown=_END_SECONDS,
    )  # fmt: skip


@contextmanager
def listening(web: Web) -> Iterator[socket.socket]:
    """A socket that listens where the settings say; port 0 is any that is free."""
    family, place = _place(web)
    try:
        taken = socket.create_server(place, family=family, backlog=128)
    except OSError as error:
        # Python adds the address to the words of the system.
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise TrackerError(
            f"Cannot listen on {web.host} port {web.port}: {reason}."
            " `tracker --set web.port=NUMBER serve` takes another."
        ) from error
    with taken:
        yield taken


def _place(web: Web) -> tuple[int, tuple[Any, ...]]:
    """Family and address to listen on. Raises ConfigError for one that there cannot be.

    Nor may it be every address as long as nobody has said by which name we are asked for.
    """
    if web.port > _LAST_PORT:
        raise ConfigError(f"The setting web.port cannot be {web.port}: ports end at {_LAST_PORT}.")
    try:
        family, *_, place = socket.getaddrinfo(web.host, web.port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"The setting web.host cannot be {web.host!r}: there is no such address."
        ) from error
    if ip_address(place[0]).is_unspecified and not public_url(web):
        raise ConfigError(
            f"With web.host {web.host} the pages can be reached from outside: set web.public_url to"
            " the address that will be asked for, e.g. https://digest.example.org."
        )
    return family, place


def address(taken: socket.socket) -> str:
    """Where the socket can be reached, as a browser wants it."""
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _warm(config: Config) -> None:
    """Load the index and the model, which takes a first search most of its time."""
    with suppress(TrackerError), reading(config.database) as db:
        today = datetime.now(UTC).date()
        finding.search(db, config, "language model", limit=1, only=finding.only(), today=today)
