"""A headline is a grammatical clause of the paper's own words, or its title."""

from dataclasses import replace

import pytest

from tests.digest import documents
from tracker.digest.document import Entry
from tracker.digest.writing.headline import LIMIT, finding_clause, headline, shorten_title


def paper(title: str, result: str = "", tldr: str = "") -> Entry:
    return replace(documents.entry(1, title, tldr), result=result, tldr=tldr, proofs=())


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("We show that sparse roots hold wet slopes together.",
         "Sparse roots hold wet slopes together"),
        ("Extensive experiments on slopes demonstrate that sparse roots reduce erosion by 31%.",
         "Sparse roots reduce erosion by 31%"),
        ("Furthermore, on six rainy slopes, sparse roots reduce erosion by 31%.",
         "Sparse roots reduce erosion by 31%"),
        ("We find that young trees make steady progress but generally lag behind old trees from"
         " native forests: 23% for the best young tree vs. 51% for the old trees of the forest.",
         "Young trees lag behind old trees from native forests: 23% vs. 51%"),
        ("Our evaluation reveals a clear gap: even old trees plateau below 45% growth, and no"
         " single tree performs consistently across all of the slopes that were tested here.",
         "Even old trees plateau below 45% growth"),
    ],
)  # fmt: skip
def test_a_headline_is_the_clause_without_its_frame(result: str, expected: str) -> None:
    assert headline(paper("On Roots and the Slopes of Several Rainy Hills", result)) == expected


def test_a_result_that_is_the_title_again_is_no_finding() -> None:
    result = "Our results show that old trees can learn to swim, marking a key step toward islands."
    tldr = "We teach old trees to swim in salt water."
    found = finding_clause(paper("Old Trees Can Learn to Swim", result, tldr))
    assert found == "its authors teach old trees to swim in salt water"


def test_the_name_of_the_work_replaces_its_own_subject() -> None:
    result = "Across five hills, our method reduces erosion by 12%."
    assert headline(paper("RootNet: Holding Hills", result)) == "RootNet reduces erosion by 12%"


def test_a_gain_without_a_subject_is_given_to_the_work() -> None:
    result = (
        "Trials on hills show steady progress, achieving a 12.5% relative improvement in growth."
    )
    assert headline(paper("RootNet: Holding Hills", result)) == (
        "RootNet: a 12.5% relative improvement in growth"
    )


@pytest.mark.parametrize(
    "result",
    [
        "These trees outperform the others by 17%.",
        "They grow by 17% in wet years.",
        "The gains transfer to other hills.",
        "While young trees grow quickly, they fall over.",
    ],
)
def test_a_sentence_that_points_back_is_not_a_headline(result: str) -> None:
    assert headline(paper("Trees are Good at Holding Hills", result)) == (
        "Trees are Good at Holding Hills"
    )


def test_a_claim_without_content_gives_way_to_the_title() -> None:
    result = "RootNet achieves state-of-the-art performance on major benchmarks."
    assert headline(paper("RootNet: Holding Hills in the Rain", result)) == (
        "RootNet: Holding Hills in the Rain"
    )


def test_a_report_is_called_what_it_introduces() -> None:
    tldr = "We present Rooty-7B, an open model for slopes that was trained on hills."
    assert headline(paper("Rooty-7B Technical Report", tldr=tldr)) == (
        "Rooty-7B: an open model for slopes"
    )


def test_long_titles_end_between_constituents() -> None:
    title = "Hold On, Let Go: Rethinking the Roots of Very Old Trees for Growth and Generalization"
    assert shorten_title(title) == "Hold On, Let Go: Rethinking the Roots of Very Old Trees"
    assert len(shorten_title("word " * 40)) <= LIMIT


def test_a_chinese_sentence_is_a_headline_if_it_is_short() -> None:
    assert headline(paper("Roots", "树根使坡地稳定。")) == "树根使坡地稳定"
    assert headline(paper("Roots", "树根使坡地稳定，" * 9)) == "Roots"


def test_a_finding_is_in_the_third_person() -> None:
    entry = paper("Roots", tldr="We measure our trees and what they hold for us.")
    assert finding_clause(entry) == "its authors measure their trees and what they hold for them"
    assert finding_clause(paper("Roots", "We show that roots hold slopes together.")) == (
        "roots hold slopes together"
    )
    assert finding_clause(paper("Roots", "These roots hold.")) == ""
