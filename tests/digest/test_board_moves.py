"""A model moves on a leaderboard only if its confidence intervals do not overlap."""

import json
import random
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from tracker import sample
from tracker.digest.board_moves import compare_snapshots
from tracker.models import BoardRow, BoardSnapshot
from tracker.sources.formats.boards.leaderboards import ParsedBoards, SavedFile, parse, parse_files

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

    same = {"B": saved(1405, 4)}
    before = {"full": {"A": saved(1400, 4)} | same, "coding": {"A": saved(1400, 9)} | same}
    after = {"full": {"A": saved(1410, 4)} | same, "coding": {"A": saved(1410, 9)} | same}
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


# --- changes that only the board made -------------------------------------------------------------


def shifted(rows: Mapping[str, Row], by: float) -> dict[str, Row]:
    """Return the rows with all scores and intervals moved."""
    return {
        model: (rank, score + by, low and low + by, high and high + by)
        for model, (rank, score, low, high) in rows.items()
    }


def ladder(models: int = 20, margin: float | None = 5.0) -> dict[str, Row]:
    """Return models one below the other, ten points apart."""
    return {
        f"M{n}": (n, score, score - margin if margin else None, score + margin if margin else None)
        for n in range(1, models + 1)
        for score in (1500.0 - 10 * n,)
    }


@pytest.mark.parametrize("by", [10.0, -10.0, 55.5])
@pytest.mark.parametrize("margin", [5.0, None])
def test_a_shift_of_all_scores_is_reported_once_instead_of_moves(
    by: float, margin: float | None
) -> None:
    rows = ladder(margin=margin)
    found = compare_snapshots(board(BEFORE, rows), board(NOW, shifted(rows, by)))
    assert (found.moves, found.shift) == ((), by)


def test_a_move_beyond_the_common_shift_is_still_a_move() -> None:
    before, now = ladder(), shifted(ladder(), 10)
    before["riser"], now["riser"] = (19, 1311.0, 1306.0, 1316.0), (3, 1475.0, 1470.0, 1480.0)
    before["stayer"], now["stayer"] = (4, 1461.0, 1456.0, 1466.0), (5, 1461.0, 1456.0, 1466.0)
    found = compare_snapshots(board(BEFORE, before), board(NOW, now))
    assert [(move.kind, move.model) for move in found.moves] == [("up", "riser")]
    assert found.shift == 10.0


def test_a_new_scale_that_moves_weak_models_more_is_no_move_either() -> None:
    before = ladder(100)
    now = {
        model: (rank, score + by, low + by, high + by)
        for model, (rank, score, low, high) in before.items()
        if low is not None and high is not None
        for by in (20 + rank / 4,)
    }
    found = compare_snapshots(board(BEFORE, before), board(NOW, now))
    assert found.moves == ()
    assert found.shift == pytest.approx(32.6, abs=0.5)


def test_a_rise_that_ends_lower_is_no_rise() -> None:
    """Ten new models pushed it from rank 9 to rank 10, although its score rose clearly."""
    before = {"A": (9, 1400.0, 1395.0, 1405.0)}
    now = {"A": (10, 1420.0, 1415.0, 1425.0)}
    assert moves(before, now) == []
    assert moves({"A": (9, 70.0, None, None)}, {"A": (10, 72.0, None, None)}) == []


def test_an_unranked_model_does_not_move() -> None:
    rows = [BoardRow("A", score, None, score - 1, score + 1) for score in (10.0, 20.0)]
    one, other = (
        BoardSnapshot("b", day, (row,)) for day, row in zip((BEFORE, NOW), rows, strict=True)
    )
    assert compare_snapshots(one, other).moves == ()


def test_a_respelled_model_is_neither_new_nor_gone() -> None:
    before = {"claude-3-5-sonnet-20241022": (2, 1000.0, 990.0, 1010.0)}
    now = {"Claude 3.5 Sonnet (20241022)": (1, 1030.0, 1020.0, 1040.0)}
    assert moves(before, now) == [("up", "Claude 3.5 Sonnet (20241022)")]


def test_a_second_spelling_beside_the_first_is_no_news() -> None:
    row = (1, 1000.0, 990.0, 1010.0)
    assert moves({"gpt-4o-mini": row}, {"gpt-4o-mini": row, "GPT-4o mini": row}) == []


def task_board(day: date, results: Mapping[str, tuple[float, float]]) -> BoardSnapshot:
    """Return a snapshot of a board with a column for each task."""
    lines = ["model,zebra,web", *(f"{model},{a},{b}" for model, (a, b) in results.items())]
    tasks = {"Reasoning": ["zebra"], "Language": ["web"]}
    file = f"t.{day}.csv"
    return parse("\n".join(lines).encode(), board="t", file_name=file, tasks=tasks).snapshots[0]


def test_other_questions_start_a_new_series() -> None:
    before = {f"m{n}-7b": (50.0 + n, 40.0 + n) for n in range(20)}
    now = {f"m{n}-7b": (41.0 + n / 2, 33.0 + n) for n in range(10, 30)}
    found = compare_snapshots(task_board(BEFORE, before), task_board(NOW, now))
    assert (found.moves, found.new_series, found.day_before) == ((), True, BEFORE)


def test_models_added_to_the_same_questions_are_new() -> None:
    before = {f"m{n}-7b": (50.0 + n, 40.0 + n) for n in range(20)}
    now = before | {"m20-7b": (80.0, 80.0)}
    found = compare_snapshots(task_board(BEFORE, before), task_board(NOW, now))
    assert [(move.kind, move.model) for move in found.moves] == [("new", "m20-7b")]
    assert not found.new_series


def test_a_board_of_other_models_starts_a_new_series() -> None:
    one, other = ladder(20), {f"N{n}": row for n, row in enumerate(ladder(20).values())}
    found = compare_snapshots(board(BEFORE, one), board(NOW, other))
    assert (found.moves, found.new_series) == ((), True)


@pytest.mark.parametrize(("slope", "base"), [(100.0, 0.0), (1.3, -300.0), (0.01, 0.0)])
def test_another_scale_moves_no_model(slope: float, base: float) -> None:
    noise = random.Random(1)
    scores = {f"m{n}": noise.uniform(900, 1500) for n in range(40)}
    later = {m: base + slope * (score + noise.gauss(0, 3)) for m, score in scores.items()}
    before, now = ranked(date(2026, 3, 1), scores, 5.0), ranked(date(2026, 3, 8), later, 5 * slope)
    assert not compare_snapshots(before, now).moves
    risen = ranked(date(2026, 3, 8), later | {"m7": base + slope * 1700}, 5 * slope)
    (move,) = compare_snapshots(before, risen).moves
    assert (move.kind, move.model) == ("up", "m7")


def ranked(day: date, scores: dict[str, float], margin: float) -> BoardSnapshot:
    """Return a board with these scores and their margin of error."""
    order = sorted(scores, key=lambda model: -scores[model])
    rows = (
        BoardRow(model, scores[model], n, scores[model] - margin, scores[model] + margin)
        for n, model in enumerate(order, 1)
    )
    return BoardSnapshot("board", day, tuple(rows))


@pytest.mark.parametrize("kind", ["lmarena_text", "lmsys_csv", "lmarena_2026-02", "livebench"])
def test_no_move_of_the_real_boards_contradicts_its_ranks_or_is_a_common_shift(
    kind: str, shared_data: Path
) -> None:
    for before, now in consecutive_snapshots(shared_data / "leaderboards" / kind):
        found = compare_snapshots(before, now)
        scores = {row.model: row.score for row in before.rows}
        changes = [
            row.score - old
            for row in now.rows
            if (old := scores.get(row.model)) is not None and row.score is not None
        ]
        shift = median(changes) if changes else 0.0
        for move in (m for m in found.moves if m.kind in ("up", "down")):
            assert move.rank is not None
            assert move.rank_before is not None
            assert (move.rank < move.rank_before) == (move.kind == "up")
            if move.interval is None or move.interval_before is None:
                continue
            low, high = (end - shift for end in move.interval)
            assert low > move.interval_before[1] or high < move.interval_before[0]


@pytest.mark.parametrize(
    ("kind", "pairs_of_files"), [("lmarena_text", 209), ("lmsys_csv", 7), ("lmarena_2026-02", 14)]
)
def test_moves_between_all_real_arena_files_equal_an_independent_computation(
    kind: str, pairs_of_files: int, shared_data: Path
) -> None:
    """A model moved if its intervals are apart without each shift, and its rank agrees.

    The files of February 2026 have no intervals, so that no move is beyond chance.
    """
    found_pairs = consecutive_snapshots(shared_data / "leaderboards" / kind)
    assert len(found_pairs) == pairs_of_files
    for before, now in found_pairs:
        found = compare_snapshots(before, now)
        rows = {row.model: row for row in before.rows}
        pairs = [(rows[row.model], row) for row in now.rows if row.model in rows]
        moved = {m.model: m.kind for m in found.moves if m.kind in ("up", "down")}
        measured = [pair for pair in pairs if pair[1].low is not None]
        assert moved == (independent_moves(pairs, found.shift) if measured else {})


def independent_moves(
    pairs: Sequence[tuple[BoardRow, BoardRow]], reported: float | None
) -> dict[str, str]:
    """Return up or down by model, with the shift of the 31 models of similar scores as well."""
    ordered = sorted(pairs, key=lambda pair: (pair[0].score, pair[1].score - pair[0].score))
    changes = [now.score - before.score for before, now in ordered]
    found = {}
    for place, (before, now) in enumerate(ordered):
        start = max(0, min(place - 15, len(changes) - 31))
        shifts = [median(changes), median(changes[start : start + 31])]
        shifts += [] if reported is not None else [0.0]
        risen = all(now.low - shift > before.high for shift in shifts) and now.rank < before.rank
        fallen = all(now.high - shift < before.low for shift in shifts) and now.rank > before.rank
        if risen or fallen:
            found[now.model] = "up" if risen else "down"
    return found


def test_the_real_releases_with_other_questions_are_new_series(shared_data: Path) -> None:
    pairs = consecutive_snapshots(shared_data / "leaderboards" / "livebench")
    overall = [compare_snapshots(*pair) for pair in pairs if pair[0].board == "livebench"]
    assert len(overall) == 9
    assert all(found.new_series and not found.moves for found in overall)


def consecutive_snapshots(folder: Path) -> list[tuple[BoardSnapshot, BoardSnapshot]]:
    """Return each snapshot of each board in a folder with the one before it."""
    files = [SavedFile(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    series: dict[str, list[BoardSnapshot]] = {}
    for parsed in parse_files(files, board=folder.name):
        assert isinstance(parsed, ParsedBoards)
        for snapshot in parsed.snapshots:
            series.setdefault(snapshot.board, []).append(snapshot)
    ordered = (sorted(found, key=lambda one: one.day) for found in series.values())
    return [pair for found in ordered for pair in pairwise(found)]
