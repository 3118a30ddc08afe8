"""Titles and names fold to the same words in any spelling."""

import pytest

from summarizer.text.folding import fold_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MULLER"),
        ("Étude", "E\u0301tude"),
        ("Straße", "STRASSE"),
        ("State-of-the-Art: Tea", "state of the art tea"),
        ("\ufb01ne tuning", "fine tuning"),
    ],
)
def test_spellings_of_one_text_have_the_same_words(one: str, other: str) -> None:
    assert fold_words(one) == fold_words(other)


def test_text_without_words_has_none() -> None:
    assert fold_words("— …!") == []
