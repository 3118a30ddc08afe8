"""An issue as a mail: headers, the plain-text twin first, the HTML with its pictures inside it.

Every byte that a recipient gets is the same in every attempt: the Message-ID is made of issue and
address, the Date is the issue's. What does not print, line breaks among it, is taken out of all
text that goes into a header; `tracker.delivery.headers` writes what is left as it is.
"""

import binascii
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from urllib.parse import quote, urlsplit

from tracker.delivery import headers
from tracker.delivery.hosts import ascii_domain
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
        made = Address(username=local, domain=ascii_domain(domain)).addr_spec
        made.encode("ascii")
    except (ValueError, IndexError, AttributeError) as error:  # what the parser trips over
        raise UsageError(f"{bare[:80]!r} is not a mail address.") from error
    short = len(local) <= _LONGEST_LOCAL and len(made) <= _LONGEST_ADDRESS
    plain = short and bool(at and local) and "." in domain and ".." not in bare
    # Mail programs may decode an encoded word (RFC 2047) wherever they meet one.
    if not plain or "=?" in local or not made.startswith(f"{local}@"):
        raise UsageError(f"{bare[:80]!r} is not a mail address.")
    return made


_MAILBOX = re.compile(r"(.*)<([^<>]*)>\s*", re.DOTALL).fullmatch


def sender(smtp: Smtp) -> Address:
    """The From of all mails. Raises ConfigError when smtp.sender holds no address."""
    named = _MAILBOX(smtp.sender)
    name, bare = (_unquoted(named[1].strip()), named[2]) if named else parseaddr(smtp.sender)
    try:
        local, _, domain = address(bare).rpartition("@")
    except UsageError:
        raise ConfigError(
            "smtp.sender is not set to a mail address, e.g. LLM Weekly <weekly@example.org>."
        ) from None
    return Address(printable(name)[:_LONGEST], local, domain)


def _unquoted(name: str) -> str:
    """A name without the quotation marks that RFC 5322 wants around commas, if it has them."""
    if len(name) > 1 and name[0] == name[-1] == '"':
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name


def unsubscribe_by_mail(source: Address) -> str:
    """The address that asks the sender for an end of the mails."""
    return f"mailto:{quote(source.addr_spec, safe='@')}?subject=unsubscribe"


def message(head: Head, body: Body, source: Address, to: tuple[str, str], link: str) -> bytes:
    """The whole mail with CRLF line ends.

    `to` is (address, name); `link` the https address that unsubscribes by POST, or empty.
    """
    recipient = address(to[0])
    mail = EmailMessage(policy=SMTP)
    # "=" stands in no quoted-printable text but as the start of a code, so "=_" stands nowhere.
    mail.make_alternative(boundary=f"=_{recipient_mark(recipient)}")
    mail.attach(_text(body.text, "plain", head.language))
    html = _text(body.html, "html", head.language)
    html.make_related(boundary=f"=_p{recipient_mark(recipient)}")
    for cid, picture in body.pictures.items():
        html.add_related(picture, "image", "png", cid=f"<{cid}>", disposition="inline")
    mail.attach(html)
    first = _headers(head, source, recipient, to[1], link).items()
    lines = "\r\n".join(headers.field(name, parts) for name, parts in first)
    return f"{lines}\r\n".encode("ascii") + mail.as_bytes()


@lru_cache(maxsize=64)
def _header(name: str, value: str) -> object:
    """A header of a part, parsed: all mails have the same ones, and parsing takes 0.2 ms."""
    return SMTP.header_factory(name, value)


def _headers(
    head: Head, source: Address, email: str, name: str, link: str
) -> dict[str, Sequence[str]]:
    """The parts of each header by its name."""
    ask = unsubscribe_by_mail(source)
    # RFC 8058, 3.1: where the link is not https, a POST in the reader's name must not be offered.
    secure = urlsplit(link).scheme == "https"
    one_click = {"List-Unsubscribe-Post": ["List-Unsubscribe=One-Click"]} if secure else {}
    list_id = f"{head.key.partition('-')[0]}.{source.domain}"
    return {
        "MIME-Version": ["1.0"],
        "From": headers.mailbox(source.display_name, source.addr_spec),
        "To": headers.mailbox(printable(name)[:_LONGEST].strip(), email),
        "Subject": headers.text(printable(head.subject)[:_LONGEST].strip()),
        "Date": [format_datetime(head.made)],
        "Message-ID": [f"<{head.key}.{recipient_mark(email)}@{source.domain}>"],
        "List-Id": headers.mailbox(printable(head.list_name), list_id),
        "List-Unsubscribe": headers.uris((link, ask) if link else (ask,)),
        **one_click,
        "Auto-Submitted": ["auto-generated"],
        "Content-Language": [head.language],
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
