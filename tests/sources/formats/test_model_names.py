"""Two spellings are one model only by the rules, checked on pairs that were labelled by hand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.sources.formats.boards.model_names import find_renames, is_same_model, parse_identity

LABELS = Path(__file__).parents[3] / "benchmarks" / "labels" / "model_names.tsv"
PAIRS = [line.split("\t") for line in LABELS.read_text(encoding="utf-8").splitlines()[1:]]


def test_nearly_every_match_of_the_labelled_pairs_is_right() -> None:
    matched = [label for label, one, other in PAIRS if is_same_model(one, other)]
    same = sum(label == "same" for label, _, _ in PAIRS)
    assert len(PAIRS) >= 500
    assert matched.count("same") >= 0.99 * len(matched)
    assert matched.count("same") >= 0.95 * same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Velkan-3-8B-Instruct", "velkan/velkan 3 8b instruct"),
        ("velkan-3.5-mini-2026-02-01", "Velkan 3.5 Mini (20260201)"),
        ("velkan-3-5-mini-02-2026", "Velkan 3.5 mini 2026-02"),
        ("velkan-2-02-01", "velkan-2-2026-02-01"),
        ("openai/velkan-oss", "Velkan OSS"),
        ("velkan-latest-20260201", "velkan-2026-02-01"),
        ("Velkan R+", "velkan-r-plus"),
        ("velkan-exp-0201", "Velkan Experimental (02-01)"),
        ("velkan_7b_chat", "Velkan\u201127B Chat".replace("27", "7")),
    ],
)
def test_spellings_of_one_model(one: str, other: str) -> None:
    assert is_same_model(one, other)
    assert is_same_model(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("velkan-8b", "velkan-80b"),
        ("velkan-3", "velkan-3.1"),
        ("velkan-mini", "velkan"),
        ("velkan-20260201", "velkan-20260202"),
        ("velkan-20260201", "velkan"),
        ("velkan-latest", "velkan-20260201"),
        ("velkan-thinking", "velkan"),
        ("velkan-thinking-16k", "velkan-thinking-32k"),
        ("velkan-no-thinking", "velkan-thinking"),
        ("velkan-high", "velkan-low"),
        ("velkan-preview", "velkan"),
        ("velkan-instruct", "velkan-chat"),
        ("velkan-3.1-tarn-3", "velkan-3-tarn-3.1"),
        ("velkan-a3b-30b", "velkan-a30b-3b"),
        ("velkan-v1", "velkan-v10"),
        ("", "velkan"),
    ],
)
def test_different_models(one: str, other: str) -> None:
    assert not is_same_model(one, other)


def test_renames_are_found_where_they_are_unambiguous() -> None:
    before = ["velkan-2-2025-02-01", "velkan-2-2026-02-01", "tarn-7b", "hobday-1"]
    assert find_renames(before, ["Velkan 2 (02-01)", "Tarn 7B", "Hobday 2"]) == {
        "Tarn 7B": "tarn-7b"
    }


@given(st.text(max_size=60))
def test_any_text_has_an_identity_that_case_does_not_change(name: str) -> None:
    assert is_same_model(name, name)
    assert parse_identity(f" {name} ") == parse_identity(name) or not name.strip()
