"""A trained classifier for the directions that have public reading lists.

One logistic regression per direction over the text's vector and its informative words, fitted by
`benchmarks/tags.py` on seven public lists. The weights and words are in `classifier.json` and are
valid only for vectors of one model. A few papers of each list are included, by arXiv id and
vector, so that a tag can name the labelled paper that a text resembles most.

Public: `Classifier`, `load_classifier`, `folded_terms`, `VECTOR_WEIGHT`.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tracker.topics.phrase_counts import fold_phrase, stop_words

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]+")
# Weight of the unit vector relative to the words, which are scaled to unit length too: the best
# of 1, 1.5 and 2.5 in cross-validation.
VECTOR_WEIGHT = 1.5


def folded_terms(text: str) -> set[str]:
    """Return the folded words of a text and its pairs of words adjacent without stop words."""
    words = [fold_phrase(word) for word in _WORD.findall(text) if word.lower() not in stop_words()]
    return {*words, *map(" ".join, pairwise(words))}


@dataclass(frozen=True, slots=True)
class Classifier:
    """The fitted numbers: `weights` (keys, d + words), `bias` (keys,), `idf` (words,).

    `examples` are ids of labelled papers by key, `example_vectors` their unit vectors (n, d).
    """

    model: str
    keys: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    examples: dict[str, tuple[str, ...]]
    example_vectors: dict[str, NDArray[np.float32]]

    def probabilities(
        self, texts: Sequence[str], vectors: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the probability of each key (n, keys) for texts with unit vectors (n, d)."""
        logits = self.features(texts, vectors) @ self.weights.T + self.bias
        probabilities: NDArray[np.float32] = 1 / (1 + np.exp(-logits))
        return probabilities

    def features(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the features (n, d + words): the vector, and the known words weighted by idf."""
        words = np.zeros((len(texts), len(self.vocabulary)), np.float32)
        for row, text in enumerate(texts):
            words[row, self._known_columns(text)] = 1
        words *= self.idf
        length = np.linalg.norm(words, axis=1, keepdims=True)
        return np.hstack([VECTOR_WEIGHT * vectors, words / np.maximum(length, 1e-6)])

    def _known_columns(self, text: str) -> list[int]:
        return sorted(
            self.vocabulary[word] for word in folded_terms(text) if word in self.vocabulary
        )

    def strongest_terms(self, key: str, text: str, limit: int = 4) -> list[str]:
        """Return the words of a text with the largest positive weights for a key."""
        weights = self.weights[self.keys.index(key), -len(self.vocabulary) :] * self.idf
        words = list(self.vocabulary)
        columns = sorted(self._known_columns(text), key=lambda column: -weights[column])
        return [words[column] for column in columns[:limit] if weights[column] > 0]

    def nearest_example(self, key: str, vector: NDArray[np.float32]) -> tuple[str, float]:
        """Return the labelled paper of a key nearest to a unit vector (d,), and the cosine."""
        cosines = self.example_vectors[key] @ vector
        best = int(np.argmax(cosines))
        return self.examples[key][best], float(cosines[best])


@cache
def load_classifier() -> Classifier:
    """Return the classifier shipped with the package."""
    text = resources.files(__package__).joinpath("classifier.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    return Classifier(
        model=stored["model"],
        keys=tuple(stored["keys"]),
        vocabulary={word: column for column, word in enumerate(stored["words"])},
        idf=np.array(stored["idf"], np.float32),
        weights=np.array(stored["weights"], np.float32),
        bias=np.array(stored["bias"], np.float32),
        examples={key: tuple(papers) for key, papers in stored["examples"].items()},
        example_vectors={
            key: np.array(list(papers.values()), np.float32)
            for key, papers in stored["examples"].items()
        },
    )
