"""A leaderboard moves only when its intervals leave no doubt."""

import json
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


def test_each_category_of_a_saved_table_moves_by_its_own_intervals() -> None:
    """Overall the intervals part; in coding they overlap, though the score rose as much."""

    def saved(score: float, spread: float) -> dict[str, float]:
        return {"rating": score, "rating_q025": score - spread, "rating_q975": score + spread}

    before = {"full": {"A": saved(1400, 4)}, "coding": {"A": saved(1400, 9)}}
    after = {"full": {"A": saved(1410, 4)}, "coding": {"A": saved(1410, 9)}}
    one, other = (
        parse(json.dumps(document).encode(), board="arena", file_name=f"a.{day}.json").snapshots
        for day, document in ((BEFORE, before), (NOW, after))
    )
    found = [news(*pair) for pair in zip(one, other, strict=True)]
    assert [(n.board, [move.kind for move in n.moves]) for n in found] == [
        ("arena", ["up"]),
        ("arena/coding", []),
    ]


def test_where_only_ranks_are_told_models_come_and_go_and_none_moves() -> None:
    def ranked(day: date, *models: str) -> BoardSnapshot:
        rows = (BoardRow(model, None, rank) for rank, model in enumerate(models, start=1))
        return BoardSnapshot("arena", day, tuple(rows))

    found = news(ranked(BEFORE, "A", "B", "C"), ranked(NOW, "D", "A", "B"))
    assert [(move.kind, move.model) for move in found.moves] == [("new", "D"), ("gone", "C")]
    assert found.head == ((1, "D", None), (2, "A", None), (3, "B", None))


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
