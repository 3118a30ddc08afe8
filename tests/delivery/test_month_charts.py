"""The charts of a report: the same bytes each time, legible, with text alternatives."""

import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.digest import documents
from tracker.delivery import charts
from tracker.delivery.month_charts import list_drawings
from tracker.delivery.pdf import write_pdf
from tracker.digest.document import PersonalContent
from tracker.digest.monthly.month_parts import (
    BoardLines,
    HeatMap,
    MonthFacts,
    MonthVolume,
    RankLine,
    ShareChange,
    VolumeChange,
    VolumeDay,
)
from tracker.digest.render.pages import MailRenderer
from tracker.language import get_language
from tracker.pipeline.issue.report.chart_files import mail_charts, mail_images, page_charts
from tracker.resources import templates_folder

FIRST = date(2026, 3, 2)
NAMES = ("Agents, tool use and <function> calling", "Mixture of Experts")


def facts() -> MonthFacts:
    days = tuple(VolumeDay(FIRST + timedelta(days=n), 200 + 9 * n, 230.5) for n in range(22))
    return MonthFacts(
        (), 22, 0.01,
        volume=MonthVolume(FIRST, days, (VolumeChange("", 6000, 5500.0, 0.1, -0.1, 0.3, 0.4,
                                                       holds=False, detectable=0.2),)),
        changes=tuple(
            ShareChange(name, "direction", name, 50, 0.02, 0.03, change, change - 0.01,
                        change + 0.01, 0.01, holds=abs(change) > 0.01, detectable=0.01)
            for name, change in zip(NAMES, (0.02, -0.005), strict=True)
        ),
        heat_map=HeatMap((("training", "Training"), ("safety", "Safety")),
                         tuple((name, name) for name in NAMES), ((20, 3), (40, 0)), (50, 41)),
        boards=(BoardLines("arena", (date(2026, 2, 1), FIRST),
                           (RankLine("model_a $x$", (2, 1), 1, 2),
                            RankLine("b", (None, 2), 2, 3))),),
    )  # fmt: skip


DRAWINGS = {drawing.name: drawing for drawing in list_drawings(facts(), get_language("en"))}


def test_a_month_has_a_chart_of_each_kind() -> None:
    assert list(DRAWINGS) == ["volume", "categories", "directions", "heat-map", "ranks-1"]


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_chart_is_an_svg_with_a_text_alternative_and_the_colour_of_the_page(name: str) -> None:
    made = charts.as_svg(DRAWINGS[name])
    assert made == charts.as_svg(DRAWINGS[name])
    assert made.startswith("<svg ")
    assert 'role="img" aria-label="' in made
    assert "currentColor" in made
    assert "#000000" not in made
    assert re.search(r"<text[^>]*>[^<]*\w", made), "text stays text"
    assert not re.search(r"\d{4}-\d\d-\d\dT", made), "no time"
    defined = re.findall(r'\bid="([^"]+)"', made)
    assert len(defined) == len(set(defined))
    assert all(one.startswith(f"{name}-") for one in defined)
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', made)) <= {
        pair for one in defined for pair in ((one, ""), ("", one))
    }


def test_names_cannot_end_the_markup() -> None:
    assert "<function>" not in charts.as_svg(DRAWINGS["directions"])
    assert "$x$" in charts.as_svg(DRAWINGS["ranks-1"])


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_chart_for_mails_is_a_small_image(name: str) -> None:
    content = charts.as_png(DRAWINGS[name])
    assert len(content) <= 25_000
    with Image.open(BytesIO(content)) as image:
        assert image.format == "PNG"
        assert image.width > 600


def test_a_file_is_legible_on_dark_backgrounds() -> None:
    made = charts.as_svg_file(charts.as_svg(DRAWINGS["volume"]))
    assert made.startswith("<?xml")
    assert "prefers-color-scheme: dark" in made


@pytest.mark.parametrize("code", ["zh-CN", "zh-TW"])
def test_charts_are_drawn_in_chinese(code: str) -> None:
    drawing = list_drawings(facts(), get_language(code))[1]
    assert "论文" in charts.as_svg(drawing) or "論文" in charts.as_svg(drawing)


def test_the_colours_of_the_style_are_visible_on_light_and_dark_pages() -> None:
    for colour in charts.colours():
        assert min(_contrast(colour, "#fefdfb"), _contrast(colour, "#1c1f25")) > 3


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_page_becomes_a_pdf_without_any_request(tmp_path: Path) -> None:
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))
    chart = charts.as_svg(DRAWINGS["volume"])
    page = f'<h1>Report</h1><img src="http://127.0.0.1:9/x.png" alt="">{chart}'
    first = write_pdf(page, tmp_path / "a.pdf").read_bytes()
    assert first.startswith(b"%PDF")
    assert first == write_pdf(page, tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize(
    ("code", "names"),
    [("en", {"volume", "directions", "ranks-1"}), ("zh-CN", {"volume", "ranks-1"})],
)
def test_an_email_attaches_the_images_that_it_shows(code: str, names: set[str]) -> None:
    document = replace(documents.monthly(), language=code, month=facts())
    shown = mail_charts(document)
    assert set(shown) == names
    assert set(mail_images(document)) == {f"chart-{name}" for name in names}
    mail = MailRenderer(document, templates_folder(), 80_000, charts=shown)
    page = mail.render_for_reader(PersonalContent(), "https://example.org/u")["html"]
    assert {f"chart-{name}" for name in names} == set(re.findall(r'src="cid:([\w-]+)"', page))
    assert "<svg" not in page


def test_a_weekly_issue_has_no_charts() -> None:
    assert not page_charts(documents.weekly())
    assert not mail_images(documents.weekly())
