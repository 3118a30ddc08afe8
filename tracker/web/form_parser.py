"""The body of a POST: limited in size, in either of the encodings that RFC 8058 names.

Public: `read_body`, `parse_form`, `MAX_BODY_BYTES`.
"""

from collections.abc import AsyncIterable
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl

# Mail services send 30 bytes, the forms of this site a few hundred.
MAX_BODY_BYTES = 16_384


async def read_body(chunks: AsyncIterable[bytes]) -> bytes | None:
    """Return the body, or None as soon as it exceeds `MAX_BODY_BYTES`; the rest is not read."""
    body = b""
    async for chunk in chunks:
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return body


def parse_form(content_type: str, content: bytes) -> dict[str, str]:
    """Return the fields of a form, urlencoded or multipart; none of any other body."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))
    return _parse_multipart(content_type, content) if kind == "multipart/form-data" else {}


def _parse_multipart(content_type: str, content: bytes) -> dict[str, str]:
    """Parse multipart/form-data, which is MIME (RFC 7578), with the standard library.

    The older policy is used: the header grammar of the newer one recurses as deeply as the sender
    wants.
    """
    head = f"Content-Type: {' '.join(content_type.split())}\r\n\r\n".encode()
    message = message_from_bytes(head + content)
    parts = message.get_payload() if message.is_multipart() else ()
    return dict(_parse_part(part) for part in parts if isinstance(part, Message))


def _parse_part(part: Message) -> tuple[str, str]:
    name, value = part.get_param("name", "", "content-disposition"), part.get_payload(decode=True)
    return str(name), value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
