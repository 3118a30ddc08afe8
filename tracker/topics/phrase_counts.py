"""Phrase counts: in how many papers of each group every phrase of up to four words occurs.

All texts are one array of token ids, so that a month takes about a second. A phrase is a run of
words that may name something. The words at its ends name something alone or with others ("series",
"model"); "of" may occur inside. `stopwords.txt` lists the words that name nothing alone and
`compound_words.txt` those among them that may be part of a name.

The plural folding here merges spellings of a phrase that is then shown; it is not a stemmer, and
the classifier's vocabulary (`classifier.json`) depends on it. `summarizer.text.stems` and
`tracker.store.fts_stems` serve other purposes.

Public: `count_phrases`, `PhraseCounts`, `find_phrases`, `fold_phrase`, `fold_word`,
`normalize_case`, `stop_words`, `compound_words`.
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

from summarizer.text.wordlists import word_set

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-'][A-Za-z0-9]+)*|[.,;:!?()\[\]$\\{}/]")
# The longest phrase, in words: "time series foundation models".
_MAX_WORDS = 4
# A phrase in a title is more informative than one in an abstract.
TITLE_WEIGHT = 2
# Number of occurrences of a phrase examined to find its usual spelling.
_SPELLINGS = 40
# "Graph-based", "long-term" and the like are adjectives: they may begin a name but not end it.
_ADJECTIVE = re.compile(
    r".*-(?:aware|augmented|based|dimensional|driven|efficient|free|generated|grained|hoc|informed"
    r"|level|like|of-the-art|preserving|quality|resource|scale|shot|specific|step|supervised|term"
    r"|time|to-end|trained|training|wise|iid|horizon)$|.*(?:ly|ical|otic|ivate|ounded|etal)$",
    re.I,
)
# The roles of a word in a phrase, as bits.
_INSIDE, _AT_END, _AT_START, _NAMES = 1, 2, 4, 8

IntArray = NDArray[np.int64]


def _load_words(name: str) -> frozenset[str]:
    return word_set(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def stop_words() -> frozenset[str]:
    """Return the words that cannot name anything: function words and the jargon of abstracts.

    Other lists serve other purposes: `tracker.search.query.stopwords` queries,
    `summarizer.text.stems` the comparison of sentences.
    """
    return _load_words("stopwords.txt")


@cache
def compound_words() -> frozenset[str]:
    """Return the stop words that may be part of a name: "time" and "series" in "time series"."""
    return _load_words("compound_words.txt")


@cache
def fold_phrase(phrase: str) -> str:
    """Return the key of all spellings of a phrase: without case, hyphens and plurals."""
    return " ".join(map(fold_word, phrase.replace("-", " ").split()))


@cache
def fold_word(word: str) -> str:
    """Return the key of all spellings of a word: in lower case and without a plural s."""
    lower = word.lower()
    is_plural = len(lower) > 3 and lower.endswith("s") and not lower.endswith(("ss", "us", "is"))
    return lower[:-1] if is_plural else lower


@cache
def normalize_case(phrase: str) -> str:
    """Return a phrase in lower case, except words with capitals inside (MoE, RAG, GPT-4)."""
    return " ".join(
        word if any(letter.isupper() for letter in word[1:].partition("-")[0]) else word.lower()
        for word in phrase.split()
    )


@cache
def _token_roles(token: str) -> int:
    lower = token.lower()
    if lower == "of":
        return _INSIDE
    if not token[0].isalpha():
        return 0
    end = 0 if _ADJECTIVE.fullmatch(token) else _AT_END
    if lower in compound_words():
        return _INSIDE | _AT_START | end
    if len(token) < 3 or lower in stop_words():
        return 0
    return _INSIDE | _AT_START | end | _NAMES


@dataclass(frozen=True, slots=True)
class PhraseCounts:
    """Phrases by id: `counts[group]` maps a phrase to its papers, with titles counted twice.

    `totals` (phrases,) are those of all groups. The ids of single words are below
    `first_multiword`; `usual_spelling` returns a phrase as it is usually written.
    """

    counts: tuple[dict[int, float], ...]
    totals: NDArray[np.float64]
    first_multiword: int
    usual_spelling: Callable[[int], str]


def count_phrases(groups: Sequence[Sequence[tuple[str, str]]]) -> PhraseCounts:
    """Return the phrase counts of groups of (title, abstract)."""
    tokens = _TokenStream()
    for group in groups:
        for title, abstract in group:
            tokens.add(title, abstract)
    return _aggregate_counts(tokens, [len(group) for group in groups])


class _TokenStream:
    """All texts as one array of token ids, separated by zeros."""

    def __init__(self) -> None:
        self.token_ids = array("i", [0])
        self.paper_indices = array("i", [-1])
        self.in_title = array("b", [0])
        self.vocabulary: defaultdict[str, int] = defaultdict()
        self.vocabulary.default_factory = self.vocabulary.__len__
        self.vocabulary["."] = 0
        self._paper = 0

    def add(self, title: str, abstract: str) -> None:
        """Append the tokens of one paper."""
        for text, flag in ((title, 1), (abstract, 0)):
            words = _TOKEN.findall(text)
            self.token_ids.extend(map(self.vocabulary.__getitem__, words))
            self.token_ids.append(0)
            self.in_title.extend([flag] * (len(words) + 1))
            self.paper_indices.extend([self._paper] * (len(words) + 1))
        self._paper += 1


def _aggregate_counts(tokens: _TokenStream, sizes: Sequence[int]) -> PhraseCounts:
    words = list(tokens.vocabulary)
    roles = np.array([_token_roles(word) for word in words], np.int8)
    keys = {key: n for n, key in enumerate(dict.fromkeys(map(fold_phrase, words)))}
    folded = np.array([keys[fold_phrase(word)] for word in words], np.int64)
    token_ids = np.frombuffer(tokens.token_ids, np.int32)
    starts, phrases, lengths, total = _phrase_runs(folded[token_ids], roles[token_ids], len(keys))
    papers = np.frombuffer(tokens.paper_indices, np.int32)[starts]
    in_title = np.frombuffer(tokens.in_title, np.int8)[starts]
    group_of = np.repeat(np.arange(len(sizes)), sizes)
    # A pair (paper, phrase) is one number; each counts once, and once more if it is in a title.
    pairs = np.unique(papers.astype(np.int64) * total + phrases)
    title_pairs = np.unique((papers.astype(np.int64) * total + phrases)[in_title == 1])
    weights = np.concatenate([np.ones(len(pairs)), np.full(len(title_pairs), TITLE_WEIGHT - 1.0)])
    pairs = np.concatenate([pairs, title_pairs])
    groups, pair_phrases = group_of[pairs // total], pairs % total
    totals = np.bincount(pair_phrases, weights, total).astype(np.float64)
    return PhraseCounts(
        _counts_by_group(groups, pair_phrases, weights, len(sizes), total),
        totals,
        len(keys),
        _build_speller(phrases, starts, lengths, token_ids, words),
    )


def _counts_by_group(
    groups: IntArray, phrases: IntArray, weights: NDArray[np.float64], count: int, total: int
) -> tuple[dict[int, float], ...]:
    """Sum the weights (n,) by phrase for each of `count` groups; sums below 3 are dropped."""
    codes, inverse = np.unique(groups * total + phrases, return_inverse=True)
    sums = np.bincount(inverse, weights, len(codes))
    enough = sums >= 3
    codes, sums = codes[enough], sums[enough]
    cuts = np.searchsorted(codes, np.arange(count + 1) * total)
    return tuple(
        dict(zip((codes[a:b] % total).tolist(), sums[a:b].tolist(), strict=True))
        for a, b in pairwise(cuts)
    )


def _phrase_runs(
    folded: IntArray, roles: NDArray[np.int8], keys: int
) -> tuple[IntArray, IntArray, IntArray, int]:
    """Return starts (n,), ids (n,) and lengths (n,) of all phrases, and the number of ids.

    Runs of words grow by one word at a time; a run's id is derived from the id of the run without
    its last word.
    """
    starts = np.flatnonzero(roles & _AT_START)
    prefix, names = folded[starts], roles[starts] & _NAMES
    found, first_id = [], 0
    for length in range(1, _MAX_WORDS + 1):
        if length > 1:
            going = starts + length - 1 < len(folded)
            starts, prefix, names = starts[going], prefix[going], names[going]
            role = roles[starts + length - 1]
            going = (role & _INSIDE) > 0
            starts, prefix, names = starts[going], prefix[going], names[going]
            code = prefix * keys + folded[starts + length - 1]
            names |= roles[starts + length - 1] & _NAMES
            prefix = np.unique(code, return_inverse=True)[1]
        whole = (names > 0) & ((roles[starts + length - 1] & _AT_END) > 0)
        found.append((starts[whole], prefix[whole] + first_id, np.full(whole.sum(), length)))
        first_id += keys if length == 1 else int(prefix.max(initial=-1)) + 1
    all_starts, phrases, lengths = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return all_starts, phrases, lengths, max(first_id, 1)


def _build_speller(
    phrases: IntArray,
    starts: IntArray,
    lengths: IntArray,
    token_ids: NDArray[np.int32],
    words: Sequence[str],
) -> Callable[[int], str]:
    """Return the function that gives a phrase, by id, in its most frequent spelling."""
    order = np.argsort(phrases, kind="stable")
    ordered = phrases[order]

    @cache
    def usual_spelling(phrase: int) -> str:
        low, high = np.searchsorted(ordered, [phrase, phrase + 1])
        spellings: Counter[str] = Counter()
        for row in order[low : min(high, low + _SPELLINGS)]:
            run = token_ids[starts[row] : starts[row] + lengths[row]]
            spellings[normalize_case(" ".join(words[token] for token in run))] += 1
        return max(spellings, key=lambda spelling: (spellings[spelling], spelling))

    return usual_spelling


def find_phrases(text: str) -> dict[str, str]:
    """Return the phrases of one text that could name something: folded -> as it is written."""
    tokens = _TOKEN.findall(text)
    roles = [_token_roles(token) for token in tokens]
    found = {}
    for start, role in enumerate(roles):
        if not role & _AT_START:
            continue
        names = 0
        for end in range(start, min(start + _MAX_WORDS, len(tokens))):
            if not roles[end] & _INSIDE:
                break
            names |= roles[end] & _NAMES
            if names and roles[end] & _AT_END:
                phrase = normalize_case(" ".join(tokens[start : end + 1]))
                found[fold_phrase(phrase)] = phrase
    return found
