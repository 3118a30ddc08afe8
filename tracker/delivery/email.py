"""An issue as a mail: headers, the plain-text twin first, the HTML with its pictures inside it.

Every byte that a recipient gets is the same in every attempt: the Message-ID is made of issue and
address, the Date is the issue's. Header values come from the standard library's `EmailMessage`,
which refuses line breaks; they are taken out before, with all else that does not print.
"""

import binascii
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from tracker.delivery.keys import recipient_mark
from tracker.errors import ConfigError, UsageError
from tracker.settings import Smtp

# RFC 5322, 2.1.1, allows 998 characters a line; subjects and names, whose words need not be ones
# at which a line can be folded, are cut long before.
_LONGEST = 200
# RFC 5321, 4.5.3.1: of a local part, and of a path less its brackets.
_LONGEST_LOCAL, _LONGEST_ADDRESS = 64, 254


@dataclass(frozen=True, slots=True)
class Head:
    """What an issue says of itself in headers: `key` names it ("weekly-2026-W11")."""

    key: str
    list_name: str
    subject: str
    made: datetime
    language: str


@dataclass(frozen=True, slots=True)
class Body:
    """The two texts of one recipient's mail, and the pictures that the HTML names by cid."""

    text: str
    html: str
    pictures: Mapping[str, bytes]


def address(text: str) -> str:
    """A mail address that a relay can be given, its domain in ASCII. Raises UsageError."""
    bare = text.strip()
    local, at, domain = bare.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode()
        made = Address(username=local, domain=ascii_domain).addr_spec
        made.encode("ascii")
    except (ValueError, IndexError, AttributeError) as error:  # what the parser trips over
        raise UsageError(f"{bare[:80]!r} is not a mail address.") from error
    short = len(local) <= _LONGEST_LOCAL and len(made) <= _LONGEST_ADDRESS
    plain = short and bool(at and local) and "." in ascii_domain.strip(".") and ".." not in bare
    if not plain or made != f"{local}@{ascii_domain}":
        raise UsageError(f"{bare[:80]!r} is not a mail address.")
    return made


def sender(smtp: Smtp) -> Address:
    """The From of all mails. Raises ConfigError when smtp.sender holds no address."""
    name, bare = parseaddr(smtp.sender)
    try:
        local, _, domain = address(bare).rpartition("@")
    except UsageError:
        raise ConfigError(
            "smtp.sender is not set to a mail address, e.g. LLM Weekly <weekly@example.org>."
        ) from None
    return Address(printable(name), local, domain)


def message(head: Head, body: Body, source: Address, to: tuple[str, str], link: str) -> bytes:
    """The whole mail with CRLF line ends.

    `to` is (address, name); `link` the https address that unsubscribes by POST, or empty.
    """
    mail = EmailMessage(policy=SMTP)
    # "=" stands in no quoted-printable text but as the start of a code, so "=_" stands nowhere.
    mail.make_alternative(boundary=f"=_{recipient_mark(to[0])}")
    for name, value in _headers(head, source, *to, link).items():
        mail[name] = _header(name, str(value))
    mail.attach(_text(body.text, "plain", head.language))
    html = _text(body.html, "html", head.language)
    html.make_related(boundary=f"=_p{recipient_mark(to[0])}")
    for cid, picture in body.pictures.items():
        html.add_related(picture, "image", "png", cid=f"<{cid}>", disposition="inline")
    mail.attach(html)
    return mail.as_bytes()


@lru_cache(maxsize=64)
def _header(name: str, value: str) -> object:
    """A header, parsed: most are the same in all mails of an issue, and parsing takes 0.2 ms."""
    return SMTP.header_factory(name, value)


def _headers(
    head: Head, source: Address, email: str, name: str, link: str
) -> dict[str, str | Address]:
    local, _, domain = email.rpartition("@")
    ask = f"<mailto:{source.addr_spec}?subject=unsubscribe>"
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if link else {}
    return {
        "MIME-Version": "1.0",
        "From": source,
        "To": Address(printable(name)[:_LONGEST], local, domain),
        "Subject": printable(head.subject)[:_LONGEST],
        "Date": format_datetime(head.made),
        "Message-ID": f"<{head.key}.{recipient_mark(email)}@{source.domain}>",
        "List-Id": f"{head.list_name} <{head.key.partition('-')[0]}.{source.domain}>",
        "List-Unsubscribe": f"<{link}>, {ask}" if link else ask,
        **one_click,
        "Auto-Submitted": "auto-generated",
        "Content-Language": head.language,
    }


def _text(text: str, subtype: str, language: str) -> EmailMessage:
    """A part in quoted-printable; the standard library's own encoder takes forty times as long."""
    part = EmailMessage(policy=SMTP)
    for name, value in (
        ("Content-Type", f'text/{subtype}; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
        ("Content-Language", language),
    ):
        part[name] = _header(name, value)
    part.set_payload(binascii.b2a_qp(text.encode(), istext=True).decode("ascii"))
    return part


def printable(text: str) -> str:
    """One line without controls and without signs that turn the direction of what follows."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    shown = (" " if unicodedata.category(c) in hidden else c for c in text)
    return " ".join("".join(shown).split())
