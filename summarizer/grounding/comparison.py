"""Who is compared with whom: the two sides of a comparison must be those of the source.

"A outperforms B", "B is outperformed by A" and "B is worse than A" name two sides around a pivot.
A sentence with the sides of its source exchanged is not supported, although it has the same words.

Public surface: ``swaps_sides``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from summarizer.text.stems import STOP_WORDS, stem_tokens

_PIVOT = re.compile(
    r"\b(?:outperform(?:s|ed|ing)?|underperform(?:s|ed|ing)?|surpass(?:es|ed|ing)?|"
    r"exceed(?:s|ed|ing)?|beats?|beaten|lags? behind|trails?|than|rather than|instead of|"
    r"as opposed to|in place of|but not|improv(?:es?|ed|ing) (?:on|over|upon)|"
    r"(?:reduc|lower|cut|increas|rais|improv|gain)\w* [^.;]{0,50}?\b(?:over|compared (?:with|"
    r"to)|relative to)|"
    r"dominates?)\b"
)  # fmt: skip
_COMPARATIVE = re.compile(
    r"\b(?:(?:more|less) [a-z]+|better|worse|higher|lower|faster|slower|stronger|weaker|larger|"
    r"smaller|"
    r"cheaper|longer|shorter|safer|best|worst)\b", re.I
)  # fmt: skip
_NAME = re.compile(r"(?<![\w-])[A-Za-z]*[A-Z][\w-]*[A-Z\d][\w-]*(?![\w-])")
_REPLACED = re.compile(
    r"(?:replac(?:es?|ing) |(?=[^.;]*replaced))([^.;]{3,80}?) (?:(?:is|are|was|"
    r"were) replaced )?(?:with|by) "
    r"([^.;,]{3,80})"
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being) (?:\w+ly )?$")
_BY = re.compile(r"^ (?:\w+ly )?by\b")
_LOSES = re.compile(r"underperform|lag|trail")
_WORSE = re.compile(
    r"\b(?:worse|lower|less|fewer|slower|weaker|smaller|behind|poorer)\b[^,;]{0,40}$"
)
_CLAUSE_END = re.compile(r"[.;:!?](?=\s|$)|\b(?:while|whereas|although|but(?! not))\b")
_REACH = 6  # content words after a pivot
_LEFT_REACH = 12  # and before it, since a subject may be far from its verb


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The words of the two sides of a comparison, the better or chosen one first."""

    kind: str
    first: tuple[str, ...]
    second: tuple[str, ...]


def swaps_sides(sentence: str, source: str) -> bool:
    """Whether a sentence has the sides of a comparison of its source exchanged."""
    if _has_other_subject(sentence, source):
        return True
    known = list(_comparisons(source.lower()))
    found = list(_comparisons(sentence.lower()))
    if _exchanges_replacement(sentence.lower(), source.lower()):
        return True
    return bool(found and known) and any(
        _is_exchange(one, other) for one in found for other in known
        if one.kind == other.kind
    ) and not any(_is_same(one, other) for one in found for other in known)  # fmt: skip


def _exchanges_replacement(sentence: str, source: str) -> bool:
    """Whether what is replaced and what replaces it are exchanged."""
    known = list(_replacements(source))
    return any(_is_exchange(one, other) for one in _replacements(sentence) for other in known)


def _replacements(text: str) -> Iterator[_Comparison]:
    for match in _REPLACED.finditer(text):
        old, new = _words(match[1])[-_REACH:], _words(match[2])[:_REACH]
        if old and new:
            yield _Comparison("replacement", old, new)


def _has_other_subject(sentence: str, source: str) -> bool:
    """Whether the system behind "than" is the one that the source calls more so."""
    known: dict[str, set[str]] = {}
    for quality, subject, _ in _comparatives(source):
        known.setdefault(quality, set()).add(subject)
    return any(
        behind and behind in known.get(quality, ()) and subject not in known[quality]
        for quality, subject, behind in _comparatives(sentence)
    )


def _comparatives(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (comparative, last name before it, first name after "than") of each clause."""
    for clause in _CLAUSE_END.split(text):
        for match in _COMPARATIVE.finditer(clause):
            before = _NAME.findall(clause[: match.start()])
            _, than, after = clause[match.end() :].partition(" than ")
            behind = _NAME.findall(after) if than else []
            if before:
                yield match[0].lower(), before[-1], behind[0] if behind else ""


def _comparisons(text: str) -> Iterator[_Comparison]:
    for clause in _CLAUSE_END.split(text):
        for match in _PIVOT.finditer(clause):
            before, after = clause[: match.start()], clause[match.end() :]
            if match[0] == "than" and before.endswith("rather "):
                continue
            left = _words(before)[-_LEFT_REACH:][::-1]
            right = _words(after)[:_REACH]
            if _is_reversed(before, match[0], after):
                left, right = right, left
            if left and right:
                kind = "choice" if _is_choice(match[0]) else _rank_kind(match[0])
                yield _Comparison(kind, left, right)


def _is_reversed(before: str, pivot: str, after: str) -> bool:
    """Whether the better system is behind the pivot: in the passive, or after "loses to"."""
    is_passive = bool(_PASSIVE.search(before) and _BY.search(after))
    is_worse = bool(_LOSES.match(pivot) or (pivot == "than" and _WORSE.search(before)))
    return is_passive != is_worse


def _rank_kind(pivot: str) -> str:
    return "comparative" if pivot == "than" else "verb"


def _is_choice(pivot: str) -> bool:
    return pivot.startswith(("rather", "instead", "as opposed", "in place", "but not"))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in stem_tokens(text) if word not in STOP_WORDS)


def _is_exchange(one: _Comparison, other: _Comparison) -> bool:
    """Whether words of each side are on the other side, more than on their own."""
    shared = (set(one.first) & set(one.second)) | (set(other.first) & set(other.second))
    a, b = set(one.first) - shared, set(one.second) - shared
    c, d = set(other.first) - shared, set(other.second) - shared
    crossed = min(len(a & d), 2) + min(len(b & c), 2)
    return bool(a & d and b & c) and crossed > min(len(a & c), 2) + min(len(b & d), 2)


def _is_same(one: _Comparison, other: _Comparison) -> bool:
    shared = (set(one.first) & set(one.second)) | (set(other.first) & set(other.second))
    a, b = set(one.first) - shared, set(one.second) - shared
    return bool(a & set(other.first) and b & set(other.second)) and not (
        a & set(other.second) and b & set(other.first)
    )
