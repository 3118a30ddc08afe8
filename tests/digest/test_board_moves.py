"""A model moves on a leaderboard only if its confidence intervals do not overlap."""

import json
from collections.abc import Mapping
from datetime import date

import pytest

from tracker import sample
from tracker.digest.board_moves import compare_snapshots
from tracker.models import BoardRow, BoardSnapshot
from tracker.sources.formats.leaderboards import parse

BEFORE, NOW = date(2026, 3, 2), date(2026, 3, 9)
Row = tuple[int, float, float | None, float | None]


def board(day: date, rows: Mapping[str, Row]) -> BoardSnapshot:
    """Return a snapshot from (rank, score, low, high) by model."""
    board_rows = tuple(
        BoardRow(model, score, rank, low, high) for model, (rank, score, low, high) in rows.items()
    )
    return BoardSnapshot("arena", day, board_rows)


def moves(before: Mapping[str, Row], now: Mapping[str, Row]) -> list[tuple[str, str]]:
    found = compare_snapshots(board(BEFORE, before), board(NOW, now)).moves
    return [(move.kind, move.model) for move in found]


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        ((2, 1000.0, 990.0, 1010.0), (1, 1030.0, 1020.0, 1040.0), "up"),
        ((1, 1030.0, 1020.0, 1040.0), (2, 1000.0, 990.0, 1010.0), "down"),
        ((2, 1000.0, 990.0, 1010.0), (1, 1015.0, 1005.0, 1025.0), None),  # they overlap
        ((2, 1000.0, 990.0, 1010.0), (1, 1020.0, 1010.0, 1030.0), None),  # they touch
        ((5, 70.0, None, None), (3, 72.0, None, None), "up"),
        ((3, 72.0, None, None), (5, 70.0, None, None), "down"),
        ((5, 70.0, None, None), (3, 70.0, None, None), None),  # others moved
        ((30, 70.0, None, None), (20, 72.0, None, None), None),  # far from the top
        ((5, 70.0, 69.0, 71.0), (3, 72.0, None, None), "up"),  # a single interval is ignored
    ],
)
def test_a_move_needs_intervals_that_do_not_overlap(
    before: Row, now: Row, kind: str | None
) -> None:
    assert moves({"A": before}, {"A": now}) == ([(kind, "A")] if kind else [])


def test_new_models_come_first_and_removed_ones_last() -> None:
    low, high = (9, 900.0, 890.0, 910.0), (1, 1100.0, 1090.0, 1110.0)
    before = {"risen": low, "fallen": high, "gone": low}
    now = {"fallen": low, "risen": high, "new": low}
    assert moves(before, now) == [
        ("new", "new"),
        ("up", "risen"),
        ("down", "fallen"),
        ("gone", "gone"),
    ]


def test_a_first_snapshot_has_no_moves() -> None:
    rows = {f"M{n}": (n, 1000.0 - n, None, None) for n in range(1, 9)}
    found = compare_snapshots(None, board(NOW, rows))
    assert (found.moves, found.day_before, found.models) == ((), None, 8)
    assert found.head == tuple((n, f"M{n}", 1000.0 - n) for n in range(1, 6))


def test_each_category_of_a_table_uses_its_own_intervals() -> None:
    """The overall intervals do not overlap; those of coding do, although the score rose as much."""

    def saved(score: float, spread: float) -> dict[str, float]:
        return {"rating": score, "rating_q025": score - spread, "rating_q975": score + spread}

    before = {"full": {"A": saved(1400, 4)}, "coding": {"A": saved(1400, 9)}}
    after = {"full": {"A": saved(1410, 4)}, "coding": {"A": saved(1410, 9)}}
    one, other = (
        parse(json.dumps(document).encode(), board="arena", file_name=f"a.{day}.json").snapshots
        for day, document in ((BEFORE, before), (NOW, after))
    )
    found = [compare_snapshots(*pair) for pair in zip(one, other, strict=True)]
    assert [(n.board, [move.kind for move in n.moves]) for n in found] == [
        ("arena", ["up"]),
        ("arena/coding", []),
    ]


def test_without_scores_models_are_added_and_removed_but_do_not_move() -> None:
    def ranked(day: date, *models: str) -> BoardSnapshot:
        rows = (BoardRow(model, None, rank) for rank, model in enumerate(models, start=1))
        return BoardSnapshot("arena", day, tuple(rows))

    found = compare_snapshots(ranked(BEFORE, "A", "B", "C"), ranked(NOW, "D", "A", "B"))
    assert [(move.kind, move.model) for move in found.moves] == [("new", "D"), ("gone", "C")]
    assert found.head == ((1, "D", None), (2, "A", None), (3, "B", None))


def test_two_snapshots_of_the_same_day_have_no_moves() -> None:
    same = board(NOW, {"A": (1, 1.0, None, None)})
    assert compare_snapshots(same, board(NOW, {"B": (1, 1.0, None, None)})).moves == ()


def test_in_the_sample_one_model_rose_one_is_new_and_one_is_gone() -> None:
    arena = [
        parse(path.read_bytes(), board="demo-arena", file_name=path.name).snapshots[0]
        for path in sample.board_files() if path.name.startswith("demo-arena")
    ]  # fmt: skip
    found = {(move.kind, move.model) for move in compare_snapshots(arena[0], arena[-1]).moves}
    assert found == {
        ("new", "Tarnwick-210B-A18B"), ("up", "Istrovia-32B"), ("gone", "Hobday-65B")
    }  # fmt: skip
