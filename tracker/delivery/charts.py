"""Draw charts to files with matplotlib, which is an optional dependency."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tracker.errors import TrackerError
from tracker.extras import install_command
from tracker.topics.trends import Trend

_MAX_TRENDS = 25
# Distinguishable with red-green colour blindness (Okabe & Ito, 2008).
_COLOURS = {"growing": "#0072b2", "shrinking": "#d55e00", "new": "#009e73", "steady": "#999999"}


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
