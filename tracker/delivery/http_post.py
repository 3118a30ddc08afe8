"""Post one message over HTTP, saying when it is handed over and what the answer means.

The standard library's client is used because the caller must know the moment between connecting,
after which nothing has been sent yet, and sending. Redirects are not followed.

Public: `post`, `HttpAnswer`, `PostTarget`, `NotConnected`.
"""

import socket
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

from tracker.delivery.deadline import Deadline
from tracker.errors import ConfigError
from tracker.sources.http.addresses import AddressError, resolve_allowed

# Seconds for connecting, and for the request with its answer.
_CONNECT_SECONDS, _ANSWER_SECONDS = 10.0, 30.0
_LONGEST_ANSWER = 65_536


class NotConnected(Exception):
    """No connection could be opened, so that nothing has been sent; the message says why."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The answer to a post; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class PostTarget:
    """An address to post to; `allow_private` are hosts that may be on this network."""

    url: str
    allow_private: Collection[str] = ()

    @property
    def parts(self) -> SplitResult:
        """The parts of the address."""
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        """The name of the host."""
        return self.parts.hostname or ""

    def check(self, setting: str) -> None:
        """Raise ConfigError for an address that is none, or is not encrypted.

        The message does not repeat it, since it may contain a secret.
        """
        try:
            parts, port = self.parts, self.parts.port
        except ValueError:
            raise ConfigError(f"{setting}: this is not the address of a web server.") from None
        plain = parts.scheme == "http" and self.host in set(self.allow_private)
        usable = self.url.isascii() and self.url.isprintable() and " " not in self.url
        if not self.host or port == 0 or not usable or not (parts.scheme == "https" or plain):
            raise ConfigError(
                f"{setting}: the address must begin with https://, or name a host that is listed"
                " in http.allow_private."
            )


def post(
    target: PostTarget,
    body: bytes,
    headers: Mapping[str, str],
    before_handover: Callable[[], None],
) -> HttpAnswer:
    """Post a body and return the answer; `before_handover` is called just before it is sent.

    Raises NotConnected before that, and OSError or HTTPException if there is no valid answer.
    """
    deadline = Deadline()
    try:
        with deadline.within(_CONNECT_SECONDS + _ANSWER_SECONDS):
            connection = _connect(target)
            deadline.watch(connection)
            with connection:
                return _exchange(target, connection, body, headers, before_handover)
    finally:
        deadline.release()


def _connect(target: PostTarget) -> socket.socket:
    secure = target.parts.scheme == "https"
    port = target.parts.port or (443 if secure else 80)
    reason: Exception = OSError("it has no address")
    try:
        addresses = resolve_allowed(target.host, port, target.allow_private)
        for address in addresses:
            try:
                plain = socket.create_connection((address, port), _CONNECT_SECONDS)
                break
            except OSError as error:
                reason = error
        else:
            raise reason
        if not secure:
            return plain
        context = ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=target.host)
    except (AddressError, OSError, UnicodeError) as error:
        raise NotConnected(f"{target.host} cannot be reached: {error}") from error


def _exchange(
    target: PostTarget,
    connection: socket.socket,
    body: bytes,
    headers: Mapping[str, str],
    before_handover: Callable[[], None],
) -> HttpAnswer:
    connection.settimeout(_ANSWER_SECONDS)
    client = HTTPConnection(target.host)
    client.sock = connection
    path = target.parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    sent = {"Host": target.parts.netloc.rpartition("@")[2], "Connection": "close", **headers}
    before_handover()
    client.request("POST", path, body, sent)
    response = client.getresponse()
    read = response.read(_LONGEST_ANSWER)
    return HttpAnswer(
        response.status, {name.lower(): value for name, value in response.getheaders()}, read
    )


POST_ERRORS = (OSError, HTTPException)
