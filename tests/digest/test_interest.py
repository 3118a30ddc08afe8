"""Likeness to what people picked: comparable within a period, whatever the order or the model."""

import numpy as np

from tests.store.records import paper
from tracker.digest.interest import features, likeness, picked, telling

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


def test_what_an_editor_would_pick_is_likest_for_any_model() -> None:
    for model in ("all-MiniLM-L6-v2", "another"):
        found = likeness([BOUNDS, *OTHERS, AGENTS], ROWS * 0, model)
        assert (found.argmax(), found.argmin()) == (4, 0)
        assert ((found >= 0) & (found <= 1)).all()


def test_vectors_count_for_the_model_they_are_of_and_no_other() -> None:
    rows = np.array([[1.0], [-1.0], [0.0]], np.float32) * np.array(picked()["vector"], np.float32)
    here, there = (likeness(OTHERS, rows, model) for model in ("all-MiniLM-L6-v2", "another"))
    assert here[0] > here[2] > here[1]
    assert len(set(there.tolist())) == 1


def test_the_order_does_not_matter_and_equals_are_equal() -> None:
    papers, rows = [AGENTS, BOUNDS, *OTHERS], ROWS
    there = likeness(papers, rows, "all-MiniLM-L6-v2")
    back = likeness(papers[::-1], rows[::-1], "all-MiniLM-L6-v2")
    assert np.allclose(there, back[::-1], atol=1e-5)
    assert likeness(OTHERS, ROWS[:3] * 0, "x").tolist() == [0.25] * 3
    assert likeness([], ROWS[:0], "x").tolist() == []


def test_the_features_have_names_that_people_can_read() -> None:
    named = dict(features(AGENTS))
    assert {"title thinking agents", "abstract reason", "fact 8 authors"} <= set(named)
    assert {"fact title of 4 words", "fact short abstract", "fact cs.CL"} <= set(named)
    assert "fact few authors" not in named


def test_the_words_that_speak_for_a_paper_are_told_once_and_without_fillers() -> None:
    told = telling(
        paper(
            "2603.00003", title="LLM Agents for the Agent: Reasoning at a Time", abstract="agents"
        )
    )
    assert 1 <= len(told) <= 3
    assert "the" not in told
    assert sum("agent" in words for words in told) == 1
    assert telling(paper("2603.00004", title="", abstract="")) == ()
