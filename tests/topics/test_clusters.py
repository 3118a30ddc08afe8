"""Papers of a period fall into groups that are really there, the largest first."""

import numpy as np
from numpy.typing import NDArray

from tests.store.records import paper
from tracker.models import Paper
from tracker.topics.clusters import Clustering, cluster

WORDS = ("expert routing", "speculative decoding", "attention sinks")


def three_heaps(sizes: tuple[int, ...]) -> tuple[list[Paper], NDArray[np.float32]]:
    """Papers in heaps far from each other, in a mixed order, and their unit vectors."""
    rng = np.random.default_rng(3)
    rows = [
        (heap, rng.normal(np.eye(8)[heap], 0.05)) for heap, n in enumerate(sizes) for _ in range(n)
    ]
    order = rng.permutation(len(rows))
    about = [WORDS[rows[row][0]] for row in order]
    papers = [
        paper(f"2603.{n:05}", title=f"On {words}", abstract=f"We study {words}.")
        for n, words in enumerate(about)
    ]
    vectors = np.array([rows[row][1] for row in order], np.float32)
    return papers, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _named(clustering: Clustering) -> list[str]:
    return [group.label.lower() for group in clustering.clusters]


def test_heaps_are_found_named_and_sorted_by_size() -> None:
    papers, vectors = three_heaps((4, 9, 6))
    found = cluster(papers, vectors)
    assert _named(found) == [WORDS[1], WORDS[2], WORDS[0]]
    titles = {one.id: one.title for one in papers}
    for group in found.clusters:
        assert {titles[member].lower() for member in group.members} == {f"on {group.label.lower()}"}


def test_every_paper_is_in_one_group_or_in_none() -> None:
    papers, vectors = three_heaps((4, 9, 6))
    found = cluster(papers, vectors)
    members = [member for group in found.clusters for member in group.members]
    assert len(set(members)) == len(members)
    assert len(members) + found.other == len(papers)
    assert found.other <= 2


def test_the_most_central_members_come_first() -> None:
    papers, vectors = three_heaps((4, 9, 6))
    found = cluster(papers, vectors)
    closeness = dict(zip((one.id for one in papers), found.centrality, strict=True))
    for group in found.clusters:
        values = [closeness[member] for member in group.members]
        assert values == sorted(values, reverse=True)


def test_the_same_papers_give_the_same_groups() -> None:
    papers, vectors = three_heaps((4, 9, 6))
    assert cluster(papers, vectors).clusters == cluster(papers, vectors).clusters


def test_too_few_papers_form_no_group() -> None:
    papers, vectors = three_heaps((1, 1, 0))
    found = cluster(papers, vectors)
    assert (found.clusters, found.other, len(found.centrality)) == ((), 2, 2)
    assert cluster([], np.empty((0, 0), np.float32)).clusters == ()


def test_papers_that_are_all_alike_are_no_trouble() -> None:
    papers = [paper(f"2603.{n:05}", title="On expert routing") for n in range(6)]
    vectors = np.tile(np.eye(4, dtype=np.float32)[0], (6, 1))
    found = cluster(papers, vectors)
    assert sum(len(group.members) for group in found.clusters) + found.other == 6
