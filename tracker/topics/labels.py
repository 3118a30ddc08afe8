"""Readable names for groups of papers: class TF-IDF over noun-like phrases.

Class TF-IDF treats a group as one document: a phrase names a group when many of its papers use it
and few others do (Grootendorst, BERTopic, 2022, arXiv:2203.05794, section 3.3).
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-'][A-Za-z0-9]+)*|[.,;:!?()\[\]]")
_LONGEST = 3
_TERMS = 8
# A phrase must occur in this share of a group's papers, and in at least two, to stand for it.
_LEAST_SHARE, _LEAST_PAPERS = 0.06, 2
# Two words say more than one, three hardly more than two.
_LENGTH_BONUS = {1: 1.0, 2: 1.7, 3: 1.8}


@cache
def stop_words() -> frozenset[str]:
    """Words that cannot begin or end a label: English function words and the jargon of abstracts."""
    text = resources.files(__package__).joinpath("stopwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def phrases(text: str) -> set[str]:
    """The one- to three-word phrases of a text that could name something, as they are written."""
    return set(_phrases(_TOKEN.findall(text)))


def _phrases(tokens: Sequence[str]) -> Iterator[str]:
    content = [_is_content(token) for token in tokens]
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + _LONGEST, len(tokens)) + 1):
            if not tokens[end - 1][0].isalnum():
                break
            if content[start] and content[end - 1]:
                yield " ".join(tokens[start:end])


def _is_content(token: str) -> bool:
    return len(token) > 2 and token.lower() not in stop_words()


def label_groups(groups: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The terms of each group of texts, best first, none a variant of another.

    A group whose texts share no phrase has no terms.
    """
    counts = [Counter(_folded(texts)) for texts in groups]
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    written = _spellings(groups)
    average = sum(len(texts) for texts in groups) / max(1, len(groups))
    return [
        tuple(written[term] for term in _best(count, total, len(texts), average))
        for count, texts in zip(counts, groups, strict=True)
    ]


def _folded(texts: Iterable[str]) -> Iterator[str]:
    """Phrases by papers that use them: case and plural do not make another phrase."""
    for text in texts:
        yield from {fold(phrase) for phrase in phrases(text)}


@cache
def fold(phrase: str) -> str:
    """The key under which spellings of one phrase are counted."""
    words = phrase.lower().replace("-", " ").split()
    return " ".join(_singular(word) for word in words)


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _spellings(groups: Sequence[Sequence[str]]) -> dict[str, str]:
    """For each folded phrase the spelling that is used most."""
    used: dict[str, Counter[str]] = {}
    for texts in groups:
        for text in texts:
            for phrase in phrases(text):
                used.setdefault(fold(phrase), Counter())[_plain_case(phrase)] += 1
    return {key: max(count, key=lambda p: (count[p], p)) for key, count in used.items()}


def _plain_case(phrase: str) -> str:
    """Lower case, but for words that are written with capitals inside (MoE, RAG, GPT-4)."""
    return " ".join(
        word if any(letter.isupper() for letter in word[1:]) else word.lower()
        for word in phrase.split()
    )


def _best(count: Counter[str], total: Counter[str], size: int, average: float) -> list[str]:
    least = max(_LEAST_PAPERS, _LEAST_SHARE * size)
    scored = {
        term: papers / size * math.log(1 + average / total[term]) * _LENGTH_BONUS[term.count(" ") + 1]
        for term, papers in count.items()
        if papers >= least
    }
    chosen: list[str] = []
    for term in sorted(scored, key=lambda term: (-scored[term], term)):
        if not any(_overlap(term, other) for other in chosen):
            chosen.append(term)
        if len(chosen) == _TERMS:
            break
    return chosen


def _overlap(one: str, other: str) -> bool:
    return bool(set(one.split()) & set(other.split()))
