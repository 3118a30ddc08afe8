"""Detection of a secret in a text, in any common encoding, whole or in part.

A server that receives a key may return it in an error, a header or an answer, and such texts end up
in notes, pages, mails and logs. Public surface: ``Secret``.
"""

import base64
import html
import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote

# This many consecutive letters and digits of a key are no coincidence, and worth hiding.
_FRAGMENT = 12
# Shorter values are placeholders, such as "-" for servers that need no key.
_MIN_LENGTH = 4
# The server, the gateway in front of it and our logging may each encode an error once more.
_LAYERS = 4
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|=([0-9a-fA-F]{2})")
_SIGNS = re.compile(r"[\W_]+")


class Secret:
    """A key or password. An empty one is found in no text."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(...)"

    def is_in(self, text: str | bytes) -> bool:
        """Return whether ``text`` contains the secret, or twelve consecutive characters of it.

        Only letters and digits are compared. The text may be URL-encoded, escaped for HTML,
        JSON or mail, in base64 or hexadecimal, broken by spaces or line ends, or in another
        letter case.
        """
        if not self._fragments:
            return False
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        return any(
            fragment in reading for reading in _readings(text) for fragment in self._fragments
        )

    @cached_property
    def _fragments(self) -> frozenset[str]:
        forms = filter(lambda form: len(form) >= _MIN_LENGTH, map(_bare, self._forms()))
        return frozenset(
            form[start : start + _FRAGMENT]
            for form in forms
            for start in range(max(1, len(form) - _FRAGMENT + 1))
        )

    def _forms(self) -> Iterator[str]:
        raw = self._value.encode()
        yield self._value
        if len(_bare(self._value)) < _FRAGMENT:
            return
        yield raw.hex()
        # Base64 encodes groups of three bytes, so the result depends on the bytes before the key.
        for before in range(3):
            coded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
            yield coded[4 if before else 0 : len(coded) - 1]


def _readings(text: str) -> Iterator[str]:
    """Yield the text with zero or more layers of encoding removed, without punctuation and case.

    Each layer is yielded, because decoding may also alter characters that were not escaped.
    """
    for _ in range(_LAYERS):
        yield _bare(text)
        plain = html.unescape(unquote(_ESCAPED.sub(_character, text)))
        if plain == text:
            return
        text = plain


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1] or escape[2] or escape[3], 16))


def _bare(text: str) -> str:
    return _SIGNS.sub("", text).casefold()
