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

# A tag is given from even odds on. The logistic weighs likeness above what an average paper has to
# any prototype (in cosine) and phrases (a title hit counts double, three hits are as good as more).
# Set by eye on March 2026: docs/log.md, 2026-11-24.
THRESHOLD = 0.5
_COSINE_MIDDLE, _COSINE_WEIGHT, _PHRASE_WEIGHT = 0.48, 18.0, 1.0
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


@cache
def _pattern(key: str) -> re.Pattern[str]:
    """One expression for all seeds of a key; acronyms keep their case, words do not."""
    return re.compile("|".join(_seed(seed) for seed in _longest_first(load()[key].seeds)))


def _longest_first(seeds: Sequence[str]) -> list[str]:
    return sorted(seeds, key=len, reverse=True)


def _seed(seed: str) -> str:
    escaped = re.escape(seed).replace(r"\ ", r"[\s-]").replace(r"\-", r"[\s-]")
    shouted = sum(letter.isupper() for letter in seed) > 1
    return rf"\b{escaped}\b" if shouted else rf"(?i:\b{escaped}s?\b)"


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
        found = [
            self._judge(concept, title, abstract, float(cosine))
            for concept, cosine in zip(self._concepts, cosines, strict=True)
        ]
        found = _with_dimensions(found)
        given = sorted((t for t in found if t.score >= THRESHOLD), key=lambda t: -t.score)
        dimensions = [t for t in given if load()[t.name].kind == "dimension"]
        surplus = {t.name for t in dimensions[_DIMENSIONS_AT_MOST:]}
        return [tag for tag in given if tag.name not in surplus]

    def _judge(self, concept: Concept, title: str, abstract: str, cosine: float) -> Tag:
        in_title = _pattern(concept.key).findall(title)
        phrases = in_title + _pattern(concept.key).findall(abstract)
        hits = min(len(in_title) + len(phrases), _PHRASES_AT_MOST)
        logit = _COSINE_WEIGHT * (cosine - _COSINE_MIDDLE) + _PHRASE_WEIGHT * hits
        named = ", ".join(dict.fromkeys(phrase.lower() for phrase in phrases))
        why = f"meaning {cosine:.2f}" + (f"; says {named}" if named else "")
        return Tag(concept.key, round(1 / (1 + math.exp(-logit)), 4), why)


def _with_dimensions(tags: Sequence[Tag]) -> list[Tag]:
    """A paper in a direction is in that direction's dimensions, nearly as surely."""
    by_name = {tag.name: tag for tag in tags}
    for tag in tags:
        for dimension in load()[tag.name].within:
            implied = Tag(dimension, round(0.9 * tag.score, 4), f"through {tag.name}")
            by_name[dimension] = max(by_name[dimension], implied, key=lambda t: t.score)
    return list(by_name.values())
