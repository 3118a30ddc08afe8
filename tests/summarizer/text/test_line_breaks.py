"""Words that a line break has split."""

import pytest

from summarizer.text.line_breaks import join_broken_words


@pytest.mark.parametrize(
    ("broken", "joined"),
    [
        ("Reasoning helps. We add rea- soning.", "Reasoning helps. We add reasoning."),
        ("A Mixture-of- Experts model.", "A Mixture-of-Experts model."),
        ("We test GPT- 4 and Pub- MedQA.", "We test GPT-4 and Pub-MedQA."),
        ("A tea- pot. The tea-pot is hot.", "A tea-pot. The tea-pot is hot."),
        ("Pre- and post-training, from small- to large-scale.",) * 2,
        ("An unknown brea- king stays.",) * 2,
        ("A dash - as here - stays.",) * 2,
    ],
)
def test_words_are_joined_where_the_text_shows_how(broken: str, joined: str) -> None:
    assert join_broken_words(broken) == joined
