"""The map: seven dimensions and the frontier directions, and which of them a text belongs to.

`load` reads the map; `Tagger` gives a text its tags from two kinds of evidence, the likeness of its
vector to each key's prototype and the seed phrases found in it, and says which spoke for each.
"""

import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from tracker.models import Tag

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

# Bump when the map, the evidence or its weights change: works are then tagged anew.
TAGGER = "prototypes-1"

# A tag is given from even odds on. The logistic weighs the cosine to the prototype and the phrases
# (one in the title counts double, three are as good as more). Rounded from a fit on seven reading
# lists of 2,088 papers: docs/log.md, 2026-11-24, "tags".
THRESHOLD = 0.5
_COSINE_MIDDLE, _COSINE_WEIGHT, _PHRASE_WEIGHT = 0.48, 10.0, 1.0
_PHRASES_AT_MOST = 3
_DIMENSIONS_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Concept:
    """A dimension or direction: its key, names, the words it is about, and its seed phrases."""

    key: str
    kind: str
    name: str
    name_zh: str
    about: str
    seeds: tuple[str, ...]
    within: tuple[str, ...] = ()


@cache
def load() -> Mapping[str, Concept]:
    """The map by key, dimensions first, in the order of the data file."""
    text = resources.files(__package__).joinpath("taxonomy.toml").read_text(encoding="utf-8")
    return {
        key: Concept(
            key, kind, entry["name"], entry["name_zh"], entry["about"],
            tuple(entry["seeds"]), tuple(entry.get("within", ())),
        )
        for kind, entries in tomllib.loads(text).items()
        for key, entry in entries.items()
    }  # fmt: skip


def of_kind(kind: str) -> list[Concept]:
    """All concepts of a kind, "dimension" or "direction"."""
    return [concept for concept in load().values() if concept.kind == kind]


_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Seed:
    """A seed phrase of `key`: its folded words, and its exact writing if it is an acronym."""

    key: str
    words: tuple[str, ...]
    exact: str = ""


@cache
def _seeds() -> Mapping[str, Sequence[_Seed]]:
    """All seeds by their first word."""
    found: dict[str, list[_Seed]] = {}
    for concept in load().values():
        # A set, for "mixture of experts" and "mixture-of-experts" are one phrase here.
        for seed in sorted({_seed(concept.key, text) for text in concept.seeds}, key=str):
            found.setdefault(seed.words[0], []).append(seed)
    return found


def _seed(key: str, text: str) -> _Seed:
    # Acronyms keep their case: "RAG" is not a rag.
    exact = text if sum(map(str.isupper, text)) > 1 else ""
    return _Seed(key, tuple(map(_folded, _WORD.findall(text))), exact)


@cache
def _folded(word: str) -> str:
    lower = word.lower()
    return lower[:-1] if lower.endswith("s") and len(lower) > 3 else lower


def seeds_in(text: str) -> dict[str, list[str]]:
    """The seed phrases in a text by key, each as often as it occurs; hyphens and plurals match."""
    written = _WORD.findall(text)
    words = tuple(map(_folded, written))
    found: dict[str, list[str]] = {}
    for start, word in enumerate(words):
        for seed in _seeds().get(word, ()):
            end = start + len(seed.words)
            if words[start:end] == seed.words and _as_written(seed, written[start:end]):
                found.setdefault(seed.key, []).append(" ".join(written[start:end]))
    return found


def _as_written(seed: _Seed, words: Sequence[str]) -> bool:
    return not seed.exact or _WORD.findall(seed.exact) == [*words[:-1], words[-1].rstrip("s")]


class Tagger:
    """Gives texts their tags. Made once per process: the prototypes are embedded at the start."""

    def __init__(self, encode: Encode) -> None:
        self._concepts = list(load().values())
        self._prototypes = encode([f"{c.name}. {c.about}" for c in self._concepts])

    def tag(
        self, texts: Sequence[tuple[str, str]], vectors: NDArray[np.float32]
    ) -> list[list[Tag]]:
        """Tags of each (title, abstract), best first; `vectors` are their unit rows (n, d)."""
        cosines = vectors @ self._prototypes.T
        return [self._tags(*text, row) for text, row in zip(texts, cosines, strict=True)]

    def _tags(self, title: str, abstract: str, cosines: NDArray[np.float32]) -> list[Tag]:
        in_title, in_abstract = seeds_in(title), seeds_in(abstract)
        found = []
        for concept, cosine in zip(self._concepts, cosines, strict=True):
            named, told = in_title.get(concept.key, []), in_abstract.get(concept.key, [])
            hits = 2 * len(named) + len(told)
            found.append(_judged(concept.key, float(cosine), hits, [*named, *told]))
        return _given(_with_dimensions(found))


def _judged(key: str, cosine: float, hits: int, phrases: Sequence[str]) -> Tag:
    logit = _COSINE_WEIGHT * (cosine - _COSINE_MIDDLE)
    logit += _PHRASE_WEIGHT * min(hits, _PHRASES_AT_MOST)
    named = ", ".join(dict.fromkeys(phrase.lower() for phrase in phrases))
    why = f"meaning {cosine:.2f}" + (f"; says {named}" if named else "")
    return Tag(key, round(1 / (1 + math.exp(-logit)), 4), why)


def _given(tags: Sequence[Tag]) -> list[Tag]:
    """Tags of even odds or better, best first, with no more dimensions than a paper can have."""
    given = sorted((tag for tag in tags if tag.score >= THRESHOLD), key=lambda tag: -tag.score)
    dimensions = [tag for tag in given if load()[tag.name].kind == "dimension"]
    surplus = {tag.name for tag in dimensions[_DIMENSIONS_AT_MOST:]}
    return [tag for tag in given if tag.name not in surplus]


def _with_dimensions(tags: Sequence[Tag]) -> list[Tag]:
    """A paper in a direction is in that direction's dimensions, nearly as surely."""
    by_name = {tag.name: tag for tag in tags}
    for tag in tags:
        for dimension in load()[tag.name].within:
            implied = Tag(dimension, round(0.9 * tag.score, 4), f"through {tag.name}")
            by_name[dimension] = max(by_name[dimension], implied, key=lambda t: t.score)
    return list(by_name.values())
