"""What one reader cares for, and how like it a period's papers are.

`Interests` is all that the digest is told of a reader; who stores it is none of its business. From
five likes on, likeness is a linear model over the vectors, as arxiv-sanity has it; its weights are
Fisher's discriminant, so that the one expensive part, the covariance of the period's papers, is
made once and shared by all readers. With fewer likes it is the cosine to the nearest liked paper.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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
# Readers whose likeness is worked out at a time: 256 of 1,500 papers are 6 MB.
_AT_ONCE = 256
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

    @property
    def judged(self) -> frozenset[str]:
        """The papers that they liked or disliked, which are not recommended to them again."""
        return frozenset(self.liked) | frozenset(self.disliked)


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

    def weighable_likeness(self, reader: Interests) -> Vectors | None:
        """How like each paper (n,) is to what a reader liked, where that may weigh in a ranking.

        That is from five likes on: the papers nearest to a single like would fill the whole list.
        """
        return self.likeness([reader])[0] if len(reader.liked) >= LEAST_LIKES else None

    def likeness(self, readers: Sequence[Interests]) -> list[Vectors | None]:
        """How like each paper (n,) is to what each reader liked, 0..1; None without a like.

        Many readers are one product of matrices: on a busy machine BLAS waits for its threads at
        each, which took longer than all the rest.
        """
        if not self.ids:
            return [None] * len(readers)
        found: list[Vectors | None] = []
        for start in range(0, len(readers), _AT_ONCE):
            some = readers[start : start + _AT_ONCE]
            held = self._held(some)
            cuts = np.cumsum([len(rows) for rows in held])[:-1]
            products = np.split(self._matrix @ np.concatenate(held).T, cuts, axis=1)
            found += map(_likeness, some, products)
        return found

    def _held(self, readers: Sequence[Interests]) -> list[Vectors]:
        """What papers are held against, (k, d) for each reader: likes, or one row made of many."""
        many = [self._direction(reader) for reader in readers if len(reader.liked) >= LEAST_LIKES]
        weights = iter(np.array(many) @ self._inverse if many else ())
        none: Vectors = np.empty((0, self._matrix.shape[1]), np.float32)
        return [
            next(weights)[None, :] if len(reader.liked) >= LEAST_LIKES
            else np.array(list(reader.liked.values()), np.float32) if reader.liked
            else none
            for reader in readers
        ]  # fmt: skip

    def _direction(self, reader: Interests) -> Vectors:
        """From what the liked papers are told from to their mean.

        That is the field, moved towards what was disliked.
        """
        liked: Vectors = np.array(list(reader.liked.values()), np.float32).mean(axis=0)
        against = self._mean
        if reader.disliked:
            disliked = np.array(list(reader.disliked.values()), np.float32).mean(axis=0)
            against = (against + disliked) / 2
        direction: Vectors = liked - against
        return direction

    @cached_property
    def _mean(self) -> Vectors:
        mean: Vectors = self._matrix.mean(axis=0)
        return mean

    @cached_property
    def _inverse(self) -> Vectors:
        covariance = np.cov(self._matrix, rowvar=False)
        size = len(covariance)
        ridge = _RIDGE * np.trace(covariance) / size
        inverse: Vectors = np.linalg.inv(covariance + ridge * np.eye(size)).astype(np.float32)
        return inverse

    def nearest_liked(self, reader: Interests, rows: NDArray[np.intp]) -> list[str]:
        """The liked paper that each of the rows resembles most, empty where it resembles none."""
        keys = sorted(reader.liked, reverse=True)
        cosines = self._matrix[rows] @ np.array([reader.liked[key] for key in keys]).T
        best = zip(cosines.argmax(axis=1).tolist(), cosines.max(axis=1).tolist(), strict=True)
        return [keys[place] if cosine >= _ALIKE else "" for place, cosine in best]


def _likeness(reader: Interests, products: Vectors) -> Vectors | None:
    """One reader's, of the products (n, k) of the papers with what they are held against."""
    if not reader.liked:
        return None
    if len(reader.liked) < LEAST_LIKES:
        alike: Vectors = np.clip(products.max(axis=1), 0, 1)
        return alike
    scores = products[:, 0]
    # Standard scores through the logistic: 0.5 is the field's mean.
    spread = float(scores.std()) or 1.0
    odds: Vectors = 1 / (1 + np.exp(-(scores - scores.mean()) / spread))
    return odds


def _words_of(name: str) -> list[str]:
    """The words of a name as names are compared: without case, accents and punctuation."""
    bare = unicodedata.normalize("NFKD", plain(name).casefold())
    return _WORD.findall("".join(c for c in bare if not unicodedata.combining(c)))


def _parts_of(name: str) -> Iterator[str]:
    """Every run of a name's words: a reader may know an author by the family name alone."""
    words = _words_of(name)
    for start in range(len(words)):
        yield from (" ".join(words[start:end]) for end in range(start + 1, len(words) + 1))


def for_readers(
    field: Field,
    readers: Sequence[Interests],
    scores: Mapping[str, float],
    shown: Set[str],
    limit: int,
) -> list[dict[str, tuple[Match, ...]]]:
    """For each reader up to `limit` papers that the issue does not show, each with its matches.

    What is followed comes first, then what is most like the liked papers; `scores` order equals.
    A paper that the reader has judged already is none of them.
    """
    return [
        _for_reader(field, reader, likeness, scores, shown, limit)
        for reader, likeness in zip(readers, field.likeness(readers), strict=True)
    ]


def _for_reader(
    field: Field,
    reader: Interests,
    likeness: Vectors | None,
    scores: Mapping[str, float],
    shown: Set[str],
    limit: int,
) -> dict[str, tuple[Match, ...]]:
    passed = shown | reader.judged
    follows = field.follows(reader)
    known = {key: own for key, own in follows.items() if key in scores and key not in passed}
    found = {key: known[key] for key in _in_turn(known, scores)[:limit]}
    if likeness is not None:
        rows = np.argsort(-likeness, kind="stable")[: 4 * limit]
        for row, like in zip(rows, field.nearest_liked(reader, rows), strict=True):
            key = field.ids[row]
            if len(found) < limit and like and key in scores and key not in passed:
                found.setdefault(key, (Match("like", like),))
    return found


def _in_turn(known: Mapping[str, tuple[Match, ...]], scores: Mapping[str, float]) -> list[str]:
    """The papers in such an order that everything followed has its turn.

    First the best of each topic, author and query, then the second of each; a paper that several of
    them find comes before those of one. Else a broad topic would leave no room for a rare query.
    """
    best = sorted(known, key=lambda key: (-len(known[key]), -scores[key], key))
    told: Counter[Match] = Counter()
    turns = {}
    for key in best:
        turns[key] = min(told[match] for match in known[key])
        for match in known[key]:
            told[match] += 1
    return sorted(best, key=turns.__getitem__)
