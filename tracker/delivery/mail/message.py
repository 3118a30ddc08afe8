"""An issue as an email: headers, the plain text first, then the HTML with its images embedded.

Every byte of a message is the same in every attempt: the Message-ID is derived from issue and
address, and the Date is that of the issue. Unprintable characters, including line breaks, are
removed from all text in headers; `tracker.delivery.mail.headers` writes the rest unchanged.
"""

import binascii
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from urllib.parse import quote, urlsplit

from tracker.delivery.mail import headers
from tracker.delivery.mail.hosts import ascii_domain
from tracker.errors import ConfigError, UsageError
from tracker.settings import Smtp
from tracker.store.past_recipients import recipient_hash

# RFC 5322, 2.1.1, allows 998 characters per line. Subjects and names may have no space at which a
# line can be folded, so they are cut much earlier.
_MAX_TEXT = 200
# RFC 5321, 4.5.3.1: the length of a local part, and of a path without its brackets.
_MAX_LOCAL_PART, _MAX_ADDRESS = 64, 254


@dataclass(frozen=True, slots=True)
class IssueHeaders:
    """The header values of an issue; `key` identifies it ("weekly-2026-W11").

    A mail that is not an issue has no `kind`.
    """

    key: str
    list_name: str
    subject: str
    created_at: datetime
    language: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class MailBody:
    """The plain text and HTML of one message, and the images that the HTML refers to by cid.

    `pdfs` are files attached to the message, by name.
    """

    text: str
    html: str
    images: Mapping[str, bytes]
    pdfs: Mapping[str, bytes] = field(default_factory=dict)


def parse_address(text: str) -> str:
    """Return a valid email address with its domain in ASCII. Raises UsageError."""
    bare = text.strip()
    local, at, domain = bare.rpartition("@")
    try:
        made = Address(username=local, domain=ascii_domain(domain)).addr_spec
        made.encode("ascii")
    except (ValueError, IndexError, AttributeError) as error:  # what the parser raises
        raise UsageError(f"{bare[:80]!r} is not a mail address.") from error
    short = len(local) <= _MAX_LOCAL_PART and len(made) <= _MAX_ADDRESS
    plain = short and bool(at and local) and "." in domain and ".." not in bare
    # Mail programs may decode an encoded word (RFC 2047) wherever it occurs.
    if not plain or "=?" in local or not made.startswith(f"{local}@"):
        raise UsageError(f"{bare[:80]!r} is not a mail address.")
    return made


_MAILBOX = re.compile(r"(.*)<([^<>]*)>\s*", re.DOTALL).fullmatch


def parse_sender(smtp: Smtp) -> Address:
    """The From address of all messages. Raises ConfigError if smtp.sender contains no address."""
    named = _MAILBOX(smtp.sender)
    name, bare = (_unquoted(named[1].strip()), named[2]) if named else parseaddr(smtp.sender)
    try:
        local, _, domain = parse_address(bare).rpartition("@")
    except UsageError:
        raise ConfigError(
            "smtp.sender is not set to a mail address, e.g. LLM Weekly <weekly@example.org>."
        ) from None
    return Address(printable_line(name)[:_MAX_TEXT], local, domain)


def _unquoted(name: str) -> str:
    """Remove the quotation marks that RFC 5322 requires around names with commas."""
    if len(name) > 1 and name[0] == name[-1] == '"':
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name


def unsubscribe_by_mail(source: Address, kind: str) -> str:
    """The mailto: URL that asks the sender to stop a kind of issue, or everything if it is ""."""
    subject = quote(f"unsubscribe {kind}".strip())
    return f"mailto:{quote(source.addr_spec, safe='@')}?subject={subject}"


def build_message(
    head: IssueHeaders,
    body: MailBody,
    from_address: Address,
    to: tuple[str, str],
    unsubscribe_url: str,
) -> bytes:
    """The complete message with CRLF line ends.

    `to` is (address, name). `unsubscribe_url` stops the kind of issue by POST (RFC 8058) and may be
    empty.
    """
    recipient = parse_address(to[0])
    mail = EmailMessage(policy=SMTP)
    # In quoted-printable text, "=" only starts an escape, so "=_" cannot occur in it.
    mail.make_alternative(boundary=f"=_{recipient_hash(recipient)}")
    mail.attach(_text_part(body.text, "plain", head.language))
    html = _text_part(body.html, "html", head.language)
    html.make_related(boundary=f"=_p{recipient_hash(recipient)}")
    for cid, image in body.images.items():
        html.add_related(image, "image", "png", cid=f"<{cid}>", disposition="inline")
    mail.attach(html)
    if body.pdfs:
        mail.make_mixed(boundary=f"=_m{recipient_hash(recipient)}")
    for name, content in body.pdfs.items():
        mail.attach(_pdf_part(name, content))
    first = _build_headers(head, from_address, recipient, to[1], unsubscribe_url).items()
    lines = "\r\n".join(headers.field(name, parts) for name, parts in first)
    return f"{lines}\r\n".encode("ascii") + mail.as_bytes()


def message_id(head: IssueHeaders, email: str, from_address: Address) -> str:
    """The Message-ID, the same for each attempt to send an issue to an address."""
    return f"<{head.key}.{recipient_hash(email)}@{from_address.domain}>"


@lru_cache(maxsize=64)
def _parse_header(name: str, value: str) -> object:
    """Parse a header of a part; all messages have the same ones, and parsing takes 0.2 ms."""
    return SMTP.header_factory(name, value)


def _build_headers(
    head: IssueHeaders, from_address: Address, email: str, name: str, unsubscribe_url: str
) -> dict[str, Sequence[str]]:
    """The parts of each header by its name."""
    mailto = unsubscribe_by_mail(from_address, head.kind)
    # RFC 8058, 3.1: one-click unsubscribing requires an https link.
    secure = urlsplit(unsubscribe_url).scheme == "https"
    one_click = {"List-Unsubscribe-Post": ["List-Unsubscribe=One-Click"]} if secure else {}
    list_id = f"{head.key.partition('-')[0]}.{from_address.domain}"
    return {
        "MIME-Version": ["1.0"],
        "From": headers.mailbox(from_address.display_name, from_address.addr_spec),
        "To": headers.mailbox(printable_line(name)[:_MAX_TEXT].strip(), email),
        "Subject": headers.text(printable_line(head.subject)[:_MAX_TEXT].strip()),
        "Date": [format_datetime(head.created_at)],
        "Message-ID": [message_id(head, email, from_address)],
        "List-Id": headers.mailbox(printable_line(head.list_name), list_id),
        "List-Unsubscribe": headers.uris(filter(None, (unsubscribe_url, mailto))),
        **one_click,
        "Auto-Submitted": ["auto-generated"],
        "Content-Language": [head.language],
    }


def _text_part(text: str, subtype: str, language: str) -> EmailMessage:
    """A quoted-printable part; the encoder of the standard library takes forty times as long."""
    part = EmailMessage(policy=SMTP)
    for name, value in (
        ("Content-Type", f'text/{subtype}; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
        ("Content-Language", language),
    ):
        part[name] = _parse_header(name, value)
    part.set_payload(binascii.b2a_qp(text.encode(), istext=True).decode("ascii"))
    return part


def _pdf_part(name: str, content: bytes) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part.set_content(content, "application", "pdf", filename=name, disposition="attachment")
    del part["MIME-Version"]
    return part


def printable_line(text: str) -> str:
    """One line of text without control characters and without marks that change its direction."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    shown = (" " if unicodedata.category(c) in hidden else c for c in text)
    return " ".join("".join(shown).split())
