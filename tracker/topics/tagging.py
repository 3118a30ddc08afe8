"""Tags: the topics of the taxonomy that a text belongs to, with scores and reasons.

The keys of the taxonomy are scored by the trained classifier (`tracker.topics.classifier`), which
uses the text's words and, if it is of the right model, its vector. Four rules complete it:

- A text that mentions no transformer or neural network has no tag by the classifier, and one that
  mentions no transformer no dimension.
- A defining phrase in the title ("LLM agents") is sufficient for a direction; one at the start of
  the abstract is, if the classifier finds the direction possible.
- A direction implies those of its dimensions that are possible for the text.
- A paper whose title says that it is on language models and that has no tag gets its likeliest one,
  unless all are unlikely.

The user's directions have no training data. They are scored by the cosine of the vector to the
direction's prototype, and by the seed phrases in the text.

Public: `Tagger`, `tagging_version`, `prototype_text`, `THRESHOLD`.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from tracker.models import Tag
from tracker.topics.classifier import Terms, classifier_digest, load_classifier
from tracker.topics.seed_phrases import SeedPhraseMatcher
from tracker.topics.subject_words import (
    LANGUAGE_MODEL_TITLE,
    LANGUAGE_MODELS,
    NETWORKS,
    TRANSFORMERS,
)
from tracker.topics.taxonomy import Concept, load_concepts

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
Vector = NDArray[np.float32]

# Change it when the rules here or the taxonomy change: all works are then tagged again. New weights
# of the classifier have that effect too.
_VERSION = "head-4"

# A tag is assigned when its score is at least one half. The score of the classifier is that at the
# key's threshold.
THRESHOLD = 0.5
# The score of a tag for a defining phrase in the title, if the classifier's is lower.
_TITLE_SCORE = 0.55
# The least probabilities, by the classifier, of tags below its threshold. For a general phrase
# ("agents", "safety") in the title:
_LEAST_GENERAL = 0.25
# For a defining phrase in the first characters of the abstract, where papers name their subject:
_OPENING, _LEAST_OPENING = 300, 0.4
# For any other phrase of a direction in the title. Those of dimensions are too general:
# "distillation" is inference, and a method of anything.
_LEAST_NAMED = 0.6
# For the likeliest tag of a paper on language models that has no other:
_LEAST_LIKELY = 0.25
# For a dimension of a direction that the text has. These directions are part of their dimension by
# definition, and most papers on those are not about it.
_POSSIBLE, _POSSIBLE_BY_DEFINITION = 0.8, 0.4
_IN_DIMENSION = ("moe", "alignment-methods", "safety-security", "fine-tuning")
_RARELY_ABOUT_DIMENSION = ("multimodal", "evaluation")
# The labels distinguish these two poorly: the dimension needs this score beside the direction.
_CONFUSED, _CERTAIN = ("multimodal", "representation"), 0.85
_MAX_DIMENSIONS = 3

# The evidence for a user's direction: the cosine to the prototype and the phrases (one in the title
# counts twice, more than three count as three), combined by a logistic. Rounded from a fit on seven
# reading lists of 2,088 papers: docs/log.md, 2026-11-24, "tags".
_COSINE_MIDDLE, _COSINE_WEIGHT, _PHRASE_WEIGHT = 0.48, 10.0, 1.0
_MAX_PHRASES = 3
# Penalty without any phrase, so that only a text very close to the prototype gets the tag: of the
# tags by cosine alone two thirds were wrong (docs/tags.md).
_NO_PHRASE_PENALTY = 2.0


def tagging_version(concepts: Mapping[str, Concept]) -> str:
    """Return the version of the tags; works tagged under another version are tagged again.

    It includes a digest of the classifier's weights, and one of the user's directions if there are
    any.
    """
    version = f"{_VERSION}-{classifier_digest()}"
    custom = [astuple(concept) for key, concept in concepts.items() if key not in load_concepts()]
    if not custom:
        return version
    return f"{version}+{hashlib.blake2b(repr(custom).encode(), digest_size=4).hexdigest()}"


def prototype_text(concept: Concept) -> str:
    """Return the text whose vector is the prototype of a concept."""
    return f"{concept.name}. {concept.about}"


@dataclass(frozen=True, slots=True)
class _Text:
    """What is known of a text: its phrases by key, its terms, and its vector if it has one."""

    title: str
    title_seeds: Mapping[str, list[str]]
    abstract_seeds: Mapping[str, list[str]]
    title_phrases: Mapping[str, list[str]]
    general_phrases: Mapping[str, list[str]]
    opening_phrases: Mapping[str, list[str]]
    terms: Terms
    vector: Vector | None
    names_transformers: bool
    names_networks: bool

    @property
    def is_about_language_models(self) -> bool:
        return bool(LANGUAGE_MODEL_TITLE.search(self.title))


class Tagger:
    """Tags texts. Create one per process: the constructor embeds the prototypes of the user's
    directions.

    Without `encode` those are found by their phrases alone. `model` is the name of the model that
    makes the vectors.
    """

    def __init__(
        self,
        encode: Encode | None = None,
        model: str = "",
        concepts: Mapping[str, Concept] | None = None,
    ) -> None:
        self._concepts = load_concepts() if concepts is None else concepts
        self._classifier = load_classifier()
        self._takes_vectors = model == self._classifier.model
        self._seeds = SeedPhraseMatcher(self._concepts.values())
        self._title_seeds = SeedPhraseMatcher(self._concepts.values(), attrgetter("title_seeds"))
        self._llm_title_seeds = SeedPhraseMatcher(
            self._concepts.values(), attrgetter("llm_title_seeds")
        )
        custom = [c for key, c in self._concepts.items() if key not in load_concepts()]
        texts = [prototype_text(concept) for concept in custom]
        prototypes = encode(texts) if encode and custom else [None] * len(custom)
        self._custom = {c.key: row for c, row in zip(custom, prototypes, strict=True)}

    def tag(
        self, texts: Sequence[tuple[str, str]], vectors: NDArray[np.float32] | None = None
    ) -> list[list[Tag]]:
        """Return the tags of each (title, abstract), best first; `vectors` (n, d) are unit rows."""
        if not texts:
            return []
        rows: Sequence[Vector | None] = [None] * len(texts) if vectors is None else list(vectors)
        read = [self._read(*text, row) for text, row in zip(texts, rows, strict=True)]
        used = vectors if self._takes_vectors else None
        logits, thresholds = self._classifier.logits([text.terms for text in read], used)
        likely, scores = self._by_key(logits), self._by_key(logits - thresholds)
        return [self._tag_one(*known) for known in zip(read, likely, scores, strict=True)]

    def _by_key(self, logits: NDArray[np.float32]) -> list[dict[str, float]]:
        """Return the rounded probabilities of each text by key."""
        probabilities = np.round(1 / (1 + np.exp(-logits.astype(np.float64))), 4).tolist()
        return [dict(zip(self._classifier.keys, row, strict=True)) for row in probabilities]

    def _read(self, title: str, abstract: str, vector: Vector | None) -> _Text:
        in_title, in_abstract = self._seeds.find(title), self._seeds.find(abstract)
        full = f"{title}\n{abstract}"
        general = self._llm_title_seeds.find(title)
        names_transformers = bool(TRANSFORMERS.search(full))
        return _Text(
            title,
            in_title,
            in_abstract,
            title_phrases=self._title_seeds.find(title),
            general_phrases=general if general and LANGUAGE_MODELS.search(full) else {},
            opening_phrases=self._title_seeds.find(abstract[:_OPENING]),
            terms=self._classifier.lexicon.find_terms(title, abstract, in_title, in_abstract),
            vector=vector,
            names_transformers=names_transformers,
            names_networks=names_transformers or bool(NETWORKS.search(full)),
        )

    def _tag_one(
        self, text: _Text, likely: Mapping[str, float], scores: Mapping[str, float]
    ) -> list[Tag]:
        """Return the tags of a text by the probabilities and the scores of the keys."""
        tags = {key: self._score_tag(text, key, likely[key], scores[key]) for key in scores}
        for key, prototype in self._custom.items():
            tags[key] = _score_by_evidence(text, key, prototype)
        chosen = _select_tags(self._add_implied_dimensions(tags, likely), self._concepts)
        if chosen or not text.is_about_language_models:
            return chosen
        likeliest = _likeliest(likely)
        return [self._explain_likeliest(text, likeliest)] if likeliest else []

    def _score_tag(self, text: _Text, key: str, likely: float, score: float) -> Tag:
        phrases = text.title_phrases.get(key)
        if likely >= _LEAST_GENERAL:
            phrases = phrases or text.general_phrases.get(key)
        if phrases and score < _TITLE_SCORE:
            return Tag(key, _TITLE_SCORE, f"says {phrases[0].lower()} in the title")
        is_direction = self._concepts[key].kind == "direction"
        is_possible = text.names_networks if is_direction else text.names_transformers
        if not (is_possible or phrases):
            return Tag(key, 0.0)
        if score >= THRESHOLD:
            return Tag(key, score, self._explain(text, key))
        reason = self._named_reason(text, key, likely)
        return Tag(key, THRESHOLD if reason else score, reason)

    def _named_reason(self, text: _Text, key: str, likely: float) -> str:
        """Return why a tag below the threshold is given, "" if it is not."""
        opening = text.opening_phrases.get(key)
        if opening and likely >= _LEAST_OPENING:
            return f"begins with {opening[0].lower()}"
        is_direction = self._concepts[key].kind == "direction"
        named = text.title_seeds.get(key) if is_direction else None
        if named and likely >= _LEAST_NAMED:
            return f"says {named[0].lower()} in the title"
        return ""

    def _explain_likeliest(self, text: _Text, key: str) -> Tag:
        reason = f"the likeliest of a paper on language models; {self._explain(text, key)}"
        return Tag(key, THRESHOLD, reason.removesuffix("; "))

    def _explain(self, text: _Text, key: str) -> str:
        """Return the labelled paper nearest to a text, and its words that speak most for a key."""
        near = None
        if text.vector is not None and self._takes_vectors:
            near = self._classifier.nearest_example(key, text.vector)
        terms = ", ".join(self._classifier.strongest_terms(key, text.terms))
        reasons = [f"nearest listed paper {near[0]} ({near[1]:.2f})"] if near else []
        return "; ".join([*reasons, f"says {terms}"] if terms else reasons)

    def _add_implied_dimensions(
        self, tags: Mapping[str, Tag], likely: Mapping[str, float]
    ) -> list[Tag]:
        """Return `tags` with the dimensions of each direction, at 0.9 of the direction's score."""
        by_name = dict(tags)
        direction, dimension = _CONFUSED
        if tags[direction].score >= THRESHOLD and tags[dimension].score < _CERTAIN:
            by_name[dimension] = Tag(dimension, 0.0)
        for tag in (tag for tag in tags.values() if tag.score >= THRESHOLD):
            for dimension in _implied_dimensions(self._concepts[tag.name], likely):
                score = max(round(0.9 * tag.score, 4), THRESHOLD)
                implied = Tag(dimension, score, f"through {tag.name}")
                by_name[dimension] = max(by_name[dimension], implied, key=lambda t: t.score)
        return list(by_name.values())


def _likeliest(likely: Mapping[str, float]) -> str | None:
    """Return the likeliest key if it is likely enough."""
    key = max(likely, key=likely.__getitem__)
    return key if likely[key] >= _LEAST_LIKELY else None


def _implied_dimensions(direction: Concept, likely: Mapping[str, float]) -> Sequence[str]:
    """Return the dimensions of a user's direction, and of another those possible for the text."""
    if direction.key not in load_concepts():
        return direction.within
    if direction.key in _RARELY_ABOUT_DIMENSION:
        return []
    least = _POSSIBLE_BY_DEFINITION if direction.key in _IN_DIMENSION else _POSSIBLE
    return [key for key in direction.within if likely[key] >= least]


def _score_by_evidence(text: _Text, key: str, prototype: Vector | None) -> Tag:
    """Return the tag of a user's direction, by its phrases and its prototype's cosine if known."""
    in_title, in_abstract = text.title_seeds.get(key, []), text.abstract_seeds.get(key, [])
    hits = 2 * len(in_title) + len(in_abstract)
    logit = _PHRASE_WEIGHT * min(hits, _MAX_PHRASES) if hits else -_NO_PHRASE_PENALTY
    reasons = []
    if prototype is not None and text.vector is not None:
        cosine = float(prototype @ text.vector)
        logit += _COSINE_WEIGHT * (cosine - _COSINE_MIDDLE)
        reasons.append(f"meaning {cosine:.2f}")
    if hits:
        distinct = dict.fromkeys(phrase.lower() for phrase in [*in_title, *in_abstract])
        reasons.append(f"says {', '.join(distinct)}")
    return Tag(key, round(1 / (1 + math.exp(-logit)), 4), "; ".join(reasons))


def _select_tags(tags: Sequence[Tag], concepts: Mapping[str, Concept]) -> list[Tag]:
    """Return the tags at or above the threshold, best first, with at most three dimensions."""
    likely = sorted((tag for tag in tags if tag.score >= THRESHOLD), key=lambda tag: -tag.score)
    dimensions = [tag for tag in likely if concepts[tag.name].kind == "dimension"]
    surplus = {tag.name for tag in dimensions[_MAX_DIMENSIONS:]}
    return [tag for tag in likely if tag.name not in surplus]
