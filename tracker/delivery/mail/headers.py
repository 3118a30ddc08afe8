"""Write header fields so that external text is displayed unchanged and cannot add headers.

The standard library parses a value before writing it: it decodes encoded words (RFC 2047), so that
`=?utf-8?q?=0D=0ABcc:?=` in a title starts a new header; it folds a long URL into encoded words; and
before Python 3.12.9 it drops the quotation marks of a name that it folds. Here each value is split
into parts that are never broken, and only the spaces between them may become line breaks. Callers
remove unprintable characters first.
"""

import re
from collections.abc import Iterable, Sequence
from email.header import Header

# RFC 5322, 2.1.1, recommends at most 78 characters per line.
_MAX_LINE = 76
# A longer word or quoted name is encoded, because only encoded words can be split.
_MAX_WORD = 60
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+").fullmatch
_ESCAPED = re.compile(r'(["\\])')


def field(name: str, parts: Sequence[str]) -> str:
    """A header field, folded only between its parts; the first part is on the first line."""
    lines = [" ".join((f"{name}:", *parts[:1]))]
    for part in parts[1:]:
        if len(lines[-1]) + 1 + len(part) <= _MAX_LINE:
            lines[-1] += f" {part}"
        else:
            lines.append(f" {part}")
    return "\r\n".join(lines)


def text(value: str) -> list[str]:
    """The parts of a text value such as a subject."""
    return value.split() if _is_plain(value.split(), value) else _encoded(value)


def mailbox(name: str, address: str) -> list[str]:
    """The parts of an address with a display name (RFC 5322, 3.4)."""
    return [*_phrase(name), f"<{address}>"] if name else [address]


def uris(urls: Iterable[str]) -> list[str]:
    """The parts of a list of URLs (RFC 2369), none of which may be broken."""
    return ", ".join(f"<{url}>" for url in urls).split(" ")


def _phrase(name: str) -> list[str]:
    """A name as words, quoted, or encoded; parsers do not expect a line break inside quotes."""
    words = name.split()
    if not _is_plain(words, name):
        return _encoded(name)
    if all(map(_ATOM, words)):
        return words
    quoted = '"' + _ESCAPED.sub(r"\\\1", name) + '"'
    return [quoted] if len(quoted) <= _MAX_WORD else _encoded(name)


def _is_plain(words: Iterable[str], value: str) -> bool:
    """Whether a text needs no encoding: it can be folded and contains no encoded word."""
    short = all(len(word) <= _MAX_WORD for word in words)
    return short and value.isascii() and "=?" not in value


def _encoded(value: str) -> list[str]:
    """A text as encoded words that contain whole characters and are short enough to be folded."""
    return Header(value, "utf-8", maxlinelen=_MAX_WORD).encode(linesep="\n").split("\n ")
