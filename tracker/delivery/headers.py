"""Header fields, written so that text from outside is shown as it is and is never anything else.

The standard library parses a value before it writes it: it decodes the encoded words (RFC 2047) of
a text, so that `=?utf-8?q?=0D=0ABcc:?=` in a title begins a new header; it folds a long address of
a page into encoded words; and before Python 3.12.9 it drops the quotation marks of a name that it
folds. Here every value is split into parts that are never broken, and only the blanks between them
may become line ends. The callers take out what does not print.
"""

import re
from collections.abc import Iterable, Sequence
from email.header import Header

# RFC 5322, 2.1.1, recommends 78 characters a line.
_LINE = 76
# A word or a quoted name that is longer is encoded, for only encoded words can be split.
_LONGEST_WORD = 60
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+").fullmatch
_TO_ESCAPE = re.compile(r'(["\\])')


def field(name: str, parts: Sequence[str]) -> str:
    """A header field that is folded only between its parts; the first stays beside the name."""
    lines = [" ".join((f"{name}:", *parts[:1]))]
    for part in parts[1:]:
        if len(lines[-1]) + 1 + len(part) <= _LINE:
            lines[-1] += f" {part}"
        else:
            lines.append(f" {part}")
    return "\r\n".join(lines)


def text(value: str) -> list[str]:
    """The parts of a text such as a subject."""
    return value.split() if _is_plain(value.split(), value) else _encoded(value)


def mailbox(name: str, address: str) -> list[str]:
    """The parts of an address with the name of who reads there (RFC 5322, 3.4)."""
    return [*_phrase(name), f"<{address}>"] if name else [address]


def uris(addresses: Iterable[str]) -> list[str]:
    """The parts of a list of addresses of pages (RFC 2369), which no mail program may see cut."""
    return ", ".join(f"<{address}>" for address in addresses).split(" ")


def _phrase(name: str) -> list[str]:
    """A name as words, as one quoted text, or encoded; parsers know no line end in quotes."""
    words = name.split()
    if not _is_plain(words, name):
        return _encoded(name)
    if all(map(_ATOM, words)):
        return words
    quoted = '"' + _TO_ESCAPE.sub(r"\\\1", name) + '"'
    return [quoted] if len(quoted) <= _LONGEST_WORD else _encoded(name)


def _is_plain(words: Iterable[str], value: str) -> bool:
    """Whether a text can stand as it is: nobody will decode it, and it can be folded."""
    short = all(len(word) <= _LONGEST_WORD for word in words)
    return short and value.isascii() and "=?" not in value


def _encoded(value: str) -> list[str]:
    """A text as encoded words, each of whole characters and short enough to be folded."""
    return Header(value, "utf-8", maxlinelen=_LONGEST_WORD).encode(linesep="\n").split("\n ")
