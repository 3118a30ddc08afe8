"""The paragraphs of a monthly report claim growth only where the test finds it."""

from dataclasses import replace

import pytest

from tests.digest import documents
from tracker.digest.document import (
    DirectionFacts,
    DirectionPaper,
    MonthFacts,
    MonthShare,
    as_json,
    from_json,
)
from tracker.digest.render.pages import render_pages
from tracker.digest.writing.brief import BriefFacts, compose_brief
from tracker.digest.writing.direction_paragraphs import add_paragraphs
from tracker.language import LANGUAGES, get_language
from tracker.resources import templates_folder
from tracker.topics.statistics import smallest_detectable

EN = get_language("en")
MONTHS = ("2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02")


def facts(**changes: object) -> DirectionFacts:
    found = DirectionFacts(
        key="moe", name="Mixture of Experts", papers=63, share=0.0103, share_before=0.0111,
        change=-0.0004, low=-0.003, high=0.004, q=0.92, trend="steady",
        series=tuple(MonthShare(month, 60 + n, 0.01 + n / 1000) for n, month in enumerate(MONTHS)),
        themes=(("Routing of tokens", 29), ("Expert pruning", 11)),
        best=(DirectionPaper("2602.00001", "https://arxiv.org/abs/2602.00001", "LeafBench",
                             "it solves 70.8% of the tasks"),),
        resources=("LeafBench", "BarkBench"),
    )  # fmt: skip
    return replace(found, **changes)


def paragraph(found: DirectionFacts) -> str:
    month = add_paragraphs(MonthFacts((found,), 20, 0.01), EN)
    return " ".join(sentence.text for sentence in month.directions[0].text)


def test_a_paragraph_states_size_themes_change_history_and_resources() -> None:
    text = paragraph(facts())
    for part in ("63 papers", "1.0%", "“Routing of tokens” (29) and “Expert pruning” (11)",
                 "chance", "the highest share in 6 months",
                 "LeafBench and BarkBench"):  # fmt: skip
        assert part in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"trend": "growing", "low": 0.001}, "grew"),
        ({"trend": "shrinking", "high": -0.001}, "fell"),
        ({"trend": "steady", "high": -0.001}, "among so many directions"),
        ({"trend": "steady", "share_before": 0.0103}, "the same"),
    ],
)
def test_a_change_is_called_what_the_test_found(changes: dict[str, object], words: str) -> None:
    text = paragraph(facts(**changes))
    assert words in text
    assert not {"grew", "fell"} - {words} & set(text.replace(",", "").split()) - {words}


def test_a_direction_without_history_says_only_how_large_it_is() -> None:
    text = paragraph(facts(share_before=None, change=None, low=None, high=None, q=None, trend="",
                           series=(), themes=(), resources=()))  # fmt: skip
    assert text == "The month brought 63 papers, 1.0% of all."


def test_a_month_without_growth_says_which_change_would_have_been_detected() -> None:
    document = documents.monthly()
    given = BriefFacts(
        document.period, document.counts, document.read_first, document.top, document.themes,
        month=MonthFacts((facts(),), 20, 0.0138),
    )  # fmt: skip
    sentences = compose_brief(given, EN)
    assert len(sentences) <= 5
    assert "1.4 percentage points" in next(s.text for s in sentences if s.kind == "trend")


def test_more_tests_or_wider_intervals_need_a_larger_change() -> None:
    assert smallest_detectable(0.0196, 1) == pytest.approx(0.028, abs=1e-4)
    assert smallest_detectable(0.0196, 30) > smallest_detectable(0.0196, 1)
    assert smallest_detectable(0.04, 30) > smallest_detectable(0.0196, 30)


@pytest.mark.parametrize("code", LANGUAGES)
def test_pages_show_every_direction_with_its_sparkline_and_papers(code: str) -> None:
    other = facts(key="rag", name="Retrieval <b>", series=(MonthShare("2026-02", 9, None),))
    month = add_paragraphs(MonthFacts((facts(), other), 20, 0.01), get_language(code))
    document = replace(documents.monthly(), language=code, month=month)
    pages = render_pages(from_json(as_json(document)), templates_folder())
    assert "Mixture of Experts ▆" in pages["md"] or "Mixture of Experts ▅" in pages["md"]
    assert pages["html"].count("<svg") == 1
    assert "2025-09: 1.0%" in pages["html"]
    for page in (pages["md"], pages["html"]):
        assert "it solves 70.8% of the tasks." in page
        assert "<b>" not in page


def test_a_judged_paper_leaves_its_paragraph() -> None:
    document = replace(documents.monthly(), month=MonthFacts((facts(),), 20, 0.01))
    left = document.without_judged(frozenset(), frozenset({"2602.00001"})).month
    assert left is not None
    assert not left.directions[0].best
