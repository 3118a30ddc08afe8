"""Characters have one spelling, and those of formulas and other scripts are not changed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.text.characters import normalize_characters


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Cafe\u0301 re\u0301sume\u0301", "Café résumé"),
        ("e\ufb03cient \ufb01ne-tuning of \ufb02ows", "efficient fine-tuning of flows"),
        ("\uff26\uff55\uff4c\uff4c \uff11\uff12", "Full 12"),
        ("\uff76\uff9e\uff80\uff76\uff85", "ガタカナ"),
        ("to\u00adken\u200bi\u2060zer\ufeff", "tokenizer"),
        ("e\ufb03\u200ccient of\u200cfline", "efficient offline"),
        ("a\u00a0b\u202fc\u3000d\u2028e", "a b c d e"),
        ("a\u202ebc\u202c", "abc"),
        ("\u2f00\u2f08", "一人"),
        ("\u212b", "Å"),
        ("O\u0323\u0301", "Ọ\u0301"),
    ],
)
def test_variants_of_letters_become_one(text: str, normal: str) -> None:
    assert normalize_characters(text) == normal


@pytest.mark.parametrize(
    "text",
    ["x² + y₁ ∈ ℝⁿ", "½ ℓ₂ ™ ① … 𝔼[𝒙]", "深度学习，模型（大）：好！", "می\u200cروم", "👩\u200d🔬",
     "a ‘b’ “c” – d—e", "ASCII <b> & $x$"],
)  # fmt: skip
def test_formulas_punctuation_and_other_scripts_are_unchanged(text: str) -> None:
    assert normalize_characters(text) == text


@given(st.text(max_size=100))
def test_a_normal_text_is_unchanged(text: str) -> None:
    normal = normalize_characters(text)
    assert unicodedata.is_normalized("NFC", normal)
    assert normalize_characters(normal) == normal
