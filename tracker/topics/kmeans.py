"""Spherical k-means of a period's papers: how many groups, and which group each vector is in.

Pure: unit vectors in, arrays out, and the same vectors give the same groups. The iterations are
FAISS's (`tracker.search.index.faiss_index.kmeans`); this module decides where they start and how
many groups there are. Names and members of groups are `tracker.topics.clustering`'s.

Public: `assign_groups`, `choose_group_count`, `MIN_MEMBERS`.
"""

import numpy as np
from numpy.typing import NDArray

from tracker.search.index.faiss_index import kmeans

Vectors = NDArray[np.float32]

MIN_MEMBERS = 3
"""Fewer papers do not form a group."""

_SEED = 20260311
# Numbers of groups to try, as multiples of the square root of the number of papers, within the
# range a reader can take in; the one with the largest silhouette on a sample is used.
_COUNT_FACTORS, _MIN_GROUPS, _MAX_GROUPS = (0.5, 0.7, 0.85, 1.0), 3, 160
_SAMPLE = 3000
# The best of several starts is used. Many papers need fewer starts: each is slower, and they
# differ less.
_STARTS, _STARTED_PAPERS = 10, 20_000
# In addition to known centroids, at least so many groups are sought among the share of papers
# that are farthest from all of them.
_MIN_NEW_GROUPS, _FAR_SHARE = 3, 0.2
# A group with less than this share of the average group size is dissolved.
_MIN_RELATIVE_SIZE = 0.3


def assign_groups(
    vectors: Vectors, known_centroids: Vectors | None
) -> tuple[NDArray[np.int64], Vectors]:
    """Return the group of each of (n, d) unit vectors (n,), and its cosine to the centroid (n,).

    With `known_centroids` (m, d) the search starts from them, unless there are too few vectors.
    """
    if known_centroids is None or not _can_start_from(vectors, known_centroids):
        starts = max(1, min(_STARTS, _STARTED_PAPERS // len(vectors)))
        groups, _, cosines = kmeans(vectors, choose_group_count(vectors), seed=_SEED, starts=starts)
        return groups, cosines
    return _assign_from_known(vectors, known_centroids)


def _can_start_from(vectors: Vectors, known_centroids: Vectors) -> bool:
    return 0 < len(known_centroids) * MIN_MEMBERS < len(vectors)


def _assign_from_known(
    vectors: Vectors, known_centroids: Vectors
) -> tuple[NDArray[np.int64], Vectors]:
    """Start from known centroids (m, d) and from new ones among the vectors far from them."""
    count = choose_group_count(vectors)
    known_centroids = known_centroids[:count]
    by_nearness = np.argsort((vectors @ known_centroids.T).max(axis=1))
    far = vectors[by_nearness[: max(1, int(_FAR_SHARE * len(vectors)))]]
    new_count = min(max(_MIN_NEW_GROUPS, count - len(known_centroids)), len(far))
    _, new, _ = kmeans(far, new_count, seed=_SEED, starts=_STARTS)
    centroids = np.ascontiguousarray(np.concatenate([known_centroids, new]), np.float32)
    groups, centroids, _ = kmeans(vectors, len(centroids), seed=_SEED, centres=centroids)
    sizes = np.bincount(groups, minlength=len(centroids))
    # The papers of a dissolved group go to its neighbours; if all groups are small, all stay.
    smallest = max(MIN_MEMBERS, _MIN_RELATIVE_SIZE * len(vectors) / len(centroids))
    large = sizes >= smallest
    cosines = vectors @ (centroids[large] if large.any() else centroids).T
    return cosines.argmax(axis=1), cosines.max(axis=1)


def choose_group_count(vectors: Vectors) -> int:
    """Return how many groups (n, d) unit vectors form: the count with the best silhouette."""
    counts: set[int] = {
        min(_MAX_GROUPS, max(_MIN_GROUPS, round(factor * len(vectors) ** 0.5)), len(vectors))
        for factor in _COUNT_FACTORS
    }
    if len(counts) == 1:
        return counts.pop()
    rows = np.linspace(0, len(vectors) - 1, min(_SAMPLE, len(vectors))).astype(np.int64)
    sample = vectors[rows]
    best: int = max(sorted(counts), key=lambda k: _mean_silhouette(sample, k))
    return best


def _mean_silhouette(vectors: Vectors, k: int) -> float:
    """Return the mean simplified silhouette of (n, d) unit vectors in `k` groups, in 0..1.

    Distances are to the own and the next centroid instead of to all members. Source: Hruschka, de
    Castro & Campello, "Evolutionary algorithms for clustering gene-expression data" (2004).
    """
    _, centroids, _ = kmeans(vectors, k, seed=_SEED, starts=1)
    near = np.sort(1 - vectors @ centroids.T, axis=1)[:, :2]
    return float(np.mean(1 - near[:, 0] / np.maximum(near[:, -1], 1e-6)))
