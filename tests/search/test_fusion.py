"""Fusion: words and meaning add up, feedback from the best, and works without a vector."""

import numpy as np
import pytest

from tracker.search.fusion import (
    DEFAULT_WEIGHTS,
    QUESTION_WEIGHTS,
    Candidates,
    FusedRanking,
    FusionWeights,
    fuse_scores,
    penalize_long_titles,
    rank_by_words,
)

NAN = float("nan")


def candidates(*lexical: float) -> Candidates:
    return Candidates(np.arange(1, len(lexical) + 1), np.array(lexical, np.float32))


def rows(*angles: float) -> np.ndarray:
    """Return unit vectors in a plane by their angle in degrees; NaN for none."""
    turned = np.radians(np.array(angles))
    return np.column_stack([np.cos(turned), np.sin(turned)]).astype(np.float32)


def test_words_and_meaning_add_up() -> None:
    found = fuse_scores(rows(0)[0], candidates(0, 8, 4), rows(10, 10, 40), FusionWeights(0.4, 0.0))
    assert found.works.tolist() == [2, 1, 3]
    assert found.score.tolist() == pytest.approx([1.3848, 0.9848, 0.9660], abs=1e-3)
    assert found.words.tolist() == [1, 0, 0.5]
    assert found.cosine.tolist() == pytest.approx([0.9848, 0.9848, 0.7660], abs=1e-3)


def test_the_query_moves_towards_the_best_results() -> None:
    vectors = rows(30, 40, -40)
    alone = fuse_scores(rows(0)[0], candidates(9, 0, 1), vectors, FusionWeights(0.4, 0.0))
    moved = fuse_scores(rows(0)[0], candidates(9, 0, 1), vectors, FusionWeights(0.4, 1.0))
    assert alone.works.tolist() == [1, 3, 2]
    assert moved.works.tolist() == [1, 2, 3]


def test_a_missing_cosine_is_estimated_from_works_with_similar_words() -> None:
    found = fuse_scores(rows(0)[0], candidates(5, 5, 1, 0), rows(NAN, 20, 60, 80), DEFAULT_WEIGHTS)
    assert found.works[:2].tolist() in ([1, 2], [2, 1])
    assert np.isnan(found.cosine[found.works.tolist().index(1)])


def test_without_any_vector_words_alone_rank() -> None:
    found = fuse_scores(rows(0)[0], candidates(1, 3), rows(NAN, NAN), DEFAULT_WEIGHTS)
    assert found.works.tolist() == rank_by_words(candidates(1, 3)).works.tolist() == [2, 1]
    assert (
        fuse_scores(
            rows(0)[0], candidates(), np.empty((0, 2), np.float32), DEFAULT_WEIGHTS
        ).works.size
        == 0
    )


@pytest.mark.parametrize(("spread", "first"), [(0.5, 1), (3.0, 2)])
def test_words_weigh_as_much_as_the_cosines_of_the_candidates_differ(
    spread: float, first: int
) -> None:
    weights = FusionWeights(feedback=0.0, spread=spread)
    near = fuse_scores(rows(0)[0], candidates(0, 8, 0), rows(10, 40, 60), weights)
    assert near.works[0] == first


def test_a_question_without_any_vector_is_ranked_by_words() -> None:
    found = fuse_scores(rows(0)[0], candidates(1, 3), rows(NAN, NAN), QUESTION_WEIGHTS)
    assert found.works.tolist() == [2, 1]


def test_long_titles_lose_but_stay_before_those_that_were_not_read() -> None:
    score = np.array([0.9, 0.88, 0.87, 0.86], np.float32)
    ranking = FusedRanking(np.array([1, 2, 3, 4]), score, score, score)
    found = penalize_long_titles(ranking, [20, 5, 12], FusionWeights(long_title=0.06))
    assert found.works.tolist() == [2, 1, 3, 4]
    assert found.score.tolist() == pytest.approx([0.88, 0.84, 0.834, 0.834])
    assert found.words[0] == found.cosine[0] == np.float32(0.88)
