"""Requests and responses as data, which `tracker.sources.http.client` accepts and returns.

Public: `Request`, `Response`, `RetryPolicy`, `DEFAULT_RETRY_POLICY`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# `"api";r=0;t=55`: nothing remains of that quota for another t seconds.
_SPENT = re.compile(r";\s*r=0\s*;\s*t=([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Request:
    """A read-only request of `source` for `url` with `params`.

    `pace` is the minimum time in seconds between two requests to the host; `max_bytes` the limit of
    the decoded body; `expect` the statuses that the caller handles; `etag` and `last_modified` are
    those of the caller's copy (then it handles 304 too). With a `json` document it is a POST.
    `secret` is an additional header and `secret_parameter` an additional parameter of the address,
    sent only to the host of `url` and shown nowhere.
    """

    source: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    accept: str = "*/*"
    pace: float = 0.0
    max_bytes: int = 16 * 2**20
    expect: tuple[int, ...] = (200,)
    etag: str = ""
    last_modified: str = ""
    json: Any = None
    secret: tuple[str, str] | None = field(default=None, repr=False)
    secret_parameter: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def method(self) -> str:
        """The method: GET, or POST with a document."""
        return "GET" if self.json is None else "POST"

    @property
    def content(self) -> bytes | None:
        """The body to send."""
        return None if self.json is None else json.dumps(self.json).encode()

    @property
    def full_url(self) -> str:
        """The address with its parameters, which identifies the document."""
        return f"{self.url}?{urlencode(sorted(self.params.items()))}" if self.params else self.url

    @property
    def wide_accept(self) -> str:
        """The Accept header: what is preferred, then anything. Narrow ones are answered 406."""
        return self.accept if "*/*" in self.accept else f"{self.accept}, */*;q=0.1"

    def headers(self, agent: str) -> dict[str, str]:
        """Return the headers of the request, without Host and secret."""
        sent = {"User-Agent": agent, "Accept": self.wide_accept, "Accept-Encoding": "gzip"}
        if self.json is not None:
            sent["Content-Type"] = "application/json"
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return sent | {name: value for name, value in conditions.items() if value}

    def accepts_status(self, status: int) -> bool:
        """Whether the caller handles a response with that status."""
        conditional = bool(self.etag or self.last_modified)
        return status in self.expect or (status == HTTPStatus.NOT_MODIFIED and conditional)


@dataclass(frozen=True, slots=True)
class Response:
    """A response; `url` is the address after redirects, header names are in lower case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_unchanged(self) -> bool:
        """Whether the caller's copy is still current."""
        return self.status == HTTPStatus.NOT_MODIFIED

    @property
    def etag(self) -> str:
        """The validator for the next conditional request."""
        return self.headers.get("etag", "")

    @property
    def last_modified(self) -> str:
        """The validator for the next conditional request, as a date."""
        return self.headers.get("last-modified", "")

    @property
    def redirect_url(self) -> str | None:
        """The target of a redirect, None for other responses."""
        return self.headers.get("location") if self.status in _REDIRECTS else None

    def retry_after(self, now: float) -> float | None:
        """Return the seconds until the host accepts a request, from `now` (since the epoch).

        RFC 9110 section 10.2.3: a number of seconds or an HTTP date. Without it, the time until a
        quota of draft-ietf-httpapi-ratelimit-headers is available again. None without either.
        """
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - now)
        except (ValueError, OverflowError):
            spent = _SPENT.findall(self.headers.get("ratelimit", ""))
            return max(map(float, spent), default=None)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Limits in seconds: of each phase, of one attempt, and of all `max_attempts` with their waits.

    The wait before attempt n is uniform in 0 … min(max_backoff, backoff · 2ⁿ), "full jitter"
    (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
    """

    connect: float = 10.0
    read: float = 30.0
    attempt: float = 90.0
    total: float = 300.0
    max_attempts: int = 6
    backoff: float = 2.0
    max_backoff: float = 60.0


DEFAULT_RETRY_POLICY = RetryPolicy()
