"""A trained classifier for the taxonomy, which combines the words of a text with its vector.

One logistic regression per key over the text's vector, the informative words of the text and of its
title, and its seed phrases. `benchmarks/tags.py` fits it to seven public lists, to the labels in
`benchmarks/labels/tags.jsonl`, and to weak labels. The weights are in `classifier.json`: one set
for vectors of one embedding model, and one set for words alone, which serves texts without such a
vector. The logits are calibrated: of the texts with the probability p of a key, the share p is on
it. The threshold of a key is the logit from which on a text has the tag. A few papers of each list
are included, by arXiv id and vector, so that a tag can name the labelled paper that a text
resembles most.

Public: `Classifier`, `Lexicon`, `Terms`, `load_classifier`, `folded_terms`, `classifier_digest`.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tracker.topics.phrase_counts import fold_phrase, stop_words

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]+")
# Lengths of the parts of a feature vector. The words of the whole text have length one.
VECTOR_WEIGHT, _TITLE_WEIGHT, _SEED_WEIGHT = 1.5, 1.0, 0.5
_MAX_SEEDS = 3
# The stored weights and biases are integers, this many to one.
SCALE = 100
LINEAR_PARTS = ("weights", "bias", "thresholds")

FloatArray = NDArray[np.float32]
SeedsByKey = Mapping[str, Sequence[str]]


def folded_terms(text: str) -> set[str]:
    """Return the folded words of a text and its pairs of words adjacent without stop words."""
    words = [_fold(word) for word in _WORD.findall(text) if word.lower() not in stop_words()]
    return {*words, *map(" ".join, pairwise(words))}


@cache
def _fold(word: str) -> str:
    return fold_phrase(word)


@dataclass(frozen=True, slots=True)
class Terms:
    """The known terms of a text: columns of the lexical features, and their values."""

    columns: NDArray[np.int64]
    values: FloatArray


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The terms that are lexical features, with their idf: of texts, of titles, and seed phrases.

    The columns of the features are in this order; `keys` has two, for the title and the abstract.
    """

    words: Mapping[str, int]
    word_idf: FloatArray
    title_words: Mapping[str, int]
    title_idf: FloatArray
    keys: tuple[str, ...]

    @property
    def size(self) -> int:
        """The number of lexical features."""
        return len(self.words) + len(self.title_words) + 2 * len(self.keys)

    @property
    def names(self) -> list[str]:
        """The words of the columns; seed phrases have no name of their own."""
        return [*self.words, *self.title_words]

    def find_terms(
        self, title: str, abstract: str, title_seeds: SeedsByKey, abstract_seeds: SeedsByKey
    ) -> Terms:
        """Return the terms of a text; `title_seeds` are the seed phrases in its title by key."""
        in_title = folded_terms(title)
        parts = [
            _weigh(in_title | folded_terms(abstract), self.words, self.word_idf, 1.0),
            _weigh(in_title, self.title_words, self.title_idf, _TITLE_WEIGHT),
            self._weigh_seeds(title_seeds, 1),
            self._weigh_seeds(abstract_seeds, _MAX_SEEDS),
        ]
        starts = np.cumsum([0, len(self.words), len(self.title_words), len(self.keys)])
        return Terms(
            np.concatenate([start + part[0] for start, part in zip(starts, parts, strict=True)]),
            np.concatenate([part[1] for part in parts]),
        )

    def _weigh_seeds(self, seeds: SeedsByKey, most: int) -> tuple[NDArray[np.int64], FloatArray]:
        columns = [column for column, key in enumerate(self.keys) if key in seeds]
        values = [_SEED_WEIGHT * min(len(seeds[self.keys[n]]), most) / most for n in columns]
        return np.array(columns, np.int64), np.array(values, np.float32)


def _weigh(
    terms: set[str], known: Mapping[str, int], idf: FloatArray, length: float
) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the columns of the known terms, and their idf scaled to a total length."""
    columns = np.array(sorted(known[term] for term in terms if term in known), np.int64)
    values = idf[columns]
    return columns, length * values / max(float(np.linalg.norm(values)), 1e-6)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights of the features (keys, features), biases and thresholds (keys,)."""

    weights: FloatArray
    bias: FloatArray
    thresholds: FloatArray


@dataclass(frozen=True, slots=True)
class Classifier:
    """The fitted numbers; `combined` is for texts with a vector of `model`, `lexical` for others.

    The first features of `combined` are the vector. `examples` are ids of labelled papers by key,
    `example_vectors` their unit vectors (n, d).
    """

    model: str
    keys: tuple[str, ...]
    lexicon: Lexicon
    combined: LinearModel
    lexical: LinearModel
    examples: Mapping[str, tuple[str, ...]]
    example_vectors: Mapping[str, FloatArray]

    def logits(
        self, terms: Sequence[Terms], vectors: FloatArray | None
    ) -> tuple[FloatArray, FloatArray]:
        """Return the logits (n, keys) of texts with unit vectors (n, d), and the thresholds."""
        fitted = self.lexical if vectors is None else self.combined
        by_term = fitted.weights[:, -self.lexicon.size :]
        logits = np.stack([by_term[:, one.columns] @ one.values for one in terms]) + fitted.bias
        if vectors is not None:
            of_vector = fitted.weights[:, : -self.lexicon.size]
            logits += VECTOR_WEIGHT * (vectors @ of_vector.T)
        return logits.astype(np.float32), fitted.thresholds

    def strongest_terms(self, key: str, terms: Terms, limit: int = 4) -> list[str]:
        """Return the words of a text that speak most for a key."""
        names = self.lexicon.names
        weights = self.lexical.weights[self.keys.index(key)]
        shares = weights[terms.columns] * terms.values
        best = [n for n in np.argsort(-shares, kind="stable") if shares[n] > 0]
        words = (names[terms.columns[n]] for n in best if terms.columns[n] < len(names))
        return list(dict.fromkeys(words))[:limit]

    def nearest_example(self, key: str, vector: FloatArray) -> tuple[str, float] | None:
        """Return the labelled paper of a key nearest to a unit vector (d,), and the cosine."""
        if key not in self.examples:
            return None
        cosines = self.example_vectors[key] @ vector
        best = int(np.argmax(cosines))
        return self.examples[key][best], float(cosines[best])


@cache
def _stored_text() -> str:
    return resources.files(__package__).joinpath("classifier.json").read_text(encoding="utf-8")


@cache
def classifier_digest() -> str:
    """Return a digest of the shipped weights: tags by other weights are outdated."""
    return hashlib.blake2b(_stored_text().encode(), digest_size=4).hexdigest()


@cache
def load_classifier() -> Classifier:
    """Return the classifier shipped with the package."""
    stored = json.loads(_stored_text())
    lexicon = Lexicon(
        {word: column for column, word in enumerate(stored["words"])},
        _load_numbers(stored["idf"]),
        {word: column for column, word in enumerate(stored["title_words"])},
        _load_numbers(stored["title_idf"]),
        tuple(stored["keys"]),
    )
    return Classifier(
        model=stored["model"],
        keys=tuple(stored["keys"]),
        lexicon=lexicon,
        combined=_load_linear(stored["combined"]),
        lexical=_load_linear(stored["lexical"]),
        examples={key: tuple(papers) for key, papers in stored["examples"].items()},
        example_vectors={
            key: np.array(list(papers.values()), np.float32)
            for key, papers in stored["examples"].items()
        },
    )


def _load_linear(stored: Mapping[str, list[int]]) -> LinearModel:
    return LinearModel(*(_load_numbers(stored[part]) for part in LINEAR_PARTS))


def _load_numbers(stored: list[int]) -> FloatArray:
    numbers: FloatArray = (np.array(stored) / SCALE).astype(np.float32)
    return numbers
