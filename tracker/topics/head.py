"""A trained judgement of the directions for which people keep reading lists.

One logistic regression per direction over the text's vector and the telling words in it, fitted by
`benchmarks/tags.py` on seven public lists. Its numbers and words lie in `head.json`; they mean
nothing to the vectors of another model. Of each list it knows a few papers, by arXiv id and vector,
so that a tag can say which labelled paper a text is most like.
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

from tracker.topics.phrasing import fold, stop_words

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]+")
# What the unit vector counts against the words, which are scaled to unit length too: the best of
# 1, 1.5 and 2.5 in cross-validation.
VECTOR_WEIGHT = 1.5


def words_of(text: str) -> set[str]:
    """The words and pairs of adjacent words in a text, folded; stop words stand between nothing."""
    words = [fold(word) for word in _WORD.findall(text) if word.lower() not in stop_words()]
    return {*words, *map(" ".join, pairwise(words))}


@dataclass(frozen=True, slots=True)
class Head:
    """The fitted numbers: `weights` (keys, d + words), `bias` (keys,), `idf` (words,).

    `examples` are the labelled papers' ids by key, `example_vectors` their unit rows.
    """

    model: str
    keys: tuple[str, ...]
    words: dict[str, int]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    examples: dict[str, tuple[str, ...]]
    example_vectors: dict[str, NDArray[np.float32]]

    def chances(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The chance in 0..1 of each key (n, keys) for texts with unit rows (n, d)."""
        logits = self.features(texts, vectors) @ self.weights.T + self.bias
        chances: NDArray[np.float32] = 1 / (1 + np.exp(-logits))
        return chances

    def features(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is weighed (n, d + words): the vector, and the known words by rarity."""
        told = np.zeros((len(texts), len(self.words)), np.float32)
        for row, text in enumerate(texts):
            told[row, self._known(text)] = 1
        told *= self.idf
        length = np.linalg.norm(told, axis=1, keepdims=True)
        return np.hstack([VECTOR_WEIGHT * vectors, told / np.maximum(length, 1e-6)])

    def _known(self, text: str) -> list[int]:
        return sorted(self.words[word] for word in words_of(text) if word in self.words)

    def telling(self, key: str, text: str, most: int = 4) -> list[str]:
        """The words of a text that speak for a key, the weightiest first."""
        weights = self.weights[self.keys.index(key), -len(self.words) :] * self.idf
        names = list(self.words)
        known = sorted(self._known(text), key=lambda place: -weights[place])
        return [names[place] for place in known[:most] if weights[place] > 0]

    def nearest(self, key: str, vector: NDArray[np.float32]) -> tuple[str, float]:
        """The labelled paper of a key that a unit vector (d,) is most like, and the cosine."""
        cosines = self.example_vectors[key] @ vector
        best = int(np.argmax(cosines))
        return self.examples[key][best], float(cosines[best])


@cache
def trained() -> Head:
    """The head that ships with the package."""
    text = resources.files(__package__).joinpath("head.json").read_text(encoding="utf-8")
    known = json.loads(text)
    return Head(
        model=known["model"],
        keys=tuple(known["keys"]),
        words={word: place for place, word in enumerate(known["words"])},
        idf=np.array(known["idf"], np.float32),
        weights=np.array(known["weights"], np.float32),
        bias=np.array(known["bias"], np.float32),
        examples={key: tuple(found) for key, found in known["examples"].items()},
        example_vectors={
            key: np.array(list(found.values()), np.float32)
            for key, found in known["examples"].items()
        },
    )
