"""Sparklines of the shares of a direction: as block characters and as points of an SVG line.

Public: `as_blocks`, `as_points`.
"""

from collections.abc import Sequence

from tracker.digest.document import MonthShare

_BLOCKS = "▁▂▃▄▅▆▇█"
_MARGIN = 2


def as_blocks(series: Sequence[MonthShare]) -> str:
    """Return one block per month, scaled from zero to the largest share; "·" where unknown."""
    most = max((point.share or 0.0 for point in series), default=0.0) or 1.0
    return "".join("·" if p.share is None else _block(p.share / most) for p in series)


def _block(height: float) -> str:
    return _BLOCKS[min(len(_BLOCKS) - 1, int(height * len(_BLOCKS)))]


def as_points(series: Sequence[MonthShare], width: int, height: int) -> str:
    """Return the known shares as the `points` of an SVG polyline, scaled from zero."""
    most = max((point.share or 0.0 for point in series), default=0.0) or 1.0
    step = (width - 2 * _MARGIN) / max(1, len(series) - 1)
    scale = (height - 2 * _MARGIN) / most
    return " ".join(
        f"{_MARGIN + place * step:.1f},{height - _MARGIN - share * scale:.1f}"
        for place, share in enumerate(point.share for point in series)
        if share is not None
    )
