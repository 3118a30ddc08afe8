"""`tracker serve` in a separate process, and a client for arbitrary requests."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.cli.commands import command, environment
from tests.digest.render.test_pages import Page
from tracker.config import load
from tracker.delivery.mail import links, tokens
from tracker.delivery.mail.links import SubscriberLinks
from tracker.digest.document import from_json
from tracker.pipeline.issue.publish import publish_issue
from tracker.store import issues, subscribers
from tracker.store.database import open_database

NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Reply:
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def page(self) -> Page:
        """The parsed page, after checking that all elements are closed in order."""
        page = Page(self.text)
        assert page.open == []
        return page


@dataclass(frozen=True)
class Site:
    """A running server."""

    process: subprocess.Popen[str]
    home: Path
    host: str
    port: int

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Reply:
        """Send one request; underscores in header names become hyphens."""
        connection = HTTPConnection(self.host, self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, named)
        response = connection.getresponse()
        read = response.read()
        connection.close()
        lower = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, lower, read)

    def find(self, query: str, **headers: str) -> Reply:
        """Search."""
        return self.ask(f"/search?q={quote(query)}", **headers)

    def post(self, path: str, form: str, **headers: str) -> Reply:
        """Post a form as browsers and mail services do."""
        kind = {"Content_Type": "application/x-www-form-urlencoded", **headers}
        return self.ask(path, "POST", form.encode(), **kind)

    def raw(self, request: bytes) -> bytes:
        """Send raw bytes, close the sending side, and return the whole response."""
        answer = b""
        # The server may close the connection before everything has been sent.
        with (
            socket.create_connection((self.host, self.port), timeout=30) as line,
            suppress(OSError),
        ):
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)
            while piece := line.recv(65536):
                answer += piece
        return answer

    def subscribe(
        self, email: str, language: str = "en", *,
        kinds: Sequence[str] = ("weekly",), kind: str = "weekly",
    ) -> SubscriberLinks:  # fmt: skip
        """Add a subscriber and return the paths of the links in their mails of a kind."""
        with open_database(self.home / "tracker.db") as db:
            subscribers.add(db, email, "", language, NOW, kinds)
            reader = subscribers.get_by_email(db, email)
        return links.build_links(
            tokens.load_or_create_signing_key(load(self.home, environ={})), "", reader, kind
        )

    def state(self, email: str) -> str:
        """Return the state of a subscriber."""
        with open_database(self.home / "tracker.db") as db:
            return subscribers.get_by_email(db, email).state


@contextmanager
def serving(home: Path, *settings: str, read_only: bool = False) -> Iterator[Site]:
    """Run a server on a free port until SIGTERM.

    Its stderr is in `home`/stderr.txt afterwards, unless it is `read_only`.
    """
    flags = ["--read-only"] if read_only else []
    options = [part for setting in ("web.port=0", *settings) for part in ("--set", setting)]
    running = subprocess.Popen(
        command(*options, "serve", *flags), env=environment(home), stderr=subprocess.PIPE, text=True
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
            output = first + running.stderr.read()
            if not read_only:
                (home / "stderr.txt").write_text(output)


def published(home: Path, target: Path) -> Path:
    """Return a writable copy of a home with published issues; the exported model is shared."""
    shutil.copytree(home, target, ignore=lambda *_: ["models", "run.lock"])
    (target / "models").symlink_to(home / "models")
    config = load(target, environ={})
    with open_database(config.database) as db:
        for issue in issues.list_newest(db, 10):
            publish_issue(db, config, from_json(issue.document))
    return target
