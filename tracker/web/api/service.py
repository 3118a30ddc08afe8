"""How an API request is answered: routing, authorization, limits, validators and problems.

Independent of the web framework: a request and a response are plain values.
Public: `ApiRequest`, `ApiResponse`, `ApiService`.
"""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tracker.errors import IndexUnusable, NotFound, TrackerError, UsageError
from tracker.pipeline.retrieval.public_json import to_json_value
from tracker.settings import Config
from tracker.store.database import open_database, open_read_only
from tracker.web.api.client_limit import RateLimit
from tracker.web.api.openapi import build_document
from tracker.web.api.operations import OPERATIONS, Call, Operation
from tracker.web.api.parameters import parse_parameters

PREFIX = "/api/v1"
# A token shorter than this can be guessed.
_SHORTEST_TOKEN = 16
_NOT_ENABLED = (
    "Changes are not enabled. Write a token of at least 16 characters into a file that only the"
    " server may read, and set web.api_token_file to its path."
)


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request below /api. `body` is None if it was too long; header names are lower case.

    `config` are the settings to answer with, if they are not those of the service.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes | None
    client: str
    config: Config | None = None


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """One response."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class _Problem(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        self.status, self.detail = status, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(detail)


class ApiService:
    """Answers API requests; may be called from several threads."""

    def __init__(self, config: Config, clock: Callable[[], datetime] | None = None) -> None:
        self._config = config
        self._clock = clock or (lambda: datetime.now(UTC))
        self._limit = RateLimit(config.web.api_per_minute)

    def answer(self, request: ApiRequest) -> ApiResponse:
        """Return the answer to a request; errors become problems (RFC 9457)."""
        allowed = self._cors_headers(request)
        try:
            response = self._answer(request, allowed)
        except _Problem as problem:
            response = _problem_response(problem)
        except (TrackerError, UnicodeError) as error:
            response = _problem_response(_as_problem(error))
        return ApiResponse(response.status, response.body, {**response.headers, **allowed})

    def _answer(self, request: ApiRequest, cors: Mapping[str, str]) -> ApiResponse:
        if request.method == "OPTIONS" and "Access-Control-Allow-Origin" in cors:
            return ApiResponse(204, b"", _PREFLIGHT)
        if wait := self._limit.seconds_to_wait(request.client):
            raise _Problem(429, f"Too many requests; wait {wait} seconds.", Retry_After=str(wait))
        if request.path == f"{PREFIX}/openapi.json":
            if request.method not in ("GET", "HEAD"):
                raise _Problem(405, "Use GET.", Allow="GET, HEAD")
            return _json_response(build_document(), request)
        operation, path = _find_operation(request)
        if operation.body is not None:
            self._authorize(request)
        return _json_response(self._run(operation, path, request), request)

    def _run(self, operation: Operation, path: Mapping[str, str], request: ApiRequest) -> Any:
        values = parse_parameters(operation.parameters, request.query)
        body = {} if operation.body is None else _parse_body(operation.body, request)
        call = Call(path, values, body, self._clock())
        opened = open_read_only if operation.body is None else open_database
        config = request.config or self._config
        with opened(config.database) as db:
            return operation.run(db, config, call)

    def _authorize(self, request: ApiRequest) -> None:
        """Raise _Problem unless the request carries the token."""
        if not self._config.web.api_token_file:
            raise _Problem(403, _NOT_ENABLED)
        token = _read_token(Path(self._config.web.api_token_file))
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        correct = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token)
        if scheme.lower() != "bearer" or not correct:
            detail = "Send the header Authorization: Bearer TOKEN with the token of this server."
            raise _Problem(401, detail, WWW_Authenticate='Bearer realm="tracker"')

    def _cors_headers(self, request: ApiRequest) -> dict[str, str]:
        origins = self._config.web.api_cors_origins
        if not origins:
            return {}
        origin = request.headers.get("origin", "")
        if origin and ("*" in origins or origin in origins):
            return {
                "Access-Control-Allow-Origin": origin,
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Vary": "Origin",
            }
        return {"Vary": "Origin"}


_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "600",
}


def _read_token(file: Path) -> bytes:
    try:
        token = file.read_bytes().strip()
    except OSError as error:
        logging.getLogger(__name__).error("web.api_token_file cannot be read: %s", error)
        raise _Problem(
            403, "Changes are not enabled: the file of the token cannot be read."
        ) from None
    if len(token) < _SHORTEST_TOKEN:
        raise _Problem(403, _NOT_ENABLED)
    return token


def _find_operation(request: ApiRequest) -> tuple[Operation, dict[str, str]]:
    """Return the operation and the parts of its path. Raises _Problem for an unknown path."""
    for operation, pattern in _ROUTES:
        if found := pattern.fullmatch(request.path):
            allowed = "GET, HEAD" if operation.method == "GET" else "POST"
            if request.method not in allowed.split(", "):
                raise _Problem(405, f"Use {allowed}.", Allow=allowed)
            return operation, {name: unquote(part) for name, part in found.groupdict().items()}
    raise _Problem(404, f"There is nothing here; {PREFIX}/openapi.json describes the API.")


def _route_pattern(path: str) -> re.Pattern[str]:
    # An old id contains a slash, which clients may or may not escape: cs/0112017.
    id_part = path.replace("{id}", r"(?P<id>[^/]+(?:/[^/]+)?)")
    return re.compile(PREFIX + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", id_part))


_ROUTES = [(operation, _route_pattern(operation.path)) for operation in OPERATIONS]


def _parse_body(wanted: Mapping[str, bool], request: ApiRequest) -> dict[str, str]:
    """Return the fields of a JSON body. Raises _Problem."""
    if request.body is None:
        raise _Problem(413, "The body is too long.", Connection="close")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _Problem(415, "Send the body as application/json.")
    try:
        body: Any = json.loads(request.body)
    except (ValueError, RecursionError):
        raise _Problem(400, "The body is not valid JSON.") from None
    if not isinstance(body, dict) or not _has_fields(body, wanted):
        raise _Problem(400, f"The body is an object with the texts {', '.join(wanted)}.")
    for value in body.values():
        value.encode()  # a lone surrogate cannot be stored
    return dict(body)


def _has_fields(body: Mapping[str, Any], wanted: Mapping[str, bool]) -> bool:
    """Whether a body has the required fields and no others, each a text."""
    missing = [name for name, required in wanted.items() if required and not body.get(name)]
    return (
        not missing and set(body) <= set(wanted) and all(isinstance(v, str) for v in body.values())
    )


def _as_problem(error: Exception) -> _Problem:
    if isinstance(error, NotFound):
        return _Problem(404, str(error))
    if isinstance(error, UsageError):
        return _Problem(400, str(error))
    if isinstance(error, IndexUnusable):
        return _Problem(503, str(error), Retry_After="60")
    if isinstance(error, UnicodeError):
        return _Problem(400, "The request contains invalid characters.")
    # The message may name local files: for the operator, not for visitors.
    logging.getLogger(__name__).error("%s", error)
    return _Problem(503, "The database cannot be used at the moment.", Retry_After="5")


def _problem_response(problem: _Problem) -> ApiResponse:
    content = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    return ApiResponse(problem.status, _encode(content), {**headers, **problem.headers})


def _json_response(value: Any, request: ApiRequest) -> ApiResponse:
    """Return a value as JSON, or 304 if the client has it already."""
    body = _encode(value)
    headers = {"Content-Type": "application/json", "Cache-Control": "no-cache"}
    if request.method == "POST":
        return ApiResponse(200, body, {**headers, "Cache-Control": "no-store"})
    # The time that a search took is not part of the answer, so the validator is weak.
    timed = isinstance(value, dict) and "took_ms" in value
    hashed = _encode({**value, "took_ms": 0}) if timed else body
    tag = f'W/"{hashlib.blake2b(hashed, digest_size=12).hexdigest()}"'
    headers["ETag"] = tag
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if "*" in known or tag in known or tag.removeprefix("W/") in known:
        return ApiResponse(304, b"", headers)
    return ApiResponse(200, body, headers)


def _encode(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, default=to_json_value)
    return text.encode("utf-8", "replace")
