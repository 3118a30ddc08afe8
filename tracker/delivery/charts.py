"""Draw charts with matplotlib, in one style: `charts.mplstyle`, beside this module.

matplotlib is imported when the first chart is drawn. The same data gives the same bytes.

Public: `Drawing`, `as_svg`, `as_svg_file`, `as_png`, `colours`, `tint_map`, `Interval`,
`draw_intervals`, `draw_rank_lines`, `label_rows`, `plot_ranks`, `plot_trends`, `check_chart_path`.
"""

import atexit
import html
import os
import re
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from tracker.errors import TrackerError, UsageError
from tracker.topics.trends import Trend

_STYLE = Path(__file__).with_name("charts.mplstyle")
_MAX_TRENDS = 25
# A chart is as wide as a narrow column, so that its text is legible on a telephone. In inches.
WIDTH = 4.7
_INK = "#23272e"
# Fewer colours are tried until a PNG has at most so many bytes.
_PNG_DPI, _PNG_COLOURS, _PNG_BYTES = 144, (48, 24, 12, 6), 25_000
_PAPER = "#fefdfb"
_NAME_COLUMNS = 31


_REFERENCE = re.compile(r'(href="#|url\(#)([\w-]+)')


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart that can be drawn: its name, text alternative and height in inches.

    `draw` receives the axes.
    """

    name: str
    text: str
    height: float
    draw: Callable[[Any], None]


def as_svg(drawing: Drawing) -> str:
    """Return a chart as an SVG element for a page; its text has the colour of the page's text."""
    with _figure(drawing) as figure:
        buffer = BytesIO()
        # None omits the entry.
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(buffer, format="svg", metadata=metadata)
    return _tidy_svg(buffer.getvalue().decode(), drawing)


def as_png(drawing: Drawing) -> bytes:
    """Return a chart as a PNG with few colours, for mail clients; it has a light background."""
    from PIL import Image

    with _figure(drawing) as figure:
        buffer = BytesIO()
        figure.savefig(buffer, format="png", dpi=_PNG_DPI, facecolor=_PAPER)
    buffer.seek(0)
    image = Image.open(buffer).convert("RGB")
    content = b""
    for number in _PNG_COLOURS:
        written = BytesIO()
        image.quantize(number, dither=Image.Dither.NONE).save(written, format="png", optimize=True)
        content = written.getvalue()
        if len(content) <= _PNG_BYTES:
            break
    return content


@cache
def _use_private_cache() -> None:
    """Keep matplotlib from writing its settings and font list into the user's home folder."""
    if "MPLCONFIGDIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="tracker-charts-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["MPLCONFIGDIR"] = folder


@cache
def colours() -> tuple[str, ...]:
    """Return the colours of the style, for lines and marks."""
    _use_private_cache()
    import matplotlib as mpl

    cycle = mpl.rc_params_from_file(_STYLE, use_default_template=False)["axes.prop_cycle"]
    return tuple(cycle.by_key()["color"])


def tint_map() -> Any:
    """Return a colour map from transparent to the first colour, on which text stays legible."""
    _use_private_cache()
    from matplotlib.colors import LinearSegmentedColormap, to_rgb

    colour = to_rgb(colours()[0])
    return LinearSegmentedColormap.from_list("tint", [(*colour, 0.0), (*colour, 0.6)], 25)


@contextmanager
def _figure(drawing: Drawing) -> Iterator[Any]:
    """Yield the finished figure of a drawing, in the style."""
    import warnings

    _use_private_cache()
    from matplotlib import style
    from matplotlib.figure import Figure

    with style.context(_STYLE, after_reset=True), warnings.catch_warnings():
        # The page's fonts have the Chinese characters that the measuring font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = Figure(figsize=(WIDTH, drawing.height), layout="constrained")
        drawing.draw(figure.subplots())
        yield figure


def _tidy_svg(text: str, drawing: Drawing) -> str:
    """Return the SVG element alone, scalable, with a text alternative and unique ids."""
    element = text[text.index("<svg") :].strip()
    element = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", element, flags=re.DOTALL)
    element = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", element, flags=re.DOTALL)
    box = re.search(r'viewBox="[^"]+"', element)
    assert box is not None
    label = html.escape(drawing.text, quote=True)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="100%" {box[0]} role="img" aria-label="{label}">'
    )
    body = element[element.index(">") + 1 :]
    body = _rename_ids(body, drawing.name)
    body = re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", body)
    body = body.replace(_INK, "currentColor").replace("'DejaVu Sans', ", "")
    return opening + re.sub(r"\n\s*", "\n", body)


def _rename_ids(body: str, prefix: str) -> str:
    """Return the elements with ids only where they are referred to, unique on a page."""
    used = set(_REFERENCE.findall(body))
    numbers = {name: f"{prefix}-{number}" for number, (_, name) in enumerate(sorted(used))}

    def new_id(found: re.Match[str]) -> str:
        return f' id="{numbers[found[1]]}"' if found[1] in numbers else ""

    body = re.sub(r' id="([^"]*)"', new_id, body)
    return _REFERENCE.sub(lambda found: f"{found[1]}{numbers[found[2]]}", body)


def check_chart_path(path: Path) -> None:
    """Raise UsageError for a kind of file that charts are not drawn in."""
    if path.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"--plot takes a file that ends in .png or .svg, not {path.name}.")


def plot_ranks(
    days: Sequence[date], ranks: Mapping[str, Sequence[int | None]], title: str, path: Path
) -> None:
    """Write a bump chart: the rank of each model on each day, first rank at the top."""

    def draw(axes: Any) -> None:
        draw_rank_lines(axes, days, ranks)
        axes.set_title(title)

    _write_chart(Drawing("ranks", title, 1.5 + 0.4 * len(ranks), draw), path)


def draw_rank_lines(
    axes: Any, days: Sequence[date], ranks: Mapping[str, Sequence[int | None]]
) -> None:
    """Draw the rank of each model on each day, with its name at the end of its line."""
    last = len(days) - 1
    for number, (model, places) in enumerate(ranks.items()):
        colour = colours()[number % len(colours())]
        heights = [float("nan") if place is None else place for place in places]
        axes.plot(range(len(days)), heights, "o-", color=colour, clip_on=False)
        axes.annotate(
            f"{heights[-1]:.0f}  {model}", (last, heights[-1]), xytext=(8, 0),
            textcoords="offset points", va="center", fontsize=9, annotation_clip=False,
        )  # fmt: skip
    axes.invert_yaxis()
    # The names need about as much room as the lines.
    axes.set_xlim(-0.15 * max(1, last), 2.1 * max(1, last))
    axes.set_xticks(range(len(days)), [f"{day:%-d %b %y}" for day in days], rotation=60, ha="right")
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)


def plot_trends(trends: Sequence[Trend], title: str, path: Path) -> None:
    """Write a chart of share changes in percentage points, with 95 % intervals, to `path`."""
    shown = sorted(
        (trend for trend in trends if trend.change is not None),
        key=lambda trend: (-abs(trend.change or 0.0), trend.name),
    )[:_MAX_TRENDS]
    rows = sorted(shown, key=lambda trend: (trend.change or 0.0, trend.name))

    def draw(axes: Any) -> None:
        draw_intervals(
            axes,
            [
                Interval(t.name, 100 * (t.change or 0.0), 100 * (t.low or 0.0),
                         100 * (t.high or 0.0), t.kind in ("growing", "shrinking"))
                for t in rows
            ],
        )  # fmt: skip
        axes.set_xlabel("change in the share of all papers, percentage points")
        axes.set_title(title)

    _write_chart(Drawing("trends", title, 1.2 + 0.34 * len(rows), draw), path)


@dataclass(frozen=True, slots=True)
class Interval:
    """A row of a chart of intervals; a value that `holds` is a filled mark, another an open one."""

    name: str
    value: float
    low: float
    high: float
    holds: bool


def draw_intervals(axes: Any, rows: Sequence[Interval]) -> None:
    """Draw values with their 95 % intervals around zero, the last row at the top."""
    up, down, grey = colours()[0], colours()[1], colours()[5]
    for place, row in enumerate(rows):
        colour = (up if row.value > 0 else down) if row.holds else grey
        axes.plot((row.low, row.high), (place, place), color=colour, solid_capstyle="round")
        axes.plot(
            row.value, place, "o", color=colour, markersize=7, markeredgewidth=1.5,
            markerfacecolor=colour if row.holds else _PAPER,
        )  # fmt: skip
    axes.axvline(0, color=_INK, linewidth=0.8)
    label_rows(axes, dict(enumerate(row.name for row in rows)))
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.spines["left"].set_visible(False)


def label_rows(axes: Any, names: Mapping[float, str]) -> None:
    """Write the names of rows left of the axes, each in up to two lines.

    The lines are separate texts, so that they end at the axes in any font.
    """
    axes.set_yticks([])
    for place, name in names.items():
        lines = textwrap.wrap(name, _NAME_COLUMNS)[:2]
        for number, line in enumerate(lines):
            axes.annotate(
                line, (0, place), xycoords=axes.get_yaxis_transform(),
                xytext=(-4, 5.5 * (len(lines) - 1) - 11 * number), textcoords="offset points",
                ha="right", va="center", fontsize=9.5,
            )  # fmt: skip


def _write_chart(drawing: Drawing, path: Path) -> None:
    check_chart_path(path)
    if path.suffix.lower() == ".svg":
        content = as_svg_file(as_svg(drawing)).encode()
    else:
        content = as_png(drawing)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise TrackerError(f"Cannot write {path}: {error.strerror}.") from error


def as_svg_file(element: str) -> str:
    """Return an SVG element as a file whose text is legible on light and dark backgrounds."""
    place = element.index(">") + 1
    style = (
        f"<style>svg {{ color: {_INK} }}"
        " @media (prefers-color-scheme: dark) { svg { color: #e4e2dc } }</style>"
    )
    start = element[:place].replace('width="100%"', f'width="{WIDTH * 96:.0f}"')
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{start}{style}{element[place:]}\n'
