"""HTTP clients with short time limits, and a web server."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.web_server import WebServer
from tracker.settings import Http
from tracker.sources.http.client import Client, Clock, RetryPolicy
from tracker.sources.http.rate_limit import REAL

QUICK_POLICY = RetryPolicy(
    connect=2.0, read=2.0, attempt=2.0, total=5.0, max_attempts=5, backoff=0.001
)


@pytest.fixture
def make_client(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Return a factory of clients that may access loopback; keywords replace retry limits."""
    made: list[Client] = []

    def make(
        allowed: tuple[str, ...] = ("127.0.0.1",), clock: Clock = REAL, **limits: Any
    ) -> Client:
        http = Http(contact="tests@example.org", allow_private=allowed)
        policy = replace(QUICK_POLICY, **limits)
        made.append(Client(http, tmp_path / "state", retry_policy=policy, clock=clock))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    """A client with the default limits of the tests."""
    return make_client()


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server without pages."""
    with WebServer() as server:
        yield server
