"""The charts of a monthly report, drawn from the facts in its document.

Public: `list_drawings`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tracker.delivery.charts import (
    Drawing,
    Interval,
    colours,
    draw_intervals,
    draw_rank_lines,
    label_rows,
    tint_map,
)
from tracker.digest.monthly.month_parts import (
    BoardLines,
    HeatMap,
    MonthFacts,
    MonthVolume,
    ShareChange,
)
from tracker.language import Language

# A snapshot needs so much width, so that more of them are thinned out.
_MOST_SNAPSHOTS = 8


def list_drawings(month: MonthFacts, language: Language) -> list[Drawing]:
    """Return the charts that the facts of a month allow, in the order of the report."""
    return list(_drawings(month, language))


def _drawings(month: MonthFacts, language: Language) -> Iterator[Drawing]:
    if month.volume:
        yield _volume_drawing(month.volume, language)
        yield _categories_drawing(month.volume, language)
    directions = [change for change in month.changes if change.kind == "direction"]
    if directions:
        yield _directions_drawing(directions, language)
    if month.heat_map:
        yield _heat_map_drawing(month.heat_map, language)
    for number, board in enumerate(month.boards, 1):
        yield _board_drawing(board, number, language)


def _volume_drawing(volume: MonthVolume, language: Language) -> Drawing:
    listed = language.gettext(", ").join(
        f"{language.day(day.day)}: {language.number(day.papers)}"
        f" ({language.number(round(day.expected))})"
        for day in volume.days
    )
    text = language.gettext(
        "Papers on each announcement day and, in parentheses, how many were expected: {listed}",
        listed=listed,
    )
    return Drawing("volume", text, 2.6, lambda axes: _draw_volume(axes, volume, language))


def _draw_volume(axes: Any, volume: MonthVolume, language: Language) -> None:
    places = range(len(volume.days))
    axes.bar(places, [day.papers for day in volume.days], width=0.72, color=colours()[0])
    for place, day in zip(places, volume.days, strict=True):
        axes.plot((place - 0.46, place + 0.46), (day.expected, day.expected), color=colours()[1])
    most = max(places, key=lambda place: volume.days[place].papers)
    axes.annotate(
        language.number(volume.days[most].papers), (most, volume.days[most].papers),
        xytext=(0, 2), textcoords="offset points", ha="center", fontsize=9,
    )  # fmt: skip
    axes.set_xticks(places, [str(day.day.day) for day in volume.days], fontsize=8)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.01, y=0.12)


def _categories_drawing(volume: MonthVolume, language: Language) -> Drawing:
    rows = [
        Interval(
            change.key or language.gettext("all papers"),
            100 * change.change, 100 * change.low, 100 * change.high, change.holds,
        )
        for change in reversed(volume.changes)
    ]  # fmt: skip
    title = language.gettext("Difference from the expected number of papers, in per cent")
    return _interval_drawing("categories", title, rows, language)


def _directions_drawing(changes: Sequence[ShareChange], language: Language) -> Drawing:
    rows = [
        Interval(
            change.name, 100 * change.change, 100 * change.low, 100 * change.high, change.holds
        )
        for change in sorted(changes, key=lambda change: (change.change, change.key))
    ]
    title = language.gettext("Change of the share of all papers, in percentage points")
    return _interval_drawing("directions", title, rows, language)


def _interval_drawing(
    name: str, title: str, rows: Sequence[Interval], language: Language
) -> Drawing:
    listed = language.gettext("; ").join(
        language.gettext(
            "{name}: {value} ({low} to {high})",
            name=row.name,
            value=language.percentage_points(row.value / 100),
            low=language.percentage_points(row.low / 100),
            high=language.percentage_points(row.high / 100),
        )
        for row in reversed(rows)
    )
    text = language.gettext("{title}, with 95% intervals: {listed}", title=title, listed=listed)
    return Drawing(name, text, 0.45 + 0.28 * len(rows), lambda axes: draw_intervals(axes, rows))


def _heat_map_drawing(heat_map: HeatMap, language: Language) -> Drawing:
    listed = language.gettext("; ").join(
        f"{name}: " + ", ".join(
            f"{column} {count}"
            for (_, column), count in zip(heat_map.dimensions, counts, strict=True)
        )
        for (_, name), counts in zip(heat_map.directions, heat_map.counts, strict=True)
    )  # fmt: skip
    text = language.gettext("Papers of each direction in each dimension: {listed}", listed=listed)
    height = 0.9 + 0.28 * len(heat_map.directions)
    return Drawing("heat-map", text, height, lambda axes: _draw_heat_map(axes, heat_map))


def _draw_heat_map(axes: Any, heat_map: HeatMap) -> None:
    """Draw a cell for each pair; its colour is the part of the direction's papers."""
    from_top = len(heat_map.directions) - 1
    parts = [
        [min(1.0, count / papers) for count in counts]
        for counts, papers in zip(heat_map.counts, heat_map.papers, strict=True)
    ]
    axes.pcolormesh(parts[::-1], cmap=tint_map(), vmin=0, vmax=1, linewidth=0)
    for row, counts in enumerate(heat_map.counts):
        for column, count in enumerate(counts):
            text = axes.text(
                column + 0.5, from_top - row + 0.5, str(count),
                ha="center", va="center", fontsize=8,
            )  # fmt: skip
            text.set_in_layout(False)
    label_rows(
        axes,
        {from_top - row + 0.5: name for row, (_, name) in enumerate(heat_map.directions)},
    )
    axes.set_xticks(
        [place + 0.5 for place in range(len(heat_map.dimensions))],
        [name for _, name in heat_map.dimensions],
        rotation=40, ha="left", rotation_mode="anchor",
    )  # fmt: skip
    axes.xaxis.tick_top()
    axes.spines[["left", "bottom"]].set_visible(False)


def _board_drawing(board: BoardLines, number: int, language: Language) -> Drawing:
    shown = _spread(len(board.days))
    days = [board.days[place] for place in shown]
    ranks = {line.model: [line.ranks[place] for place in shown] for line in board.lines}
    listed = language.gettext("; ").join(
        f"{line.model}: " + ", ".join("–" if rank is None else str(rank) for rank in line.ranks)
        for line in board.lines
    )
    text = language.gettext(
        "Ranks on {board} from {first} to {last}: {listed}", board=board.board,
        first=language.full_day(days[0]), last=language.full_day(days[-1]), listed=listed,
    )  # fmt: skip

    return Drawing(f"ranks-{number}", text, 3.0, lambda axes: draw_rank_lines(axes, days, ranks))


def _spread(number: int) -> list[int]:
    """Return up to `_MOST_SNAPSHOTS` places, the first and last among them."""
    if number <= _MOST_SNAPSHOTS:
        return list(range(number))
    step = (number - 1) / (_MOST_SNAPSHOTS - 1)
    return sorted({round(place * step) for place in range(_MOST_SNAPSHOTS)})
