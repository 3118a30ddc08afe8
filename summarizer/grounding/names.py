"""Short names that come from outside, such as theme names: only plain characters are shown.

Public surface: ``safe_name``.
"""

import re
import unicodedata

from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.grounding.scripts import has_address, letter_scripts
from summarizer.text.sentences import to_plain_text

_MOST_CHARACTERS = 200
_PUNCTUATION = frozenset(" -,.:;&/+()'\u2019\u2013\u00b7")
_CJK_PUNCTUATION = frozenset("\u3001\u00b7\uff1a\uff08\uff09\uff0c\u300a\u300b")
_NO_LETTER = re.compile(r"[\W\d_]+")
_SPACE = re.compile(r"\s+")


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
