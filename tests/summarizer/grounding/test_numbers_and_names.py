"""Numbers and names are normalised, and those missing from the source are reported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.grounding.numbers_and_names import find_numbers_and_names, find_unsupported


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
def test_equivalent_spellings_are_normalised(text: str, expected: set[str]) -> None:
    assert find_numbers_and_names(text) == expected


def test_a_changed_number_is_reported() -> None:
    source = "FooNet gains 3.1% on BarBench with a 7B model."
    assert find_unsupported("FooNet gains 3.1 percent.", source) == ()
    assert find_unsupported("FooNet gains 3.7% with 70B.", source) == ("3.7%", "70B")


def test_a_changed_unit_is_reported() -> None:
    assert find_unsupported("It is 3% faster.", "It is 3x faster.") == ("3%",)


def test_an_unknown_name_is_reported_and_case_is_ignored() -> None:
    assert find_unsupported("LIME beats SHAP.", "Lime is explained; LIME wins.") == ("SHAP",)


@given(st.text(max_size=200))
def test_a_text_supports_itself(text: str) -> None:
    assert find_unsupported(text, text) == ()
