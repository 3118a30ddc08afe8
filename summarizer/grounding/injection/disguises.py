"""Letters that look like others: text as a reader sees it, for comparison with known patterns.

An order can be hidden from a pattern by Cyrillic letters that look Latin, characters of no width,
digits for letters, spaced letters or an encoding. Each function returns the plain form.

Public surface: ``find_readings``.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator

_PAIRS = (
    "\u0430a \u0435e \u043eo \u0440p \u0441c \u0443y \u0445x \u0456i \u0458j \u0455s \u0501d "
    "\u04bbh "
    "\u051bq \u051dw \u0410A \u0412B \u0415E \u041aK \u041cM \u041dH \u041eO \u0420P \u0421C "
    "\u0422T "
    "\u0423Y \u0425X \u0406I \u0408J \u0405S \u0442t \u043ak \u03b1a \u03bfo \u03c1p \u03bdv "
    "\u03b9i "
    "\u03bak \u03c4t \u03c5u \u0391A \u0392B \u0395E \u0396Z \u0397H \u0399I \u039aK \u039cM "
    "\u039dN "
    "\u039fO \u03a1P \u03a4T \u03a5Y \u03a7X \u0131i \u0261g \u0251a \u1d00a \u0280r \u1d07e "
    "\u0274n \u026ai \u0262g"
)
_LOOKALIKES = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})
_LEET = str.maketrans("01345789@$!", "oieastbgasi")
_MIXED = re.compile(r"\b(?=[@$!\d]*[A-Za-z])[A-Za-z]*[0-9@$!][A-Za-z0-9@$!]{2,}")
_SPACED = re.compile(r"(?<!\w)(?:[A-Za-z][ .\-_*]){4,}[A-Za-z](?!\w)")
_BLOB = re.compile(r"(?<![\w/.:-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w/.])")
_LETTER_SHARE = 0.8


def find_readings(text: str) -> Iterator[str]:
    """Yield the forms of ``text`` that differ from it: undisguised, without spacing, decoded."""
    plain = _undisguise(text)
    if plain != text:
        yield plain
    if _MIXED.search(plain):
        yield _MIXED.sub(lambda match: match[0].translate(_LEET), plain)
    if _SPACED.search(plain):
        yield _SPACED.sub(lambda match: re.sub(r"[ .\-_*]", "", match[0]), plain)
    for match in _BLOB.finditer(plain):
        decoded = _decode(match[0])
        if decoded:
            yield decoded


def _undisguise(text: str) -> str:
    """Return ``text`` in compatible forms, without invisible characters, in Latin look-alikes."""
    if text.isascii():
        return text
    visible = (c for c in text if unicodedata.category(c) != "Cf")
    plain = unicodedata.normalize("NFKC", "".join(visible))
    return re.sub(r"\w+", lambda match: _latin(match[0]), plain)


def _latin(word: str) -> str:
    """Return a word of Latin look-alikes in Latin letters; other words are unchanged."""
    if word.isascii():
        return word
    plain = word.translate(_LOOKALIKES)
    return plain if plain.isascii() else word


def _decode(blob: str) -> str:
    """Return the text that a blob encodes in Base64 or hexadecimal digits, "" if it is none."""
    for decode in (_from_base64, _from_hex):
        try:
            text = decode(blob).decode("utf-8")
        except (ValueError, binascii.Error):
            continue
        letters = sum(c.isalpha() or c.isspace() for c in text)
        if letters >= _LETTER_SHARE * len(text) and " " in text:
            return text
    return ""


def _from_base64(blob: str) -> bytes:
    body = blob.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)


def _from_hex(blob: str) -> bytes:
    return bytes.fromhex(blob)
