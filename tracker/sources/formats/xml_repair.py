"""Repair of XML that is complete but not well formed: characters in the text of some records.

A stray control character, an unescaped "&" or "<" or a byte of another encoding makes a whole
document unreadable, although one record has it. The text is divided at its records, so that each
can be repaired, or left out, alone. A document that does not end with its root element was cut and
is not repaired.

Pure text; `tracker.sources.formats.xml` parses it.

Public: `DividedDocument`, `divide`, `Repaired`, `repair`, `record_name`.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_ROOT = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<([A-Za-z_][\w.:-]*)", re.S)
_DECLARED = re.compile(rb"<\?xml[^>]*\bencoding\s*=\s*[\"']([\w.-]+)[\"']")
_DOCTYPE = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<!DOCTYPE", re.S | re.I)
_NAME = re.compile(r"(?:/abs/|oai:arXiv\.org:)([\w.-]+(?:/\d+)?)", re.I)
# What XML 1.0 does not allow, even as a reference.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_TAG = r"</?[A-Za-z_][\w.:-]*(?:\s+[\w.:-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*/?>"
# Markup that stays, and the signs that need escaping when they are not part of it.
_SIGNS = re.compile(rf"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>|{_TAG}|&#?\w*;?|<|\]\]>", re.S)
_PREDEFINED = ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;")


@dataclass(frozen=True, slots=True)
class DividedDocument:
    """The text before the first record, the records, and the text after the last one.

    `skipped` has the reasons for parts that are no whole record.
    """

    head: str
    records: tuple[str, ...]
    tail: str
    skipped: tuple[str, ...] = ()

    def joined(self, records: Sequence[str]) -> bytes:
        """Return the document with these records, encoded as UTF-8."""
        return "".join((self.head, *records, self.tail)).encode()


def divide(body: bytes, record: str) -> DividedDocument | None:
    """Return a complete document divided at its elements `record`; None for one that was cut."""
    text = _decode(body)
    if text is None or _DOCTYPE.match(text):
        return None
    root = _ROOT.match(text)
    if not root or not re.search(rf"</{re.escape(root[1])}\s*>\s*\Z", text[-200:]):
        return None
    starts = [found.start() for found in re.finditer(rf"<{record}(?=[\s>])", text)]
    return _divide_at(text, starts, re.compile(rf"</{record}\s*>")) if starts else None


def _decode(body: bytes) -> str | None:
    """Return the text of a document in UTF-8, without its declaration; None for other encodings.

    Other bytes become surrogates, which `repair` replaces.
    """
    declared = _DECLARED.search(body[:200])
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        return None
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)


def _decode_byte(found: re.Match[str]) -> str:
    """Return a byte that is not UTF-8 as Windows-1252, which it usually is."""
    return bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace")


def _divide_at(text: str, starts: list[int], ending: re.Pattern[str]) -> DividedDocument | None:
    records: list[str] = []
    skipped: list[str] = []
    end = 0
    for start, after in zip(starts, (*starts[1:], len(text)), strict=True):
        part = text[start:after]
        ends = [found.end() for found in ending.finditer(part)]
        if ends:
            records.append(part[: ends[0]])
            end = start + ends[-1]
        elif after == len(text):
            return None  # where the last record ends is unknown, and what follows it is needed
        else:
            skipped.append(f"{record_name(part)}: its end is missing")
        if len(ends) > 1:
            skipped.append(f"{record_name(part[ends[0] :])}: its beginning is missing")
    head, tail = repair(text[: starts[0]]).text, repair(text[end:]).text
    return DividedDocument(head, tuple(records), tail, tuple(skipped))


def record_name(record: str) -> str:
    """Return the arXiv id in the text of a record."""
    found = _NAME.search(record)
    return re.sub(r"v\d+$", "", found[1]) if found else "a record without id"


class Repaired(NamedTuple):
    """Text that may be well formed, and how many characters were removed or escaped."""

    text: str
    changes: int


def repair(text: str) -> Repaired:
    """Return text with what XML does not allow removed or escaped."""
    decoded, changed = re.subn("[\udc80-\udcff]", _decode_byte, text)
    clean, removed = _FORBIDDEN.subn(" ", decoded)

    def escape(found: re.Match[str]) -> str:
        nonlocal changed
        escaped = _escape(found[0])
        changed += escaped != found[0]
        return escaped

    text = _SIGNS.sub(escape, clean)
    return Repaired(text, removed + changed)


def _escape(sign: str) -> str:
    """Return markup unchanged, and a sign that is part of the text in its escaped form."""
    if sign.startswith("&"):
        return _escape_reference(sign)
    return {"<": "&lt;", "]]>": "]]&gt;"}.get(sign, sign)


def _escape_reference(reference: str) -> str:
    if reference in _PREDEFINED:
        return reference
    if re.fullmatch(r"&#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6});", reference):
        digits = reference[2:-1].lower()
        code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
        allowed = code <= 0x10FFFF and not _FORBIDDEN.match(chr(code)) and code
        return f"&#{code};" if allowed else " "
    known = html.unescape(reference) if reference.endswith(";") else reference
    return html.escape(known, quote=False)
