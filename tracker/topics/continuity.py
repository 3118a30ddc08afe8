"""Themes over weeks: which of this week's clusters continues which known theme.

Clusters and themes are paired by the Hungarian method on the cosine of their centroids and the
terms they share; a theme keeps its id and its name for as long as it is continued. Pure.

Public: `topic_changes`, `TopicGroup`, `TopicChange`, `blend_centroids`, `MATCH_THRESHOLD`,
`REMEMBERED_WEEKS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.topics.phrase_counts import fold_phrase
from tracker.topics.statistics import optimal_pairs

# Weight of the centroids relative to shared words, and the similarity from which a cluster is the
# same theme: chosen on the weeks of January and February 2026 (docs/log.md, 2026-11-25,
# "identity").
_CENTROID_WEIGHT = 0.8
MATCH_THRESHOLD = 0.75
# Weight of a theme's centroid when a week is added, and for how many weeks a theme that did not
# occur can still be continued.
_PAST_WEIGHT, REMEMBERED_WEEKS = 0.7, 2


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """A week's cluster or a known theme: unit centroid (d,) and terms; `id` is the theme's id."""

    centroid: NDArray[np.float32]
    terms: tuple[str, ...]
    id: int | None = None


@dataclass(frozen=True, slots=True)
class TopicChange:
    """What happened to a cluster or theme this week.

    `kind` is continued, split (the cluster was a part of theme `other`), merged (theme `id` became
    a part of cluster `other`), new or faded. `group` is the cluster's index, `id` the theme's.
    """

    kind: str
    group: int | None = None
    id: int | None = None
    other: int | None = None


def blend_centroids(topic: NDArray[np.float32], group: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the unit centroid (d,) of a theme after a week in which it continued as `group`."""
    mean = _PAST_WEIGHT * topic + (1 - _PAST_WEIGHT) * group
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def topic_changes(known: Sequence[TopicGroup], groups: Sequence[TopicGroup]) -> list[TopicChange]:
    """Return one change per cluster, in their order, then one per theme that is not continued.

    The `other` of a split is a theme's id, that of a merger the index of a cluster.
    """
    if not known or not groups:
        new = [TopicChange("new", group=index) for index in range(len(groups))]
        return [*new, *(TopicChange("faded", id=theme.id) for theme in known)]
    similarity = _similarity_matrix(known, groups)
    pairs = {c: r for r, c in optimal_pairs(similarity) if similarity[r, c] >= MATCH_THRESHOLD}
    return [
        *(_classify_group(index, pairs, similarity, known) for index in range(len(groups))),
        *(
            _classify_unmatched_topic(row, similarity, known)
            for row in range(len(known))
            if row not in pairs.values()
        ),
    ]


def _classify_group(
    index: int, pairs: dict[int, int], similarity: NDArray[np.float64], known: Sequence[TopicGroup]
) -> TopicChange:
    if index in pairs:
        return TopicChange("continued", group=index, id=known[pairs[index]].id)
    nearest = int(similarity[:, index].argmax())
    if similarity[nearest, index] >= MATCH_THRESHOLD:
        return TopicChange("split", group=index, other=known[nearest].id)
    return TopicChange("new", group=index)


def _classify_unmatched_topic(
    row: int, similarity: NDArray[np.float64], known: Sequence[TopicGroup]
) -> TopicChange:
    nearest = int(similarity[row].argmax())
    if similarity[row, nearest] >= MATCH_THRESHOLD:
        return TopicChange("merged", id=known[row].id, other=nearest)
    return TopicChange("faded", id=known[row].id)


def _similarity_matrix(
    known: Sequence[TopicGroup], groups: Sequence[TopicGroup]
) -> NDArray[np.float64]:
    """Return the similarities (themes, clusters), each in 0..1."""
    cosines = np.array([one.centroid for one in known]) @ np.array([g.centroid for g in groups]).T
    shared = [[_shared_word_share(one.terms, other.terms) for other in groups] for one in known]
    mean = _CENTROID_WEIGHT * np.clip(cosines, 0, 1) + (1 - _CENTROID_WEIGHT) * np.array(shared)
    return np.asarray(mean, np.float64)


def _shared_word_share(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the number of shared words, relative to the words of the shorter list of terms."""
    words, others = _folded_words(one), _folded_words(other)
    return len(words & others) / max(1, min(len(words), len(others)))


def _folded_words(terms: Sequence[str]) -> set[str]:
    return {word for term in terms for word in fold_phrase(term).split()}
