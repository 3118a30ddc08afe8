"""The outline of a paper: headings, captions, conclusion and releases, from HTML and LaTeX."""

import pytest

from tests.papers_in_full import HTML, LATEX
from tracker.paper.paper_outline import (
    OutlineCaption,
    PaperOutline,
    outline_as_dict,
    outline_from_dict,
)
from tracker.sources.formats.arxiv.paper_html import outline_from_html
from tracker.sources.formats.arxiv.paper_latex import outline_from_latex
from tracker.sources.formats.arxiv.paper_text import find_releases, split_caption, split_heading

OUTLINES = [outline_from_html(HTML.encode()), outline_from_latex(LATEX.encode())]
OF_HTML, OF_LATEX = OUTLINES


def test_html_headings_have_their_numbers_levels_and_formulas() -> None:
    assert [section.label for section in OF_HTML.sections] == [
        "1 Introduction", "2 Related Work", "3 The Listening Lid", "3.1 Whistles as Tokens",
        "4 Experiments", "5 Conclusion", "Limitations", "A Proofs",
    ]  # fmt: skip
    by_title = {section.title: section for section in OF_HTML.sections}
    assert by_title["The Listening Lid"].formulas == 2
    assert by_title["Whistles as Tokens"].level == 2
    assert [s.title for s in OF_HTML.sections if s.appendix] == ["Proofs"]


def test_html_captions_have_their_numbers_without_the_panels() -> None:
    assert [(c.kind, c.number, c.appendix) for c in OF_HTML.captions] == [
        ("figure", "1", False), ("figure", "2", False), ("table", "1", False),
        ("table", "2", False), ("table", "3", True),
    ]  # fmt: skip
    assert OF_HTML.captions[1].text.startswith("Accuracy against energy: the lid saves 42%")


def test_latex_headings_and_captions() -> None:
    assert [section.title for section in OF_LATEX.sections] == [
        "Introduction", "The Listening Lid", "Whistles as Tokens", "Experiments", "Conclusion",
        "Limitations", "Proofs",
    ]  # fmt: skip
    assert [(s.title, s.formulas) for s in OF_LATEX.sections if s.formulas] == [
        ("The Listening Lid", 1), ("Whistles as Tokens", 1)
    ]  # fmt: skip
    assert [s.title for s in OF_LATEX.sections if s.appendix] == ["Proofs"]
    assert OF_LATEX.captions == (
        OutlineCaption("figure", "1", "Overview of the architecture."),
        OutlineCaption("table", "1", "Main results on three kettles."),
        OutlineCaption("figure", "2", "Accuracy against energy."),
    )


@pytest.mark.parametrize("outline", OUTLINES, ids=["html", "latex"])
def test_the_conclusion_has_no_citations_and_includes_the_limitations(
    outline: PaperOutline,
) -> None:
    assert outline.conclusion == (
        "Results show that the lid saves 42% of the energy. Coffee was not tried."
    )
    assert outline.limitations == "Coffee was not tried."


def test_releases_are_those_of_the_authors() -> None:
    found = " ".join(OF_HTML.releases)
    for address in (
        "https://github.com/kettles/stop", "https://huggingface.co/kettles/stop-1b",
        "https://kettles.github.io/stop",
    ):  # fmt: skip
        assert address in found
    assert "wrong" not in found
    assert "others" not in found
    assert "https://github.com/kettles/stop" in " ".join(OF_LATEX.releases)


@pytest.mark.parametrize(
    ("sentence", "counts"),
    [
        ("Our code is available at https://github.com/a/b.", True),
        ("We open-source all models at https://huggingface.co/a/b.", True),
        ("Project page: https://a.github.io/b.", True),
        ("Data and code can be found at https://github.com/a/b.", True),
        ("The code and data can be found at https://github.com/a/b.", True),
        ("Training uses Megatron (https://github.com/NVIDIA/Megatron-LM).", False),
        ("See https://example.org for a history of tea.", False),
        ("Our code is available on request.", False),
    ],
)
def test_a_release_needs_an_address_and_its_authors(sentence: str, counts: bool) -> None:
    assert bool(find_releases([sentence])) is counts


@pytest.mark.parametrize(
    ("text", "tag", "parts"),
    [
        ("1 Introduction", "1 ", ("1", "Introduction")),
        ("5.1 Limits", "", ("5.1", "Limits")),
        ("Appendix A Proofs", "Appendix A ", ("A", "Proofs")),
        ("IV. Results", "", ("IV", "Results")),
        ("A Survey of Tea", "", ("", "A Survey of Tea")),
        ("2024 in Review", "", ("", "2024 in Review")),
        ("Limitations", "", ("", "Limitations")),
    ],
)
def test_a_heading_is_split_into_number_and_title(
    text: str, tag: str, parts: tuple[str, str]
) -> None:
    assert split_heading(text, tag) == parts


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ("Figure 3: Cost.", OutlineCaption("figure", "3", "Cost.")),
        ("Fig. 3. Cost.", OutlineCaption("figure", "3", "Cost.")),
        ("TABLE A.2 Cost.", OutlineCaption("table", "A.2", "Cost.")),
        ("(a) Cost.", None), ("Algorithm 1: Boil.", None), ("", None),
    ],
)  # fmt: skip
def test_a_caption_starts_with_its_kind_and_number(
    text: str, caption: OutlineCaption | None
) -> None:
    assert split_caption(text) == caption


@pytest.mark.parametrize("outline", [*OUTLINES, PaperOutline()])
def test_an_outline_is_stored_and_read_unchanged(outline: PaperOutline) -> None:
    assert outline_from_dict(outline_as_dict(outline)) == outline


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff\xfe", b"<section><h2></h2></section>", b"<figcaption>"]
)
def test_a_page_without_sections_has_no_outline(body: bytes) -> None:
    assert not outline_from_html(body)
