"""The client against real sockets: what it sends, rejects and retries."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.faults import arxiv_server as faults
from tests.faults.arxiv_server import ArxivServer, Reply, invented
from tracker.errors import (
    ConfigError,
    SourceError,
    SourceMalformed,
    SourceRefused,
    SourceUnavailable,
)
from tracker.settings import Http
from tracker.sources.http.client import Client, Clock, Request, RetryPolicy
from tracker.sources.http.messages import Response
from tracker.sources.http.watchdog import Watchdog

MakeClient = Callable[..., Client]
_ONE_TRY = RetryPolicy(max_attempts=1)


@contextlib.contextmanager
def _listening(reply: bytes, *, hold: float) -> Iterator[tuple[int, list[bytes]]]:
    """A port that sends `reply` to any client, waits, and closes; and the bytes it received."""
    received: list[bytes] = []
    done = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            received.append(connection.recv(65536))
            connection.sendall(reply)
            done.wait(hold)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1], received
        done.set()
        thread.join()


@pytest.fixture
def server() -> Iterator[ArxivServer]:
    with ArxivServer(invented(3)) as running:
        yield running


@pytest.fixture
def query(server: ArxivServer) -> Request:
    return Request("test", server.url, {"max_results": "5"})


def test_a_request_has_user_agent_and_accept_headers(
    client: Client, server: ArxivServer, query: Request
) -> None:
    answer = client.get(replace(query, accept="application/atom+xml"))
    sent = server.log[0].headers
    assert answer.status == 200
    assert b"2603.00003" in answer.body
    assert sent["user-agent"].startswith("tracker/")
    assert "(+tests@example.org)" in sent["user-agent"]
    assert sent["accept"] == "application/atom+xml, */*;q=0.1"
    assert sent["host"] == f"127.0.0.1:{server.port}"
    assert server.log[0].params == {"max_results": "5"}


@pytest.mark.parametrize("contact", ["a\r\nX-Evil: 1", "bö@example.org", "a) (b"])
def test_a_contact_that_is_invalid_in_a_header_is_a_configuration_error(
    contact: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"http\.contact"):
        Client(Http(contact=contact), tmp_path)


def test_offline_opens_no_socket(server: ArxivServer, query: Request, tmp_path: Path) -> None:
    def look_up(*_: object) -> list[str]:
        raise AssertionError("the name was looked up")

    client = Client(Http(offline=True), tmp_path, resolver=look_up)
    with pytest.raises(SourceRefused, match=r"http\.offline"):
        client.get(query)
    assert server.log == []


PASSING = [
    faults.status(429),
    faults.status(406),
    faults.status(500),
    faults.status(502),
    faults.status(503, Retry_After="0"),
    faults.status(429, Retry_After="nonsense"),
    faults.reset(0),
    faults.reset(100),
]


@pytest.mark.parametrize("fault", PASSING)
def test_temporary_failures_are_retried(
    fault: faults.Fault, client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.extend([fault] * 4)
    assert client.get(query).status == 200
    assert len(server.log) == 5


@pytest.mark.parametrize("fault", PASSING)
def test_persistent_failures_are_reported_with_the_reason(
    fault: faults.Fault, client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.extend([fault] * 99)
    with pytest.raises(SourceUnavailable, match=r"HTTP|no answer") as caught:
        client.get(query)
    assert caught.value.source == "test"
    assert server.url in caught.value.url
    assert len(server.log) == 5


def test_backoff_doubles_up_to_a_limit_with_full_jitter(
    make_client: MakeClient, server: ArxivServer, query: Request
) -> None:
    drawn: list[tuple[float, float]] = []
    slept: list[float] = []

    def jitter(low: float, high: float) -> float:
        drawn.append((low, high))
        return high / 2

    clock = Clock(jitter=jitter, sleep=slept.append)
    server.script.extend([faults.status(503)] * 4)
    make_client(clock=clock, backoff=0.5, max_backoff=1.5).get(query)
    assert drawn == [(0, 0.5), (0, 1), (0, 1.5), (0, 1.5)]
    assert slept == [0.25, 0.5, 0.75, 0.75]


def test_a_retry_after_is_respected(client: Client, server: ArxivServer, query: Request) -> None:
    server.script.append(faults.status(429, Retry_After="1"))
    client.get(query)
    assert server.gaps()[0] > 0.99


def test_a_retry_after_beyond_the_deadline_is_reported_and_stored(
    client: Client, make_client: MakeClient, server: ArxivServer, query: Request
) -> None:
    server.script.append(faults.status(503, Retry_After="120"))
    with pytest.raises(SourceUnavailable) as caught:
        client.get(query)
    assert caught.value.retry_after == 120
    with pytest.raises(SourceUnavailable) as later:
        make_client().get(query)
    assert later.value.retry_after == pytest.approx(120, abs=5)
    assert len(server.log) == 1


NOW = 1_750_000_000.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        (formatdate(NOW + 90, usegmt=True), 90),
        (formatdate(NOW - 90, usegmt=True), 0),
        ("9" * 400, 999_999_999),
        ("-3", None),
        ("soon", None),
        ("²", None),
        ("", None),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert Response(429, "", {"retry-after": header}, b"").retry_after(NOW) == seconds


@pytest.mark.parametrize("code", [401, 403, 451])
def test_a_refusal_is_not_retried(
    code: int, client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.append(faults.status(code))
    with pytest.raises(SourceRefused, match=f"HTTP {code}"):
        client.get(query)
    assert len(server.log) == 1


def test_a_status_is_returned_only_to_callers_that_expect_it(
    client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.extend([faults.status(404)] * 2)
    with pytest.raises(SourceMalformed, match="HTTP 404"):
        client.get(query)
    assert client.get(replace(query, expect=(200, 404))).status == 404


def test_a_conditional_request_may_return_an_unchanged_response(
    client: Client, server: ArxivServer, query: Request
) -> None:
    stamps = {"ETag": '"a1"', "Last-Modified": formatdate(NOW, usegmt=True)}
    server.script.append(lambda *_: Reply(b"body", headers=stamps))
    server.script.append(lambda *_: Reply(b"", 304))
    first = client.get(query)
    again = client.get(replace(query, etag=first.etag, last_modified=first.last_modified))
    assert (first.body, first.is_unchanged) == (b"body", False)
    assert (again.body, again.is_unchanged) == (b"", True)
    sent = server.log[1].headers
    assert sent["if-none-match"] == '"a1"'
    assert sent["if-modified-since"] == first.last_modified


def test_an_unrequested_304_is_an_error(
    client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.append(lambda *_: Reply(b"", 304))
    with pytest.raises(SourceMalformed, match="304"):
        client.get(query)


def test_compressed_responses_are_decoded(
    client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.append(faults.zipped())
    assert client.get(query).body.rstrip().endswith(b"</feed>")


def test_a_gzip_bomb_is_stopped_at_the_limit(
    client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.append(faults.bomb(64))
    with pytest.raises(SourceMalformed, match="over 1,000,000 bytes"):
        client.get(replace(query, max_bytes=1_000_000))


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "nonsense"])
def test_encodings_that_were_not_requested_are_rejected(
    encoding: str, client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.append(lambda *_: Reply(b"x", headers={"Content-Encoding": encoding}))
    with pytest.raises(SourceMalformed, match="Content-Encoding"):
        client.get(query)


def test_damaged_compression_is_reported(
    client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.append(lambda *_: Reply(b"x" * 99, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(SourceMalformed, match="unpacked"):
        client.get(query)


def test_a_slow_server_is_disconnected_even_in_the_headers(
    make_client: MakeClient, server: ArxivServer, query: Request
) -> None:
    server.script.append(faults.slow(0.05))
    before = time.monotonic()
    with pytest.raises(SourceUnavailable, match="in time"):
        make_client(attempt=0.3, max_attempts=1).get(query)
    assert time.monotonic() - before < 1


def test_a_body_without_a_length_that_we_cut_off_is_not_complete(
    make_client: MakeClient,
) -> None:
    """Closing ends such a body, but a slow one is closed by us, which is not its end."""
    with (
        _listening(b"HTTP/1.1 200 OK\r\n\r\nhalf a bo", hold=2.0) as (port, _),
        pytest.raises(SourceUnavailable, match="in time"),
    ):
        make_client(attempt=0.2, max_attempts=1).get(Request("test", f"http://127.0.0.1:{port}/"))


def test_redirects_are_followed_and_the_response_has_the_final_address(
    client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.extend([faults.redirect("/moved?max_results=2#part", 301), faults.redirect("/b")])
    answer = client.get(query)
    assert answer.url == f"http://127.0.0.1:{server.port}/b"
    assert [logged.path for logged in server.log] == ["/api/query", "/moved", "/b"]


def test_endless_redirects_are_stopped(client: Client, server: ArxivServer, query: Request) -> None:
    server.script.extend([faults.redirect("/again")] * 99)
    with pytest.raises(SourceRefused, match="more than 5 redirects"):
        client.get(query)
    assert len(server.log) == 6


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2/",
        "http://localhost:9/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "javascript:alert(1)",
        "http://user:secret@127.0.0.1/",
    ],
)
def test_a_redirect_to_a_private_address_or_another_scheme_is_rejected(
    target: str, client: Client, server: ArxivServer, query: Request
) -> None:
    server.script.append(faults.redirect(target))
    with pytest.raises(SourceError) as caught:
        client.get(query)
    assert "secret" not in str(caught.value)
    assert len(server.log) == 1
    assert isinstance(caught.value, SourceRefused)


@pytest.mark.parametrize(
    "url", ["http://\x00/", "no address", "", "http://", f"http://{'a' * 70}.example/"]
)
def test_an_invalid_address_is_rejected(url: str, client: Client) -> None:
    with pytest.raises(SourceRefused):
        client.get(Request("test", url))


def test_private_hosts_are_rejected_unless_in_the_settings(
    make_client: MakeClient, server: ArxivServer, query: Request
) -> None:
    with pytest.raises(SourceRefused, match="not a public address"):
        make_client(allowed=()).get(query)
    assert server.log == []


def test_the_connection_goes_to_the_checked_address_under_the_hosts_name(
    server: ArxivServer, tmp_path: Path
) -> None:
    """The name is looked up once per request, so that a second look-up cannot mislead us."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    client = Client(
        Http(allow_private=("mirror.test",)), tmp_path, resolver=lambda *_: answers.pop(0)
    )
    client.get(Request("test", f"http://mirror.test:{server.port}/"))
    assert server.log[0].headers["host"] == f"mirror.test:{server.port}"
    assert answers == [["10.0.0.1"]]


def test_the_next_address_of_a_host_is_tried_when_one_is_dead(
    server: ArxivServer, tmp_path: Path
) -> None:
    http = Http(allow_private=("mirror.test",))
    client = Client(http, tmp_path, resolver=lambda *_: ["127.0.0.9", "127.0.0.1"])
    assert client.get(Request("test", f"http://mirror.test:{server.port}/")).status == 200


def test_tls_uses_the_name_not_the_address(tmp_path: Path) -> None:
    """Found in the first bytes of the handshake, which contain the server's name unencrypted."""
    with _listening(b"no TLS here", hold=0.0) as (port, received):
        client = Client(
            Http(allow_private=("mirror.test",)),
            tmp_path,
            resolver=lambda *_: ["127.0.0.1"],
            retry_policy=_ONE_TRY,
        )
        with pytest.raises(SourceUnavailable, match="SSL"):
            client.get(Request("test", f"https://mirror.test:{port}/"))
    assert b"mirror.test" in b"".join(received)


def test_the_environments_proxies_are_not_used(
    monkeypatch: pytest.MonkeyPatch, client: Client, query: Request
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert client.get(query).status == 200


def test_a_name_that_does_not_resolve_is_unavailable(tmp_path: Path) -> None:
    def look_up(*_: object) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    client = Client(Http(), tmp_path, retry_policy=_ONE_TRY, resolver=look_up)
    with pytest.raises(SourceUnavailable, match="cannot be resolved"):
        client.get(Request("test", "https://nowhere.example/"))


def test_a_refused_connection_is_unavailable(make_client: MakeClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SourceUnavailable, match="ConnectError"):
        make_client(max_attempts=2).get(Request("test", f"http://127.0.0.1:{port}/"))


def test_cookies_are_not_stored(client: Client, server: ArxivServer, query: Request) -> None:
    server.script.append(lambda *_: Reply(b"x", headers={"Set-Cookie": "id=1; Path=/"}))
    client.get(query)
    client.get(query)
    assert "cookie" not in server.log[1].headers


def test_a_connection_made_after_the_time_limit_is_closed() -> None:
    here, there = socket.socketpair()

    class Stream:
        def get_extra_info(self, _: str) -> socket.socket:
            return here

    def late() -> None:
        with Watchdog(0) as watchdog:
            while not watchdog.timed_out:
                time.sleep(0.001)
            watchdog.trace("connection.connect_tcp.complete", {"return_value": Stream()})
            assert there.recv(1) == b""

    with pytest.raises(TimeoutError):
        late()
    here.close()
    there.close()
