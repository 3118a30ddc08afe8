"""Content words: question phrases and stop words are left out if other words remain."""

import pytest

from tracker.search.query.stopwords import content_word_pairs, content_words, strip_question_words


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("Which papers study the routing of tokens?", "routing of tokens", "routing tokens"),
        ("Could you list some work on MoE routing?", "MoE routing", "MoE routing"),
        ("papers about scaling laws", "scaling laws", "scaling laws"),
        ("The law of scaling", "The law of scaling", "law scaling"),
        ("related work generation", "related work generation", "related work generation"),
        ("works of art", "works of art", "works art"),
        ("MoE", "MoE", "MoE"),
        ("of the", "of the", "of the"),
        ("Which papers?", "Which papers?", "papers"),
        ("", "", ""),
    ],
)
def test_question_words_are_left_out(query: str, text: str, words: str) -> None:
    assert strip_question_words(query) == text
    assert content_words(query.rstrip("?").split()) == tuple(words.split())


def test_adjacent_words_are_pairs_but_not_across_a_stop_word() -> None:
    assert content_word_pairs("papers on sparse mixture of experts routing".split()) == (
        "sparse mixture", "experts routing",
    )  # fmt: skip
    assert content_word_pairs(["MoE"]) == ()
