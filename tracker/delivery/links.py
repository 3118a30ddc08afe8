"""The signed links in a mail: where they lead, and whose they are when they come back.

Who holds a link may do what it is for and nothing else: it names one subscriber and one purpose.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from tracker.delivery import keys
from tracker.delivery.hosts import ascii_host
from tracker.errors import ConfigError
from tracker.settings import Web
from tracker.store import subscribers
from tracker.store.database import Database
from tracker.store.subscribers import Subscriber

UNSUBSCRIBE, PREFERENCES = "unsubscribe", "preferences"


@dataclass(frozen=True, slots=True)
class Links:
    """One reader's addresses: `unsubscribe` ends the mails by POST (RFC 8058)."""

    unsubscribe: str
    preferences: str


def public_url(web: Web) -> str:
    """The address of our pages without a slash at its end, or "". Raises ConfigError."""
    if not web.public_url:
        return ""
    try:
        parts = urlsplit(web.public_url)
        site = _site(parts.hostname or "", parts.port)
    except ValueError:
        parts, site = urlsplit(""), ""
    plain = parts.scheme in ("http", "https") and site and not parts.username
    if not plain or parts.query or parts.fragment or not web.public_url.isprintable():
        raise ConfigError(
            f"The setting web.public_url cannot be {web.public_url!r}: it must be an address such"
            " as https://digest.example.org."
        )
    # Mails name it in a header, where it must be ASCII and without blanks (RFC 3986).
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~")
    return f"{parts.scheme}://{site}{path}".rstrip("/")


def _site(host: str, port: int | None) -> str:
    """The host and the port of an address, in ASCII. Raises ValueError."""
    bare = ascii_host(host)
    written = f"[{bare}]" if ":" in bare else bare
    return written if port is None else f"{written}:{port}"


def links(key: bytes, base: str, reader: Subscriber) -> Links:
    """The links of one reader, below the address `base` of our pages."""
    tokens = (
        keys.token(key, purpose, reader.number, reader.email)
        for purpose in (UNSUBSCRIBE, PREFERENCES)
    )
    return Links(*(f"{base}/{page}/{token}" for page, token in zip("up", tokens, strict=True)))


def reader_of(db: Database, key: bytes, purpose: str, token: str) -> Subscriber | None:
    """Whose link for that purpose this is; None for all that we have not signed for it."""
    number = keys.number_in(token)
    known = subscribers.numbered(db, number) if number is not None else None
    if known is None or not keys.proves(key, purpose, token, known.number, known.email):
        return None
    return known
