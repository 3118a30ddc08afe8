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

# The links of mails sent before each kind of issue had its own stop every kind.
UNSUBSCRIBE, PREFERENCES = "unsubscribe", "preferences"
# What readers can say about a paper; "rate" is a page with all of the others.
MORE, LESS, READ, SAVE, RATE = FEEDBACK = ("more", "less", "read", "save", "rate")
# The folder of the links for feedback below the address of the web pages.
FEEDBACK_FOLDER = "f"


@dataclass(frozen=True, slots=True)
class SubscriberLinks:
    """The links of one reader; a POST to `unsubscribe` stops one kind of issue (RFC 8058)."""

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


def build_links(key: bytes, base_url: str, subscriber: Subscriber, kind: str) -> SubscriberLinks:
    """The links in a reader's mail with an issue of that kind ("weekly").

    `base_url` is the address of the web pages.
    """
    unsubscribe, preferences = (
        tokens.sign_token(key, purpose, subscriber.number, subscriber.email)
        for purpose in (unsubscribe_purpose(kind), PREFERENCES)
    )
    return SubscriberLinks(f"{base_url}/u/{kind}/{unsubscribe}", f"{base_url}/p/{preferences}")


def unsubscribe_purpose(kind: str) -> str:
    """What a link that stops a kind of issue is signed for; "" stands for every kind."""
    return f"{UNSUBSCRIBE} {kind}" if kind else UNSUBSCRIBE


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
