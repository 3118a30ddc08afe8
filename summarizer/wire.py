"""HTTP to the server of a language model: one address, and its ways of saying no or later.

Owns requests. Plain HTTP rather than the ``openai`` package: one POST and one GET are needed, and
time-outs, sizes and what servers mean by 404 and 503 have to be seen to here anyway. Nothing is
asked of any address but the one given: no proxy, no redirect, no cookie from elsewhere.

Public surface: ``Wire``, ``NoSchemas``.
"""

import json
import time
from contextlib import closing
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from summarizer.errors import (
    GenerationError,
    Malformed,
    ModelUnusable,
    ServerBusy,
    ServerGone,
    Truncated,
)
from summarizer.redaction import Secret

if TYPE_CHECKING:
    import requests

_TRIES = 3
_BACKOFF_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
_MOST_BYTES = 4 << 20
_KEY_WANTED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_TOO_LONG = ("context length", "context size", "maximum context", "context window", "too long")


class NoSchemas(GenerationError):
    """The server does not know response_format (``transformers serve`` does not)."""


class Wire:
    """Asks the server at ``base_url``; ``timeout`` is for one answer, in seconds."""

    def __init__(self, base_url: str, *, key: str, timeout: float, connections: int) -> None:
        self._base = base_url.rstrip("/")
        self.url = _shown(self._base)
        self._key, self._timeout, self._connections = key, timeout, connections
        self._secret = Secret(key)

    def get(self, path: str) -> Any:
        """The JSON at ``path``, asked for once. Raises GenerationError."""
        return self._sent("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON that ``body`` is answered with, after a few tries. Raises GenerationError."""
        for attempt in range(1, _TRIES):
            try:
                return self._sent("POST", path, body)
            except (ServerBusy, ServerGone) as error:
                waits = error.seconds or _BACKOFF_SECONDS * 2**attempt
                time.sleep(min(_LONGEST_WAIT_SECONDS, waits))
        return self._sent("POST", path, body)

    def _sent(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        import requests

        try:
            with closing(self._session.request(
                method, self._base + path, json=body, stream=True, allow_redirects=False,
                timeout=(_CONNECT_SECONDS, self._timeout),
            )) as response:  # fmt: skip
                content = self._content(response)
        except requests.ReadTimeout as error:
            raise self._late() from error
        except requests.exceptions.InvalidURL as error:
            raise ModelUnusable(f"llm.base_url {self.url!r} is not an address.") from error
        except requests.RequestException as error:
            raise ServerGone(f"The server at {self.url} does not answer.") from error
        repeated = self._secret.is_in(content)
        self._check(response, _reason(content), shown=not repeated)
        if repeated:
            raise Malformed(f"The answer of the server at {self.url} repeats the key.")
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"The answer of the server at {self.url} is not JSON.") from error

    def _content(self, response: "requests.Response") -> bytes:
        """The body, capped in size and, as a server may trickle, in time."""
        deadline, body = time.monotonic() + self._timeout, bytearray()
        for piece in response.iter_content(65536):
            body += piece
            if len(body) > _MOST_BYTES:
                raise Malformed(f"The server's answer is over {_MOST_BYTES:,} bytes.")
            if time.monotonic() > deadline:
                raise self._late()
        return bytes(body)

    def _late(self) -> ServerBusy:
        return ServerBusy(
            f"The server at {self.url} gave no answer in {self._timeout:g} s (llm.timeout_seconds)."
        )

    def _check(self, response: "requests.Response", reason: str, *, shown: bool) -> None:
        """Raise what a status other than 200 stands for, in plain words and the server's own.

        The server's are left out where they are not to be `shown`, as they repeat the key.
        """
        status, server = response.status_code, f"The server at {self.url}"
        if status == HTTPStatus.OK:
            return
        said = reason if shown else "Its answer repeats the key, so it is not shown."
        if status == HTTPStatus.NOT_FOUND:
            raise ModelUnusable(f"{server} has no such model or path (HTTP 404). {said}")
        if status in _KEY_WANTED:
            raise ModelUnusable(f"{server} wants a key (llm.api_key_file). {said}")
        if status in _BUSY:
            waits = response.headers.get("Retry-After", "")
            seconds = float(waits[:6]) if waits.isascii() and waits.isdigit() else 0.0
            raise ServerBusy(f"{server} is busy or still loading (HTTP {status}). {said}", seconds)
        if any(words in reason.lower() for words in _TOO_LONG):
            raise Truncated(f"The paper does not fit into the model's context. {said}")
        if "response_format" in reason:
            raise NoSchemas(said)
        raise ModelUnusable(f"{server} refused the request (HTTP {status}). {said}")

    @cached_property
    def _session(self) -> "requests.Session":
        import requests
        from requests.adapters import HTTPAdapter

        session = requests.Session()
        session.trust_env = False
        session.mount(self._base, HTTPAdapter(pool_maxsize=self._connections))
        if self._key:
            session.headers["Authorization"] = f"Bearer {self._key}"
        return session


def _shown(address: str) -> str:
    """An address as it is told to others: without a password or key that stands in it."""
    scheme, _, rest = address.partition("://")
    # A password may hold a slash, so what stands before the last @ is taken for one.
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def _reason(content: bytes) -> str:
    """The server's own words, shortened: error.message, detail or message, or the body itself."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return " ".join(content[:400].decode("utf-8", "replace").split())[:200]
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or error
    return " ".join(str(error).split())[:200]
