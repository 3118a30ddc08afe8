"""What a reader is interested in, and which of a period's papers match.

`Interests` is everything that the digest knows about a reader. From five likes on, similarity is a
linear model over the vectors, as in arxiv-sanity; its weights are Fisher's discriminant, so that
the one expensive part, the covariance of the period's papers, is computed once for all readers.
With fewer likes it is the cosine to the nearest liked paper.

Public: `Interests`, `Match`, `CandidatePool`, `match_readers`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tracker.models import Paper, Tag
from tracker.store.author_search import name_words

MIN_LIKES = 5
# Ridge on the covariance, in units of its mean eigenvalue: the rank is less than the dimension.
_RIDGE = 1.0
# Two abstracts of the field with a lower cosine are not similar.
_ALIKE = 0.55
# Readers whose similarities are computed at a time: 256 with 1,500 papers are 6 MB.
_AT_ONCE = 256
# A name with more papers in a period may be that of several people.
_MOST_OF_ONE_AUTHOR = 2

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Interests:
    """What a reader follows and likes.

    `topics` are taxonomy keys, `authors` names or parts of names, `queries` saved searches with the
    ids that each found in the period, `liked` and `disliked` unit vectors by paper id, of any
    period. `seen` are further papers that need not be recommended, because the reader has read or
    saved them. `liked_authors` has, by author, a liked paper that they are among the first authors
    of. `invalid_queries` are queries that can no longer be parsed, each with the reason.
    """

    topics: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()
    queries: Mapping[str, frozenset[str]] = field(default_factory=dict)
    liked: Mapping[str, Vectors] = field(default_factory=dict)
    disliked: Mapping[str, Vectors] = field(default_factory=dict)
    invalid_queries: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    liked_authors: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether any paper can match."""
        return bool(self.topics or self.authors or self.queries or self.liked)

    @property
    def judged(self) -> frozenset[str]:
        """Papers that the reader liked or disliked; they are not recommended again."""
        return frozenset(self.liked) | frozenset(self.disliked)


@dataclass(frozen=True, slots=True)
class Match:
    """Why a paper matches a reader: `kind` is query, topic, author, same_author or like.

    `fact` is which one; for `same_author`, the id of the liked paper, and `name` is the author.
    """

    kind: str
    fact: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.fact}"


class CandidatePool:
    """A period's papers, prepared once for any number of readers."""

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
                for part in _name_parts(name):
                    self._by_author[part].append(key)
            for tag in tags.get(key, ()):
                self._by_topic[tag.name].append(key)

    def find_followed(self, reader: Interests) -> dict[str, tuple[Match, ...]]:
        """Return the matches of followed queries, then authors, then topics, by paper id."""
        found: dict[str, list[Match]] = defaultdict(list)
        for query, hits in reader.queries.items():
            for key in hits:
                found[key].append(Match("query", query))
        for name in sorted(reader.authors):
            for key in dict.fromkeys(self._by_author.get(" ".join(name_words(name)), ())):
                found[key].append(Match("author", name))
        for name in sorted(reader.topics):
            for key in self._by_topic.get(name, ()):
                found[key].append(Match("topic", name))
        return {key: tuple(matches) for key, matches in found.items()}

    def find_by_liked_authors(self, reader: Interests) -> dict[str, tuple[Match, ...]]:
        """Return the papers by authors of liked papers, unless the name may be of several people.

        A name is too common if more than two papers of the period have it.
        """
        found: dict[str, tuple[Match, ...]] = {}
        for name, liked in sorted(reader.liked_authors.items()):
            words = name_words(name)
            keys = list(dict.fromkeys(self._by_author.get(" ".join(words), ())))
            is_full_name = len(words) > 1 and len(words[0]) > 1
            if is_full_name and len(keys) <= _MOST_OF_ONE_AUTHOR:
                found |= {key: (Match("same_author", liked, name),) for key in keys}
        return found

    def weighable_likeness(self, reader: Interests) -> Vectors | None:
        """Return the similarity (n,) to what a reader liked if it may count in a ranking, or None.

        It may from five likes on: the papers nearest to a single like would fill the whole list.
        """
        return self.like_scores([reader])[0] if len(reader.liked) >= MIN_LIKES else None

    def like_scores(self, readers: Sequence[Interests]) -> list[Vectors | None]:
        """Return by reader the similarity (n,) in 0..1 to what they liked; None without likes.

        Many readers are one matrix product: on a busy machine BLAS waits for its threads at each
        product, which took longer than everything else.
        """
        if not self.ids:
            return [None] * len(readers)
        found: list[Vectors | None] = []
        for start in range(0, len(readers), _AT_ONCE):
            some = readers[start : start + _AT_ONCE]
            compared = self._comparison_rows(some)
            cuts = np.cumsum([len(rows) for rows in compared])[:-1]
            products = np.split(self._matrix @ np.concatenate(compared).T, cuts, axis=1)
            found += map(_like_score, some, products)
        return found

    def _comparison_rows(self, readers: Sequence[Interests]) -> list[Vectors]:
        """Return by reader the rows (k, d) to compare papers with: likes, or one row of many."""
        many = [
            self._liked_direction(reader) for reader in readers if len(reader.liked) >= MIN_LIKES
        ]
        weights = iter(np.array(many) @ self._inverse_covariance if many else ())
        none: Vectors = np.empty((0, self._matrix.shape[1]), np.float32)
        return [
            next(weights)[None, :] if len(reader.liked) >= MIN_LIKES
            else np.array(list(reader.liked.values()), np.float32) if reader.liked
            else none
            for reader in readers
        ]  # fmt: skip

    def _liked_direction(self, reader: Interests) -> Vectors:
        """Return the direction to the mean of the liked papers from what they are compared with.

        That is the mean of the field, moved towards the disliked papers.
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
    def _inverse_covariance(self) -> Vectors:
        covariance = np.cov(self._matrix, rowvar=False)
        size = len(covariance)
        ridge = _RIDGE * np.trace(covariance) / size
        inverse: Vectors = np.linalg.inv(covariance + ridge * np.eye(size)).astype(np.float32)
        return inverse

    def unwanted_ids(self, reader: Interests) -> frozenset[str]:
        """Return the papers that are similar to a disliked one, and less so to any liked one."""
        if not reader.disliked or not self.ids:
            return frozenset()
        against = (self._matrix @ np.array(list(reader.disliked.values())).T).max(axis=1)
        for_it = np.full(len(self.ids), -1.0, np.float32)
        if reader.liked:
            for_it = (self._matrix @ np.array(list(reader.liked.values())).T).max(axis=1)
        rows = np.flatnonzero((against >= _ALIKE) & (against > for_it))
        return frozenset(self.ids[row] for row in rows)

    def nearest_liked(self, reader: Interests, rows: NDArray[np.intp]) -> list[str]:
        """Return the liked paper that each row is most similar to; "" if it is similar to none."""
        keys = sorted(reader.liked, reverse=True)
        cosines = self._matrix[rows] @ np.array([reader.liked[key] for key in keys]).T
        best = zip(cosines.argmax(axis=1).tolist(), cosines.max(axis=1).tolist(), strict=True)
        return [keys[place] if cosine >= _ALIKE else "" for place, cosine in best]


def _like_score(reader: Interests, products: Vectors) -> Vectors | None:
    """Return one reader's scores from the products (n, k) of papers and comparison rows."""
    if not reader.liked:
        return None
    if len(reader.liked) < MIN_LIKES:
        alike: Vectors = np.clip(products.max(axis=1), 0, 1)
        return alike
    scores = products[:, 0]
    # Standard scores through the logistic: 0.5 is the field's mean.
    spread = float(scores.std()) or 1.0
    odds: Vectors = 1 / (1 + np.exp(-(scores - scores.mean()) / spread))
    return odds


def _name_parts(name: str) -> Iterator[str]:
    """Yield every run of a name's words: a reader may follow an author by family name only.

    With the initial, "Ł. Kaiser" is Łukasz Kaiser.
    """
    words = name_words(name)
    if len(words) > 1 and len(words[0]) > 1:
        yield f"{words[0][0]} {words[-1]}"
    for start in range(len(words)):
        yield from (" ".join(words[start:end]) for end in range(start + 1, len(words) + 1))


def match_readers(
    pool: CandidatePool,
    readers: Sequence[Interests],
    scores: Mapping[str, float],
    shown: Set[str],
    limit: int,
) -> list[dict[str, tuple[Match, ...]]]:
    """Return by reader up to `limit` papers that the issue does not show, with their matches.

    Followed papers come first, then those by authors of liked papers and those similar to them;
    ties are sorted by `scores`. Papers that the reader liked or disliked are left out; those
    similar to a disliked one come after all others of their kind.
    """
    return [
        _match_reader(pool, reader, similarity, scores, shown, limit)
        for reader, similarity in zip(readers, pool.like_scores(readers), strict=True)
    ]


def _match_reader(
    pool: CandidatePool,
    reader: Interests,
    like_scores: Vectors | None,
    scores: Mapping[str, float],
    shown: Set[str],
    limit: int,
) -> dict[str, tuple[Match, ...]]:
    excluded = shown | reader.judged | reader.seen
    unwanted = pool.unwanted_ids(reader)
    found: dict[str, tuple[Match, ...]] = {}

    def is_open(key: str) -> bool:
        return key in scores and key not in excluded and key not in found

    for matches in (pool.find_followed(reader), pool.find_by_liked_authors(reader)):
        known = {key: own for key, own in matches.items() if is_open(key)}
        order = sorted(_round_robin_order(known, scores), key=unwanted.__contains__)
        found |= {key: known[key] for key in order[: limit - len(found)]}
    if like_scores is not None:
        rows = _select_rows(pool, like_scores, unwanted, 4 * limit)
        for row, like in zip(rows, pool.nearest_liked(reader, rows), strict=True):
            key = pool.ids[row]
            if len(found) < limit and like and is_open(key):
                found[key] = (Match("like", like),)
    return found


def _select_rows(
    pool: CandidatePool, like_scores: Vectors, unwanted: Set[str], limit: int
) -> NDArray[np.intp]:
    """Return the rows most similar to what was liked, wanted ones first, up to `limit` of each."""
    order = np.argsort(-like_scores, kind="stable")
    if not unwanted:
        return order[:limit]
    last = np.array([pool.ids[row] in unwanted for row in order])
    return np.concatenate([order[~last][:limit], order[last][:limit]])


def _round_robin_order(
    followed: Mapping[str, tuple[Match, ...]], scores: Mapping[str, float]
) -> list[str]:
    """Return the papers in an order in which every followed search gets its turn.

    First the best of each topic, author and query, then the second of each; papers with several
    matches come before those with one. Otherwise a broad topic would crowd out a rare query.
    """
    best = sorted(followed, key=lambda key: (-len(followed[key]), -scores[key], key))
    counts: Counter[Match] = Counter()
    turns = {}
    for key in best:
        turns[key] = min(counts[match] for match in followed[key])
        for match in followed[key]:
            counts[match] += 1
    return sorted(best, key=turns.__getitem__)
