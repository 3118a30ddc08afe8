"""Names and short texts from outside: no orders to a model, and in names plain characters only.

Public surface: ``safe_name``, ``safe_line``, ``is_order``, ``withhold_order``,
``withhold_ordering_sentences``, ``WITHHELD``.
"""

import re
import unicodedata
from functools import lru_cache

from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.grounding.scripts import has_address, letter_scripts
from summarizer.text.sentences import split_sentences, to_plain_text

WITHHELD = "[withheld: it reads like an order to a language model]"
_MOST_CHARACTERS = 200
_PUNCTUATION = frozenset(" -,.:;&/+()'\u2019\u2013\u00b7")
_CJK_PUNCTUATION = frozenset("\u3001\u00b7\uff1a\uff08\uff09\uff0c\u300a\u300b")
# What a finding may have besides: "pass@1 rises by 12% (≈2×) – why?"
_LINE_PUNCTUATION = _PUNCTUATION | frozenset(
    '?!%@#*_=<>~"\u201c\u201d\u2018\u2014\u2026\u00d7\u00b1\u2248\u2264\u2265\u2212\u2192\u00b0\u00b2\u00b3$\u20ac'
)
_CJK_LINE_PUNCTUATION = _CJK_PUNCTUATION | frozenset("\u3002\uff1f\uff01\u300c\u300d\uff1b")
_NO_LETTER = re.compile(r"[\W\d_]+")
_SPACE = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[-_.]+")  # "moon/ignore-all-previous-instructions"


def safe_name(text: str, evidence: str) -> str:
    """Return ``text`` in plain form if it may be shown as a name, else "".

    A name consists of letters of the scripts that ``evidence`` uses, digits and plain punctuation.
    It has no address, no markup, no order to a model and no word of two scripts.
    """
    name = _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()
    scripts = letter_scripts(evidence)
    if not name or len(name) > _MOST_CHARACTERS or to_plain_text(name) != name:
        return ""
    if not all(_is_plain(c, scripts) for c in name) or _mixes_scripts(name):
        return ""
    if has_address(name, "") or is_prompt_injection(name):
        return ""
    return name


def safe_line(text: str, evidence: str) -> str:
    """Return ``text`` without characters that a subject line does not have; "" for an order.

    Letters are those of the scripts that ``evidence`` uses. A text with an address that the
    evidence does not have gives "", too.
    """
    scripts = letter_scripts(evidence) | {"LATIN"}
    line = "".join(c for c in unicodedata.normalize("NFC", text) if _is_plain_in_line(c, scripts))
    line = _SPACE.sub(" ", line).strip()
    if is_order(text) or is_order(line) or has_address(line, evidence) or _mixes_scripts(text):
        return ""
    return line


@lru_cache(maxsize=1 << 14)
def is_order(text: str) -> bool:
    """Whether a name or title from outside reads like an order to a model; it is then not shown."""
    parts = (_SEPARATORS.sub(" ", part) for part in text.split("/"))
    return is_prompt_injection(text) or any(map(is_prompt_injection, parts))


def withhold_order(text: str) -> str:
    """Return a name or title from outside, or a remark in its place if it reads like an order."""
    return WITHHELD if is_order(text) else text


def withhold_ordering_sentences(text: str) -> str:
    """Return ``text`` with a remark in place of each sentence that reads like an order."""
    found = [s for s in split_sentences(to_plain_text(text)) if is_prompt_injection(s)]
    if not found:
        return text
    kept = [WITHHELD if s in found else s for s in split_sentences(to_plain_text(text))]
    return " ".join(kept)


def _is_plain_in_line(character: str, scripts: frozenset[str]) -> bool:
    if character in _LINE_PUNCTUATION or character.isspace():
        return True
    if unicodedata.category(character) in {"Sm", "No"} and character != "|":  # "≠", "²"
        return True
    if character in _CJK_LINE_PUNCTUATION:
        return bool({"CJK", "HIRAGANA", "KATAKANA"} & scripts)
    return _is_plain(character, scripts)


def _is_plain(character: str, scripts: frozenset[str]) -> bool:
    if character in _PUNCTUATION or (character.isascii() and character.isdigit()):
        return True
    if character in _CJK_PUNCTUATION:
        return "CJK" in scripts
    return character.isalpha() and letter_scripts(character) <= scripts


def _mixes_scripts(name: str) -> bool:
    """Whether a word has Latin letters and those of an alphabet that looks like it."""
    return any(
        "LATIN" in found and found & {"CYRILLIC", "GREEK"}
        for found in map(letter_scripts, _NO_LETTER.split(name))
    )
