"""The parts of an author's name: family name, given names, particle, suffix; or a group's name.

Sources give one string for each author. These rules read it in the usual Western order, and as
"Family, Given" where it has a comma. A name that cannot be divided is whole.

Public: `PersonName`, `parse_name`, `is_group`, `is_nobody`, `is_suffix`.
"""

import re
from dataclasses import dataclass

_SUFFIX = re.compile(r"(?:(?i:jr|sr|jnr|snr)\.?|I{2,3}|IV|2nd|3rd|4th)")
# "et al.", "and others", "(1,000 additional authors not shown)".
_NOBODY = re.compile(
    r"(?:and\s+)?(?:et\.?\s*al(?:ii|ia|\b)\.?|(?:[\d,]+\s+|many\s+)?(?:additional\s+|other\s+)"
    r"(?:co-?)?authors?(?:\s+not\s+shown)?|(?:[\d,]+\s+|many\s+)?others|authors?"
    r"|anonymous\s+authors?)[.:]?",
    re.I,
)
_GROUP_WORD = re.compile(
    r"(?:\b|(?<=[a-z]))(?:Teams?|Collaborations?|Groups?|Consorti(?:um|a)|Communit(?:y|ies))$"
    r"|\b(?i:teams?|collaborations?|consorti(?:um|a)|communit(?:y|ies)|contributors?"
    r"|working groups?|initiative|task ?force|committee|alliance)$"
    r"|\b(?:Initiatives?|Network|Labs?|Laborator(?:y|ies)|Institutes?|Foundation|Association"
    r"|Society|Organi[sz]ation|Project|Workshop|Agency|Council|Commission|Trust|Corporation"
    r"|Research|AI|AGI|Inc\.?|Ltd\.?|LLC|GmbH)$"
    r"|\b(?:University|Universit[éä]t?|Universidad|Hospital|Collaboration|Consortium)\b"
)
_GROUP_START = re.compile(
    r"(?:Team|Group|Collaboration|the|on behalf of)\s"
    # Organisations whose names are no given names; after them, a group's name follows.
    r"|(?:Google|Microsoft|NVIDIA|Nvidia|IBM|Tencent|Alibaba|Baidu|ByteDance|Xiaomi|Meituan"
    r"|OpenAI|DeepMind|DeepSeek|Salesforce)\s+[A-Z]"
)
# "OLMo Team at AI2", "Llama Team, AI @ Meta".
_GROUP_PLACE = re.compile(
    r"\b(?:Team|Group|Labs?|Collaboration|Consortium)(?:,|\s+(?:at|of|from)\s)|\s@\s"
)
_DEGREES = frozenset("phd ph.d ph.d. md m.d m.d. msc m.sc. bsc b.sc. mba esq esq.".split())
_TITLE = re.compile(r"(?:(?:Dr|Prof|Mr|Mrs|Ms)\.\s*|(?:Dr|Prof|Professor)\s+)+(?=\S+\s)")
_GROUP_JOINT = re.compile(r"\s(?:for|and|&)\s")
_PARTICLES = frozenset(
    "van von vom de der den del della dello degli di da do dos das du des d' la las le los el al "
    "ter ten te zu zum zur bin ibn bint af av".split()
)
# Capitalised particles; others of that form are as often middle names ("Da", "Di", "Le").
_CAPITAL_PARTICLES = frozenset("Van Von De Del Della Dos Den Der El Al".split())
_CJK = re.compile("[\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in parts; `literal` is the whole of a group's or an indivisible name, else empty."""

    family: str = ""
    given: str = ""
    particle: str = ""
    suffix: str = ""
    literal: str = ""

    @property
    def full_family(self) -> str:
        """The family name with its particle: "van der Berg"."""
        return f"{self.particle} {self.family}".strip()


def is_suffix(word: str) -> bool:
    """Whether a word is a suffix such as "Jr." or "III"."""
    return _SUFFIX.fullmatch(word) is not None


def is_nobody(name: str) -> bool:
    """Whether a text stands for authors who are not named: "et al.", "and others"."""
    return _NOBODY.fullmatch(name.strip()) is not None


def is_group(name: str) -> bool:
    """Whether a name is that of a team, a collaboration or an organisation."""
    if " " not in name:
        return False
    return any(
        pattern.search(name) for pattern in (_GROUP_WORD, _GROUP_JOINT, _GROUP_PLACE)
    ) or bool(_GROUP_START.match(name))


def parse_name(name: str) -> PersonName:
    """Return the parts of one author's name."""
    name = " ".join(name.split())
    if is_group(name):
        return PersonName(literal=name)
    parts = _split_at_commas(_TITLE.sub("", name, count=1))
    suffix = next((part for part in parts[1:] if is_suffix(part)), "")
    parts = [part for part in parts if part != suffix]
    if len(parts) == 2:  # "Family, Given"
        particle, family = _split_particle(parts[0].split())
        return PersonName(family, parts[1], particle, suffix)
    words = _without_last_degrees(" ".join(parts).split())
    if len(words) > 2 and not suffix and is_suffix(words[-1]):
        suffix = words.pop()
    return _parse_words(words, suffix)


def _split_at_commas(name: str) -> list[str]:
    """Return the parts between commas, without degrees unless there is nothing else."""
    parts = [part.strip() for part in name.split(",") if part.strip()]
    return [part for part in parts if part.lower() not in _DEGREES] or parts


def _without_last_degrees(words: list[str]) -> list[str]:
    """Return the words of a name without the degrees at its end; two words stay."""
    end = len(words)
    while end > 2 and words[end - 1].lower() in _DEGREES:
        end -= 1
    return words[:end]


def _parse_words(words: list[str], suffix: str) -> PersonName:
    if len(words) < 2:
        return PersonName(literal=" ".join(filter(None, (*words, suffix))))
    if len(words) == 2 and all(map(_CJK.match, words)):  # the family name comes first
        return PersonName(words[0], words[1])
    start = _family_start(words)
    particle, family = _split_particle(words[start:])
    return PersonName(family, " ".join(words[:start]), particle, suffix)


def _family_start(words: list[str]) -> int:
    """Return the position of the family name's first word, which may be a particle."""
    for place, word in enumerate(words[:-1]):
        if word in _PARTICLES:
            return place
    start = len(words) - 1
    while start > 1 and words[start - 1] in _CAPITAL_PARTICLES:
        start -= 1
    return start


def _split_particle(words: list[str]) -> tuple[str, str]:
    """Return the particle and the family name without it."""
    count = 0
    while count < len(words) - 1 and words[count] in _PARTICLES:
        count += 1
    return " ".join(words[:count]), " ".join(words[count:])
