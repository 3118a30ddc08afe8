"""What one reader cares for, and how like it a period's papers are.

`Interests` is all that the digest is told of a reader; who stores it is none of its business. From
five likes on, likeness is a linear model over the vectors, as arxiv-sanity has it; its weights are
Fisher's discriminant, so that the one expensive part, the covariance of the period's papers, is
made once and shared by all readers. With fewer likes it is the cosine to the nearest liked paper.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from summarizer.text import plain
from tracker.models import Paper, Tag

LEAST_LIKES = 5
# Ridge on the covariance, in units of its mean eigenvalue: the rank is less than the dimension.
_RIDGE = 1.0
# A cosine to a liked paper below which two abstracts of the field are not alike.
_ALIKE = 0.55
_WORD = re.compile(r"[^\W_]+")

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Interests:
    """What a reader follows and likes.

    `topics` are keys of the map, `authors` names or parts of names, `queries` what was asked with
    the ids that it found in the period, `liked` and `disliked` unit vectors by paper id, of any
    period. `unread` are queries that can no longer be read, each with the reason.
    """

    topics: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    queries: Mapping[str, frozenset[str]] = field(default_factory=dict)
    liked: Mapping[str, Vectors] = field(default_factory=dict)
    disliked: Mapping[str, Vectors] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether any paper can be this reader's."""
        return bool(self.topics or self.authors or self.queries or self.liked)


@dataclass(frozen=True, slots=True)
class Match:
    """Why a paper is one reader's: `kind` is query, topic, author or like; `fact` which one."""

    kind: str
    fact: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.fact}"


class Field:
    """A period's papers prepared once for any number of readers."""

    def __init__(
        self,
        papers: Mapping[str, Paper],
        tags: Mapping[str, Iterable[Tag]],
        vectors: Mapping[str, Vectors],
    ) -> None:
        self.ids = tuple(vectors)
        self._matrix = np.array(list(vectors.values()), np.float32)
        self._by_author: dict[str, list[str]] = defaultdict(list)
        self._by_topic: dict[str, list[str]] = defaultdict(list)
        for key, paper in papers.items():
            for name in paper.authors:
                for part in _parts_of(name):
                    self._by_author[part].append(key)
            for tag in tags.get(key, ()):
                self._by_topic[tag.name].append(key)

    def follows(self, reader: Interests) -> dict[str, tuple[Match, ...]]:
        """What of each paper a reader follows, by id: queries first, then authors, then topics."""
        found: dict[str, list[Match]] = defaultdict(list)
        for asked, hits in reader.queries.items():
            for key in hits:
                found[key].append(Match("query", asked))
        for name in sorted(reader.authors):
            for key in dict.fromkeys(self._by_author.get(" ".join(_words_of(name)), ())):
                found[key].append(Match("author", name))
        for name in sorted(reader.topics):
            for key in self._by_topic.get(name, ()):
                found[key].append(Match("topic", name))
        return {key: tuple(matches) for key, matches in found.items()}

    def likeness(self, reader: Interests) -> NDArray[np.float32] | None:
        """How like each paper (n,) is to what the reader liked, 0..1; None without a like."""
        if not reader.liked or not self.ids:
            return None
        liked = np.array(list(reader.liked.values()), np.float32)
        if len(liked) < LEAST_LIKES:
            nearest: Vectors = (self._matrix @ liked.T).max(axis=1)
            alike: Vectors = np.clip(nearest, 0, 1)
            return alike
        weights = self._inverse @ (liked.mean(axis=0) - self._against(reader))
        scores = self._matrix @ weights
        # Standard scores through the logistic: 0.5 is the field's mean.
        spread = float(scores.std()) or 1.0
        odds: Vectors = 1 / (1 + np.exp(-(scores - scores.mean()) / spread))
        return odds

    def _against(self, reader: Interests) -> Vectors:
        """What the liked papers are told from: the field, moved towards what was disliked."""
        mean: Vectors = self._matrix.mean(axis=0)
        if not reader.disliked:
            return mean
        disliked = np.array(list(reader.disliked.values()), np.float32)
        against: Vectors = (mean + disliked.mean(axis=0)) / 2
        return against

    @cached_property
    def _inverse(self) -> Vectors:
        covariance = np.cov(self._matrix, rowvar=False)
        size = len(covariance)
        ridge = _RIDGE * np.trace(covariance) / size
        inverse: Vectors = np.linalg.inv(covariance + ridge * np.eye(size)).astype(np.float32)
        return inverse

    def nearest_liked(self, reader: Interests, row: int) -> str:
        """The liked paper that a row resembles most, if it does; else empty."""
        cosines = {key: float(vector @ self._matrix[row]) for key, vector in reader.liked.items()}
        best = max(cosines, key=lambda key: (cosines[key], key))
        return best if cosines[best] >= _ALIKE else ""


def _words_of(name: str) -> list[str]:
    """The words of a name as names are compared: without case, accents and punctuation."""
    bare = unicodedata.normalize("NFKD", plain(name).casefold())
    return _WORD.findall("".join(c for c in bare if not unicodedata.combining(c)))


def _parts_of(name: str) -> Iterator[str]:
    """Every run of a name's words: a reader may know an author by the family name alone."""
    words = _words_of(name)
    for start in range(len(words)):
        yield from (" ".join(words[start:end]) for end in range(start + 1, len(words) + 1))


def for_reader(
    field: Field, reader: Interests, scores: Mapping[str, float], shown: Set[str], limit: int
) -> dict[str, tuple[Match, ...]]:
    """Up to `limit` papers for one reader that the issue does not show, each with its matches.

    What is followed comes first, then what is most like the liked papers; `scores` order equals.
    A paper that the reader has judged already is none of them.
    """
    passed = shown | reader.liked.keys() | reader.disliked.keys()
    follows = field.follows(reader)
    likeness = field.likeness(reader)
    ranked = sorted(
        (key for key in follows if key in scores and key not in passed),
        key=lambda key: (-len(follows[key]), -scores[key], key),
    )
    found = {key: follows[key] for key in ranked[:limit]}
    if likeness is not None:
        for row in np.argsort(-likeness, kind="stable")[: 4 * limit]:
            key = field.ids[row]
            like = field.nearest_liked(reader, int(row))
            if len(found) < limit and like and key in scores and key not in passed:
                found.setdefault(key, (Match("like", like),))
    return found
