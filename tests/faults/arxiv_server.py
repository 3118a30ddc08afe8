"""ArXiv's query API, daily feed and OAI-PMH on a real socket, with their known faults.

A small but faithful implementation: the API (/api/query) filters by category and submission minute,
sorts, pages, looks ids up and rejects what arXiv rejects; the feed (/rss/…) lists one day; OAI
(/oai) harvests sets by datestamp, in pages with tokens (`tests.faults.arxiv_documents`). `script`
has the faults of the next requests, one each; other requests get the correct response. `log` has
the requests with their times.
"""

import dataclasses
import gzip
import itertools
import random
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape, quoteattr

from tests.faults.arxiv_documents import oai, oai_error, rss
from tracker.calendar import announcement_day

_FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" \
xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/query</id>
  <title>arXiv Query</title>
  <updated>2026-03-10T00:00:00Z</updated>
  <opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{entries}</feed>
"""
_ERROR_ENTRY = """  <entry>
    <id>https://arxiv.org/api/errors#{key}</id>
    <title>Error</title>
    <updated>2026-03-10T00:00:00Z</updated>
    <summary>{reason}</summary>
    <author><name>arXiv api core</name></author>
  </entry>
"""
_HTML = (
    b"<!DOCTYPE html><html><head><title>Busy</title></head><body>Rate exceeded.<br></body></html>"
)
_RANGE = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")
_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?")


@dataclass(frozen=True)
class Record:
    """A paper on the server."""

    id: str
    published: datetime
    title: str = "An invented title"
    abstract: str = "An invented abstract about $a<b$ & more."
    authors: tuple[str, ...] = ("Ada Example", "Bo Ünlaut")
    categories: tuple[str, ...] = ("cs.CL",)
    version: int = 1
    updated: datetime | None = None
    comments: str = ""
    license: str = "http://creativecommons.org/licenses/by/4.0/"

    @property
    def listed(self) -> date:
        """The day on which it was listed, which is also its first datestamp."""
        return announcement_day(self.published)

    @property
    def datestamp(self) -> date:
        """The day of its last change."""
        return announcement_day(self.updated) if self.updated else self.listed

    def entry(self) -> str:
        """Return the entry as arXiv does: http in the id, https in links, line breaks in titles."""
        shown = f"{self.id}v{self.version}"
        title = escape(self.title).replace(" ", "\n  ", 1)
        authors = "".join(f"<author><name>{escape(name)}</name></author>" for name in self.authors)
        terms = "".join(f"<category term={quoteattr(name)}/>" for name in self.categories)
        return (
            f"  <entry>\n    <id>http://arxiv.org/abs/{shown}</id>\n    <title>{title}</title>\n"
            f"    <updated>{_instant(self.updated or self.published)}</updated>\n"
            f'    <link href="https://arxiv.org/abs/{shown}" rel="alternate" type="text/html"/>\n'
            f"    <summary>  {escape(self.abstract)}</summary>\n    {terms}\n"
            f"{_element('arxiv:comment', self.comments)}"
            f"    <published>{_instant(self.published)}</published>\n"
            f"    <arxiv:primary_category term={quoteattr(self.categories[0])}/>\n"
            f"    {authors}\n  </entry>\n"
        )


def _element(name: str, text: str) -> str:
    return f"    <{name}>{escape(text)}</{name}>\n" if text else ""


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def invented(count: int, first: datetime = datetime(2026, 3, 2, tzinfo=UTC)) -> list[Record]:
    """Return `count` papers, one about every two hours from `first` on."""
    step = timedelta(hours=2, minutes=5, seconds=31)
    areas = (("cs.CL", "cs.LG"), ("cs.LG", "68T50", "I.2.7"), ("stat.ML",))
    return [
        Record(
            f"2603.{n + 1:05}", first + n * step, title=f"Paper number {n}", categories=areas[n % 3]
        )
        for n in range(count)
    ]


@dataclass(frozen=True)
class Reply:
    """A response, and how it is sent."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None  # so many bytes of the body, then a reset
    drip: float = 0.0  # seconds between two bytes, headers included


Fault = Callable[["ArxivServer", dict[str, str]], Reply]


@dataclass(frozen=True)
class LoggedRequest:
    """A received request; `at` is on the monotonic clock."""

    at: float
    path: str
    params: dict[str, str]
    headers: dict[str, str]


class ArxivServer:
    """A server of `records` at `url`, `rss` and `oai` while it is entered; `today` is its day.

    Works listed later than `today` are not visible. `page` is the number of records per OAI page.
    """

    def __init__(
        self,
        records: list[Record],
        script: list[Fault] | None = None,
        today: date = date(2026, 12, 31),
        page: int = 100,
    ) -> None:
        self.records, self.script, self.log = records, deque(script or []), list[LoggedRequest]()
        self.today, self.page = today, page
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        root = f"http://127.0.0.1:{self.port}"
        self.url, self.rss, self.oai = f"{root}/api/query", f"{root}/rss", f"{root}/oai"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def gaps(self) -> list[float]:
        """Seconds between one request and the next."""
        times = sorted(entry.at for entry in self.log)
        return [later - sooner for sooner, later in itertools.pairwise(times)]

    def answer(self, params: dict[str, str], *, shift: int = 0, total: int | None = None) -> Reply:
        """Return the correct response, or one `shift` results off or with a wrong `total`."""
        if params.get("path", "").startswith("/rss"):
            wanted = params["path"].rpartition("/")[2].split("+")
            return Reply(rss(self.out(), self.today, wanted))
        if params.get("path", "").startswith("/oai"):
            return Reply(oai(self.out(), self.today, params, self.page))
        ids = [text for text in params.get("id_list", "").split(",") if text]
        for text in ids:
            if not _ID.fullmatch(text):
                return _bad(f"incorrect id format for {text}")
        start, size = int(params.get("start", 0)), int(params.get("max_results", 10))
        if start + size > 30_000:
            return _bad("start must be less than 30000")
        found = self._found(params, ids)
        shown = found[max(start + shift, 0) : max(start + shift, 0) + size]
        return Reply(feed(shown, len(found) if total is None else total, start, size))

    def out(self) -> list[Record]:
        """Return the records listed by `today`."""
        return [record for record in self.records if record.listed <= self.today]

    def _found(self, params: dict[str, str], ids: list[str]) -> list[Record]:
        query = params.get("search_query", "")
        found = [record for record in self.out() if not ids or record.id in ids]
        if wanted := set(re.findall(r"cat:([\w.-]+)", query)):
            found = [record for record in found if wanted & set(record.categories)]
        if match := _RANGE.search(query):
            low, high = match.groups()
            found = [record for record in found if low <= f"{record.published:%Y%m%d%H%M}" <= high]
        if params.get("sortBy") == "submittedDate":
            back = params.get("sortOrder") != "ascending"
            return sorted(found, key=lambda record: record.published, reverse=back)
        return random.Random(len(self.log)).sample(found, len(found))  # "relevance"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = urlsplit(self.path)
                params = dict(parse_qsl(address.query))
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.log.append(LoggedRequest(time.monotonic(), address.path, params, headers))
                fault = server.script.popleft() if server.script else ArxivServer.answer
                _send(self, fault(server, {**params, "path": address.path}))

            def log_message(self, *_: object) -> None:
                """The tests read `log`."""

        return Handler


def feed(records: list[Record], total: int, start: int = 0, size: int = 10) -> bytes:
    """Return the Atom document with `records`."""
    entries = "".join(record.entry() for record in records)
    return _FEED.format(size=size, total=total, start=start, entries=entries).encode()


def _bad(reason: str) -> Reply:
    key = reason.replace(" ", "_")
    entry = _ERROR_ENTRY.format(key=key, reason=reason)
    return Reply(_FEED.format(size=1, total=1, start=0, entries=entry).encode(), status=400)


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    headers = {"Content-Type": "application/atom+xml", "Content-Length": str(len(reply.body))}
    head = f"HTTP/1.1 {reply.status} Some reason\r\nConnection: close\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (headers | reply.headers).items())
    handler.close_connection = True
    try:
        if reply.drip:
            _drip(handler, head.encode() + b"\r\n" + reply.body, reply.drip)
            return
        handler.wfile.write(head.encode() + b"\r\n" + reply.body[: reply.sent])
        if reply.sent is not None:
            # With this option a close sends RST instead of FIN.
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
    except OSError:
        return  # the client has left, as it should


def _drip(handler: BaseHTTPRequestHandler, message: bytes, seconds: float) -> None:
    for n in range(len(message)):
        handler.wfile.write(message[n : n + 1])
        time.sleep(seconds)


# The faults. Each takes its setting and gives what the server does instead of answering.


def status(code: int, **headers: str) -> Fault:
    """Return an HTTP status with an HTML page; `Retry_After="1"` becomes a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda *_: Reply(_HTML, code, {"Content-Type": "text/html"} | named)


def redirect(target: str, code: int = 302) -> Fault:
    """A redirect to `target`."""
    return lambda *_: Reply(b"", code, {"Location": target})


def reset(after: int) -> Fault:
    """The correct response, but the connection is reset after so many bytes of its body."""
    return lambda server, params: dataclasses.replace(server.answer(params), sent=after)


def cut(after: int | float) -> Fault:
    """The correct response, truncated after so many bytes (or that share), length adjusted."""

    def fault(server: ArxivServer, params: dict[str, str]) -> Reply:
        body = server.answer(params).body
        return Reply(body[: int(after * len(body)) if isinstance(after, float) else after])

    return fault


def empty(total: int | None = 0) -> Fault:
    """A well-formed feed without entries and with a given total; None is the correct one."""

    def fault(server: ArxivServer, params: dict[str, str]) -> Reply:
        if "verb" in params or "max_results" not in params:
            return server.answer(params)
        start = int(params.get("start", 0))
        ids = [text for text in params.get("id_list", "").split(",") if text]
        true = len(server._found(params, ids))
        return Reply(feed([], true if total is None else total, start))

    return fault


def html() -> Fault:
    """HTTP 200 with an HTML page."""
    return lambda *_: Reply(_HTML, headers={"Content-Type": "text/html"})


def shifted(by: int) -> Fault:
    """A page that overlaps the previous one (by < 0), up to the same page again."""
    return lambda server, params: server.answer(params, shift=by)


def lying(total: int) -> Fault:
    """The correct entries with a wrong total."""
    return lambda server, params: server.answer(params, total=total)


def stale(start: int) -> Fault:
    """A different page than the requested one, as from a cache in between."""
    return lambda server, params: server.answer({**params, "start": str(start)})


def short(missing: int) -> Fault:
    """The correct page without its last entries."""

    def fault(server: ArxivServer, params: dict[str, str]) -> Reply:
        size = max(int(params.get("max_results", 0)) - missing, 0)
        return server.answer({**params, "max_results": str(size)})

    return fault


def slow(seconds: float) -> Fault:
    """One byte at a time ("slow loris"), beginning with the status line."""
    return lambda server, params: dataclasses.replace(server.answer(params), drip=seconds)


def expired() -> Fault:
    """For OAI, an expired token; for others, the correct response."""

    def fault(server: ArxivServer, params: dict[str, str]) -> Reply:
        if "resumptionToken" in params:
            return Reply(oai_error("badResumptionToken", server.today))
        return server.answer(params)

    return fault


def typed(content_type: str) -> Fault:
    """The correct response with a wrong Content-Type."""
    return lambda server, params: dataclasses.replace(
        server.answer(params), headers={"Content-Type": content_type}
    )


def bomb(megabytes: int) -> Fault:
    """A small gzip body that unpacks to so many megabytes."""
    body = gzip.compress(bytes(megabytes * 2**20))
    return lambda *_: Reply(body, headers={"Content-Encoding": "gzip"})


def zipped() -> Fault:
    """The correct response, compressed as requested."""
    return lambda server, params: Reply(
        gzip.compress(server.answer(params).body), headers={"Content-Encoding": "gzip"}
    )
