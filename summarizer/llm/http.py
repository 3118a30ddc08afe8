"""HTTP client for a language model's server: one address, with retries and clear errors.

Owns requests. Plain HTTP rather than the ``openai`` package: one POST and one GET are needed, and
timeouts, sizes and the meaning of 404 and 503 have to be handled here anyway. Requests go to the
configured address only: no proxy, no redirect, no environment settings.

Public surface: ``HttpClient``, ``FeatureUnsupported``, ``TIME_USED_UP``.
"""

import json
import threading
import time
from concurrent.futures import Future, wait
from contextlib import closing
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from summarizer.exceptions import (
    BudgetSpent,
    ContextExceeded,
    GenerationError,
    ModelUnusable,
    ServerBusy,
    ServerTimeout,
    ServerUnreachable,
)
from summarizer.llm.connection.event_stream import EventStream
from summarizer.llm.connection.server_health import health_of
from summarizer.redaction import Secret

if TYPE_CHECKING:
    import requests

_ATTEMPTS = 3
_BACKOFF_SECONDS = 0.5
_MAX_DELAY_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
_GRACE_SECONDS = 1.0  # in which the timeout of a read comes first
_POLL_SECONDS = 0.2  # within which a request that is cancelled ends
_RETRY_SHARE = 0.5  # of the time of a request; later, a busy server is not asked again
_MAX_BYTES = 4 << 20
_KEY_REQUIRED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_TOO_LONG = ("context length", "context size", "maximum context", "context window", "too long")
# Parts of a request that some servers do not know, and what their messages call them.
_FEATURES = (
    ("chat_template_kwargs", ("chat_template_kwargs",)),
    ("logprobs", ("logprobs",)),
    ("response_format", ("response_format", "json_schema", "json schema", "guided", "grammar")),
)


TIME_USED_UP = "The time for the language model is used up (llm.max_minutes)."


class FeatureUnsupported(GenerationError):
    """The server refuses a part of the request, ``feature``; without it the server may answer."""

    def __init__(self, message: str, feature: str) -> None:
        self.feature = feature
        super().__init__(message)


class HttpClient:
    """Client for the server at ``base_url``; ``timeout`` is for one response, in seconds.

    No request waits beyond ``deadline``, a time of ``time.monotonic``. Requests end within a moment
    once ``cancelled`` is set or the server is given up.
    """

    def __init__(
        self, base_url: str, *, key: str, timeout: float, connections: int, deadline: float
    ) -> None:
        self._base = base_url.rstrip("/")
        self.url = _shown(self._base)
        self._key, self._limit, self._connections = key, timeout, connections
        self._deadline = deadline
        self._secret = Secret(key)
        self.cancelled = threading.Event()
        self._health = health_of(self._base)

    def get(self, path: str) -> Any:
        """Return the JSON at ``path``, in one attempt. Raises GenerationError."""
        return self._send(_Request("GET", path, None, self._time_limit(0.0)))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Post ``body`` and return the JSON response; up to 3 attempts. Raises GenerationError.

        The attempts take no more time together than one response may take. A request that timed out
        is not sent again: it would take as long. If ``body`` asks for a stream, the timeout is for
        each event of it.
        """
        self._health.raise_if_given_up()
        begun = time.monotonic()
        try:
            answer = self._post_with_retries(path, body, begun)
        except (ServerBusy, ServerUnreachable, ServerTimeout) as error:
            self._health.note_failure(error, begun, self._limit)
            raise
        self._health.note_answer()
        return answer

    def _post_with_retries(self, path: str, body: dict[str, Any], begun: float) -> Any:
        for attempt in range(1, _ATTEMPTS + 1):
            spent = time.monotonic() - begun
            try:
                return self._send(_Request("POST", path, body, self._time_limit(spent)))
            except (ServerBusy, ServerUnreachable) as error:
                delay = min(_MAX_DELAY_SECONDS, error.seconds or _BACKOFF_SECONDS * 2**attempt)
                spent = time.monotonic() - begun + delay
                if attempt == _ATTEMPTS or spent > _RETRY_SHARE * self._limit:
                    raise
                self.cancelled.wait(delay)
        raise AssertionError

    def _time_limit(self, spent: float) -> float:
        """Return how long one more attempt may take."""
        return max(0.1, min(self._limit - spent, self._deadline - time.monotonic()))

    def _send(self, request: "_Request") -> Any:
        response, content = self._exchange_in_time(request)
        repeated = self._secret.is_in(content)
        self._raise_for_status(response, _error_message(content), shown=not repeated)
        if repeated:
            raise GenerationError(f"The answer of the server at {self.url} repeats the key.")
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise GenerationError(f"The answer of the server at {self.url} is not JSON.") from error

    def _exchange_in_time(self, request: "_Request") -> tuple["requests.Response", bytes]:
        """Return the response and its body; raise ServerTimeout once its time is over.

        The timeouts of requests are for each read, so a server that sends a byte now and then would
        never exceed them. A thread that is given up ends with the connection or the process.
        """
        done: Future[tuple[requests.Response, bytes]] = Future()

        def run() -> None:
            try:
                done.set_result(self._exchange(request))
            except Exception as error:
                done.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        while not wait([done], _POLL_SECONDS).done:
            self._health.raise_if_given_up()
            if self.cancelled.is_set():
                raise GenerationError("The request was cancelled.")
            if request.is_late(_GRACE_SECONDS):
                raise self._timeout_error()
        return done.result()

    def _exchange(self, request: "_Request") -> tuple["requests.Response", bytes]:
        import requests

        try:
            with closing(self._session.request(
                request.method, self._base + request.path, json=request.body, stream=True,
                allow_redirects=False, timeout=(_CONNECT_SECONDS, request.seconds),
            )) as response:  # fmt: skip
                return response, self._read_body(response, request)
        except requests.ReadTimeout as error:
            raise self._timeout_error() from error
        except requests.exceptions.InvalidURL as error:
            raise ModelUnusable(f"llm.base_url {self.url!r} is not an address.") from error
        except requests.RequestException as error:
            if "Read timed out" in str(error):  # while the body was read
                raise self._timeout_error() from error
            raise ServerUnreachable(f"The server at {self.url} does not answer.") from error

    def _read_body(self, response: "requests.Response", request: "_Request") -> bytes:
        """Read the body, limited in size and, since a server may send it slowly, in time."""
        stream = EventStream() if _is_stream(response) else None
        body = bytearray()
        for piece in response.iter_content(65536):
            body += piece
            if len(body) > _MAX_BYTES:
                raise GenerationError(f"The server's answer is over {_MAX_BYTES:,} bytes.")
            if stream and stream.feed(piece):
                request.extend(self._deadline)
            if request.is_late(0.0):
                raise self._timeout_error()
        return stream.completion() if stream else bytes(body)

    def _timeout_error(self) -> GenerationError:
        if time.monotonic() >= self._deadline:
            return BudgetSpent(TIME_USED_UP)
        return ServerTimeout(
            f"The server at {self.url} gave no answer in {self._limit:g} s (llm.timeout_seconds)."
        )

    def _raise_for_status(self, response: "requests.Response", reason: str, *, shown: bool) -> None:
        """Raise the error for a status other than 200, with the server's own message.

        The message is left out unless it may be `shown`: one that repeats the key may not.
        """
        status, server = response.status_code, f"The server at {self.url}"
        if status == HTTPStatus.OK:
            return
        message = reason if shown else "Its answer repeats the key, so it is not shown."
        if status == HTTPStatus.NOT_FOUND:
            raise ModelUnusable(f"{server} has no such model or path (HTTP 404). {message}")
        if status in _KEY_REQUIRED:
            raise ModelUnusable(f"{server} requires an API key (llm.api_key_file). {message}")
        if status in _BUSY:
            raise ServerBusy(
                f"{server} is busy or still loading (HTTP {status}). {message}",
                _retry_after(response),
            )
        if any(words in reason.lower() for words in _TOO_LONG):
            raise ContextExceeded(f"The paper does not fit into the model's context. {message}")
        if feature := _refused_feature(reason):
            raise FeatureUnsupported(message, feature)
        raise ModelUnusable(f"{server} refused the request (HTTP {status}). {message}")

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


class _Request:
    """A request that may take ``seconds`` for its response, or for each event of a stream."""

    def __init__(self, method: str, path: str, body: dict[str, Any] | None, seconds: float) -> None:
        self.method, self.path, self.body, self.seconds = method, path, body, seconds
        self._end = time.monotonic() + seconds

    def extend(self, deadline: float) -> None:
        """Begin the time again, as an event has arrived."""
        self._end = min(time.monotonic() + self.seconds, deadline)

    def is_late(self, grace: float) -> bool:
        """Whether the time has been over for ``grace`` seconds."""
        return time.monotonic() > self._end + grace


def _is_stream(response: "requests.Response") -> bool:
    kind = response.headers.get("Content-Type", "")
    return response.status_code == HTTPStatus.OK and kind.startswith("text/event-stream")


def _refused_feature(reason: str) -> str:
    """Return the part of a request that a server's message refuses, "" if it names none."""
    lowered = reason.lower()
    return next((name for name, words in _FEATURES if any(w in lowered for w in words)), "")


def _shown(address: str) -> str:
    """Return an address for display, without any password or key in it."""
    scheme, _, rest = address.partition("://")
    # A password may contain a slash, so everything before the last @ is removed.
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def _retry_after(response: "requests.Response") -> float:
    """Return the delay in Retry-After in seconds; 0 when it is absent or a date."""
    value = response.headers.get("Retry-After", "")
    return float(value[:6]) if value.isascii() and value.isdigit() else 0.0


def _error_message(content: bytes) -> str:
    """Return the server's message, shortened: error.message, detail, message or the body."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return " ".join(content[:400].decode("utf-8", "replace").split())[:200]
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or error
    return " ".join(str(error).split())[:200]
