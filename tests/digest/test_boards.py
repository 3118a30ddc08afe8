"""A leaderboard moves only when its intervals leave no doubt."""

from collections.abc import Mapping
from datetime import date

import pytest

from tracker import sample
from tracker.digest.boards import news
from tracker.models import BoardRow, BoardSnapshot
from tracker.sources.boards import parse

BEFORE, NOW = date(2026, 3, 2), date(2026, 3, 9)
Row = tuple[int, float, float | None, float | None]


def board(day: date, rows: Mapping[str, Row]) -> BoardSnapshot:
    """A snapshot from (rank, score, low, high) by model."""
    made = tuple(
        BoardRow(model, score, rank, low, high) for model, (rank, score, low, high) in rows.items()
    )
    return BoardSnapshot("arena", day, made)


def moves(before: Mapping[str, Row], now: Mapping[str, Row]) -> list[tuple[str, str]]:
    found = news(board(BEFORE, before), board(NOW, now)).moves
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
        ((5, 70.0, None, None), (3, 70.0, None, None), None),  # others fell
        ((30, 70.0, None, None), (20, 72.0, None, None), None),  # far from the top
        ((5, 70.0, 69.0, 71.0), (3, 72.0, None, None), "up"),  # one interval is no interval
    ],
)
def test_a_move_must_be_beyond_doubt(before: Row, now: Row, kind: str | None) -> None:
    assert moves({"A": before}, {"A": now}) == ([(kind, "A")] if kind else [])


def test_what_is_new_comes_first_and_what_is_gone_last() -> None:
    low, high = (9, 900.0, 890.0, 910.0), (1, 1100.0, 1090.0, 1110.0)
    before = {"risen": low, "fallen": high, "gone": low}
    now = {"fallen": low, "risen": high, "new": low}
    assert moves(before, now) == [
        ("new", "new"),
        ("up", "risen"),
        ("down", "fallen"),
        ("gone", "gone"),
    ]


def test_a_first_snapshot_has_no_moves_but_a_head() -> None:
    rows = {f"M{n}": (n, 1000.0 - n, None, None) for n in range(1, 9)}
    found = news(None, board(NOW, rows))
    assert (found.moves, found.day_before, found.models) == ((), None, 8)
    assert found.head == tuple((n, f"M{n}", 1000.0 - n) for n in range(1, 6))


def test_the_same_day_twice_is_no_news() -> None:
    same = board(NOW, {"A": (1, 1.0, None, None)})
    assert news(same, board(NOW, {"B": (1, 1.0, None, None)})).moves == ()


def test_of_the_sample_just_one_model_rose_one_came_and_one_went() -> None:
    arena = [
        parse(path.read_bytes(), board="demo-arena", file_name=path.name).snapshots[0]
        for path in sample.boards() if path.name.startswith("demo-arena")
    ]  # fmt: skip
    found = {(move.kind, move.model) for move in news(arena[0], arena[-1]).moves}
    assert found == {
        ("new", "Tarnwick-210B-A18B"), ("up", "Istrovia-32B"), ("gone", "Hobday-65B")
    }  # fmt: skip
