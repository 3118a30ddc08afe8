"""Create and check the signed links in an email.

A link authorizes one purpose for one subscriber, and nothing else.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from tracker.delivery.mail import tokens
from tracker.delivery.mail.hosts import ascii_host
from tracker.errors import ConfigError
from tracker.settings import Web
from tracker.store import subscribers
from tracker.store.database import Database
from tracker.store.subscribers import Subscriber

UNSUBSCRIBE, PREFERENCES = "unsubscribe", "preferences"
# What readers can say about a paper; "rate" is a page with all of the others.
MORE, LESS, READ, SAVE, RATE = FEEDBACK = ("more", "less", "read", "save", "rate")
# The folder of the links for feedback below the address of the web pages.
FEEDBACK_FOLDER = "f"


@dataclass(frozen=True, slots=True)
class SubscriberLinks:
    """The links of one reader; a POST to `unsubscribe` unsubscribes them (RFC 8058)."""

    unsubscribe: str
    preferences: str


def public_url(web: Web) -> str:
    """The address of the web pages without a trailing slash, or "". Raises ConfigError."""
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
    # It is used in a header, where it must be ASCII without spaces (RFC 3986).
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~")
    return f"{parts.scheme}://{site}{path}".rstrip("/")


def _site(host: str, port: int | None) -> str:
    """The host and the port of a URL, in ASCII. Raises ValueError."""
    bare = ascii_host(host)
    shown = f"[{bare}]" if ":" in bare else bare
    return shown if port is None else f"{shown}:{port}"


def build_links(key: bytes, base_url: str, subscriber: Subscriber) -> SubscriberLinks:
    """The links of one reader, below `base_url`, the address of the web pages."""
    signed = (
        tokens.sign_token(key, purpose, subscriber.number, subscriber.email)
        for purpose in (UNSUBSCRIBE, PREFERENCES)
    )
    return SubscriberLinks(
        *(f"{base_url}/{page}/{token}" for page, token in zip("up", signed, strict=True))
    )


def sign_feedback(key: bytes, subscriber: Subscriber, action: str, paper: str) -> str:
    """The token of a link with which a reader says one thing about one paper."""
    purpose = feedback_purpose(action, paper)
    return tokens.sign_token(key, purpose, subscriber.number, subscriber.email)


def feedback_purpose(action: str, paper: str) -> str:
    """What a link for feedback authorizes."""
    return f"feedback {action} {paper}"


def find_subscriber(db: Database, key: bytes, purpose: str, token: str) -> Subscriber | None:
    """Return the subscriber of a token; None if it was not signed for them and this purpose."""
    number = tokens.parse_subscriber_number(token)
    found = subscribers.find_by_number(db, number) if number is not None else None
    if found is None or not tokens.is_valid_token(key, purpose, token, found.number, found.email):
        return None
    return found
