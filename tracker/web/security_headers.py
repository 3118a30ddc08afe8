"""Security headers of every response, and the host names that are served.

The pages contain no script and load only the style sheet; the policy makes the browser enforce it.

Public: `add_security_headers`, `allowed_hosts`, `PAGE_POLICY`, `ISSUE_POLICY`.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from tracker.delivery.mail.links import public_url
from tracker.settings import Web

# The types of the ASGI specification (asgi.readthedocs.io/en/latest/specs/main.html).
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_CLOSED = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
PAGE_POLICY = f"{_CLOSED}; style-src 'self'"
# The pages of issues are self-contained: inline styles, and the chart as a data URL.
ISSUE_POLICY = f"{_CLOSED}; style-src 'unsafe-inline'; img-src data:"
_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    # The addresses of private pages contain a token.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def add_security_headers(app: App) -> App:
    """Return the app with the security headers on each response; it may override them."""
    headers = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message["headers"])
                names = {name.lower() for name, _ in own}
                message["headers"] = [*own, *(pair for pair in headers if pair[0] not in names)]
            await send(message)

        await app(scope, receive, send_with_headers)

    return wrapped


def allowed_hosts(web: Web) -> list[str]:
    """Return the host names that requests may name: the listening address and the public one.

    This prevents DNS rebinding. Raises ConfigError for an invalid web.public_url.
    """
    public = urlsplit(public_url(web)).hostname
    own = f"[{web.host}]" if ":" in web.host else web.host
    return sorted({own.lower(), "localhost", "127.0.0.1", "[::1]", *([public] if public else [])})
