"""A site that only reads: it follows the snapshots of a replica and refuses every change.

The link to the newest snapshot is followed once per request; everything that answers the request
finds the settings of that snapshot in the request's scope. A switched link needs no restart.

Public: `serve_read_only`, `config_of`, `without_changes`.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from tracker.errors import TrackerError
from tracker.settings import Config
from tracker.store.snapshots import Snapshot, find_snapshot, is_snapshot
from tracker.web.security_headers import App, Message, Receive, Scope, Send

_REFUSED = "This site is a read-only copy; use the main site for changes."
_UNREADABLE = "The copy of the database cannot be read at the moment."
_CONFIG = "tracker.config"
# How often to answer again because the snapshot was deleted meanwhile.
_ATTEMPTS = 5
# Pages behind the links in mails, and the form for subscribing.
_PRIVATE = frozenset({"u", "p", "f", "s", "subscribe"})


def without_changes(config: Config) -> Config:
    """Return settings with which the site offers no changes."""
    return replace(config, web=replace(config.web, subscribe=False, api_token_file=""))


def config_of(scope: Scope, config: Config) -> Config:
    """Return the settings for a request: of its snapshot, else the ones given."""
    found = scope.get(_CONFIG, config)
    assert isinstance(found, Config)
    return found


def serve_read_only(app: App, config: Config) -> App:
    """Return the app for the snapshots to which the home links, or for a home, without changes."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path") or "/")
        if _is_change(scope.get("method", ""), path):
            await _refuse(send, path, 403, _REFUSED)
            return
        for _ in range(_ATTEMPTS):
            if await _answer(app, config, scope, receive, send):
                return
        await _refuse(send, path, 503, _UNREADABLE)

    return wrapped


async def _answer(app: App, config: Config, scope: Scope, receive: Receive, send: Send) -> bool:
    """Answer from the newest snapshot; return False if it was deleted meanwhile."""
    try:
        snapshot = find_snapshot(config.home)
    except (TrackerError, OSError) as error:
        logging.getLogger(__name__).error("%s", error)
        return False
    if snapshot is None:
        await app(scope, receive, send)
        return True
    answer = _Answer(send, snapshot)
    pinned = replace(config, home=snapshot.folder)
    await app({**scope, _CONFIG: pinned}, receive, answer.send)
    return not answer.is_dropped


def _is_change(method: str, path: str) -> bool:
    return method not in ("GET", "HEAD", "OPTIONS") or path.strip("/").partition("/")[0] in _PRIVATE


class _Answer:
    """An answer with name and age of its snapshot in the headers.

    It is dropped if it is an error because the snapshot was deleted before it had been read.
    """

    def __init__(self, send: Send, snapshot: Snapshot) -> None:
        self._send, self._snapshot = send, snapshot
        self.is_dropped = False

    async def send(self, message: Message) -> None:
        """Send a message of the answer."""
        if message["type"] == "http.response.start":
            self.is_dropped = message["status"] >= 400 and not is_snapshot(self._snapshot.folder)
            age = self._snapshot.age_seconds(datetime.now(UTC))
            shown = {"x-snapshot": self._snapshot.name, "x-snapshot-age": str(age)}
            message["headers"] = [*message["headers"], *_encode(shown)]
        if not self.is_dropped:
            await self._send(message)


async def _refuse(send: Send, path: str, status: int, sentence: str) -> None:
    """Answer with one sentence: as a problem (RFC 9457) to a program, else as plain text."""
    is_api = path.startswith("/api/")
    problem = {"type": "about:blank", "status": status, "detail": sentence}
    body = (json.dumps(problem) if is_api else f"{sentence}\n").encode()
    media_type = "application/problem+json" if is_api else "text/plain; charset=utf-8"
    headers = {
        "content-type": media_type, "content-length": str(len(body)), "cache-control": "no-store",
        "connection": "close",  # the body of the request is not read
    }  # fmt: skip
    start = {"type": "http.response.start", "status": status, "headers": _encode(headers)}
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _encode(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
