"""The charts of a report: inside its web page, beside its Markdown, and attached to its email.

Public: `page_charts`, `chart_files`, `mail_charts`, `mail_images`.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from tracker.delivery import charts
from tracker.delivery.month_charts import list_drawings
from tracker.digest.document import Document
from tracker.digest.monthly.month_parts import MonthFacts
from tracker.digest.render.pages import PageChart
from tracker.language import get_language

# The other charts are on the page. Images use a font without Chinese characters, so that those with
# names of directions are attached to English emails only.
_MAIL_CHARTS = ("volume", "directions", "ranks-1")
_WITHOUT_NAMES = ("volume", "ranks-1")


def page_charts(document: Document) -> Mapping[str, PageChart]:
    """Return the charts of a document by name; a weekly one has none."""
    return dict(_draw_charts(*_drawn_facts(document)))


def chart_files(document: Document) -> dict[str, bytes]:
    """Return the charts as files for its Markdown, by the end of their name: `volume.svg`."""
    return {
        f"{name}.svg": charts.as_svg_file(chart.svg).encode()
        for name, chart in page_charts(document).items()
    }


def mail_charts(document: Document) -> dict[str, PageChart]:
    """Return the charts that an email attaches, without their images."""
    return {d.name: PageChart(d.text) for d in _mail_drawings(*_drawn_facts(document))}


def mail_images(document: Document) -> dict[str, bytes]:
    """Return the images of `mail_charts` as PNG, by the id that an email refers to."""
    return dict(_draw_images(*_drawn_facts(document)))


def _mail_drawings(month: MonthFacts | None, code: str) -> list[charts.Drawing]:
    names = _MAIL_CHARTS if code == "en" else _WITHOUT_NAMES
    drawings = list_drawings(month, get_language(code)) if month else []
    return [drawing for drawing in drawings if drawing.name in names]


def _drawn_facts(document: Document) -> tuple[MonthFacts | None, str]:
    """Return what the charts are drawn from: equal for two documents with the same charts."""
    month = document.month and replace(
        document.month, directions=(), models=(), accepted=(), last_month=None, next_month=None,
        first=None, changed=(), recipes=(),
    )  # fmt: skip
    return month, document.language


@lru_cache(maxsize=4)
def _draw_charts(month: MonthFacts | None, code: str) -> tuple[tuple[str, PageChart], ...]:
    drawings = list_drawings(month, get_language(code)) if month else []
    return tuple((d.name, PageChart(d.text, charts.as_svg(d))) for d in drawings)


@lru_cache(maxsize=4)
def _draw_images(month: MonthFacts | None, code: str) -> tuple[tuple[str, bytes], ...]:
    return tuple((f"chart-{d.name}", charts.as_png(d)) for d in _mail_drawings(month, code))
