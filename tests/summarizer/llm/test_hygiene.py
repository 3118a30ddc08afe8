"""A field is dropped when it adds nothing, however faithful it is."""

import pytest

from summarizer import Sentence, Summary
from summarizer.llm.hygiene import is_clean
from summarizer.llm.prompt import Paper
from summarizer.summary import Role

PAPER = Paper(
    "CupCache: Reusing Tea Leaves Across Pots",
    "However, brewing each pot anew is costly. We propose CupCache, which reuses tea leaves by"
    " cooling them between pots. Experiments show that CupCache saves 41% of the leaves.",
)
LINE = Sentence("tldr", "We propose CupCache, which reuses tea leaves.", "")


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("method", "CupCache cools leaves between pots."),
        ("result", "Experiments show that CupCache saves 41% of the leaves."),
        ("problem", "However, brewing each pot anew is costly."),
        ("result", "vLLM-style caching saves 41% (of the leaves)."),
    ],
)
def test_a_sentence_that_belongs_in_its_field_is_kept(role: Role, sentence: str) -> None:
    assert is_clean(sentence, role, PAPER, [LINE])


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("tldr", "CupCache: Reusing Tea Leaves Across Pots."),
        ("method", "We propose CupCache, which reuses the tea leaves."),
        ("method", "CupCache reuses tea leaves by cooling them between"),
        ("method", "CupCache reuses tea leaves by cooling them between the."),
        ("method", "reuses tea leaves by cooling them between pots."),
        ("method", "CupCache cools leaves (between pots."),
        ("method", "Cools the leaves."),
        ("method", "It cools the leaves and cools the leaves and cools the leaves again."),
        ("limits", "A field is null when no sentence of the paper says it."),
        ("why_it_matters", "Leaves are saved, and each field rests on one to three sentences."),
        ("limits", "Experiments show that CupCache saves 41% of the leaves."),
        ("problem", "Experiments show that CupCache saves 41% of the leaves."),
        ("result", "However, brewing each pot anew is costly."),
        ("tldr", "However, existing kettles still suffer from costly brewing."),
    ],
    ids=[
        "title", "repeat", "cut", "cut and closed", "no beginning", "bracket", "too short", "loop",
        "gloss", "gloss in a sentence", "result as limits", "result as problem",
        "problem as result", "problem as line",
    ],
)  # fmt: skip
def test_a_field_filled_for_its_own_sake_is_dropped(role: Role, sentence: str) -> None:
    assert not is_clean(sentence, role, PAPER, [LINE])


def test_two_fields_may_not_rest_on_the_same_sentence() -> None:
    from tests.summarizer.llm.test_generate import summarize_as

    made: Summary = summarize_as(
        tldr="QuickPot is a kettle that boils 3 cups in 40 s.",
        method="We propose QuickPot, a kettle which boils cups.",
    )
    assert [s.role for s in made.sentences] == ["tldr"]
    assert made.dropped == 1
