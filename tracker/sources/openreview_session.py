"""Requests to OpenReview, with an account where one is set.

OpenReview answers programs without an account with 403 and a challenge for browsers. A login is a
POST of name and password to `/login` of each API, which returns a token for about an hour; a token
that was refused is replaced once by logging in again.

Public: `Session`, `check_credentials`.
Source: openreview-py, openreview/api/client.py (`login_user`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from tracker.errors import ConfigError, SourceMalformed, SourceRefused
from tracker.files import read_key, read_secret
from tracker.settings import OpenReviewSource
from tracker.sources.formats.json import parse_json
from tracker.sources.http.client import Client, Request, Response

NAME = "openreview"
_SETTING = f"The setting sources.{NAME}"
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_CAP = 48 * 2**20  # a thousand notes, each with its abstract about 5,000 bytes


def check_credentials(settings: OpenReviewSource) -> str:
    """Return how the settings log in: "account", "token", or empty for not at all.

    Raises ConfigError when half of an account is set.
    """
    if settings.token_file:
        return "token"
    if bool(settings.user) != bool(settings.password_file):
        raise ConfigError(f"{_SETTING}.user and password_file must be set together.")
    return "account" if settings.user else ""


@dataclass(slots=True)
class Session:
    """The requests of one crawl; each API of OpenReview (`base`) has its own token."""

    client: Client
    settings: OpenReviewSource
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)

    def get(self, base: str, path: str, params: Mapping[str, str]) -> Response:
        """Return the response of an API. Raises SourceRefused, in words that say what to set."""
        kind = check_credentials(self.settings)
        request = self._build_request(f"{base}{path}", params)
        response = self._send(request, base, kind)
        if response.status == HTTPStatus.UNAUTHORIZED and kind == "account":
            self._tokens.pop(base, None)
            response = self._send(request, base, kind)
        if response.status in _REFUSED:
            raise SourceRefused(NAME, response.url, self._describe_refusal(kind, response.status))
        return response

    def _build_request(self, url: str, params: Mapping[str, str]) -> Request:
        return Request(
            NAME,
            url,
            params,
            accept="application/json, */*;q=0.1",
            pace=self.settings.pace_seconds,
            max_bytes=_CAP,
            expect=(HTTPStatus.OK, *_REFUSED),
        )

    def _send(self, request: Request, base: str, kind: str) -> Response:
        token = self._load_token(base, kind)
        secret = ("Authorization", f"Bearer {token}") if token else None
        return self.client.get(replace(request, secret=secret))

    def _load_token(self, base: str, kind: str) -> str:
        if kind == "token":
            key = read_key(f"{_SETTING}.token_file", self.settings.token_file)
            return key.removeprefix("Bearer ")
        if kind == "account" and base not in self._tokens:
            self._tokens[base] = self._log_in(base)
        return self._tokens.get(base, "")

    def _log_in(self, base: str) -> str:
        """Return a new token. Raises SourceRefused when name or password are not accepted."""
        password = read_secret(f"{_SETTING}.password_file", self.settings.password_file)
        request = replace(
            self._build_request(f"{base}/login", {}),
            json={"id": self.settings.user, "password": password},
            expect=(HTTPStatus.OK, HTTPStatus.BAD_REQUEST, *_REFUSED),
        )
        response = self.client.get(request)
        if response.status != HTTPStatus.OK:
            reason = (
                f"OpenReview refuses the login of {self.settings.user} (HTTP {response.status});"
                " check sources.openreview.user and password_file"
            )
            raise SourceRefused(NAME, response.url, reason)
        return _parse_token(response)

    def _describe_refusal(self, kind: str, status: int) -> str:
        if kind == "token":
            return (
                f"OpenReview refuses the token (HTTP {status}), which has perhaps expired; put a"
                " new one into sources.openreview.token_file"
            )
        if kind == "account":
            return f"OpenReview refuses the account {self.settings.user} (HTTP {status})"
        return (
            f"OpenReview refuses programs without an account (HTTP {status}); set"
            " sources.openreview.user and password_file"
        )


def _parse_token(response: Response) -> str:
    document = parse_json(response.body, NAME, response.url)
    token = document.get("token") if isinstance(document, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        reason = (
            "the login returned no token; an account with a second factor needs"
            " sources.openreview.token_file"
        )
        raise SourceMalformed(NAME, response.url, reason)
    return token
