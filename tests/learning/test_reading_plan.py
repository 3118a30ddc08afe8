"""The reading plan names the paper's parts, and its minutes are always thirty."""

import itertools
import random

import pytest

from tests.papers_in_full import HTML
from tracker.language import LANGUAGES, get_language
from tracker.learning.reading import LEVELS
from tracker.learning.reading_plan import main_table, names_parts, plan_reading
from tracker.paper.paper_outline import OutlineCaption, OutlineSection, PaperOutline
from tracker.sources.formats.arxiv.paper_html import outline_from_html

ENGLISH = get_language("en")
OUTLINE = outline_from_html(HTML.encode())


def test_the_plan_goes_from_the_claim_to_the_formulas() -> None:
    plan = plan_reading(OUTLINE, "engineer", ENGLISH)
    assert [(step.kind, step.minutes, step.part) for step in plan] == [
        ("claim", 5, "abstract + “5 Conclusion”"), ("figure", 5, "Figure 2"),
        ("table", 6, "Table 2"), ("method", 8, "“3 The Listening Lid”"),
        ("limits", 3, "“Limitations”"), ("formulas", 3, "formulas"),
    ]  # fmt: skip
    texts = [step.text for step in plan]
    assert texts[0].startswith("Abstract, then “5 Conclusion”")
    assert texts[1].startswith("Figure 2 (“Accuracy against energy”)")
    assert texts[2].startswith("Table 2 (“Main results on three kettles”)")
    assert texts[-1].startswith("Last, the formulas of “3 The Listening Lid”")


def test_a_beginner_reads_the_introduction_and_no_formulas() -> None:
    kinds = [step.kind for step in plan_reading(OUTLINE, "beginner", ENGLISH)]
    assert "opening" in kinds
    assert "formulas" not in kinds


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("outline", [PaperOutline(), PaperOutline(conclusion="We boiled.")])
def test_without_full_text_the_plan_has_three_lines(outline: PaperOutline, level: str) -> None:
    plan = plan_reading(outline, level, ENGLISH)
    assert len(plan) == 3
    assert sum(step.minutes for step in plan) == 30
    assert not names_parts(outline)


@pytest.mark.parametrize(("level", "code"), list(itertools.product(LEVELS, LANGUAGES)))
def test_the_minutes_of_any_paper_are_thirty(level: str, code: str) -> None:
    chance = random.Random(f"{level}-{code}")
    for _ in range(200):
        sections = [s for s in OUTLINE.sections if chance.random() < 0.5]
        captions = [c for c in OUTLINE.captions if chance.random() < 0.5]
        outline = PaperOutline(tuple(sections), tuple(captions))
        plan = plan_reading(outline, level, get_language(code))
        assert sum(step.minutes for step in plan) == 30
        assert all(step.minutes > 0 and step.text for step in plan)


def test_without_named_method_the_section_with_most_formulas_is_it() -> None:
    sections = tuple(
        OutlineSection(str(number), title, formulas=formulas)
        for number, (title, formulas) in enumerate(
            [("Introduction", 0), ("Background", 9), ("Tea", 1), ("Pots", 4), ("Results", 2)], 1
        )
    )
    plan = plan_reading(PaperOutline(sections), "engineer", ENGLISH)
    assert next(step.part for step in plan if step.kind == "method") == "“4 Pots”"


@pytest.mark.parametrize(
    ("captions", "best"),
    [
        (["Dataset statistics.", "Performance of all models.", "Ablation of the results."], "2"),
        (["Hyperparameters.", "Notation."], "1"),
        (["Comparison with baselines.", "Main results on five benchmarks."], "2"),
    ],
)
def test_the_table_with_the_main_result_is_chosen(captions: list[str], best: str) -> None:
    tables = tuple(OutlineCaption("table", str(n), text) for n, text in enumerate(captions, 1))
    assert main_table(PaperOutline(captions=tables)) == f"Table {best}"


def test_long_titles_and_captions_are_cut_at_words() -> None:
    long = "boiling " * 60
    outline = PaperOutline(
        (OutlineSection("1", f"Method {long}".strip()),), (OutlineCaption("figure", "1", long),)
    )
    for step in plan_reading(outline, "engineer", ENGLISH):
        assert len(step.text) < 250
        assert "boilin…" not in step.text


def test_braces_in_a_title_are_text() -> None:
    outline = PaperOutline((OutlineSection("1", "Method {part} {0} %s"),))
    texts = [step.text for step in plan_reading(outline, "engineer", ENGLISH)]
    assert any("Method {part} {0} %s" in text for text in texts)
