"""A file server on loopback: a web site for sources that read documents.

`files` maps a path to its bytes, or to its `Reply`. A file has an ETag of its content and a
Last-Modified that changes with it (`tagged=False`: only that), and conditional requests are
supported. `script` has the replies for the next requests, one each (None: the normal one). `log`
has the requests.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Reply:
    """A response; `sent` truncates the body after so many bytes of its declared length."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None


@dataclass(frozen=True)
class LoggedRequest:
    """A received request, and the status of its response."""

    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    status: int


def redirect(target: str) -> Reply:
    """Return a redirect to `target`."""
    return Reply(status=302, headers={"Location": target})


class FileServer:
    """A server of `files` at `url` that runs while its block is entered."""

    def __init__(
        self, files: dict[str, bytes | Reply] | None = None, *, tagged: bool = True
    ) -> None:
        self.files, self.tagged = files if files is not None else {}, tagged
        self.script, self.log = deque[Reply | None](), list[LoggedRequest]()
        self._versions: dict[str, list[bytes]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def drain_log(self) -> list[tuple[str, int]]:
        """Return path and status of every request since the last call, and clear the log."""
        found = [(entry.path, entry.status) for entry in self.log]
        self.log.clear()
        return found

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        """Return what is at `path`, or 304 for a client that has it."""
        found = self.files.get(path, Reply(b"not here", 404))
        if isinstance(found, Reply):
            return found
        validators = {"Last-Modified": self._modified(path, found)}
        if self.tagged:
            validators["ETag"] = f'"{hashlib.blake2b(found, digest_size=8).hexdigest()}"'
        # RFC 9110, section 13.2.2: a tag is heeded before a time.
        validator = headers.get("if-none-match") or headers.get("if-modified-since")
        if validator in validators.values():
            return Reply(status=304, headers=validators)
        return Reply(found, headers=validators)

    def _modified(self, path: str, body: bytes) -> str:
        """Return a different day for each content that the file has had."""
        versions = self._versions.setdefault(path, [])
        if body not in versions[-1:]:
            versions.append(body)
        return format_datetime(
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(len(versions)), usegmt=True
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = urlsplit(self.path)
                path, params = unquote(address.path), dict(parse_qsl(address.query))
                headers = {name.lower(): value for name, value in self.headers.items()}
                fault = server.script.popleft() if server.script else None
                reply = fault or server.reply(path, headers)
                server.log.append(LoggedRequest(path, params, headers, reply.status))
                self._send(reply)

            def _send(self, reply: Reply) -> None:
                self.close_connection = True
                self.send_response(reply.status)
                sent = {"Content-Length": str(len(reply.body)), "Connection": "close"}
                for name, value in (sent | dict(reply.headers)).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body[: reply.sent])

            def log_message(self, *_: object) -> None:
                """The tests read `log`."""

        return Handler
