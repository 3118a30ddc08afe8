"""Charts as files; owns matplotlib, which is an extra."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tracker.errors import TrackerError
from tracker.extras import install_command
from tracker.topics.trends import Trend

_MOST = 25
# Told apart without red and green (Okabe & Ito, 2008).
_COLOURS = {"growing": "#0072b2", "shrinking": "#d55e00", "new": "#009e73", "steady": "#999999"}


def trends(found: Sequence[Trend], title: str, path: Path) -> None:
    """Changes of shares in percentage points with their 95 % intervals, written to `path`."""
    figure_of = _figure()
    shown = list(reversed(found[:_MOST]))
    figure, axes = figure_of(figsize=(8, 1.2 + 0.28 * len(shown)), layout="constrained")
    for place, trend in enumerate(shown):
        if trend.change is None or trend.low is None or trend.high is None:
            continue
        colour = _COLOURS[trend.kind]
        axes.plot([100 * trend.low, 100 * trend.high], [place, place], color=colour, linewidth=2)
        axes.plot(100 * trend.change, place, "o", color=colour)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(shown)), [trend.name for trend in shown])
    axes.set_xlabel("change of the share of all papers, percentage points")
    axes.set_title(title)
    _save(figure, path)


def _figure() -> Any:
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        raise TrackerError(f"Drawing needs matplotlib; run `{install_command('plot')}`.") from error
    mpl.use("Agg")
    # The same trends give the same file.
    mpl.rcParams["svg.hashsalt"] = "tracker"
    from matplotlib import pyplot

    return pyplot.subplots


def _save(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    try:
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else {}
        figure.savefig(path, metadata=metadata, dpi=150)
    except OSError as error:
        raise TrackerError(f"Cannot write {path}: {error.strerror}.") from error
    finally:
        pyplot.close(figure)
