"""Matching of a taxonomy's seed phrases in a text; hyphens, plurals and case are ignored.

Public: `SeedPhraseMatcher`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from tracker.topics.phrase_counts import fold_word
from tracker.topics.taxonomy import Concept

_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class _SeedPhrase:
    """A seed phrase of `key`: its folded words, and its exact spelling if it is an acronym."""

    key: str
    words: tuple[str, ...]
    exact: str = ""


class SeedPhraseMatcher:
    """Finds the phrases of some concepts, by default the seeds, indexed by their first word."""

    def __init__(
        self,
        concepts: Iterable[Concept],
        phrases: Callable[[Concept], Iterable[str]] = attrgetter("seeds"),
    ) -> None:
        self._by_first_word: dict[str, list[_SeedPhrase]] = {}
        for concept in concepts:
            # A set: "mixture of experts" and "mixture-of-experts" are the same phrase here.
            for seed in sorted(
                {_parse_seed(concept.key, text) for text in phrases(concept)}, key=str
            ):
                if seed.words:
                    self._by_first_word.setdefault(seed.words[0], []).append(seed)

    def find(self, text: str) -> dict[str, list[str]]:
        """Return the seed phrases in a text by key, each as often as it occurs."""
        written = _WORD.findall(text)
        words = tuple(map(fold_word, written))
        found: dict[str, list[str]] = {}
        for start, word in enumerate(words):
            for seed in self._by_first_word.get(word, ()):
                end = start + len(seed.words)
                if words[start:end] == seed.words and _matches_case(seed, written[start:end]):
                    found.setdefault(seed.key, []).append(" ".join(written[start:end]))
        return found


def _parse_seed(key: str, text: str) -> _SeedPhrase:
    # Acronyms must match in case: "RAG" is not a rag.
    exact = text if sum(map(str.isupper, text)) > 1 else ""
    return _SeedPhrase(key, tuple(map(fold_word, _WORD.findall(text))), exact)


def _matches_case(seed: _SeedPhrase, words: Sequence[str]) -> bool:
    return not seed.exact or _WORD.findall(seed.exact) == [*words[:-1], words[-1].rstrip("s")]
