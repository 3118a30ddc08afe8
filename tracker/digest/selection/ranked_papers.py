"""A span's papers, clustered and ranked, for everyone or for one reader. Nothing is read here.

Public: `RankingContext`, `RankedPapers`, `rank_span`, `previous_theme_sizes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tracker.digest.period.coverage import indexed
from tracker.digest.period.period_records import EarlierRecords, SpanRecords
from tracker.digest.selection.editor_model import interest_scores
from tracker.digest.selection.ranking import rank_candidates
from tracker.digest.selection.reader_match import CandidatePool, Interests
from tracker.digest.selection.signals import Candidates, UpvoteSnapshot
from tracker.digest.selection.variety import PaperTraits, paper_traits
from tracker.models import Cluster, Pick, Tag
from tracker.settings import Ranking
from tracker.topics.clustering import Clustering, cluster_papers


@dataclass(frozen=True, slots=True)
class RankingContext:
    """How papers are ranked for everyone: the weights, and upvotes by paper id."""

    weights: Ranking = field(default_factory=Ranking)
    upvotes: Mapping[str, UpvoteSnapshot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RankedPapers:
    """A span's papers as picks (best first) and clusters; tags and vectors by paper id.

    `previous_sizes` is, for each cluster, how many papers of the period before are as near to its
    centroid as its own papers; None if unknown.
    """

    picks: tuple[Pick, ...]
    clusters: tuple[Cluster, ...]
    unthemed: int
    tags: Mapping[str, Sequence[Tag]]
    vectors: Mapping[str, NDArray[np.float32]]
    candidate_pool: CandidatePool
    candidates: Candidates
    previous_sizes: tuple[int | None, ...] = ()

    @property
    def theme_index_by_id(self) -> dict[str, int]:
        """The index of the cluster that a paper belongs to, by paper id."""
        return {key: n for n, theme in enumerate(self.clusters) for key in theme.members}

    @property
    def traits(self) -> dict[str, PaperTraits]:
        """What a list should have variety in, by paper id."""
        themes = self.theme_index_by_id
        return {
            pick.paper.id: paper_traits(
                pick.paper, self.tags.get(pick.paper.id, ()), themes.get(pick.paper.id)
            )
            for pick in self.picks
        }

    def ranked_for(self, reader: Interests, weights: Ranking) -> "RankedPapers":
        """Return the same papers, ranked for one reader."""
        follows = {
            key: str(found[0]) for key, found in self.candidate_pool.find_followed(reader).items()
        }
        likes = self.candidate_pool.weighable_likeness(reader)
        candidates = replace(self.candidates, likes=likes, follows=follows)
        return replace(self, picks=tuple(rank_candidates(candidates, weights)))


def rank_span(
    records: SpanRecords,
    context: RankingContext = RankingContext(),
    known_centroids: NDArray[np.float32] | None = None,
) -> RankedPapers:
    """Cluster and rank the papers of a span that have a vector.

    Clustering starts from the centroids (m, d) of known topics, if any.
    """
    embedded = list(records.embedded.values())
    groups = cluster_papers(embedded, records.matrix, known_centroids)
    by_id = {paper.id: row for paper, row in zip(embedded, records.matrix, strict=True)}
    tags = {paper.id: records.tags.get(number, ()) for number, paper in records.embedded.items()}
    pool = CandidatePool({paper.id: paper for paper in embedded}, tags, by_id)
    candidates = _build_candidates(records, context, groups)
    picks = tuple(rank_candidates(candidates, context.weights))
    return RankedPapers(picks, groups.clusters, groups.outlier_count, tags, by_id, pool, candidates)


def _build_candidates(
    records: SpanRecords, context: RankingContext, groups: Clustering
) -> Candidates:
    embedded = list(records.embedded.values())
    return Candidates(
        papers=embedded,
        tags=[records.tags.get(number, ()) for number in records.embedded],
        vectors=records.matrix,
        interest=interest_scores(embedded, records.matrix, records.model) if embedded else None,
        nearest_earlier=records.nearest_earlier,
        centrality=groups.centrality,
        upvotes=context.upvotes,
        until=records.end,
    )


def previous_theme_sizes(ranked: RankedPapers, earlier: EarlierRecords) -> tuple[int | None, ...]:
    """Return, for each cluster, how many papers of the period before it would have attracted."""
    clusters, matrix = ranked.clusters, earlier.matrix
    if not indexed(len(matrix), len(earlier.listed)) or not clusters:
        return (None,) * len(clusters)
    members = [np.array([ranked.vectors[key] for key in c.members]) for c in clusters]
    centroids = np.array([rows.mean(axis=0) for rows in members])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    reach = [float((rows @ one).min()) for rows, one in zip(members, centroids, strict=True)]
    cosines = matrix @ centroids.T
    nearest = cosines.argmax(axis=1)
    near = cosines.max(axis=1) >= np.array(reach)[nearest]
    return tuple(int(n) for n in np.bincount(nearest[near], minlength=len(reach)))
