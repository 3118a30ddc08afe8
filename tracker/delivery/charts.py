"""Draw charts to files with matplotlib, which is an optional dependency."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tracker.errors import TrackerError, UsageError
from tracker.extras import install_command
from tracker.topics.trends import Trend

_MAX_TRENDS = 25
# Distinguishable with red-green colour blindness (Okabe & Ito, 2008).
_COLOURS = {"growing": "#0072b2", "shrinking": "#d55e00", "new": "#009e73", "steady": "#999999"}
# Okabe and Ito's colours, for lines that are also labelled.
_LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#666666")


def check_chart_path(path: Path) -> None:
    """Raise UsageError for a kind of file that charts are not drawn in."""
    if path.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"--plot takes a file that ends in .png or .svg, not {path.name}.")


def plot_ranks(
    days: Sequence[date], ranks: Mapping[str, Sequence[int | None]], title: str, path: Path
) -> None:
    """Write a bump chart: the rank of each model on each day, first rank at the top."""
    subplots = _load_subplots()
    figure, axes = subplots(figsize=(9, 1.5 + 0.4 * len(ranks)), layout="constrained")
    for number, (model, places) in enumerate(ranks.items()):
        colour = _LINES[number % len(_LINES)]
        heights = [float("nan") if place is None else place for place in places]
        axes.plot(range(len(days)), heights, "o-", color=colour, linewidth=2)
        axes.annotate(
            f"  {model}", (len(days) - 1, heights[-1]), color=colour, va="center", fontsize=9,
            parse_math=False,
        )  # fmt: skip
    axes.invert_yaxis()
    axes.margins(x=0.02)
    axes.set_xlim(-0.2, max(1.0, 1.5 * (len(days) - 1)))
    axes.set_xticks(range(len(days)), [day.isoformat() for day in days], rotation=45, ha="right")
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.set_ylabel("rank")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(title, parse_math=False)
    _save_figure(figure, path)


def plot_trends(trends: Sequence[Trend], title: str, path: Path) -> None:
    """Write a chart of share changes in percentage points, with 95 % intervals, to `path`."""
    subplots = _load_subplots()
    shown = list(reversed(trends[:_MAX_TRENDS]))
    figure, axes = subplots(figsize=(8, 1.2 + 0.28 * len(shown)), layout="constrained")
    for row, trend in enumerate(shown):
        if trend.change is None or trend.low is None or trend.high is None:
            continue
        colour = _COLOURS[trend.kind]
        axes.plot([100 * trend.low, 100 * trend.high], [row, row], color=colour, linewidth=2)
        axes.plot(100 * trend.change, row, "o", color=colour)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(shown)), [trend.name for trend in shown])
    axes.set_xlabel("change in the share of all papers, percentage points")
    axes.set_title(title)
    _save_figure(figure, path)


def _load_subplots() -> Any:
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        raise TrackerError(f"Charts need matplotlib; run `{install_command('plot')}`.") from error
    mpl.use("Agg")
    # With a fixed salt, the same trends give the same file.
    mpl.rcParams["svg.hashsalt"] = "tracker"
    from matplotlib import pyplot

    return pyplot.subplots


def _save_figure(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    try:
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else {}
        figure.savefig(path, metadata=metadata, dpi=150)
    except OSError as error:
        raise TrackerError(f"Cannot write {path}: {error.strerror}.") from error
    finally:
        pyplot.close(figure)
