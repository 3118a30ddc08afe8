"""Whether a text repeats a secret, in whatever encoding and also in part.

A server that is given a key may send it back in an error, a header or an answer, and what servers
say ends in notes, pages, mails and logs. Public surface: ``Secret``.
"""

import base64
import html
import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote

# So many letters and digits of a key in a row are no chance, and enough to be worth hiding.
_FRAGMENT = 12
# A key of fewer is a word such as "none", which servers without keys are given.
_FEWEST = 4
# An error of a server behind a gateway is encoded by both, and by us when it is logged.
_LAYERS = 4
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|=([0-9a-fA-F]{2})")
_SIGNS = re.compile(r"[\W_]+")


class Secret:
    """A key or password; empty when there is none, which no text repeats."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(...)"

    def is_in(self, text: str | bytes) -> bool:
        """Whether ``text`` holds the secret, or twelve letters and digits of it in a row.

        It may be URL-encoded, escaped for HTML, JSON or mail, in base64 or hexadecimal, cut by
        spaces or line ends, or in other letter case.
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
        forms = filter(lambda form: len(form) >= _FEWEST, map(_bare, self._forms()))
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
        # Base64 takes three bytes at a time, so what stands before decides how it looks.
        for before in range(3):
            coded = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
            yield coded[4 if before else 0 : len(coded) - 1]


def _readings(text: str) -> Iterator[str]:
    """The text as it is and with each layer of encoding taken off, signs and letter case left out.

    A sign that is not escaped may stand in an escape of another kind, so both are kept.
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
