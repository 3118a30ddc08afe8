"""`tracker serve` in a process of its own, and a client that says what it is told to say."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.cli.commands import command, environment
from tests.digest.test_render import Page
from tracker.config import load
from tracker.delivery import keys, links
from tracker.delivery.links import Links
from tracker.digest.document import read
from tracker.pipeline.publishing import publish
from tracker.store import issues, subscribers
from tracker.store.database import opened

NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Reply:
    """What came back; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def page(self) -> Page:
        """The page, whose elements are all closed in their order."""
        page = Page(self.text)
        assert page.open == []
        return page


@dataclass(frozen=True)
class Site:
    """A server that is running."""

    process: subprocess.Popen[str]
    home: Path
    host: str
    port: int

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Reply:
        """One request; an underscore in the name of a header is a hyphen."""
        connection = HTTPConnection(self.host, self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, named)
        response = connection.getresponse()
        read = response.read()
        connection.close()
        lower = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, lower, read)

    def find(self, query: str, **headers: str) -> Reply:
        """A search."""
        return self.ask(f"/search?q={quote(query)}", **headers)

    def post(self, path: str, form: str, **headers: str) -> Reply:
        """A form as browsers and mail services send it."""
        kind = {"Content_Type": "application/x-www-form-urlencoded", **headers}
        return self.ask(path, "POST", form.encode(), **kind)

    def raw(self, request: bytes) -> bytes:
        """Bytes as they are, on a line that is closed after them; the answer until its end."""
        answer = b""
        # A server that has heard enough hangs up, whether we are still talking or not.
        with (
            socket.create_connection((self.host, self.port), timeout=30) as line,
            suppress(OSError),
        ):
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)
            while piece := line.recv(65536):
                answer += piece
        return answer

    def subscribe(self, email: str, language: str = "en") -> Links:
        """Add a reader; the paths of their links."""
        with opened(self.home / "tracker.db") as db:
            subscribers.add(db, email, "", language, NOW)
            reader = subscribers.named(db, email)
        return links.links(keys.signing_key(load(self.home, environ={})), "", reader)

    def state(self, email: str) -> str:
        """Whether a reader gets mails."""
        with opened(self.home / "tracker.db") as db:
            return subscribers.named(db, email).state


@contextmanager
def serving(home: Path, *settings: str) -> Iterator[Site]:
    """A server on a free port, ended by SIGTERM; what it said by then is in `home`/said."""
    options = [part for setting in ("web.port=0", *settings) for part in ("--set", setting)]
    running = subprocess.Popen(
        command(*options, "serve"), env=environment(home), stderr=subprocess.PIPE, text=True
    )
    with running:
        assert running.stderr is not None
        first = running.stderr.readline()
        address = urlsplit(first.split()[2])
        assert address.hostname is not None
        assert address.port is not None
        try:
            yield Site(running, home, address.hostname, address.port)
        finally:
            running.send_signal(signal.SIGTERM)
            (home / "said").write_text(first + running.stderr.read())


def published(home: Path, target: Path) -> Path:
    """A copy of a home to write to, its issues on the web; the exported model is shared."""
    shutil.copytree(home, target, ignore=lambda *_: ["models", "run.lock"])
    (target / "models").symlink_to(home / "models")
    config = load(target, environ={})
    with opened(config.database) as db:
        for issue in issues.newest(db, 10):
            publish(db, config, read(issue.document))
    return target
