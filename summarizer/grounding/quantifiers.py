"""How many: "all", "most" and "five" in front of a word must be what the source has there.

Both may occur elsewhere in the source: it may speak of all languages and of most of the loss.

Public surface: ``changes_quantifier``.
"""

import re

from summarizer.grounding.quantities import number_words
from summarizer.text.stems import STOP_WORDS, stem_tokens

_ALL = "all every each whole entire any always fully full"
_KINDS = {
    word: kind
    for kind, words in {
        "all": _ALL,
        "most": "most majority mostly largely nearly almost",
        "some": "some several many various multiple certain numerous diverse range",
        "few": "few fewer rarely little",
        "half": "half halves",
        "none": "no none neither",
        "only": "only solely",
        "both": "both",
    }.items()
    for word in words.split()
}
_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*|\d+(?:[.,]\d+)*")
_REACH = 2  # content words after a quantifier that it may count
_COMPATIBLE = {
    ("both", "all"),
    ("all", "both"),
    ("some", "most"),
    ("only", "all"),
    ("only", "some"),
}
_VERBAL = frozenset(
    "nearly almost mostly largely always fully rarely only solely little no".split()
)


def changes_quantifier(sentence: str, source: str) -> bool:
    """Whether a word is counted otherwise than in the source, where it is counted, too."""
    ours, theirs = _quantified(sentence), _quantified(source)
    return any(
        theirs.get(word) and not any(_agrees(one, other) for one in kinds for other in theirs[word])
        for word, kinds in ours.items()
    ) or _widens(ours, theirs, source)


def _widens(ours: dict[str, set[str]], theirs: dict[str, set[str]], source: str) -> bool:
    """Whether "all" precedes a word that the source does not count at all."""
    del source
    known_all = any("all" in kinds for kinds in theirs.values())
    return not known_all and any(
        "all" in kinds and word not in theirs for word, kinds in ours.items()
    )


def _agrees(one: str, other: str) -> bool:
    return one == other or (one, other) in _COMPATIBLE or (_is_count(other) and one == "some")


def _is_count(kind: str) -> bool:
    return kind[0].isdigit()


def _quantified(text: str) -> dict[str, set[str]]:
    """Return for each word the kinds of the quantifiers within reach in front of it."""
    found: dict[str, set[str]] = {}
    for clause in re.split(r"[.;:!?,](?=\s|$)", text.lower()):
        tokens = _TOKEN.findall(clause)
        for place, token in enumerate(tokens):
            kind = _kind(token)
            if not kind:
                continue
            counted = 0
            for word in tokens[place + 1 :]:
                if _kind(word):
                    break
                if word in STOP_WORDS and word not in {"of", "the"}:
                    break
                stem = stem_tokens(word)[0]
                if word not in STOP_WORDS:
                    found.setdefault(stem, set()).add(kind)
                    counted += 1
                if counted == _REACH:
                    break
    return found


def _kind(token: str) -> str:
    if token in _VERBAL:
        return ""
    if token[0].isdigit():
        return token.replace(",", "") if "." not in token else ""
    numbers = number_words(token)
    return str(min(numbers)) if numbers else _KINDS.get(token, "")
