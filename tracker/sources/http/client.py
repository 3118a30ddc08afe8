"""The HTTP client: every request to a source goes through `Client.get`.

It implements the User-Agent, the request rate and pauses of each host
(`tracker.sources.http.rate_limit`), the allowed addresses (`tracker.sources.http.addresses`),
redirects, limits on bytes and time, and retries. The result is a response that the caller handles,
or a SourceError.

The library is httpx2, the maintained continuation of httpx. Only its transport is used: no cookies,
no proxies or certificates from the environment, no automatic redirects. Connections are not reused,
so that each one is made to an address that was just checked.

Public: `Client`, and with it `Request`, `Response`, `RetryPolicy`, `Clock`.
"""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Self

from summarizer.redaction import Secret
from tracker.errors import (
    ConfigError,
    SourceError,
    SourceMalformed,
    SourceRefused,
    SourceUnavailable,
)
from tracker.settings import Http
from tracker.sources.http.addresses import AddressError, Resolve, resolve, resolve_allowed
from tracker.sources.http.contact import Contact
from tracker.sources.http.messages import DEFAULT_RETRY_POLICY, Request, Response, RetryPolicy
from tracker.sources.http.rate_limit import REAL, Clock, PendingRequest, RateLimiter, Slot, host_key
from tracker.sources.http.watchdog import Watchdog
from tracker.version import __version__

if TYPE_CHECKING:
    import httpx2

__all__ = ["Client", "Clock", "Request", "Response", "RetryPolicy"]

MAX_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
# Temporary: under load, arXiv's front end has responded with 406 as well as with 429 and 503.
_PASSING = frozenset({406, 408, 425, 429})
_THROTTLES = frozenset({406, 429, 503})
_REFUSALS = frozenset({401, 403, 451})
# We request gzip; multiple encodings would only serve a decompression bomb.
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})


class Client:
    """A client whose folder `state` is shared by all processes with the same rate limits.

    Raises ConfigError when `http.contact` is not valid in a header.
    """

    def __init__(
        self,
        http: Http,
        state: Path,
        *,
        retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
        clock: Clock = REAL,
        resolver: Resolve = resolve,
    ) -> None:
        self._http, self._retry_policy, self._clock, self._resolver = (
            http,
            retry_policy,
            clock,
            resolver,
        )
        self._rate_limiter = RateLimiter(state, clock)
        self.contact = Contact(clock.steady())
        self._agent = _agent(http.contact)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the sockets."""
        if "_transport" in self.__dict__:
            self._transport.close()

    def get(self, request: Request) -> Response:
        """Return the response to `request`, after as many attempts as `RetryPolicy` allows.

        Raises SourceUnavailable when there was none (time-outs, resets, 429, 406, 5xx), with the
        host's Retry-After if it sent one; SourceRefused for a permanent refusal, an address that is
        not allowed, or when offline; SourceMalformed for a body over the limit or another status.
        """
        if self._http.offline:
            raise SourceRefused(
                request.source, request.url, "http.offline is set, so no request is sent"
            )
        deadline = self._clock.steady() + self._retry_policy.total
        attempt = 0
        while True:
            try:
                return self._follow(request, deadline)
            except SourceUnavailable as error:
                self._wait_or_give_up(error, attempt, deadline)
            attempt += 1

    def _wait_or_give_up(self, error: SourceUnavailable, attempt: int, deadline: float) -> None:
        """Back off after attempt number `attempt`; the rate limiter waits for a Retry-After."""
        longest = min(self._retry_policy.max_backoff, self._retry_policy.backoff * 2**attempt)
        wait = self._clock.jitter(0.0, longest)
        until = self._clock.steady() + max(wait, error.retry_after or 0.0)
        if attempt + 1 >= self._retry_policy.max_attempts or until > deadline:
            raise error
        self._clock.sleep(wait)

    def _follow(self, request: Request, deadline: float) -> Response:
        """Make one attempt: the request and its redirects, each checked like the first."""
        import httpx2

        with _translate_errors(request, request.url):
            url = httpx2.URL(request.url).copy_merge_params(dict(request.params))
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._send_in_slot(request, url, deadline)
            if answer.redirect_url is None:
                return answer
            if request.json is not None:
                raise SourceRefused(request.source, answer.url, "it redirects what was sent to it")
            with _translate_errors(request, answer.url):
                url = url.join(answer.redirect_url).copy_with(fragment=None)
        raise SourceRefused(request.source, request.url, f"more than {MAX_REDIRECTS} redirects")

    def _send_in_slot(self, request: Request, url: "httpx2.URL", deadline: float) -> Response:
        """Send one request when the rate limiter allows it."""
        addresses = self._addresses(request, url)
        visit = PendingRequest(
            request.source, str(url), host_key(url.host, url.port), request.pace, deadline
        )
        with self._rate_limiter.acquire(visit) as turn:
            started = self._clock.steady()
            answer = self._exchange(request, url, addresses, deadline)
            self._log_response(request.source, url.host, answer.status, started)
            if answer.redirect_url is None and not request.accepts_status(answer.status):
                raise self._error(request, answer, turn)
            turn.record_success()
            return answer

    def _log_response(self, source: str, host: str, status: int, started: float) -> None:
        # Not the address: its parameters may hold a key.
        ms = round(1000 * (self._clock.steady() - started))
        facts = {"source": source, "host": host, "status": status, "ms": ms}
        logging.getLogger(__name__).debug("HTTP response", extra=facts)

    def _addresses(self, request: Request, url: "httpx2.URL") -> list[str]:
        if url.scheme not in _PORTS or not url.host or url.userinfo:
            reason = "only plain http and https addresses are visited"
            raise SourceRefused(request.source, str(url.copy_with(userinfo=b"")), reason)
        host, port = url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]
        self.contact.note_try(self._clock.steady())
        try:
            addresses = resolve_allowed(host, port, self._http.allow_private, self._resolver)
        except AddressError as error:
            self.contact.note_pause()
            raise SourceRefused(request.source, str(url), str(error)) from error
        except OSError as error:
            reason = f"the name {host} cannot be resolved: {error.strerror or error}"
            self.contact.note_failure(reason)
            raise SourceUnavailable(request.source, str(url), reason) from error
        except (ValueError, OverflowError) as error:  # a label or a port that cannot be
            self.contact.note_pause()
            raise SourceRefused(request.source, str(url), f"no such host: {error}") from error
        self.contact.note_pause()
        return addresses

    def _exchange(
        self, request: Request, url: "httpx2.URL", addresses: list[str], deadline: float
    ) -> Response:
        """Return the response of one of `addresses`; its body only if the caller handles it."""
        seconds = min(self._retry_policy.attempt, deadline - self._clock.steady())
        self.contact.note_try(self._clock.steady())
        connected = self.contact.note_connection
        with _translate_errors(request, str(url)), Watchdog(seconds, connected) as watchdog:
            response = self._send(self._request(request, url, watchdog), addresses)
            with contextlib.closing(response):
                wanted = request.accepts_status(response.status_code)
                body = _body(request, str(url), response) if wanted else b""
        headers = dict(response.headers.items())
        secrets = filter(None, (request.secret, request.secret_parameter))
        if any(_repeats(secret, headers, body) for secret in secrets):
            raise SourceMalformed(
                request.source, str(url), "the answer repeats the key it was sent"
            )
        return Response(response.status_code, str(url), headers, body)

    def _request(self, request: Request, url: "httpx2.URL", watchdog: Watchdog) -> "httpx2.Request":
        import httpx2

        read = self._retry_policy.read
        timeout = {"connect": self._retry_policy.connect, "read": read, "write": read, "pool": read}
        name = url.raw_host.decode("ascii")
        extensions = {"timeout": timeout, "trace": watchdog.trace, "sni_hostname": name}
        headers = request.headers(self._agent)
        if _origin(url) == _origin(httpx2.URL(request.url)):
            headers |= dict([request.secret] if request.secret else ())
            hidden = [request.secret_parameter] if request.secret_parameter else []
            url = url.copy_merge_params(dict(hidden)) if hidden else url
        return httpx2.Request(
            request.method, url, headers=headers, content=request.content, extensions=extensions
        )

    def _send(self, request: "httpx2.Request", addresses: list[str]) -> "httpx2.Response":
        """Return the response of the first of `addresses` that accepts a connection.

        The request was built for the name, so Host and the TLS name are unchanged; only the
        connection uses the checked address.
        """
        import httpx2

        *others, last = addresses
        for address in others:
            request.url = request.url.copy_with(host=address)
            with contextlib.suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
                return self._transport.handle_request(request)
        request.url = request.url.copy_with(host=last)
        try:
            return self._transport.handle_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            self.contact.note_failure(f"{request.headers['host']}: {error or 'no answer'}")
            raise

    def _error(self, request: Request, response: Response, slot: Slot) -> SourceError:
        """Return the error of a response, and store the host's pause for all processes."""
        reason, seconds = f"HTTP {response.status}", response.retry_after(self._clock.wall())
        if response.status in _REFUSALS:
            if response.status == HTTPStatus.FORBIDDEN:
                slot.record_refusal()
            return SourceRefused(request.source, response.url, reason)
        if response.status in _THROTTLES:
            slot.slow_down()
        if seconds is not None:
            slot.pause(seconds)
        if response.status in _PASSING or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return SourceUnavailable(request.source, response.url, reason, retry_after=seconds)
        return SourceMalformed(request.source, response.url, f"{reason}, which was not expected")

    @cached_property
    def _transport(self) -> "httpx2.HTTPTransport":
        import httpx2

        limits = httpx2.Limits(max_keepalive_connections=0)
        return httpx2.HTTPTransport(trust_env=False, limits=limits)


def _origin(url: "httpx2.URL") -> tuple[str, str, int]:
    """Return the origin (RFC 6454) that a secret is for; http and https are different ones."""
    return url.scheme, url.host, url.port or _PORTS[url.scheme]


def _repeats(secret: tuple[str, str], headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer holds the secret, which would end in reports, logs and the store."""
    sent = Secret(secret[1].rpartition(" ")[2])
    return sent.is_in("\n".join(headers.values())) or sent.is_in(body)


def _body(request: Request, url: str, response: "httpx2.Response") -> bytes:
    """Return the decoded body; the library decodes in pieces of up to a megabyte."""
    if response.headers.get("content-encoding", "").strip().lower() not in _ENCODINGS:
        raise SourceMalformed(
            request.source, url, "the answer has a Content-Encoding that was not requested"
        )
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > request.max_bytes:
            raise SourceMalformed(
                request.source, url, f"the answer is over {request.max_bytes:,} bytes"
            )
    return bytes(body)


@contextlib.contextmanager
def _translate_errors(request: Request, url: str) -> Iterator[None]:
    """Translate errors of the library and the system into ours, with their cause."""
    import httpx2

    try:
        yield
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise SourceRefused(request.source, url, f"not an address to visit: {error}") from error
    except httpx2.DecodingError as error:
        raise SourceMalformed(
            request.source, url, f"the answer cannot be unpacked: {error}"
        ) from error
    except (httpx2.HTTPError, OSError) as error:
        reason = f"no answer: {type(error).__name__} {error}".strip()
        raise SourceUnavailable(request.source, url, reason) from error


def _agent(contact: str) -> str:
    """Return the User-Agent (RFC 9110 section 10.1.5): product, version, contact as a comment."""
    if not (contact.isascii() and contact.isprintable()) or set(contact) & set("()\\"):
        raise ConfigError("The setting http.contact must be a plain mail address or page.")
    product = f"tracker/{__version__}"
    return f"{product} (+{contact})" if contact else product
