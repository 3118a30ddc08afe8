"""Clusters of a period's papers: named groups of similar papers, the largest first.

The same papers and vectors give the same clusters. `tracker.topics.kmeans` groups the vectors;
here groups with the same name are merged, and papers far from every centroid are left out.

Public: `cluster_papers`, `Clustering`, `format_label`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.models import Cluster, Paper
from tracker.topics.kmeans import MIN_MEMBERS, assign_groups
from tracker.topics.labels import label_groups
from tracker.topics.phrase_counts import fold_phrase

# The twentieth of the papers farthest from their centroids belongs to no cluster.
_OUTLIER_SHARE = 0.05
# A large group is named by the papers nearest to its centroid.
_NAMING_PAPERS = 150


@dataclass(frozen=True, slots=True)
class Clustering:
    """Clusters, largest first; `centrality` (n,) is each paper's cosine to its centroid.

    `outlier_count` is the number of papers in no cluster.
    """

    clusters: tuple[Cluster, ...]
    centrality: NDArray[np.float32]
    outlier_count: int


def cluster_papers(
    papers: Sequence[Paper],
    vectors: NDArray[np.float32],
    known_centroids: NDArray[np.float32] | None = None,
) -> Clustering:
    """Group papers by their unit vectors (n, d); fewer than three papers form no cluster.

    The members of a cluster are sorted by centrality, so the first is the most representative. With
    `known_centroids` (m, d), those of earlier weeks' themes, the search starts from them.
    """
    if len(papers) < MIN_MEMBERS:
        return Clustering((), np.ones(len(papers), np.float32), len(papers))
    assignment, closeness = assign_groups(vectors, known_centroids)
    groups = _group_members(assignment, closeness)
    terms = label_groups(
        [[_title_and_abstract(papers[i]) for i in group[:_NAMING_PAPERS]] for group in groups]
    )
    named = _merge_same_name(groups, terms, closeness)
    clusters = tuple(
        Cluster(format_label(words), words, tuple(papers[i].id for i in group))
        for group, words in named
    )
    return Clustering(clusters, closeness, len(papers) - sum(len(c.members) for c in clusters))


def _title_and_abstract(paper: Paper) -> tuple[str, str]:
    return paper.title, paper.abstract


def _group_members(
    assignment: NDArray[np.int64], closeness: NDArray[np.float32]
) -> list[list[int]]:
    """Return the indices of each group's papers, most central first; groups by size."""
    near = closeness >= np.quantile(closeness, _OUTLIER_SHARE)
    groups: dict[int, list[int]] = {}
    for index in np.argsort(-closeness, kind="stable"):
        if near[index]:
            groups.setdefault(int(assignment[index]), []).append(int(index))
    large_enough = [group for group in groups.values() if len(group) >= MIN_MEMBERS]
    return sorted(large_enough, key=lambda group: (-len(group), group[0]))


NamedGroups = list[tuple[list[int], tuple[str, ...]]]


def _merge_same_name(
    groups: Sequence[list[int]], terms: Sequence[tuple[str, ...]], closeness: NDArray[np.float32]
) -> NamedGroups:
    """Return groups with terms, merging those with the same first term; others are dropped."""
    by_name: dict[str, tuple[list[int], tuple[str, ...]]] = {}
    for group, words in zip(groups, terms, strict=True):
        if words:
            members, first = by_name.get(fold_phrase(words[0]), ([], words))
            joined = sorted([*members, *group], key=lambda i: (-closeness[i], i))
            by_name[fold_phrase(words[0])] = (joined, first)
    return sorted(by_name.values(), key=lambda named: (-len(named[0]), named[0][0]))


def format_label(terms: Sequence[str]) -> str:
    """Return the label of a group: its first two terms, the first letter in upper case.

    `tracker.topics.naming.theme_names` replaces it where more is known of the group.
    """
    joined = " and ".join(terms[:2])
    return joined[:1].upper() + joined[1:]
