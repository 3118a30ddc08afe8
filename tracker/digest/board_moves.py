"""Changes on a leaderboard between two snapshots, without those that only the board itself made.

A model is the same under another spelling (`tracker.sources.formats.boards.model_names`). A shift
of all scores, such as a new anchor of the scale, is no news about any model: it is reported once
and removed. So is another scale, such as 0 to 100 in place of 0 to 1. A model moved if its
intervals do not overlap without the shift and its rank changed in the same direction. A board whose
questions were replaced starts a new series, with nothing to compare.

Public: `compare_snapshots`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import correlation, linear_regression, median

from tracker.digest.document import BoardMove, BoardMoves
from tracker.models import BoardRow, BoardSnapshot
from tracker.sources.formats.boards import model_names, task_averages

_HEAD = 5
# Without intervals only the rank can be compared, and a change matters only near the top.
_NEWS_RANK = 10
# A shift is common to a board of at least this many models, most of which moved in its direction.
_SHIFT_MODELS, _SHIFT_SHARE = 5, 0.8
# It is worth reporting from this part of the margin of error, or of the range of scores, onwards.
_PART_OF_MARGIN, _PART_OF_RANGE = 0.5, 0.005
# A new scale may shift good models less than others: each is compared with those near its score.
_NEIGHBOURS = 31
# Without intervals, a change counts from this many times the usual one onwards.
_TIMES_USUAL = 3.0
# Two snapshots of so many models, of which fewer than half are the same, are not one series.
_SERIES_MODELS, _SERIES_SHARE = 10, 0.5
# So many models whose scores lie on a line of another slope show that the board changed its scale.
_SCALE_MODELS, _OTHER_SCALE, _SCALE_FIT = 10, 0.2, 0.99
# The line is that of most models: those that moved do not count.
_SCALE_SHARE, _SCALE_FITS = 0.9, 3
_ORDER = {"new": 0, "up": 1, "down": 2, "gone": 3}


@dataclass(frozen=True, slots=True)
class _Pair:
    """The rows of one model in both snapshots."""

    before: BoardRow
    now: BoardRow

    @property
    def change(self) -> float | None:
        """The change of the score, None without both scores."""
        if self.before.score is None or self.now.score is None:
            return None
        return self.now.score - self.before.score

    @property
    def rank_change(self) -> int:
        """The number of ranks that the model rose; 0 without both ranks."""
        if self.before.rank is None or self.now.rank is None:
            return 0
        return self.before.rank - self.now.rank


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The rows of two snapshots: of models in both of them, and in only one."""

    pairs: tuple[_Pair, ...]
    new: tuple[BoardRow, ...]
    gone: tuple[BoardRow, ...]


def compare_snapshots(before: BoardSnapshot | None, now: BoardSnapshot) -> BoardMoves:
    """Compare two snapshots of one board; without an earlier one there are no moves."""
    moves: tuple[BoardMove, ...] = ()
    shift, new_series = None, False
    if before and before.day < now.day:
        found = _match_rows(before.rows, now.rows)
        new_series = _is_new_series(found)
        shift = None if new_series else _find_common_shift(found.pairs)
        moves = () if new_series else _list_moves(_on_one_scale(found), shift)
    return BoardMoves(
        now.board,
        now.day,
        before.day if before else None,
        moves,
        head=tuple((row.rank, row.model, row.score) for row in now.rows[:_HEAD]),
        models=len(now.rows),
        shift=shift,
        new_series=new_series,
    )


def _match_rows(before: Sequence[BoardRow], now: Sequence[BoardRow]) -> _Comparison:
    """Match rows by name, else by what the names identify."""
    earlier, later = {row.model: row for row in before}, {row.model: row for row in now}
    origins = {name: name for name in later if name in earlier}
    origins |= model_names.find_renames(
        earlier.keys() - later.keys(), later.keys() - earlier.keys()
    )
    return _Comparison(
        tuple(_Pair(earlier[origins[name]], later[name]) for name in later if name in origins),
        _unknown_rows(later, origins, earlier),
        _unknown_rows(earlier, set(origins.values()), later),
    )


def _unknown_rows(
    rows: Mapping[str, BoardRow], matched: Iterable[str], others: Iterable[str]
) -> tuple[BoardRow, ...]:
    """Return the rows without a match; a second spelling of a model in `others` is none of them."""
    known = {model_names.parse_identity(name) for name in others}
    names = sorted(rows.keys() - set(matched))
    return tuple(rows[name] for name in names if model_names.parse_identity(name) not in known)


def _is_new_series(found: _Comparison) -> bool:
    """Whether the board's questions were replaced, so that its scores are not comparable.

    On a board of tasks, scores change only with the questions: each model is tested once.
    """
    models = len(found.pairs) + min(len(found.new), len(found.gone))
    if models >= _SERIES_MODELS and len(found.pairs) < _SERIES_SHARE * models:
        return True
    tested = [pair for pair in found.pairs if task_averages.has_task_columns([pair.now.raw])]
    unchanged = sum(pair.change == 0 for pair in tested)
    return unchanged < _SERIES_SHARE * len(tested)


def _find_common_shift(pairs: Sequence[_Pair]) -> float | None:
    """Return the shift of all scores, None if there is none that matters."""
    changes = [pair.change for pair in pairs if pair.change is not None]
    if len(changes) < _SHIFT_MODELS:
        return None
    shift = median(changes)
    agreeing = sum(change * shift > 0 for change in changes)
    if agreeing < _SHIFT_SHARE * len(changes) or abs(shift) < _least_shift(pairs):
        return None
    return shift


def _on_one_scale(found: _Comparison) -> _Comparison:
    """Return the comparison with the earlier scores on the later scale, if the board changed it."""
    points = [
        (pair.before.score, pair.now.score)
        for pair in found.pairs
        if pair.before.score is not None and pair.now.score is not None
    ]
    line = _fit_scale(points) if len(points) >= _SCALE_MODELS else None
    if line is None or abs(line[0] - 1) < _OTHER_SCALE:
        return found
    rescaled = (replace(pair, before=_rescale(pair.before, *line)) for pair in found.pairs)
    return replace(found, pairs=tuple(rescaled))


def _fit_scale(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Return slope and base of the line on which nearly all points are, None if there is none."""
    usual, line, fit = points, (1.0, 0.0), 0.0
    for _ in range(_SCALE_FITS):
        before, now = zip(*usual, strict=True)
        if min(before) == max(before) or min(now) == max(now):
            return None
        slope, base = line = linear_regression(before, now)
        fit = correlation(before, now)
        nearest = sorted(points, key=lambda point: abs(point[1] - base - slope * point[0]))
        usual = nearest[: int(_SCALE_SHARE * len(points))]
    return line if fit >= _SCALE_FIT else None


def _rescale(row: BoardRow, slope: float, base: float) -> BoardRow:
    values = (None if v is None else base + slope * v for v in (row.score, row.low, row.high))
    score, low, high = values
    return replace(row, score=score, low=low, high=high)


def _least_shift(pairs: Sequence[_Pair]) -> float:
    margins = [(high - low) / 2 for low, high in filter(None, (_interval(p.now) for p in pairs))]
    if margins:
        return _PART_OF_MARGIN * median(margins)
    scores = [pair.now.score for pair in pairs if pair.now.score is not None]
    return _PART_OF_RANGE * (max(scores) - min(scores))


def _list_moves(found: _Comparison, shift: float | None) -> tuple[BoardMove, ...]:
    """Return the moves, most interesting first."""
    shifts = _possible_shifts(found.pairs, shift)
    usual = _usual_change(found.pairs)
    moves = [_build_move("new", None, row) for row in found.new]
    moves += [_build_move("gone", row, None) for row in found.gone]
    for pair in found.pairs:
        kind = _classify_pair(pair, shifts.get(pair.now.model, (0.0,)), usual)
        if kind != "same":
            moves.append(_build_move(kind, pair.before, pair.now))
    return tuple(sorted(moves, key=lambda move: (_ORDER[move.kind], move.rank or 0, move.model)))


def _possible_shifts(
    pairs: Sequence[_Pair], shift: float | None
) -> Mapping[str, tuple[float, ...]]:
    """Return by model all shifts that a move must remain a move without.

    They are that of the whole board, that of the models with similar scores, and none at all if
    the board has no shift that matters.
    """
    scored = sorted(
        (pair.before.score, pair.change, pair.now.model)
        for pair in pairs
        if pair.change is not None and pair.before.score is not None
    )
    if len(scored) < _SHIFT_MODELS:
        return {}
    changes = [change for _, change, _ in scored]
    board = (median(changes),) if shift is not None else (median(changes), 0.0)
    return {
        model: (*board, median(_neighbours(changes, place)))
        for place, (_, _, model) in enumerate(scored)
    }


def _neighbours(changes: Sequence[float], place: int) -> Sequence[float]:
    """Return the changes around `place`, as many at the ends of the list as in its middle."""
    start = min(max(0, place - _NEIGHBOURS // 2), max(0, len(changes) - _NEIGHBOURS))
    return changes[start : start + _NEIGHBOURS]


def _usual_change(pairs: Sequence[_Pair]) -> float:
    """Return the median size of a change beyond that of the whole board."""
    changes = [pair.change for pair in pairs if pair.change is not None]
    if len(changes) < _SHIFT_MODELS:
        return 0.0
    center = median(changes)
    return median(abs(change - center) for change in changes)


def _classify_pair(pair: _Pair, shifts: Iterable[float], usual: float) -> str:
    """Return up or down if that is so without any of `shifts` and agrees with the ranks."""
    kinds = {_classify_by_score(pair, shift, usual) for shift in shifts}
    if kinds == {"up"} and pair.rank_change > 0:
        return "up"
    return "down" if kinds == {"down"} and pair.rank_change < 0 else "same"


def _classify_by_score(pair: _Pair, shift: float, usual: float) -> str:
    before, now = _interval(pair.before), _interval(pair.now)
    if before is None or now is None:
        return _classify_near_top(pair, shift, usual)
    if now[0] - shift > before[1]:
        return "up"
    return "down" if now[1] - shift < before[0] else "same"


def _classify_near_top(pair: _Pair, shift: float, usual: float) -> str:
    """Classify a model without intervals: only a clear change near the top counts."""
    ranks = [rank for rank in (pair.before.rank, pair.now.rank) if rank is not None]
    if pair.change is None or min(ranks, default=_NEWS_RANK + 1) > _NEWS_RANK:
        return "same"
    change = pair.change - shift
    if abs(change) <= _TIMES_USUAL * usual:
        return "same"
    return "up" if change > 0 else "down"


def _build_move(kind: str, before: BoardRow | None, now: BoardRow | None) -> BoardMove:
    known = now or before
    assert known is not None
    return BoardMove(
        kind=kind,
        model=known.model,
        organization=known.organization,
        rank=now.rank if now else None,
        rank_before=before.rank if before else None,
        score=now.score if now else None,
        score_before=before.score if before else None,
        interval=_interval(now),
        interval_before=_interval(before),
    )


def _interval(row: BoardRow | None) -> tuple[float, float] | None:
    return (row.low, row.high) if row and row.low is not None and row.high is not None else None
