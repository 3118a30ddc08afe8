"""Fusion: words and meaning add up, the best draw others near, a missing vector is no loss."""

import numpy as np
import pytest

from tracker.search.fusion import WEIGHTS, Candidates, Weights, by_words, fused

NAN = float("nan")


def candidates(*lexical: float) -> Candidates:
    return Candidates(np.arange(1, len(lexical) + 1), np.array(lexical, np.float32))


def rows(*angles: float) -> np.ndarray:
    """Unit vectors in a plane, by their angle in degrees; NaN stands for none."""
    turned = np.radians(np.array(angles))
    return np.column_stack([np.cos(turned), np.sin(turned)]).astype(np.float32)


def test_words_and_meaning_add_up() -> None:
    found = fused(rows(0)[0], candidates(0, 8, 4), rows(10, 10, 40), Weights(0.4, 0.0))
    assert found.works.tolist() == [2, 1, 3]
    assert found.score.tolist() == pytest.approx([1.3848, 0.9848, 0.9660], abs=1e-3)
    assert found.words.tolist() == [1, 0, 0.5]
    assert found.cosine.tolist() == pytest.approx([0.9848, 0.9848, 0.7660], abs=1e-3)


def test_the_best_results_draw_the_query_towards_them() -> None:
    vectors = rows(30, 40, -40)
    alone = fused(rows(0)[0], candidates(9, 0, 1), vectors, Weights(0.4, 0.0))
    moved = fused(rows(0)[0], candidates(9, 0, 1), vectors, Weights(0.4, 1.0))
    assert alone.works.tolist() == [1, 3, 2]
    assert moved.works.tolist() == [1, 2, 3]


def test_a_work_without_a_vector_is_as_near_as_others_with_such_words() -> None:
    found = fused(rows(0)[0], candidates(5, 5, 1, 0), rows(NAN, 20, 60, 80), WEIGHTS)
    assert found.works[:2].tolist() in ([1, 2], [2, 1])
    assert np.isnan(found.cosine[found.works.tolist().index(1)])


def test_without_any_vector_words_decide() -> None:
    found = fused(rows(0)[0], candidates(1, 3), rows(NAN, NAN), WEIGHTS)
    assert found.works.tolist() == by_words(candidates(1, 3)).works.tolist() == [2, 1]
    assert fused(rows(0)[0], candidates(), np.empty((0, 2), np.float32), WEIGHTS).works.size == 0
