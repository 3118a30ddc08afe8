"""Tags: the topics of the taxonomy that a text belongs to, with scores and reasons.

Directions with reading lists are scored by the trained classifier (`tracker.topics.classifier`).
All other keys, including the user's, and all keys under another embedding model, are scored by two
kinds of evidence: the cosine of the vector to the key's prototype, and the seed phrases in the
text.

Public: `Tagger`, `tagging_version`, `prototype_text`, `THRESHOLD`.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace

import numpy as np
from numpy.typing import NDArray

from tracker.models import Tag
from tracker.topics.classifier import Classifier, load_classifier
from tracker.topics.seed_phrases import SeedPhraseMatcher
from tracker.topics.taxonomy import Concept, load_concepts

Encode = Callable[[Sequence[str]], NDArray[np.float32]]

# Change it when the taxonomy, the evidence or its weights change: all works are then tagged again.
_VERSION = "head-1"

# A tag is assigned when its probability is at least one half. The logistic combines the cosine to
# the prototype and the phrases (one in the title counts twice, more than three count as three).
# Rounded from a fit on seven reading lists of 2,088 papers: docs/log.md, 2026-11-24, "tags".
THRESHOLD = 0.5
_COSINE_MIDDLE, _COSINE_WEIGHT, _PHRASE_WEIGHT = 0.48, 10.0, 1.0
_MAX_PHRASES = 3
# Penalty without any phrase, so that only a text very close to the prototype gets the tag: of the
# tags by cosine alone two thirds were wrong (docs/tags.md).
_NO_PHRASE_PENALTY = 2.0
_MAX_DIMENSIONS = 3
# From this score on, phrases and prototype are sufficient without the classifier.
_SUFFICIENT = 0.85


def tagging_version(concepts: Mapping[str, Concept]) -> str:
    """Return the version of the tags; works tagged under another version are tagged again.

    It includes a hash of the user's directions, if there are any.
    """
    custom = [astuple(concept) for key, concept in concepts.items() if key not in load_concepts()]
    if not custom:
        return _VERSION
    return f"{_VERSION}+{hashlib.blake2b(repr(custom).encode(), digest_size=4).hexdigest()}"


def prototype_text(concept: Concept) -> str:
    """Return the text whose vector is the prototype of a concept."""
    return f"{concept.name}. {concept.about}"


class Tagger:
    """Tags texts. Create one per process: the constructor embeds all prototypes."""

    def __init__(
        self, encode: Encode, model: str, concepts: Mapping[str, Concept] | None = None
    ) -> None:
        self._concepts = load_concepts() if concepts is None else concepts
        self._phrases = SeedPhraseMatcher(self._concepts.values())
        self._prototypes = encode([prototype_text(c) for c in self._concepts.values()])
        self._classifier = load_classifier() if model == load_classifier().model else None

    def tag(
        self, texts: Sequence[tuple[str, str]], vectors: NDArray[np.float32]
    ) -> list[list[Tag]]:
        """Return the tags of each (title, abstract), best first; `vectors` (n, d) are unit rows."""
        if not texts:
            return []
        scored = [
            self._score_by_evidence(*text, row)
            for text, row in zip(texts, vectors @ self._prototypes.T, strict=True)
        ]
        if self._classifier:
            _apply_classifier(self._classifier, texts, vectors, scored)
        return [_select_tags(self._add_implied_dimensions(tags), self._concepts) for tags in scored]

    def _score_by_evidence(
        self, title: str, abstract: str, cosines: NDArray[np.float32]
    ) -> dict[str, Tag]:
        """Return a tag for every key; `cosines` (keys,) are those to the prototypes."""
        title_phrases, abstract_phrases = self._phrases.find(title), self._phrases.find(abstract)
        tags = {}
        for key, cosine in zip(self._concepts, cosines, strict=True):
            in_title, in_abstract = title_phrases.get(key, []), abstract_phrases.get(key, [])
            hits = 2 * len(in_title) + len(in_abstract)
            tags[key] = _evidence_tag(key, float(cosine), hits, [*in_title, *in_abstract])
        return tags

    def _add_implied_dimensions(self, tags: Mapping[str, Tag]) -> list[Tag]:
        """Return `tags` with the dimensions of each direction, at 0.9 of the direction's score."""
        by_name = dict(tags)
        for tag in tags.values():
            for dimension in self._concepts[tag.name].within:
                implied = Tag(dimension, round(0.9 * tag.score, 4), f"through {tag.name}")
                by_name[dimension] = max(by_name[dimension], implied, key=lambda t: t.score)
        return list(by_name.values())


def _apply_classifier(
    classifier: Classifier,
    texts: Sequence[tuple[str, str]],
    vectors: NDArray[np.float32],
    scored: Sequence[dict[str, Tag]],
) -> None:
    """Replace the scores of the classifier's keys in `scored` by the classifier's.

    A tag for which phrases and prototype are sufficient stays, with the lowest possible score.
    """
    joined = [f"{title}\n{abstract}" for title, abstract in texts]
    probabilities = classifier.probabilities(joined, vectors)
    for row, tags in enumerate(scored):
        for key, probability in zip(classifier.keys, probabilities[row], strict=True):
            if probability >= THRESHOLD:
                why = _classifier_reason(classifier, key, joined[row], vectors[row])
                tags[key] = Tag(key, round(float(probability), 4), why)
            elif tags[key].score >= _SUFFICIENT:
                tags[key] = replace(tags[key], score=THRESHOLD)
            else:
                tags[key] = Tag(key, round(float(probability), 4))


def _classifier_reason(
    classifier: Classifier, key: str, text: str, vector: NDArray[np.float32]
) -> str:
    nearest, cosine = classifier.nearest_example(key, vector)
    terms = ", ".join(classifier.strongest_terms(key, text))
    return f"nearest listed paper {nearest} ({cosine:.2f})" + (f"; says {terms}" if terms else "")


def _evidence_tag(key: str, cosine: float, hits: int, phrases: Sequence[str]) -> Tag:
    logit = _COSINE_WEIGHT * (cosine - _COSINE_MIDDLE)
    logit += _PHRASE_WEIGHT * min(hits, _MAX_PHRASES) if hits else -_NO_PHRASE_PENALTY
    distinct = ", ".join(dict.fromkeys(phrase.lower() for phrase in phrases))
    why = f"meaning {cosine:.2f}" + (f"; says {distinct}" if distinct else "")
    return Tag(key, round(1 / (1 + math.exp(-logit)), 4), why)


def _select_tags(tags: Sequence[Tag], concepts: Mapping[str, Concept]) -> list[Tag]:
    """Return the tags at or above the threshold, best first, with at most three dimensions."""
    likely = sorted((tag for tag in tags if tag.score >= THRESHOLD), key=lambda tag: -tag.score)
    dimensions = [tag for tag in likely if concepts[tag.name].kind == "dimension"]
    surplus = {tag.name for tag in dimensions[_MAX_DIMENSIONS:]}
    return [tag for tag in likely if tag.name not in surplus]
