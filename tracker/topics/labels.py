"""Readable names for groups of papers: class TF-IDF over phrases that can name something.

Class TF-IDF treats a group as one document: a phrase names a group when many of its papers use it
and few others do (Grootendorst, BERTopic, 2022, arXiv:2203.05794, section 3.3).

Public: `label_groups`.
"""

import math
from collections.abc import Mapping, Sequence

from tracker.topics.phrase_counts import PhraseCounts, compound_words, count_phrases, fold_phrase

_TERMS = 8
# A phrase must occur in this share of a group's papers, and in more than one paper (a paper
# weighs at most 2).
_MIN_SHARE, _MIN_WEIGHT = 0.08, 3
# Several words are more informative than one.
_MULTIWORD_BONUS = 1.7
# A phrase that mostly occurs inside one longer phrase is a fragment of it: "markov decision" of
# "markov decision process" (nested terms: Frantzi, Ananiadou & Mima, 2000, the C-value).
_FRAGMENT_SHARE = 0.6
# Number of candidates considered for a group's terms.
_CANDIDATES = 150


def label_groups(groups: Sequence[Sequence[tuple[str, str]]]) -> list[tuple[str, ...]]:
    """Return the terms of each group of (title, abstract), best first and without variants.

    A group whose papers share no phrase has no terms.
    """
    if not any(groups):
        return [() for _ in groups]
    counted = count_phrases(groups)
    average = sum(map(len, groups)) / len(groups)
    return [
        _select_terms(
            _rank_phrases(number, counted, len(papers), average), counted.counts[number], counted
        )
        for number, papers in enumerate(groups)
    ]


def _rank_phrases(group: int, phrase_counts: PhraseCounts, size: int, average: float) -> list[int]:
    """Return the phrases that name a group best, best first."""
    minimum = max(_MIN_WEIGHT, _MIN_SHARE * size)
    scores = {
        phrase: papers
        / size
        * math.log(1 + average / phrase_counts.totals[phrase])
        * (_MULTIWORD_BONUS if phrase >= phrase_counts.first_multiword else 1.0)
        for phrase, papers in phrase_counts.counts[group].items()
        if papers >= minimum
    }
    best = sorted(scores, key=lambda phrase: -scores[phrase])[:_CANDIDATES]
    return sorted(best, key=lambda phrase: (-scores[phrase], phrase_counts.usual_spelling(phrase)))


def _select_terms(
    ranked: Sequence[int], papers: Mapping[int, float], phrase_counts: PhraseCounts
) -> tuple[str, ...]:
    spelling = {phrase: phrase_counts.usual_spelling(phrase) for phrase in ranked}
    folded = {phrase: tuple(fold_phrase(term).split()) for phrase, term in spelling.items()}
    containing = _papers_by_subphrase(folded, papers)
    chosen: list[int] = []
    for phrase in spelling:
        is_fragment = containing.get(folded[phrase], 0) >= _FRAGMENT_SHARE * papers[phrase]
        if not is_fragment and not any(_is_variant(folded[phrase], folded[c]) for c in chosen):
            chosen.append(phrase)
        if len(chosen) == _TERMS:
            break
    return tuple(spelling[phrase] for phrase in chosen)


def _papers_by_subphrase(
    folded: Mapping[int, tuple[str, ...]], papers: Mapping[int, float]
) -> dict[tuple[str, ...], float]:
    """Return, by run of words inside phrases, the papers of the commonest phrase containing it."""
    containing: dict[tuple[str, ...], float] = {}
    for phrase, words in folded.items():
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                part = words[start:end]
                if part != words:
                    containing[part] = max(containing.get(part, 0), papers[phrase])
    return containing


def _is_variant(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two folded terms share a naming word, or one is the acronym of the other."""
    shared = set(one) & set(other) - compound_words()
    return bool(shared) or one == (_initials(other),) or other == (_initials(one),)


def _initials(words: Sequence[str]) -> str:
    return "".join(word[0] for word in words)
