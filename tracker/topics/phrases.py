"""The seed phrases of the map, and where a text says them; hyphens, plurals and case match."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from tracker.topics.taxonomy import Concept

_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Seed:
    """A seed phrase of `key`: its folded words, and its exact writing if it is an acronym."""

    key: str
    words: tuple[str, ...]
    exact: str = ""


class Phrases:
    """The seed phrases of some concepts, ready to be looked for."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._by_first_word: dict[str, list[_Seed]] = {}
        for concept in concepts:
            # A set, for "mixture of experts" and "mixture-of-experts" are one phrase here.
            for seed in sorted({_seed(concept.key, text) for text in concept.seeds}, key=str):
                if seed.words:
                    self._by_first_word.setdefault(seed.words[0], []).append(seed)

    def find(self, text: str) -> dict[str, list[str]]:
        """The seed phrases in a text by key, each as often as it occurs."""
        written = _WORD.findall(text)
        words = tuple(map(_folded, written))
        found: dict[str, list[str]] = {}
        for start, word in enumerate(words):
            for seed in self._by_first_word.get(word, ()):
                end = start + len(seed.words)
                if words[start:end] == seed.words and _as_written(seed, written[start:end]):
                    found.setdefault(seed.key, []).append(" ".join(written[start:end]))
        return found


def _seed(key: str, text: str) -> _Seed:
    # Acronyms keep their case: "RAG" is not a rag.
    exact = text if sum(map(str.isupper, text)) > 1 else ""
    return _Seed(key, tuple(map(_folded, _WORD.findall(text))), exact)


@cache
def _folded(word: str) -> str:
    lower = word.lower()
    return lower[:-1] if lower.endswith("s") and len(lower) > 3 else lower


def _as_written(seed: _Seed, words: Sequence[str]) -> bool:
    return not seed.exact or _WORD.findall(seed.exact) == [*words[:-1], words[-1].rstrip("s")]
