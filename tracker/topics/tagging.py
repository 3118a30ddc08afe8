"""Which dimensions and directions of the map a text belongs to, how surely, and why.

The directions with reading lists are judged by the trained head (`tracker.topics.head`). All other
keys, a user's own among them, and all keys under another embedding model, are judged by two kinds
of evidence: the likeness of the vector to the key's prototype, and the seed phrases in the text.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace

import numpy as np
from numpy.typing import NDArray

from tracker.models import Tag
from tracker.topics.head import Head, trained
from tracker.topics.phrases import Phrases
from tracker.topics.taxonomy import Concept, load

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

# Bump when the map, the evidence or its weights change: works are then tagged anew.
_VERSION = "head-1"

# A tag is given from even odds on. The logistic weighs the cosine to the prototype and the phrases
# (one in the title counts double, three are as good as more). Rounded from a fit on seven reading
# lists of 2,088 papers: docs/log.md, 2026-11-24, "tags".
THRESHOLD = 0.5
_COSINE_MIDDLE, _COSINE_WEIGHT, _PHRASE_WEIGHT = 0.48, 10.0, 1.0
_PHRASES_AT_MOST = 3
# Without any phrase, only a text that is much like the prototype is given a tag: of the tags by
# likeness alone two thirds were wrong (docs/tags.md).
_SILENCE = 2.0
_DIMENSIONS_AT_MOST = 3
# From this score on phrases and prototype are sure by themselves.
_PLAIN = 0.85


def version(concepts: Mapping[str, Concept]) -> str:
    """Names what decides the tags: works tagged under another name are tagged anew."""
    own = [astuple(concept) for key, concept in concepts.items() if key not in load()]
    return f"{_VERSION}+{hashlib.blake2b(repr(own).encode(), digest_size=4).hexdigest()}" if own \
        else _VERSION  # fmt: skip


def prototype(concept: Concept) -> str:
    """The text whose vector stands for a concept."""
    return f"{concept.name}. {concept.about}"


class Tagger:
    """Gives texts their tags. Made once per process: the prototypes are embedded at the start."""

    def __init__(
        self, encode: Encode, model: str, concepts: Mapping[str, Concept] | None = None
    ) -> None:
        self._concepts = load() if concepts is None else concepts
        self._phrases = Phrases(self._concepts.values())
        self._prototypes = encode([prototype(c) for c in self._concepts.values()])
        self._head = trained() if model == trained().model else None

    def tag(
        self, texts: Sequence[tuple[str, str]], vectors: NDArray[np.float32]
    ) -> list[list[Tag]]:
        """Tags of each (title, abstract), best first; `vectors` are their unit rows (n, d)."""
        if not texts:
            return []
        found = [
            self._by_evidence(*text, row)
            for text, row in zip(texts, vectors @ self._prototypes.T, strict=True)
        ]
        if self._head:
            _by_head(self._head, texts, vectors, found)
        return [_given(self._with_dimensions(tags), self._concepts) for tags in found]

    def _by_evidence(
        self, title: str, abstract: str, cosines: NDArray[np.float32]
    ) -> dict[str, Tag]:
        in_title, in_abstract = self._phrases.find(title), self._phrases.find(abstract)
        found = {}
        for key, cosine in zip(self._concepts, cosines, strict=True):
            named, told = in_title.get(key, []), in_abstract.get(key, [])
            hits = 2 * len(named) + len(told)
            found[key] = _judged(key, float(cosine), hits, [*named, *told])
        return found

    def _with_dimensions(self, tags: Mapping[str, Tag]) -> list[Tag]:
        """A paper in a direction is in that direction's dimensions, nearly as surely."""
        by_name = dict(tags)
        for tag in tags.values():
            for dimension in self._concepts[tag.name].within:
                implied = Tag(dimension, round(0.9 * tag.score, 4), f"through {tag.name}")
                by_name[dimension] = max(by_name[dimension], implied, key=lambda t: t.score)
        return list(by_name.values())


def _by_head(
    head: Head,
    texts: Sequence[tuple[str, str]],
    vectors: NDArray[np.float32],
    found: Sequence[dict[str, Tag]],
) -> None:
    """Put the head's judgement in the place of the evidence's, where it has one.

    What phrases and prototype are sure of is not taken away, only put behind what the head gives.
    """
    joined = [f"{title}\n{abstract}" for title, abstract in texts]
    chances = head.chances(joined, vectors)
    for row, tags in enumerate(found):
        for key, chance in zip(head.keys, chances[row], strict=True):
            if chance >= THRESHOLD:
                why = _reason(head, key, joined[row], vectors[row])
                tags[key] = Tag(key, round(float(chance), 4), why)
            elif tags[key].score >= _PLAIN:
                tags[key] = replace(tags[key], score=THRESHOLD)
            else:
                tags[key] = Tag(key, round(float(chance), 4))


def _reason(head: Head, key: str, text: str, vector: NDArray[np.float32]) -> str:
    nearest, cosine = head.nearest(key, vector)
    told = ", ".join(head.telling(key, text))
    return f"nearest listed paper {nearest} ({cosine:.2f})" + (f"; says {told}" if told else "")


def _judged(key: str, cosine: float, hits: int, phrases: Sequence[str]) -> Tag:
    logit = _COSINE_WEIGHT * (cosine - _COSINE_MIDDLE)
    logit += _PHRASE_WEIGHT * min(hits, _PHRASES_AT_MOST) if hits else -_SILENCE
    named = ", ".join(dict.fromkeys(phrase.lower() for phrase in phrases))
    why = f"meaning {cosine:.2f}" + (f"; says {named}" if named else "")
    return Tag(key, round(1 / (1 + math.exp(-logit)), 4), why)


def _given(tags: Sequence[Tag], concepts: Mapping[str, Concept]) -> list[Tag]:
    """Tags of even odds or better, best first, with no more dimensions than a paper can have."""
    given = sorted((tag for tag in tags if tag.score >= THRESHOLD), key=lambda tag: -tag.score)
    dimensions = [tag for tag in given if concepts[tag.name].kind == "dimension"]
    surplus = {tag.name for tag in dimensions[_DIMENSIONS_AT_MOST:]}
    return [tag for tag in given if tag.name not in surplus]
