"""What holds for every answer, whatever it is: which names we answer to, and what a browser may do.

The pages hold no script and load nothing but our style sheet; the policy says so to the browser.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from tracker.delivery.links import public_url
from tracker.settings import Web

# ASGI's own words (asgi.readthedocs.io/en/latest/specs/main.html).
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_CLOSED = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
POLICY = f"{_CLOSED}; style-src 'self'"
# The pages of issues are complete in themselves: styles on the elements, the chart as data.
ISSUE_POLICY = f"{_CLOSED}; style-src 'unsafe-inline'; img-src data:"
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # A token stands in the address of a page; nobody else is to learn of it.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def guarded(app: App) -> App:
    """The app, each of whose answers says what a browser may do with it."""
    ours = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]

    async def guarding(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                said = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(pair for pair in ours if pair[0] not in said)]
            await send(message)

        await app(scope, receive, sending)

    return guarding


def names(web: Web) -> list[str]:
    """The hosts that a request may ask for: where we listen, and what others know us by.

    A page elsewhere whose name is turned to our address cannot use us then (DNS rebinding). Raises
    ConfigError for a public address that is none.
    """
    public = urlsplit(public_url(web)).hostname
    own = f"[{web.host}]" if ":" in web.host else web.host
    return sorted({own.lower(), "localhost", "127.0.0.1", "[::1]", *([public] if public else [])})
