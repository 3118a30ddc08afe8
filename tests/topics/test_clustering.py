"""Clusters match the planted groups of papers, and come largest first."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.store.records import paper
from tracker.models import Paper
from tracker.topics.clustering import Clustering, cluster_papers

WORDS = ("expert routing", "speculative decoding", "attention sinks")


def papers_in_groups(sizes: tuple[int, ...]) -> tuple[list[Paper], NDArray[np.float32]]:
    """Return papers in well separated groups, in a mixed order, and their unit vectors."""
    rng = np.random.default_rng(3)
    rows = [
        (group, rng.normal(np.eye(8)[group], 0.05))
        for group, size in enumerate(sizes)
        for _ in range(size)
    ]
    order = rng.permutation(len(rows))
    subjects = [WORDS[rows[row][0]] for row in order]
    papers = [
        paper(f"2603.{n:05}", title=f"On {words}", abstract=f"We study {words}.")
        for n, words in enumerate(subjects)
    ]
    vectors = np.array([rows[row][1] for row in order], np.float32)
    return papers, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _labels(clustering: Clustering) -> list[str]:
    return [cluster.label.lower() for cluster in clustering.clusters]


def test_groups_are_found_named_and_sorted_by_size() -> None:
    papers, vectors = papers_in_groups((4, 9, 6))
    found = cluster_papers(papers, vectors)
    assert _labels(found) == [WORDS[1], WORDS[2], WORDS[0]]
    titles = {one.id: one.title for one in papers}
    for group in found.clusters:
        assert {titles[member].lower() for member in group.members} == {f"on {group.label.lower()}"}


def test_every_paper_is_in_at_most_one_cluster() -> None:
    papers, vectors = papers_in_groups((4, 9, 6))
    found = cluster_papers(papers, vectors)
    members = [member for group in found.clusters for member in group.members]
    assert len(set(members)) == len(members)
    assert len(members) + found.outlier_count == len(papers)
    assert found.outlier_count <= 2


def test_the_most_central_members_come_first() -> None:
    papers, vectors = papers_in_groups((4, 9, 6))
    found = cluster_papers(papers, vectors)
    closeness = dict(zip((one.id for one in papers), found.centrality, strict=True))
    for group in found.clusters:
        values = [closeness[member] for member in group.members]
        assert values == sorted(values, reverse=True)


def test_the_same_papers_give_the_same_clusters() -> None:
    papers, vectors = papers_in_groups((4, 9, 6))
    assert cluster_papers(papers, vectors).clusters == cluster_papers(papers, vectors).clusters


def test_too_few_papers_form_no_cluster() -> None:
    papers, vectors = papers_in_groups((1, 1, 0))
    found = cluster_papers(papers, vectors)
    assert (found.clusters, found.outlier_count, len(found.centrality)) == ((), 2, 2)
    assert cluster_papers([], np.empty((0, 0), np.float32)).clusters == ()


@pytest.mark.parametrize("known", [1, 2, 3])
@pytest.mark.parametrize("sizes", [(1, 2, 1), (2, 2, 1), (4, 3, 3)])
def test_a_quiet_week_is_clustered_from_known_themes(sizes: tuple[int, ...], known: int) -> None:
    papers, vectors = papers_in_groups(sizes)
    centroids = np.eye(8, dtype=np.float32)[:known]
    found = cluster_papers(papers, vectors, centroids)
    members = [member for cluster in found.clusters for member in cluster.members]
    assert len(members) + found.outlier_count == len(papers) == len(found.centrality)


def test_identical_papers_are_clustered() -> None:
    papers = [paper(f"2603.{n:05}", title="On expert routing") for n in range(6)]
    vectors = np.tile(np.eye(4, dtype=np.float32)[0], (6, 1))
    found = cluster_papers(papers, vectors)
    assert sum(len(group.members) for group in found.clusters) + found.outlier_count == 6
