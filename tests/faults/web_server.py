"""A small web server on loopback: pages by path with an ETag, and a log of requests.

`pages[path]` is a `Page`, or a function from a request to one; another path is 404. A page whose
ETag the client has is a 304.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class LoggedRequest:
    """One request; header names are in lower case."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Page:
    """A response."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return f'"{blake2b(self.body, digest_size=6).hexdigest()}"'


Pages = dict[str, "Page | Callable[[LoggedRequest], Page]"]
MISSING = Page(b"<html>Not found</html>", 404)


def document(value: Any, status: int = 200) -> Page:
    """Return `value` as JSON."""
    return Page(json.dumps(value).encode(), status)


class WebServer:
    """A server that runs while its block is entered; `url` is its address."""

    def __init__(self, pages: Pages | None = None) -> None:
        self.pages: Pages = pages or {}
        self.log: list[LoggedRequest] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request: LoggedRequest) -> Page:
        """The page for a request."""
        found = self.pages.get(request.path, MISSING)
        page = found if isinstance(found, Page) else found(request)
        known = page.status == 200 and request.headers.get("if-none-match") == page.etag
        return Page(status=304) if known else page

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                params = dict(parse_qsl(parts.query, keep_blank_values=True))
                request = LoggedRequest(self.command, parts.path, params, headers, body)
                server.log.append(request)
                self._send(server.answer(request))

            do_POST = do_GET  # noqa: N815

            def _send(self, page: Page) -> None:
                self.send_response(page.status)
                lengths = {"Content-Length": str(len(page.body)), "ETag": page.etag}
                for name, value in {**lengths, **page.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page.body)

            def log_message(self, *_: object) -> None:
                """The tests read `log`."""

        return Handler
