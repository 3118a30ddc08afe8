"""The body of a POST: small, and read in both of the encodings that RFC 8058 names."""

from collections.abc import AsyncIterable
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl

# A mail service sends 30 bytes, our own forms a few hundred.
MOST_BYTES = 16_384


async def body(chunks: AsyncIterable[bytes]) -> bytes | None:
    """All of a body; None when it is longer than `MOST_BYTES`, of which the rest is not read."""
    read = b""
    async for chunk in chunks:
        read += chunk
        if len(read) > MOST_BYTES:
            return None
    return read


def fields(content_type: str, content: bytes) -> dict[str, str]:
    """The fields of a form, urlencoded or multipart; none of any other body."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))
    return _parts(content_type, content) if kind == "multipart/form-data" else {}


def _parts(content_type: str, content: bytes) -> dict[str, str]:
    """A form in parts is MIME (RFC 7578), which the standard library reads.

    By its older policy: the newer one's grammar of headers recurses as deep as a sender likes.
    """
    head = f"Content-Type: {' '.join(content_type.split())}\r\n\r\n".encode()
    read = message_from_bytes(head + content)
    parts = read.get_payload() if read.is_multipart() else ()
    return dict(_part(part) for part in parts if isinstance(part, Message))


def _part(part: Message) -> tuple[str, str]:
    name, value = part.get_param("name", "", "content-disposition"), part.get_payload(decode=True)
    return str(name), value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
