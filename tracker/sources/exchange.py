"""What is asked of the web and what comes back, as data: the nouns of `tracker.sources.http`.

Public: `Ask`, `Answer`, `Patience`, `PATIENT`.
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
class Ask:
    """One request that only reads: `source` asks for `url` with `params`.

    `pace` is the least time in seconds between two requests to the host; `cap` the most bytes of
    the decoded body; `expect` the statuses that the caller handles itself; `etag` and `modified`
    are those of the copy the caller has (then 304 is handled too). With a `json` document it is a
    POST. `secret` is one more header, shown to nobody but the host of `url`.
    """

    source: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    accept: str = "*/*"
    pace: float = 0.0
    cap: int = 16 * 2**20
    expect: tuple[int, ...] = (200,)
    etag: str = ""
    modified: str = ""
    json: Any = None
    secret: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def method(self) -> str:
        """GET, or POST when there is something to send."""
        return "GET" if self.json is None else "POST"

    @property
    def content(self) -> bytes | None:
        """The body to send."""
        return None if self.json is None else json.dumps(self.json).encode()

    @property
    def address(self) -> str:
        """The address with its parameters, as one name for the document."""
        return f"{self.url}?{urlencode(sorted(self.params.items()))}" if self.params else self.url

    def headers(self, agent: str) -> dict[str, str]:
        """The headers of the request, without Host and secret."""
        sent = {"User-Agent": agent, "Accept": self.accept, "Accept-Encoding": "gzip"}
        if self.json is not None:
            sent["Content-Type"] = "application/json"
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return sent | {name: value for name, value in conditions.items() if value}

    def handles(self, status: int) -> bool:
        """Whether an answer with that status is the caller's business."""
        conditional = bool(self.etag or self.modified)
        return status in self.expect or (status == HTTPStatus.NOT_MODIFIED and conditional)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `url` is where it was in the end, header names are in lower case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def unchanged(self) -> bool:
        """Whether the copy that the caller has is still the current one."""
        return self.status == HTTPStatus.NOT_MODIFIED

    @property
    def etag(self) -> str:
        """For the next conditional request."""
        return self.headers.get("etag", "")

    @property
    def modified(self) -> str:
        """For the next conditional request."""
        return self.headers.get("last-modified", "")

    @property
    def target(self) -> str | None:
        """Where a redirect leads."""
        return self.headers.get("location") if self.status in _REDIRECTS else None

    def retry_after(self, now: float) -> float | None:
        """Seconds until the host wants to be asked again, from `now` (seconds since the epoch).

        RFC 9110 section 10.2.3: a number of seconds or an HTTP date. Without it, how long a quota
        of draft-ietf-httpapi-ratelimit-headers is spent. None when it says neither.
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
class Patience:
    """Limits in seconds: of each phase, of one attempt, and of all `tries` with their waits.

    The wait before try n is uniform in 0 … min(longest, backoff · 2ⁿ), "full jitter"
    (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
    """

    connect: float = 10.0
    read: float = 30.0
    attempt: float = 90.0
    total: float = 300.0
    tries: int = 6
    backoff: float = 2.0
    longest: float = 60.0


PATIENT = Patience()
