"""Groups of a period's papers: spherical k-means over their vectors, named, the largest first.

Same vectors give the same groups. How many groups there are is decided by a sweep; groups that bear
one name are one; papers far from every centre are left out as "other".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.models import Cluster, Paper
from tracker.search.index import kmeans
from tracker.topics.labels import label_groups
from tracker.topics.phrasing import fold

SEED = 20260311
# Numbers of groups that are tried, as multiples of the square root of the papers, within what a
# reader takes in; the best has the largest silhouette on a sample.
_SWEEP, _FEWEST, _MOST = (0.5, 0.7, 0.85, 1.0), 3, 160
_SAMPLE = 3000
# Of several starts the best counts; many papers need fewer, for each is slower and differs less.
_STARTS, _STARTED_PAPERS = 10, 20_000
# The farthest twentieth are nobody's members; a group of fewer than three papers is no group.
_OTHER_SHARE = 0.05
_LEAST_MEMBERS = 3
# Beside the topics that are known, so many groups at least are looked for among those papers that
# lie farthest from all of them.
_FURTHER, _FAR_SHARE = 3, 0.2
# A topic of less than this share of the papers that a group has on average does not stand.
_STANDING = 0.3
# A large group is named by those nearest to its centre.
_NAMED_BY = 150


@dataclass(frozen=True, slots=True)
class Clustering:
    """Groups, largest first, and for each paper (by position) its closeness to its centre."""

    clusters: tuple[Cluster, ...]
    centrality: NDArray[np.float32]
    other: int


def cluster(
    papers: Sequence[Paper],
    vectors: NDArray[np.float32],
    known: NDArray[np.float32] | None = None,
) -> Clustering:
    """Group papers by their unit vectors (n, d); fewer than three papers form no group.

    The first member of a group, the most central, is the one that stands for it. With the centres
    (m, d) of topics that are `known`, the search for groups starts from them.
    """
    if len(papers) < _LEAST_MEMBERS:
        return Clustering((), np.ones(len(papers), np.float32), len(papers))
    assignment, closeness = _assigned(vectors, known)
    groups = _groups(assignment, closeness)
    terms = label_groups([[_text(papers[i]) for i in group[:_NAMED_BY]] for group in groups])
    named = _merged(groups, terms, closeness)
    clusters = tuple(
        Cluster(label(words), words, tuple(papers[i].id for i in group)) for group, words in named
    )
    return Clustering(clusters, closeness, len(papers) - sum(len(c.members) for c in clusters))


def _assigned(
    vectors: NDArray[np.float32], known: NDArray[np.float32] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The group of each vector and its closeness to the centre."""
    if known is None or not len(known) or len(vectors) <= len(known) * _LEAST_MEMBERS:
        starts = max(1, min(_STARTS, _STARTED_PAPERS // len(vectors)))
        groups, _, closeness = kmeans(vectors, groups_for(vectors), seed=SEED, starts=starts)
        return groups, closeness
    known = known[: groups_for(vectors)]
    far = vectors[np.argsort((vectors @ known.T).max(axis=1))[: int(_FAR_SHARE * len(vectors))]]
    further = max(_FURTHER, groups_for(vectors) - len(known))
    _, new, _ = kmeans(far, min(further, len(far)), seed=SEED, starts=_STARTS)
    centres = np.ascontiguousarray(np.concatenate([known, new]), np.float32)
    groups, centres, _ = kmeans(vectors, len(centres), seed=SEED, centres=centres)
    sizes = np.bincount(groups, minlength=len(centres))
    # What is left of a topic that fades, or never was one, goes to its neighbours.
    standing = centres[sizes >= max(_LEAST_MEMBERS, _STANDING * len(vectors) / len(centres))]
    cosines = vectors @ standing.T
    return cosines.argmax(axis=1), cosines.max(axis=1)


def _text(paper: Paper) -> tuple[str, str]:
    return paper.title, paper.abstract


def groups_for(vectors: NDArray[np.float32]) -> int:
    """How many groups (n, d) unit vectors form: of a few numbers that with the best silhouette."""
    wanted: set[int] = {
        min(_MOST, max(_FEWEST, round(factor * len(vectors) ** 0.5)), len(vectors))
        for factor in _SWEEP
    }
    if len(wanted) == 1:
        return wanted.pop()
    rows = np.linspace(0, len(vectors) - 1, min(_SAMPLE, len(vectors))).astype(np.int64)
    sample = vectors[rows]
    best: int = max(sorted(wanted), key=lambda k: _silhouette(sample, k))
    return best


def _silhouette(vectors: NDArray[np.float32], k: int) -> float:
    """Mean simplified silhouette, by distance to own and next centre instead of to all members.

    Source: Hruschka, de Castro & Campello, "Evolutionary algorithms for clustering gene-expression
    data" (2004).
    """
    _, centres, _ = kmeans(vectors, k, seed=SEED, starts=1)
    near = np.sort(1 - vectors @ centres.T, axis=1)[:, :2]
    return float(np.mean(1 - near[:, 0] / np.maximum(near[:, -1], 1e-6)))


def _groups(assignment: NDArray[np.int64], closeness: NDArray[np.float32]) -> list[list[int]]:
    """Positions of each group's papers, the most central first; groups by size."""
    near = closeness >= np.quantile(closeness, _OTHER_SHARE)
    groups: dict[int, list[int]] = {}
    for position in np.argsort(-closeness, kind="stable"):
        if near[position]:
            groups.setdefault(int(assignment[position]), []).append(int(position))
    kept = [group for group in groups.values() if len(group) >= _LEAST_MEMBERS]
    return sorted(kept, key=lambda group: (-len(group), group[0]))


Named = list[tuple[list[int], tuple[str, ...]]]


def _merged(
    groups: Sequence[list[int]], terms: Sequence[tuple[str, ...]], closeness: NDArray[np.float32]
) -> Named:
    """Groups with their terms, those of one first term put together; those without are left out."""
    by_name: dict[str, tuple[list[int], tuple[str, ...]]] = {}
    for group, words in zip(groups, terms, strict=True):
        if words:
            members, first = by_name.get(fold(words[0]), ([], words))
            joined = sorted([*members, *group], key=lambda i: (-closeness[i], i))
            by_name[fold(words[0])] = (joined, first)
    return sorted(by_name.values(), key=lambda named: (-len(named[0]), named[0][0]))


def label(terms: Sequence[str]) -> str:
    """Two terms name a group: the first with a capital, if it begins in lower case."""
    joined = " · ".join(terms[:2])
    return joined[:1].upper() + joined[1:]
