"""Numbers and names are found in one spelling, and what the source lacks is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.ground import numbers_and_names, unsupported


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("71.3 % of 1,412 items", {"71.3%", "1412"}),
        ("71.3 percent", {"71.3%"}),
        ("3x, 3 times, 3-fold and 3×", {"3×"}),
        ("a 7B model with 7 billion weights", {"7B"}),
        ("from 48-60%", {"48", "60%"}),
        ("10⁴ steps", {"10⁴"}),
        ("GPT-4-based and pre-GPT-4", {"GPT-4"}),
        ("Qwen2.5-7B, ResNet-18 and F1", {"Qwen2.5-7B", "7B", "ResNet-18", "F1"}),
        ("LLMs and an LLM-based LoRA", {"LLM", "LoRA"}),
        ("A plain Sentence, well-known and State-of-the-art.", set()),
    ],
)
def test_one_spelling_for_what_means_the_same(text: str, expected: set[str]) -> None:
    assert numbers_and_names(text) == expected


def test_a_changed_number_is_told() -> None:
    source = "FooNet gains 3.1% on BarBench with a 7B model."
    assert unsupported("FooNet gains 3.1 percent.", source) == ()
    assert unsupported("FooNet gains 3.7% with 70B.", source) == ("3.7%", "70B")


def test_a_unit_that_is_not_the_sources_is_told() -> None:
    assert unsupported("It is 3% faster.", "It is 3x faster.") == ("3%",)


def test_a_name_from_elsewhere_is_told_whatever_its_case() -> None:
    assert unsupported("LIME beats SHAP.", "Lime is explained; LIME wins.") == ("SHAP",)


@given(st.text(max_size=200))
def test_a_text_supports_itself(text: str) -> None:
    assert unsupported(text, text) == ()
