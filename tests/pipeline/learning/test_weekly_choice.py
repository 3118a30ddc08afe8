"""The paper of the week fills gaps of the map."""

from tracker.pipeline.learning.weekly_choice import pick_for_gaps

CELLS = {
    "first": {("moe", "training")},
    "wide": {("moe", "data"), ("agents", "data"), ("rag", "data")},
    "rag": {("rag", "data"), ("rag", "training")},
    "untagged": set(),
}


def test_most_unread_cells_win_and_rank_decides_between_equals() -> None:
    assert pick_for_gaps(list(CELLS), CELLS, set()) == "wide"
    assert pick_for_gaps(list(CELLS), CELLS, CELLS["wide"]) == "first"
    assert pick_for_gaps(["untagged", "first"], CELLS, CELLS["first"]) == "untagged"


def test_wanted_directions_come_first() -> None:
    assert pick_for_gaps(list(CELLS), CELLS, set(), ["rag"]) == "rag"
    assert pick_for_gaps(list(CELLS), CELLS, CELLS["rag"], ["rag"]) == "wide"
