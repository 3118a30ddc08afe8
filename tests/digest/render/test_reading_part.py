"""The hour for a paper on the pages: in full, and brief for mails."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.digest import documents
from tracker.digest.document import Document
from tracker.digest.render.pages import render_pages
from tracker.resources import templates_folder

FORMS = ("html", "txt", "md")


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """The templates, with a weekly page that has only the brief hour."""
    folder = tmp_path / "templates"
    shutil.copytree(templates_folder(), folder)
    for kind in ("email", "issue"):
        (folder / kind / "weekly.jinja").write_text(
            '{% import "shared/parts." ~ form as parts with context %}'
            "{{ parts.reading(brief=true) }}"
        )
    return folder


def text_of(document: Document, form: str, templates: Path) -> str:
    return " ".join(render_pages(document, templates)[form].replace("\\", "").split())


@pytest.mark.parametrize("form", FORMS)
def test_in_brief_the_plan_is_one_line_and_the_practice_its_title(
    form: str, templates: Path
) -> None:
    page = text_of(documents.weekly(), form, templates)
    assert "abstract (6 minutes) · Figure 2 (9 minutes) · “3 Budgets” (12 minutes)" in page
    assert "30 minutes of practice: Compare with and without thinking aloud" in page
    assert "ollama pull" not in page


@pytest.mark.parametrize("form", ["html", "md"])
def test_on_the_page_every_step_is_shown(form: str) -> None:
    page = text_of(documents.weekly(), form, templates_folder())
    for text in (
        "6 minutes: Abstract, then", "Figure 2 (“Accuracy against cost”)", "ollama run tiny",
        "What you should see: Ten answers", "Results show that a budget halves",
        "https://huggingface.co/example/budget",
    ):  # fmt: skip
        assert text in page


@pytest.mark.parametrize("form", FORMS)
def test_absent_parts_are_not_shown(form: str, templates: Path) -> None:
    hour = documents.reading()
    bare = replace(hour, practice=None, links=(), conclusion="", limitations="")
    page = text_of(replace(documents.weekly(), reading=bare), form, templates)
    assert "30 minutes of reading" in page
    for text in ("Conclusion", "Limitations", "practice", "huggingface"):
        assert text not in page
    without = text_of(replace(documents.weekly(), reading=None), form, templates)
    assert without in ("", "<html><head></head><body></body></html>")


@pytest.mark.parametrize("form", FORMS)
def test_limitations_are_shown_once(form: str) -> None:
    """The summary of the paper has a sentence about limitations, so the quoted one is not shown."""
    document = documents.weekly()
    assert document.read_first is not None
    points = tuple(proof for proof in document.read_first.proofs if proof.role != "limits")
    without = replace(document, read_first=replace(document.read_first, proofs=points))
    assert "Only English was tested." not in text_of(document, form, templates_folder())
    assert "Only English was tested." in text_of(without, form, templates_folder())
