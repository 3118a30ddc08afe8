"""Counting phrases: in how many papers of each group every phrase of up to four words occurs.

All texts are one array of token numbers, so that a month takes about a second. A phrase is a run of
words that may name something. Words that begin or end it name something by themselves, or with
others ("series", "model"); "of" may stand inside. Which words are which: `stopwords.txt`,
`nouns.txt`.
"""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-'][A-Za-z0-9]+)*|[.,;:!?()\[\]$\\{}/]")
# The longest phrase, in words: "time series foundation models".
_LONGEST = 4
# What stands in a title says more than in an abstract.
TITLE_WEIGHT = 2
# Spellings of a phrase that are looked at to find the usual one.
_SPELLINGS = 40
# "Graph-based", "long-term" and the like describe: they may begin a name, not end it.
_DESCRIBING = re.compile(
    r".*-(?:aware|augmented|based|dimensional|driven|efficient|free|generated|grained|hoc|informed"
    r"|level|like|of-the-art|preserving|quality|resource|scale|shot|specific|step|supervised|term"
    r"|time|to-end|trained|training|wise|iid|horizon)$|.*(?:ly|ical|otic|ivate|ounded|etal)$",
    re.I,
)
# What a word can do in a phrase, as bits.
_INSIDE, _AT_END, _AT_START, _NAMES = 1, 2, 4, 8

Int = NDArray[np.int64]


def _words(name: str) -> frozenset[str]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def stop_words() -> frozenset[str]:
    """Words that cannot name anything: function words and the jargon of abstracts."""
    return _words("stopwords.txt")


@cache
def part_nouns() -> frozenset[str]:
    """Stop words that may be part of a longer name: the "series" and "time" of a time series."""
    return _words("nouns.txt")


@cache
def fold(phrase: str) -> str:
    """The key under which spellings of one phrase are counted: case and plural do not matter."""
    return " ".join(_singular(word) for word in phrase.lower().replace("-", " ").split())


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def plain_case(phrase: str) -> str:
    """Lower case, but for words that are written with capitals inside (MoE, RAG, GPT-4)."""
    return " ".join(
        word if any(letter.isupper() for letter in word[1:].partition("-")[0]) else word.lower()
        for word in phrase.split()
    )


@cache
def _role(token: str) -> int:
    lower = token.lower()
    if lower == "of":
        return _INSIDE
    if not token[0].isalpha():
        return 0
    end = 0 if _DESCRIBING.fullmatch(token) else _AT_END
    if lower in part_nouns():
        return _INSIDE | _AT_START | end
    if len(token) < 3 or lower in stop_words():
        return 0
    return _INSIDE | _AT_START | end | _NAMES


@dataclass(frozen=True, slots=True)
class Counted:
    """Phrases by number: `counts[group]` maps a phrase to its papers, titles counting double.

    The numbers of single words are below `first_of_several`; `spelled` gives a phrase as it is
    usually written.
    """

    counts: tuple[dict[int, float], ...]
    totals: NDArray[np.float64]
    first_of_several: int
    spelled: Callable[[int], str]


def count(groups: Sequence[Sequence[tuple[str, str]]]) -> Counted:
    """Count the phrases of groups of (title, abstract)."""
    tokens = _Tokens()
    for group in groups:
        for title, abstract in group:
            tokens.add(title, abstract)
    return _counted(tokens, [len(group) for group in groups])


class _Tokens:
    """All texts as one row of numbers; a zero stands between two of them."""

    def __init__(self) -> None:
        self.numbers = array("i", [0])
        self.papers = array("i", [-1])
        self.in_title = array("b", [0])
        self.known: defaultdict[str, int] = defaultdict()
        self.known.default_factory = self.known.__len__
        self.known["."] = 0
        self._paper = 0

    def add(self, title: str, abstract: str) -> None:
        for text, flag in ((title, 1), (abstract, 0)):
            words = _TOKEN.findall(text)
            self.numbers.extend(map(self.known.__getitem__, words))
            self.numbers.append(0)
            self.in_title.extend([flag] * (len(words) + 1))
            self.papers.extend([self._paper] * (len(words) + 1))
        self._paper += 1


def _counted(tokens: _Tokens, sizes: Sequence[int]) -> Counted:
    written = list(tokens.known)
    roles = np.array([_role(word) for word in written], np.int8)
    keys = {key: n for n, key in enumerate(dict.fromkeys(map(fold, written)))}
    folded = np.array([keys[fold(word)] for word in written], np.int64)
    numbers = np.frombuffer(tokens.numbers, np.int32)
    places, phrases, lengths, total = _runs(folded[numbers], roles[numbers], len(keys))
    papers = np.frombuffer(tokens.papers, np.int32)[places]
    titled = np.frombuffer(tokens.in_title, np.int8)[places]
    group_of = np.repeat(np.arange(len(sizes)), sizes)
    pairs = np.unique(papers.astype(np.int64) * total + phrases)
    in_titles = np.unique((papers.astype(np.int64) * total + phrases)[titled == 1])
    weights = np.concatenate([np.ones(len(pairs)), np.full(len(in_titles), TITLE_WEIGHT - 1.0)])
    pairs = np.concatenate([pairs, in_titles])
    groups, those = group_of[pairs // total], pairs % total
    totals = np.bincount(those, weights, total).astype(np.float64)
    return Counted(
        _by_group(groups, those, weights, len(sizes), total),
        totals,
        len(keys),
        _speller(phrases, places, lengths, numbers, written),
    )


def _by_group(
    groups: Int, phrases: Int, weights: NDArray[np.float64], number: int, total: int
) -> tuple[dict[int, float], ...]:
    codes, inverse = np.unique(groups * total + phrases, return_inverse=True)
    sums = np.bincount(inverse, weights, len(codes))
    enough = sums >= 3
    codes, sums = codes[enough], sums[enough]
    cuts = np.searchsorted(codes, np.arange(number + 1) * total)
    return tuple(
        dict(zip((codes[a:b] % total).tolist(), sums[a:b].tolist(), strict=True))
        for a, b in pairwise(cuts)
    )


def _runs(folded: Int, roles: NDArray[np.int8], keys: int) -> tuple[Int, Int, Int, int]:
    """Where phrases begin, their numbers and lengths, and how many numbers there are."""
    places = np.flatnonzero(roles & _AT_START)
    prefix, names = folded[places], roles[places] & _NAMES
    found, first = [], 0
    for length in range(1, _LONGEST + 1):
        if length > 1:
            going = places + length - 1 < len(folded)
            places, prefix, names = places[going], prefix[going], names[going]
            role = roles[places + length - 1]
            going = (role & _INSIDE) > 0
            places, prefix, names = places[going], prefix[going], names[going]
            code = prefix * keys + folded[places + length - 1]
            names |= roles[places + length - 1] & _NAMES
            prefix = np.unique(code, return_inverse=True)[1]
        whole = (names > 0) & ((roles[places + length - 1] & _AT_END) > 0)
        found.append((places[whole], prefix[whole] + first, np.full(whole.sum(), length)))
        first += keys if length == 1 else int(prefix.max(initial=-1)) + 1
    starts, phrases, lengths = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return starts, phrases, lengths, max(first, 1)


def _speller(
    phrases: Int, places: Int, lengths: Int, numbers: NDArray[np.int32], written: Sequence[str]
) -> Callable[[int], str]:
    order = np.argsort(phrases, kind="stable")
    ordered = phrases[order]

    @cache
    def spelled(phrase: int) -> str:
        low, high = np.searchsorted(ordered, [phrase, phrase + 1])
        forms: Counter[str] = Counter()
        for row in order[low : min(high, low + _SPELLINGS)]:
            run = numbers[places[row] : places[row] + lengths[row]]
            forms[plain_case(" ".join(written[number] for number in run))] += 1
        return max(forms, key=lambda form: (forms[form], form))

    return spelled


def phrases_of(text: str) -> dict[str, str]:
    """The phrases of one text that could name something: folded, and as they are written."""
    tokens = _TOKEN.findall(text)
    roles = [_role(token) for token in tokens]
    found = {}
    for start, role in enumerate(roles):
        if not role & _AT_START:
            continue
        names = 0
        for end in range(start, min(start + _LONGEST, len(tokens))):
            if not roles[end] & _INSIDE:
                break
            names |= roles[end] & _NAMES
            if names and roles[end] & _AT_END:
                written = plain_case(" ".join(tokens[start : end + 1]))
                found[fold(written)] = written
    return found
