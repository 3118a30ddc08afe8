"""Readable names for groups of papers: class TF-IDF over noun-like phrases.

Class TF-IDF treats a group as one document: a phrase names a group when many of its papers use it
and few others do (Grootendorst, BERTopic, 2022, arXiv:2203.05794, section 3.3).
"""

import math
from collections.abc import Mapping, Sequence

from tracker.topics.phrasing import Counted, count, fold, part_nouns

_TERMS = 8
# A phrase must weigh this share of a group's papers, and more than any one paper can make it.
_LEAST_SHARE, _LEAST_WEIGHT = 0.08, 3
# Several words say more than one.
_SEVERAL_WORDS_BONUS = 1.7
# A phrase that mostly occurs inside one longer phrase is a fragment of it: "markov decision" of
# "markov decision process" (nested terms: Frantzi, Ananiadou & Mima, 2000, the C-value).
_FRAGMENT = 0.6
# Candidates looked at for a group's terms.
_CANDIDATES = 150


def label_groups(groups: Sequence[Sequence[tuple[str, str]]]) -> list[tuple[str, ...]]:
    """The terms of each group of (title, abstract), best first, none a variant of another.

    A group whose papers share no phrase has no terms.
    """
    if not any(groups):
        return [() for _ in groups]
    counted = count(groups)
    average = sum(map(len, groups)) / len(groups)
    return [
        _best(_scored(number, counted, len(papers), average), counted.counts[number], counted)
        for number, papers in enumerate(groups)
    ]


def _scored(group: int, counted: Counted, size: int, average: float) -> list[int]:
    """The phrases that name a group best, best first."""
    least = max(_LEAST_WEIGHT, _LEAST_SHARE * size)
    scores = {
        phrase: papers
        / size
        * math.log(1 + average / counted.totals[phrase])
        * (_SEVERAL_WORDS_BONUS if phrase >= counted.first_of_several else 1.0)
        for phrase, papers in counted.counts[group].items()
        if papers >= least
    }
    best = sorted(scores, key=lambda phrase: -scores[phrase])[:_CANDIDATES]
    return sorted(best, key=lambda phrase: (-scores[phrase], counted.spelled(phrase)))


def _best(order: Sequence[int], papers: Mapping[int, float], counted: Counted) -> tuple[str, ...]:
    written = {phrase: counted.spelled(phrase) for phrase in order}
    folded = {phrase: tuple(fold(term).split()) for phrase, term in written.items()}
    whole = _longest_parts(folded, papers)
    chosen: list[int] = []
    for phrase in written:
        is_fragment = whole.get(folded[phrase], 0) >= _FRAGMENT * papers[phrase]
        if not is_fragment and not any(_overlap(folded[phrase], folded[c]) for c in chosen):
            chosen.append(phrase)
        if len(chosen) == _TERMS:
            break
    return tuple(written[phrase] for phrase in chosen)


def _longest_parts(
    folded: Mapping[int, tuple[str, ...]], papers: Mapping[int, float]
) -> dict[tuple[str, ...], float]:
    """Of every run of words inside a phrase, the papers of the commonest phrase that holds it."""
    held: dict[tuple[str, ...], float] = {}
    for phrase, words in folded.items():
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                part = words[start:end]
                if part != words:
                    held[part] = max(held.get(part, 0), papers[phrase])
    return held


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two folded terms share a word that names something, or one is the other's acronym."""
    shared = set(one) & set(other) - part_nouns()
    return bool(shared) or one == (_initials(other),) or other == (_initials(one),)


def _initials(words: Sequence[str]) -> str:
    return "".join(word[0] for word in words)
