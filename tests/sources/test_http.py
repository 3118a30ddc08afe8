"""The client against real sockets: what it sends, what it refuses, what it tries again."""

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
from tracker.sources.exchange import Answer
from tracker.sources.http import Ask, Client, Clock, Patience
from tracker.sources.watchdog import Watchdog

MakeClient = Callable[..., Client]
_ONE_TRY = Patience(tries=1)


@contextlib.contextmanager
def _listening(reply: bytes, *, hold: float) -> Iterator[tuple[int, list[bytes]]]:
    """A port that sends `reply` to whoever comes, waits, and closes; and what it received."""
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
def ask(server: ArxivServer) -> Ask:
    return Ask("test", server.url, {"max_results": "5"})


def test_a_request_says_who_we_are_and_what_we_want(
    client: Client, server: ArxivServer, ask: Ask
) -> None:
    answer = client.get(replace(ask, accept="application/atom+xml"))
    sent = server.log[0].headers
    assert answer.status == 200
    assert b"2603.00003" in answer.body
    assert sent["user-agent"].startswith("tracker/")
    assert "(+tests@example.org)" in sent["user-agent"]
    assert sent["accept"] == "application/atom+xml"
    assert sent["host"] == f"127.0.0.1:{server.port}"
    assert server.log[0].params == {"max_results": "5"}


@pytest.mark.parametrize("contact", ["a\r\nX-Evil: 1", "bö@example.org", "a) (b"])
def test_a_contact_that_cannot_stand_in_a_header_is_a_setting_to_mend(
    contact: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"http\.contact"):
        Client(Http(contact=contact), tmp_path)


def test_offline_touches_no_socket(server: ArxivServer, ask: Ask, tmp_path: Path) -> None:
    def look_up(*_: object) -> list[str]:
        raise AssertionError("the name was looked up")

    client = Client(Http(offline=True), tmp_path, look_up=look_up)
    with pytest.raises(SourceRefused, match=r"http\.offline"):
        client.get(ask)
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
def test_what_passes_is_tried_again(
    fault: faults.Fault, client: Client, server: ArxivServer, ask: Ask
) -> None:
    server.script.extend([fault] * 4)
    assert client.get(ask).status == 200
    assert len(server.log) == 5


@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_is_given_up_with_its_reason(
    fault: faults.Fault, client: Client, server: ArxivServer, ask: Ask
) -> None:
    server.script.extend([fault] * 99)
    with pytest.raises(SourceUnavailable, match=r"HTTP|no answer") as caught:
        client.get(ask)
    assert caught.value.source == "test"
    assert server.url in caught.value.url
    assert len(server.log) == 5


def test_waits_between_tries_double_up_to_a_limit_and_are_drawn_at_random(
    make_client: MakeClient, server: ArxivServer, ask: Ask
) -> None:
    drawn: list[tuple[float, float]] = []
    slept: list[float] = []

    def jitter(low: float, high: float) -> float:
        drawn.append((low, high))
        return high / 2

    clock = Clock(jitter=jitter, sleep=slept.append)
    server.script.extend([faults.status(503)] * 4)
    make_client(clock=clock, backoff=0.5, longest=1.5).get(ask)
    assert drawn == [(0, 0.5), (0, 1), (0, 1.5), (0, 1.5)]
    assert slept == [0.25, 0.5, 0.75, 0.75]


def test_a_retry_after_is_waited_for(client: Client, server: ArxivServer, ask: Ask) -> None:
    server.script.append(faults.status(429, Retry_After="1"))
    client.get(ask)
    assert server.gaps()[0] > 0.99


def test_a_retry_after_beyond_our_patience_is_told_and_kept(
    client: Client, make_client: MakeClient, server: ArxivServer, ask: Ask
) -> None:
    server.script.append(faults.status(503, Retry_After="120"))
    with pytest.raises(SourceUnavailable) as caught:
        client.get(ask)
    assert caught.value.retry_after == 120
    with pytest.raises(SourceUnavailable) as later:
        make_client().get(ask)
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
    assert Answer(429, "", {"retry-after": header}, b"").retry_after(NOW) == seconds


@pytest.mark.parametrize("code", [401, 403, 451])
def test_a_no_is_taken_at_once(code: int, client: Client, server: ArxivServer, ask: Ask) -> None:
    server.script.append(faults.status(code))
    with pytest.raises(SourceRefused, match=f"HTTP {code}"):
        client.get(ask)
    assert len(server.log) == 1


def test_a_status_is_an_answer_only_for_those_who_expect_it(
    client: Client, server: ArxivServer, ask: Ask
) -> None:
    server.script.extend([faults.status(404)] * 2)
    with pytest.raises(SourceMalformed, match="HTTP 404"):
        client.get(ask)
    assert client.get(replace(ask, expect=(200, 404))).status == 404


def test_a_conditional_request_may_be_answered_with_nothing_new(
    client: Client, server: ArxivServer, ask: Ask
) -> None:
    stamps = {"ETag": '"a1"', "Last-Modified": formatdate(NOW, usegmt=True)}
    server.script.append(lambda *_: Reply(b"body", headers=stamps))
    server.script.append(lambda *_: Reply(b"", 304))
    first = client.get(ask)
    again = client.get(replace(ask, etag=first.etag, modified=first.modified))
    assert (first.body, first.unchanged) == (b"body", False)
    assert (again.body, again.unchanged) == (b"", True)
    sent = server.log[1].headers
    assert sent["if-none-match"] == '"a1"'
    assert sent["if-modified-since"] == first.modified


def test_a_304_nobody_asked_for_is_not_an_answer(
    client: Client, server: ArxivServer, ask: Ask
) -> None:
    server.script.append(lambda *_: Reply(b"", 304))
    with pytest.raises(SourceMalformed, match="304"):
        client.get(ask)


def test_compressed_answers_are_unpacked(client: Client, server: ArxivServer, ask: Ask) -> None:
    server.script.append(faults.zipped())
    assert client.get(ask).body.rstrip().endswith(b"</feed>")


def test_a_gzip_bomb_is_stopped_at_the_cap(client: Client, server: ArxivServer, ask: Ask) -> None:
    server.script.append(faults.bomb(64))
    with pytest.raises(SourceMalformed, match="over 1,000,000 bytes"):
        client.get(replace(ask, cap=1_000_000))


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "nonsense"])
def test_encodings_that_were_not_asked_for_are_not_unpacked(
    encoding: str, client: Client, server: ArxivServer, ask: Ask
) -> None:
    server.script.append(lambda *_: Reply(b"x", headers={"Content-Encoding": encoding}))
    with pytest.raises(SourceMalformed, match="Content-Encoding"):
        client.get(ask)


def test_damaged_compression_is_said(client: Client, server: ArxivServer, ask: Ask) -> None:
    server.script.append(lambda *_: Reply(b"x" * 99, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(SourceMalformed, match="unpacked"):
        client.get(ask)


def test_a_server_that_drips_is_cut_off_in_the_headers_already(
    make_client: MakeClient, server: ArxivServer, ask: Ask
) -> None:
    server.script.append(faults.slow(0.05))
    before = time.monotonic()
    with pytest.raises(SourceUnavailable, match="in time"):
        make_client(attempt=0.3, tries=1).get(ask)
    assert time.monotonic() - before < 1


def test_a_cut_body_without_a_length_is_not_taken_for_a_whole_one(
    make_client: MakeClient,
) -> None:
    """Closing ends such a body, and it is we who close a slow one: that is not its end."""
    with (
        _listening(b"HTTP/1.1 200 OK\r\n\r\nhalf a bo", hold=2.0) as (port, _),
        pytest.raises(SourceUnavailable, match="in time"),
    ):
        make_client(attempt=0.2, tries=1).get(Ask("test", f"http://127.0.0.1:{port}/"))


def test_redirects_are_followed_and_the_answer_says_where_it_came_from(
    client: Client, server: ArxivServer, ask: Ask
) -> None:
    server.script.extend([faults.redirect("/moved?max_results=2#part", 301), faults.redirect("/b")])
    answer = client.get(ask)
    assert answer.url == f"http://127.0.0.1:{server.port}/b"
    assert [asked.path for asked in server.log] == ["/api/query", "/moved", "/b"]


def test_redirects_without_end_are_left(client: Client, server: ArxivServer, ask: Ask) -> None:
    server.script.extend([faults.redirect("/again")] * 99)
    with pytest.raises(SourceRefused, match="more than 5 redirects"):
        client.get(ask)
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
def test_a_redirect_leads_to_no_private_place_and_no_other_scheme(
    target: str, client: Client, server: ArxivServer, ask: Ask
) -> None:
    server.script.append(faults.redirect(target))
    with pytest.raises(SourceError) as caught:
        client.get(ask)
    assert "secret" not in str(caught.value)
    assert len(server.log) == 1
    assert isinstance(caught.value, SourceRefused)


@pytest.mark.parametrize(
    "url", ["http://\x00/", "no address", "", "http://", f"http://{'a' * 70}.example/"]
)
def test_what_is_no_address_is_refused(url: str, client: Client) -> None:
    with pytest.raises(SourceRefused):
        client.get(Ask("test", url))


def test_private_hosts_are_refused_unless_the_settings_name_them(
    make_client: MakeClient, server: ArxivServer, ask: Ask
) -> None:
    with pytest.raises(SourceRefused, match="not a public address"):
        make_client(allowed=()).get(ask)
    assert server.log == []


def test_the_connection_goes_to_the_checked_address_under_the_hosts_name(
    server: ArxivServer, tmp_path: Path
) -> None:
    """The name is looked up once for each request: a second answer has nobody to mislead."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    client = Client(
        Http(allow_private=("mirror.test",)), tmp_path, look_up=lambda *_: answers.pop(0)
    )
    client.get(Ask("test", f"http://mirror.test:{server.port}/"))
    assert server.log[0].headers["host"] == f"mirror.test:{server.port}"
    assert answers == [["10.0.0.1"]]


def test_the_next_address_of_a_host_is_tried_when_one_is_dead(
    server: ArxivServer, tmp_path: Path
) -> None:
    http = Http(allow_private=("mirror.test",))
    client = Client(http, tmp_path, look_up=lambda *_: ["127.0.0.9", "127.0.0.1"])
    assert client.get(Ask("test", f"http://mirror.test:{server.port}/")).status == 200


def test_tls_asks_for_the_name_not_for_the_address(tmp_path: Path) -> None:
    """Read off the first bytes of the handshake, where the server's name stands in clear."""
    with _listening(b"no TLS here", hold=0.0) as (port, received):
        client = Client(
            Http(allow_private=("mirror.test",)),
            tmp_path,
            look_up=lambda *_: ["127.0.0.1"],
            patience=_ONE_TRY,
        )
        with pytest.raises(SourceUnavailable, match="SSL"):
            client.get(Ask("test", f"https://mirror.test:{port}/"))
    assert b"mirror.test" in b"".join(received)


def test_the_environments_proxies_are_not_used(
    monkeypatch: pytest.MonkeyPatch, client: Client, ask: Ask
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert client.get(ask).status == 200


def test_a_name_that_does_not_resolve_is_unavailable(tmp_path: Path) -> None:
    def look_up(*_: object) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    client = Client(Http(), tmp_path, patience=_ONE_TRY, look_up=look_up)
    with pytest.raises(SourceUnavailable, match="cannot be resolved"):
        client.get(Ask("test", "https://nowhere.example/"))


def test_a_refused_connection_is_unavailable(make_client: MakeClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SourceUnavailable, match="ConnectError"):
        make_client(tries=2).get(Ask("test", f"http://127.0.0.1:{port}/"))


def test_no_cookie_is_kept(client: Client, server: ArxivServer, ask: Ask) -> None:
    server.script.append(lambda *_: Reply(b"x", headers={"Set-Cookie": "id=1; Path=/"}))
    client.get(ask)
    client.get(ask)
    assert "cookie" not in server.log[1].headers


def test_a_connection_made_after_the_time_was_up_is_cut_too() -> None:
    here, there = socket.socketpair()

    class Stream:
        def get_extra_info(self, _: str) -> socket.socket:
            return here

    def late() -> None:
        with Watchdog(0) as watchdog:
            while not watchdog.bitten:
                time.sleep(0.001)
            watchdog.trace("connection.connect_tcp.complete", {"return_value": Stream()})
            assert there.recv(1) == b""

    with pytest.raises(TimeoutError):
        late()
    here.close()
    there.close()
