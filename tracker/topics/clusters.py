"""Groups of a period's papers: spherical k-means over their vectors, named, the largest first.

Same vectors give the same groups. Papers far from every centre are left out as "other".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.models import Cluster, Paper
from tracker.search.index import kmeans
from tracker.topics.labels import label_groups

SEED = 20260311
# The rule of thumb sqrt(n / 2) (Mardia, Kent & Bibby, 1979, p. 365), within what a reader takes in.
_FEWEST, _MOST = 3, 40
# The farthest twentieth are nobody's members; a group of fewer than three papers is no group.
_OTHER_SHARE = 0.05
_LEAST_MEMBERS = 3


@dataclass(frozen=True, slots=True)
class Clustering:
    """Groups, largest first, and for each paper (by position) its closeness to its centre."""

    clusters: tuple[Cluster, ...]
    centrality: NDArray[np.float32]
    other: int


def cluster(papers: Sequence[Paper], vectors: NDArray[np.float32]) -> Clustering:
    """Group papers by their unit vectors (n, d); fewer than three papers form no group."""
    if len(papers) < _LEAST_MEMBERS:
        return Clustering((), np.ones(len(papers), np.float32), len(papers))
    wanted = min(_MOST, max(_FEWEST, round(math.sqrt(len(papers) / 2))))
    assignment, _, closeness = kmeans(vectors, min(wanted, len(papers)), seed=SEED)
    groups = _groups(assignment, closeness)
    terms = label_groups([[(papers[i].title, papers[i].abstract) for i in g] for g in groups])
    clusters = tuple(
        Cluster(_label(words), words, tuple(papers[i].id for i in group))
        for group, words in zip(groups, terms, strict=True)
        if words
    )
    return Clustering(clusters, closeness, len(papers) - sum(len(c.members) for c in clusters))


def _groups(assignment: NDArray[np.int64], closeness: NDArray[np.float32]) -> list[list[int]]:
    """Positions of each group's papers, the most central first; groups by size."""
    near = closeness >= np.quantile(closeness, _OTHER_SHARE)
    groups: dict[int, list[int]] = {}
    for position in np.argsort(-closeness, kind="stable"):
        if near[position]:
            groups.setdefault(int(assignment[position]), []).append(int(position))
    kept = [group for group in groups.values() if len(group) >= _LEAST_MEMBERS]
    return sorted(kept, key=lambda group: (-len(group), group[0]))


def _label(terms: Sequence[str]) -> str:
    """Two terms name a group: the first with a capital, if it begins in lower case."""
    label = " · ".join(terms[:2])
    return label[:1].upper() + label[1:]
