"""A patient client that does not make the suite wait, and where it keeps the pace."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.web_server import WebServer
from tracker.settings import Http
from tracker.sources.http import Client, Clock, Patience
from tracker.sources.pace import REAL

HURRIED = Patience(connect=2.0, read=2.0, attempt=2.0, total=5.0, tries=5, backoff=0.001)


@pytest.fixture
def make_client(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Builds clients that may visit this machine; keywords replace fields of the patience."""
    made: list[Client] = []

    def make(
        allowed: tuple[str, ...] = ("127.0.0.1",), clock: Clock = REAL, **patience: Any
    ) -> Client:
        http = Http(contact="tests@example.org", allow_private=allowed)
        quick = replace(HURRIED, **patience)
        made.append(Client(http, tmp_path / "state", patience=quick, clock=clock))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    """The usual one."""
    return make_client()


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server without pages."""
    with WebServer() as server:
        yield server
