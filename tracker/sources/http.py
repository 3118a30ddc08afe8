"""The one HTTP client: every request of tracker goes through `Client.get`.

It owns what a polite and careful reader of the web has to get right once: who we say we are, the
pace and the breaks a host asks for (`tracker.sources.pace`), which addresses may be visited
(`tracker.sources.addresses`), redirects, caps on bytes and time, and what is worth trying again.
What comes out is an answer that the caller said it can handle, or one of our SourceErrors.

The library is httpx2, the maintained continuation of httpx. Only its transport is used: no cookies,
no proxies or certificates from the environment, no redirects behind our back. Connections are not
kept alive, so that each one is made to an address that was just checked, under its own name.

Public: `Client`, and with it `Ask`, `Answer`, `Patience`, `Clock`.
"""

import contextlib
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
from tracker.sources.addresses import AddressError, Resolve, checked, resolve
from tracker.sources.contact import Contact
from tracker.sources.exchange import PATIENT, Answer, Ask, Patience
from tracker.sources.pace import REAL, Clock, Gate, Turn, Visit, host_key
from tracker.sources.watchdog import Watchdog
from tracker.version import __version__

if TYPE_CHECKING:
    import httpx2

__all__ = ["Answer", "Ask", "Client", "Clock", "Patience"]

MAX_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
# "Come again": arXiv's front has answered crowds with 406 as well as with 429 and 503.
_PASSING = frozenset({406, 408, 425, 429})
_REFUSALS = frozenset({401, 403, 451})
# What we ask for is gzip; layers of encodings would only serve a bomb.
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})


class Client:
    """Asks hosts for documents. `state` is a folder shared by all processes that must keep pace.

    Raises ConfigError when `http.contact` cannot stand in a header.
    """

    def __init__(
        self,
        http: Http,
        state: Path,
        *,
        patience: Patience = PATIENT,
        clock: Clock = REAL,
        look_up: Resolve = resolve,
    ) -> None:
        self._http, self._patience, self._clock, self._look_up = http, patience, clock, look_up
        self._gate = Gate(state, clock)
        self.contact = Contact(clock.steady())
        self._agent = _agent(http.contact)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give up the sockets."""
        if "_transport" in self.__dict__:
            self._transport.close()

    def get(self, ask: Ask) -> Answer:
        """The answer to `ask`, after as many polite tries as `Patience` allows.

        Raises SourceUnavailable when there was none (time-outs, resets, 429, 406, 5xx), with the
        host's Retry-After if it gave one; SourceRefused for a final no, an address that must not
        be visited or when offline; SourceMalformed for a body over the cap or another status.
        """
        if self._http.offline:
            raise SourceRefused(ask.source, ask.url, "http.offline is set, so nothing is asked")
        deadline = self._clock.steady() + self._patience.total
        attempt = 0
        while True:
            try:
                return self._follow(ask, deadline)
            except SourceUnavailable as error:
                self._wait_or_give_up(error, attempt, deadline)
            attempt += 1

    def _wait_or_give_up(self, error: SourceUnavailable, attempt: int, deadline: float) -> None:
        """Back off after try number `attempt`; a Retry-After is waited for at the gate."""
        longest = min(self._patience.longest, self._patience.backoff * 2**attempt)
        wait = self._clock.jitter(0.0, longest)
        until = self._clock.steady() + max(wait, error.retry_after or 0.0)
        if attempt + 1 >= self._patience.tries or until > deadline:
            raise error
        self._clock.sleep(wait)

    def _follow(self, ask: Ask, deadline: float) -> Answer:
        """One try: the request and the redirects it leads to, each checked like the first."""
        import httpx2

        with _translated(ask, ask.url):
            url = httpx2.URL(ask.url).copy_merge_params(dict(ask.params))
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._hop(ask, url, deadline)
            if answer.target is None:
                return answer
            if ask.json is not None:
                raise SourceRefused(ask.source, answer.url, "it redirects what was sent to it")
            with _translated(ask, answer.url):
                url = url.join(answer.target).copy_with(fragment=None)
        raise SourceRefused(ask.source, ask.url, f"more than {MAX_REDIRECTS} redirects")

    def _hop(self, ask: Ask, url: "httpx2.URL", deadline: float) -> Answer:
        """One request, in its turn."""
        addresses = self._addresses(ask, url)
        visit = Visit(ask.source, str(url), host_key(url.host, url.port), ask.pace, deadline)
        with self._gate.turn(visit) as turn:
            answer = self._exchanged(ask, url, addresses, deadline)
            if answer.target is None and not ask.handles(answer.status):
                raise self._error(ask, answer, turn)
            return answer

    def _addresses(self, ask: Ask, url: "httpx2.URL") -> list[str]:
        if url.scheme not in _PORTS or not url.host or url.userinfo:
            reason = "only plain http and https addresses are visited"
            raise SourceRefused(ask.source, str(url.copy_with(userinfo=b"")), reason)
        host, port = url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]
        self.contact.note_try(self._clock.steady())
        try:
            addresses = checked(host, port, self._http.allow_private, self._look_up)
        except AddressError as error:
            self.contact.note_pause()
            raise SourceRefused(ask.source, str(url), str(error)) from error
        except OSError as error:
            reason = f"the name {host} cannot be resolved: {error.strerror or error}"
            self.contact.note_failure(reason)
            raise SourceUnavailable(ask.source, str(url), reason) from error
        except (ValueError, OverflowError) as error:  # a label or a port that cannot be
            self.contact.note_pause()
            raise SourceRefused(ask.source, str(url), f"no such host: {error}") from error
        self.contact.note_pause()
        return addresses

    def _exchanged(
        self, ask: Ask, url: "httpx2.URL", addresses: list[str], deadline: float
    ) -> Answer:
        """The answer of one of `addresses`, whatever its status; a body only where it is wanted."""
        seconds = min(self._patience.attempt, deadline - self._clock.steady())
        self.contact.note_try(self._clock.steady())
        connected = self.contact.note_connection
        with _translated(ask, str(url)), Watchdog(seconds, connected) as watchdog:
            response = self._sent(self._request(ask, url, watchdog), addresses)
            with contextlib.closing(response):
                wanted = ask.handles(response.status_code)
                body = _body(ask, str(url), response) if wanted else b""
        headers = dict(response.headers.items())
        if ask.secret and _repeats(ask.secret, headers, body):
            raise SourceMalformed(ask.source, str(url), "the answer repeats the key it was sent")
        return Answer(response.status_code, str(url), headers, body)

    def _request(self, ask: Ask, url: "httpx2.URL", watchdog: Watchdog) -> "httpx2.Request":
        import httpx2

        read = self._patience.read
        timeout = {"connect": self._patience.connect, "read": read, "write": read, "pool": read}
        name = url.raw_host.decode("ascii")
        extensions = {"timeout": timeout, "trace": watchdog.trace, "sni_hostname": name}
        headers = ask.headers(self._agent)
        if ask.secret and _origin(url) == _origin(httpx2.URL(ask.url)):
            headers |= dict([ask.secret])
        return httpx2.Request(
            ask.method, url, headers=headers, content=ask.content, extensions=extensions
        )

    def _sent(self, request: "httpx2.Request", addresses: list[str]) -> "httpx2.Response":
        """The response of the first of `addresses` that can be connected to.

        The request was built for the name, so Host and the TLS name stand; only the connection
        goes to the checked address.
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

    def _error(self, ask: Ask, answer: Answer, turn: Turn) -> SourceError:
        """What the answer stands for; what the host says about coming back is kept for all."""
        reason, seconds = f"HTTP {answer.status}", answer.retry_after(self._clock.wall())
        if answer.status in _REFUSALS:
            if answer.status == HTTPStatus.FORBIDDEN:
                turn.refuse()
            return SourceRefused(ask.source, answer.url, reason)
        if seconds is not None:
            turn.pause(seconds)
        if answer.status in _PASSING or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return SourceUnavailable(ask.source, answer.url, reason, retry_after=seconds)
        return SourceMalformed(ask.source, answer.url, f"{reason}, which was not expected")

    @cached_property
    def _transport(self) -> "httpx2.HTTPTransport":
        import httpx2

        limits = httpx2.Limits(max_keepalive_connections=0)
        return httpx2.HTTPTransport(trust_env=False, limits=limits)


def _origin(url: "httpx2.URL") -> tuple[str, str, int]:
    """RFC 6454: whom a secret is for; the same name over http is another one."""
    return url.scheme, url.host, url.port or _PORTS[url.scheme]


def _repeats(secret: tuple[str, str], headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer holds the secret, which would end in reports, logs and the store."""
    sent = Secret(secret[1].rpartition(" ")[2])
    return sent.is_in("\n".join(headers.values())) or sent.is_in(body)


def _body(ask: Ask, url: str, response: "httpx2.Response") -> bytes:
    """The decoded body; the library decodes in pieces of a megabyte at most."""
    if response.headers.get("content-encoding", "").strip().lower() not in _ENCODINGS:
        raise SourceMalformed(ask.source, url, "the answer has a Content-Encoding not asked for")
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > ask.cap:
            raise SourceMalformed(ask.source, url, f"the answer is over {ask.cap:,} bytes")
    return bytes(body)


@contextlib.contextmanager
def _translated(ask: Ask, url: str) -> Iterator[None]:
    """The library's and the system's errors as ours, with their cause."""
    import httpx2

    try:
        yield
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise SourceRefused(ask.source, url, f"not an address to visit: {error}") from error
    except httpx2.DecodingError as error:
        raise SourceMalformed(ask.source, url, f"the answer cannot be unpacked: {error}") from error
    except (httpx2.HTTPError, OSError) as error:
        reason = f"no answer: {type(error).__name__} {error}".strip()
        raise SourceUnavailable(ask.source, url, reason) from error


def _agent(contact: str) -> str:
    """RFC 9110 section 10.1.5: product, version, and how to reach us as a comment."""
    if not (contact.isascii() and contact.isprintable()) or set(contact) & set("()\\"):
        raise ConfigError("The setting http.contact must be a plain mail address or page.")
    product = f"tracker/{__version__}"
    return f"{product} (+{contact})" if contact else product
