"""Letters and addresses that a sentence may have only if its source has them.

Public surface: ``has_foreign_script``, ``has_address``, ``letter_scripts``.
"""

import re
import unicodedata

# A domain with any kind of point, spelled with any letters; "e.g" and "3.5" are none.
_DOMAIN = re.compile(
    r"(?:https?|ftp)://|\bwww\.|\b[\w-]{2,}\s?\(?dot\)?\s?[a-z]{2,6}\b(?<=\bcom|\borg|\bnet)|"
    r"[\w-]{2,}\.[^\W\d_]{2,}(?:/|\b)|@[\w-]+\.\w|!\[|\]\(|"
    r"(?<!\w)[@#][a-z_]\w{2,}"  # an account, a hashtag
)
_POINTS = str.maketrans({"。": ".", "．": ".", "｡": ".", "․": ".", "∙": "."})


def has_foreign_script(sentence: str, source: str) -> bool:
    """Whether a sentence has letters of a script that its source does not use.

    Compatibility forms such as full-width letters count as foreign, too.
    """
    return bool(letter_scripts(sentence) - letter_scripts(source) - {"LATIN"})


def letter_scripts(text: str) -> frozenset[str]:
    """Return the first word of each letter's name: LATIN, GREEK, CYRILLIC, CJK, FULLWIDTH."""
    return frozenset(unicodedata.name(c, "UNNAMED").split()[0] for c in text if c.isalpha())


def has_address(sentence: str, source: str) -> bool:
    """Whether a sentence has an address, a link or a domain that its source does not have."""
    plain = unicodedata.normalize("NFKC", sentence.translate(_POINTS)).lower()
    known = unicodedata.normalize("NFKC", source.translate(_POINTS)).lower()
    return any(match[0] not in known for match in _DOMAIN.finditer(plain))
