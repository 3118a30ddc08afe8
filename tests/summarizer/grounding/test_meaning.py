"""Sentences that mean something else than the abstract, in words that are all known."""

import pytest

from summarizer import ground

TITLE = "BrewNet: Fast Kettles for Green Tea"
ABSTRACT = (
    "Existing kettles overlook the age of the leaves and struggle with long infusions. "
    "We propose BrewNet, a training-free kettle that adapts its heat to the leaves. "
    "Tasters from Kyoto rated 400 cups. "
    "BrewNet outperforms the baseline PotNet on three teas with a 12.5% reduction in water use. "
    "Filtering improves the taste with minimal noise overhead. "
    "LeafCheck finds stale leaves by their colour, unlike PotNet, which weighs them."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "BrewNet adapts its heat to the leaves without training.",
        "Current kettles have trouble with long infusions.",
        "Water use falls by 12.5% with BrewNet.",
        "BrewNet does better than PotNet on three teas.",
        "Filtering improves taste and adds little noise.",
    ],
)
def test_other_words_for_the_same_are_accepted(sentence: str) -> None:
    assert ground(TITLE, ABSTRACT, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Existing kettles take the age of the leaves into account.",
        "Existing kettles handle long infusions with ease.",
        "BrewNet increases water use by 12.5%.",
        "Filtering has no effect on the taste.",
        "Filtering ruins the taste.",
        "Filtering comes with a heavy noise overhead.",
        "PotNet is better than BrewNet on three teas.",
        "PotNet does better on three teas than BrewNet.",
        "The 400 cups were rated by linguists.",
        "The authors propose a new teapot.",
        "PotNet finds stale leaves by their colour.",
        "BrewNet adapts its heat to the leaves by their colour.",
    ],
)
def test_another_verdict_agent_or_winner_is_rejected(sentence: str) -> None:
    assert not ground(TITLE, ABSTRACT, sentence)


@pytest.mark.parametrize("sentence", ["", ".", "by", "by .", "than", "no", "a by b by c"])
def test_any_string_is_accepted(sentence: str) -> None:
    assert ground(TITLE, ABSTRACT, sentence) == ""
    assert ground("", "", sentence) == ""
