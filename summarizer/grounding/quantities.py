"""Quantities that are not written in ASCII digits, and the part that a number plays.

"Ninety percent", "fourfold", "doubles" and "９９％" are numbers. "By 64.8%" is not "to 64.8%", and
"from 64.8 to 61.2" is not "from 61.2 to 64.8".

Public surface: ``has_unsupported_quantity``, ``changes_number_roles``, ``number_words``.
"""

import re
import unicodedata

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
# "One" and "two" rarely count anything, and "zero-shot" is a name.
_PLAIN = {"zero", "one"}
_NUMBER_WORD = re.compile(
    rf"\b(?:({'|'.join(_TENS)})(?:[-\s]({'|'.join(_UNITS[1:10])}))?|({'|'.join(_UNITS)}))"
    r"(-?fold\b)?(?!\w)",
    re.I,
)
_MULTIPLES = (
    (
        re.compile(
            r"(?<![\d.])\b(?:twice|doubl(?:e|es|ed|ing)|two-?fold|2(?:\.0)?\s?(?:x|×|times)|"
            r"2-fold)",
            re.I,
        )
    ),
    (re.compile(r"(?<![\d.])\b(?:hal(?:f|ve|ves|ved|ving)|50\s?%|0\.5)", re.I)),
    (
        re.compile(
            r"(?<![\d.])\b(?:tripl(?:e|es|ed|ing)|thrice|three-?fold|3(?:\.0)?\s?(?:x|×|times)|"
            r"3-fold)",
            re.I,
        )
    ),
    (
        re.compile(
            r"(?<![\d.])\b(?:quadrupl(?:e|es|ed|ing)|four-?fold|4(?:\.0)?\s?(?:x|×|times)|4-fold)",
            re.I,
        )
    ),
    (re.compile(r"\b(?:third of|a third|one third|two thirds|33\s?%)", re.I)),
    (re.compile(r"\b(?:a quarter|one quarter|quarter of|25\s?%)", re.I)),
    (
        re.compile(
            r"(?<![\d.])\b(?:ten-?fold|tenfold|10\s?(?:x|×|times)|10-fold|order of magnitude)", re.I
        )
    ),
    (re.compile(r"\b(?:orders of magnitude)", re.I)),
    (re.compile(r"\b(?:dozens?|hundreds|thousands|millions|billions) of\b", re.I)),
)
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_ROLE = re.compile(
    r"\b(from|(?<!up )to|by|than)\s+(?:an?\s+|about\s+|over\s+|up to\s+)?\$?(\d[\d.,]*)"
)
_FROM_TO = re.compile(r"\bfrom\s+\$?(\d[\d.,]*)\S*(?:\s\S+){0,3}?\s+to\s+\$?(\d[\d.,]*)")


def has_unsupported_quantity(sentence: str, source: str) -> bool:
    """Whether a sentence has a quantity in words or foreign digits that its source lacks."""
    if _foreign_digits(sentence) - _foreign_digits(source):
        return True
    known = unicodedata.normalize("NFKC", source)
    numbers = set(_DIGITS.findall(known)) | {str(value) for value in number_words(known)}
    if any(str(value) not in numbers for value in number_words(sentence)):
        return True
    return any(m.search(sentence) and not m.search(known) for m in _MULTIPLES)


def _foreign_digits(text: str) -> set[str]:
    """Return the characters that are numbers but not ASCII digits, superscripts left out."""
    return {
        c
        for c in text
        if not c.isascii() and c.isdigit() and "<super>" not in unicodedata.decomposition(c)
        and "<sub>" not in unicodedata.decomposition(c)
    }  # fmt: skip


def number_words(text: str) -> set[int]:
    """Return the numbers that a text spells out, without zero and one."""
    found = set()
    for tens, unit, small, _ in _NUMBER_WORD.findall(text):
        word = small.lower()
        if tens:
            found.add(_VALUES[tens.lower()] + (_VALUES[unit.lower()] if unit else 0))
        elif word not in _PLAIN:
            found.add(_VALUES[word])
    return found


def changes_number_roles(sentence: str, source: str) -> bool:
    """Whether a number changes its part: "by 3" for "to 3", or the ends of "from … to …"."""
    reversed_ends = {(end, start) for start, end in _ends(source)}
    if reversed_ends & _ends(sentence) - _ends(source):
        return True
    ours, theirs = _roles(sentence), _roles(source)
    return any(theirs.get(number) and not roles & theirs[number] for number, roles in ours.items())


def _ends(text: str) -> set[tuple[str, str]]:
    return {(start.rstrip(".,"), end.rstrip(".,")) for start, end in _FROM_TO.findall(text)}


def _roles(text: str) -> dict[str, set[str]]:
    """Return the prepositions in front of each number that has one."""
    found: dict[str, set[str]] = {}
    for role, number in _ROLE.findall(text):
        found.setdefault(number.rstrip(".,"), set()).add(role)
    return found
