"""Similarity to papers that an editor picked, for any order of papers and any embedding model."""

import numpy as np

from tests.store.records import paper
from tracker.digest.selection.editor_model import (
    interest_scores,
    load_weights,
    strongest_terms,
    word_features,
)

AGENTS = paper(
    "2603.00001", title="Thinking Agents", abstract="Language agents that reason at scale.",
    authors=tuple(f"A{n} B" for n in range(9)),
)  # fmt: skip
BOUNDS = paper(
    "2603.00002", title="Tighter Bounds for an Estimator",
    abstract="We address an estimation problem with traditional methods and give an analysis.",
)  # fmt: skip
OTHERS = [paper(f"2603.0001{n}") for n in range(3)]
ROWS = np.eye(5, 384, dtype=np.float32)


def test_a_paper_an_editor_would_pick_scores_highest_with_any_model() -> None:
    for model in ("all-MiniLM-L6-v2", "another"):
        found = interest_scores([BOUNDS, *OTHERS, AGENTS], ROWS * 0, model)
        assert (found.argmax(), found.argmin()) == (4, 0)
        assert ((found >= 0) & (found <= 1)).all()


def test_vectors_count_only_for_the_model_they_were_fitted_on() -> None:
    rows = np.array([[1.0], [-1.0], [0.0]], np.float32) * np.array(
        load_weights()["vector"], np.float32
    )
    fitted, other = (
        interest_scores(OTHERS, rows, model) for model in ("all-MiniLM-L6-v2", "another")
    )
    assert fitted[0] > fitted[2] > fitted[1]
    assert len(set(other.tolist())) == 1


def test_the_order_of_papers_does_not_matter() -> None:
    papers, rows = [AGENTS, BOUNDS, *OTHERS], ROWS
    forward = interest_scores(papers, rows, "all-MiniLM-L6-v2")
    backward = interest_scores(papers[::-1], rows[::-1], "all-MiniLM-L6-v2")
    assert np.allclose(forward, backward[::-1], atol=1e-5)
    assert interest_scores(OTHERS, ROWS[:3] * 0, "x").tolist() == [0.25] * 3
    assert interest_scores([], ROWS[:0], "x").tolist() == []


def test_features_have_readable_names() -> None:
    features = dict(word_features(AGENTS))
    assert {"title thinking agents", "abstract reason", "fact 8 authors"} <= set(features)
    assert {"fact title of 4 words", "fact short abstract", "fact cs.CL"} <= set(features)
    assert "fact few authors" not in features


def test_the_strongest_terms_have_no_repetitions_or_stop_words() -> None:
    terms = strongest_terms(
        paper(
            "2603.00003", title="LLM Agents for the Agent: Reasoning at a Time", abstract="agents"
        )
    )
    assert 1 <= len(terms) <= 3
    assert "the" not in terms
    assert sum("agent" in words for words in terms) == 1
    assert strongest_terms(paper("2603.00004", title="", abstract="")) == ()
