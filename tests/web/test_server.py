"""What the server withstands: hostile requests, a crowd, a crawl beside it, and its own end."""

import signal
import socket
import sqlite3
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.cli.commands import process
from tests.web.browsing import Site, published, serving
from tracker.errors import StoreError
from tracker.locking import hold_lock
from tracker.store import papers
from tracker.store.database import open_database, open_read_only, write_transaction


@pytest.mark.parametrize(
    "path",
    ["/../tracker.db", "/..%2ftracker.db", "/%2e%2e/config.toml", "//etc/passwd", "/signing.key",
     "/digests/web/index.html", "/weekly-2026-W11.html/", "/weekly-2026-W11.html%00.css",
     "/index.html\\..\\..\\x", "/.index.html.part", "/paper/../../tracker.db", "/paper/%00",
     "/topic/%2e%2e", "/paper/" + "9" * 5000, "/%ff%fe", "/search/", "/u/", "/p/", "/style.css/x"],
)  # fmt: skip
def test_paths_cannot_escape_the_site(path: str, site: Site) -> None:
    reply = site.ask(path)
    assert reply.status == 404
    assert b"SQLite" not in reply.body
    assert "content-security-policy" in reply.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::2]", "a b", "@"]
)
def test_unknown_host_names_are_refused(host: str, site: Site) -> None:
    assert site.ask("/", Host=host).status == 400


@pytest.mark.parametrize("host", ["digest.example.org", "localhost:1", "127.0.0.1", "[::1]:9"])
def test_configured_host_names_are_accepted(host: str, site: Site) -> None:
    assert site.ask("/", Host=host).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"])
def test_other_methods_are_refused(method: str, site: Site) -> None:
    for path in ("/", "/search?q=moe", "/feed.atom", "/topics"):
        reply = site.ask(path, method, b"q=1")
        assert reply.status == 405, path
        assert "GET" in reply.headers["allow"]


def test_a_query_that_is_too_long_is_refused(site: Site) -> None:
    assert "1,000 characters" in site.find("x" * 1001).text
    assert site.find("模型 " * 333).status == 200
    line = b"GET /search?q=%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"x" * 1_000_000)
    assert site.raw(line).partition(b"\r\n")[0] in (b"", b"HTTP/1.1 400 Bad Request")
    assert site.ask("/search?" + "&".join(f"q{n}=1" for n in range(1500))).status == 200
    assert site.ask("/search?q=moe&n=99999999999999999999&sort=date").status == 200
    assert site.ask("/search?q=moe&sort=rowid").status == 400


@pytest.mark.parametrize(
    "request_bytes",
    [b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n", b"GET /\r\nX: y\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
     b"POST /u/1.x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
     b"GET /\r\nSet-Cookie: a=b HTTP/1.1\r\nHost: localhost\r\n\r\n", b"A" * 100_000],
)  # fmt: skip
def test_invalid_requests_do_no_harm(request_bytes: bytes, site: Site) -> None:
    answer = site.raw(request_bytes)
    assert b" 200 " not in answer[:20]
    assert b"Set-Cookie" not in answer
    assert site.ask("/").status == 200


def test_many_requests_are_answered_during_writes(demo_home: Path, tmp_path: Path) -> None:
    home = published(demo_home, tmp_path / "home")
    paths = ["/", "/search?q=MoE", "/topics", "/paper/2602.92029", "/weekly-2026-W11.html"] * 12

    def written() -> int:
        for number in range(40):
            with open_database(home / "tracker.db") as db, write_transaction(db):
                db.execute("CREATE TABLE IF NOT EXISTS crowd (number INTEGER)")
                db.execute("INSERT INTO crowd (number) VALUES (?)", [number])
        return 40

    # Another run holds the lock of the long runs all the while.
    with (
        hold_lock(home / "run.lock", "crawl"),
        serving(home) as site,
        ThreadPoolExecutor(16) as crowd,
    ):
        rows = crowd.submit(written)
        assert {reply.status for reply in crowd.map(site.ask, paths)} == {200}
        assert rows.result() == 40


def _connect_silently(site: Site, sent: bytes) -> socket.socket:
    line = socket.create_connection((site.host, site.port), timeout=10)
    line.sendall(sent)
    return line


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "]
)
def test_silent_connections_do_not_deny_service(sent: bytes, site: Site) -> None:
    with ExitStack() as stack:
        for _ in range(250):
            stack.enter_context(_connect_silently(site, sent))
        started = time.monotonic()
        assert [site.ask("/robots.txt").status for _ in range(5)] == [200] * 5
        assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "body", [b"Content-Length: 100\r\n\r\na", b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"]
)
def test_unfinished_bodies_do_not_deny_service(body: bytes, site: Site) -> None:
    request = b"POST /u/1.x HTTP/1.1\r\nHost: localhost\r\n" + body
    with ExitStack() as stack:
        for _ in range(250):
            stack.enter_context(_connect_silently(site, request))
        assert [site.ask("/robots.txt").status for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([b"GET / HTTP/1.1\nHost: localhost\n\n"], b"400"),
        ([b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\nContent-Length: 4\r\n\r\n"], b"400"),
        ([b"\r\n\r\nGET / HTTP/1.1\r\nX: a\nHost: localhost\r\n\r\n"], b"400"),
        ([b"GET / HTTP/1.1\r", b"\nHost: localhost\r\nX: a", b"\nY: b\r\n\r\n"], b"400"),
        ([b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"], b"400"),
        ([b"GET / HTTP/1.1\r", b"\nHost: localhost\r\n\r", b"\n"], b"200"),
        ([b"POST /u/1.x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r", b"\n", b"a\n\nb"],
         b"404"),
    ],
)  # fmt: skip
def test_heads_are_read_strictly(pieces: list[bytes], status: bytes, site: Site) -> None:
    with socket.create_connection((site.host, site.port), timeout=30) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            line.sendall(piece)
            time.sleep(0.01)
        assert line.recv(65536)[9:12] == status


def test_a_client_that_reads_no_answer_does_not_deny_service(site: Site) -> None:
    request = b"GET /topics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(120):
            stack.enter_context(_connect_silently(site, request))
        assert site.ask("/robots.txt").status == 200


def test_a_slow_head_is_disconnected_in_time(demo_home: Path, tmp_path: Path) -> None:
    home = published(demo_home, tmp_path / "home")
    with serving(home, "web.header_seconds=0.3") as site:
        whole = b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for start in (b"", whole):  # also on a kept connection, after an answer
            with _connect_silently(site, start + b"GET / HTTP/1.1\r\n") as line:
                _drip_until_closed(line)


def _drip_until_closed(line: socket.socket) -> None:
    """Send single bytes of a header until the server closes the connection, at most 10 s."""
    end = time.monotonic() + 10
    line.settimeout(0.05)
    with suppress(ConnectionError):
        while time.monotonic() < end:
            line.sendall(b"X")
            with suppress(TimeoutError):
                if not line.recv(65536):
                    return
        pytest.fail("the connection is still open")


def test_kept_connections_answer_without_delay(site: Site) -> None:
    """Nagle's algorithm and delayed acknowledgements would take 40 ms for each answer."""
    connection = HTTPConnection(site.host, site.port, timeout=30)
    durations = []
    for _ in range(15):
        started = time.perf_counter()
        connection.request("GET", "/robots.txt")
        connection.getresponse().read()
        durations.append(time.perf_counter() - started)
    connection.close()
    assert statistics.median(durations[1:]) < 0.03


def test_read_connections_are_read_only_and_time_limited(home: Path) -> None:
    endless = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )
    with open_read_only(home / "tracker.db") as db:
        assert papers.count_works(db) > 100
        with pytest.raises(Exception, match="readonly"):
            db.execute("DELETE FROM works")
    with (
        pytest.raises(StoreError, match="interrupted"),
        open_read_only(home / "tracker.db", 1_000_000) as db,
    ):
        db.execute(endless).fetchall()


def test_get_requests_do_not_change_the_database(site: Site) -> None:
    own = site.subscribe("reads@x.example")
    pages = (
        "", "?lang=zh-TW", "search?q=moe", "paper/2603.91911", "similar/2603.91911", "topics",
        "topic/moe", "feed.atom", "robots.txt", "nowhere", "paper/2603.00001",
    )  # fmt: skip
    before = _dump(site.home)
    for page in (*(f"/{page}" for page in pages), own.unsubscribe, own.preferences):
        for method in ("GET", "HEAD"):
            assert site.ask(page, method).status in (200, 404), page
    assert _dump(site.home) == before


def _dump(home: Path) -> str:
    """Every table of the database as SQL."""
    with closing(sqlite3.connect(home / "tracker.db")) as connection:
        return "\n".join(connection.iterdump())


def test_a_damaged_database_is_reported_to_the_operator_only(
    demo_home: Path, tmp_path: Path
) -> None:
    home = published(demo_home, tmp_path / "home")
    with serving(home) as site:
        (home / "tracker.db").write_bytes(b"no database" * 1000)
        replies = [site.ask("/"), site.find("moe"), site.post("/u/1.x", "")]
        assert site.ask("/weekly-2026-W11.html").status == 200, "which needs no database"
    assert {reply.status for reply in replies} == {503}
    assert not any(str(home) in reply.text for reply in replies)
    assert str(home) in (home / "stderr.txt").read_text()


def test_no_token_is_ever_logged(demo_home: Path, tmp_path: Path) -> None:
    home = published(demo_home, tmp_path / "home")
    with serving(home) as site:
        own = site.subscribe("a@x.example")
        for path in (own.unsubscribe, own.preferences, f"{own.unsubscribe}x"):
            site.ask(path)
            site.post(path, "nonsense")
            site.raw(f"GET {path} HTTP/9\r\n\r\n".encode())
        site.post(own.unsubscribe, "List-Unsubscribe=One-Click")
    stderr = (home / "stderr.txt").read_text()
    assert stderr == f"tracker: Serving http://127.0.0.1:{site.port}/ until it is interrupted.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_quickly_and_cleanly(
    number: int, demo_home: Path, tmp_path: Path
) -> None:
    home = published(demo_home, tmp_path / "home")
    with serving(home) as site:
        waiting = socket.create_connection((site.host, site.port))  # and says nothing
        assert site.ask("/").status == 200
        site.process.send_signal(number)
        assert site.process.wait(20) == 0
        waiting.close()
    assert "Traceback" not in (home / "stderr.txt").read_text()


@pytest.mark.parametrize(
    ("settings", "code", "stderr"),
    [
        (("web.public_url=digest.example.org",), 4, "web.public_url"),
        (("web.host=0.0.0.0",), 4, "set web.public_url"),
        (("web.host=0",), 4, "set web.public_url"),
        (("web.host=::",), 4, "set web.public_url"),
        (("web.host=a..b",), 4, "web.host"),
        (("web.host=",), 4, "web.host"),
        (("web.port=70000",), 4, "web.port"),
        (("web.port=high",), 4, "web.port"),
        (("web.host=198.51.100.1",), 1, "Cannot listen on 198.51.100.1"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    settings: tuple[str, ...], code: int, stderr: str, tmp_path: Path
) -> None:
    options = [part for setting in settings for part in ("--set", setting)]
    done = process(*options, "serve", home=tmp_path)
    assert done.code == code
    assert stderr in done.err
    assert done.err.count("\n") == 1


def test_a_port_in_use_is_reported(site: Site, tmp_path: Path) -> None:
    done = process("--set", f"web.port={site.port}", "serve", home=tmp_path)
    assert done.code == 1
    assert done.err == (
        f"tracker: Cannot listen on 127.0.0.1 port {site.port}: Address already in use."
        " `tracker --set web.port=NUMBER serve` uses another port.\n"
    )
