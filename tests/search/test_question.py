"""What a query is about: words that ask or stand everywhere are left out if others remain."""

import pytest

from tracker.search.question import pairs, telling, topic


@pytest.mark.parametrize(
    ("asked", "about", "words"),
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
def test_words_of_asking_are_left_out(asked: str, about: str, words: str) -> None:
    assert topic(asked) == about
    assert telling(asked.rstrip("?").split()) == tuple(words.split())


def test_words_side_by_side_are_pairs_across_no_stop_word() -> None:
    assert pairs("papers on sparse mixture of experts routing".split()) == (
        "sparse mixture", "experts routing",
    )  # fmt: skip
    assert pairs(["MoE"]) == ()
