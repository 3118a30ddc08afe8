"""The table for Notion has one row per paper, whatever the cells contain."""

import csv
import io

from tests.store.records import paper
from tracker.delivery.notes.notion_table import NotionRow, format_table


def test_cells_are_read_back_as_they_are() -> None:
    work = paper("2603.00001", title='A "quoted", title', authors=("Ann Lee", "Bo, Jr."))
    text = format_table(
        [NotionRow(work, ["MoE"], ["Data", "Training"], frozenset(("read",)), "Line\n==two==")]
    )
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert next(iter(row)) == "Name"
    assert row["Name"] == 'A "quoted", title'
    assert row["Authors"] == "Ann Lee, Bo  Jr."
    assert row["Dimensions"] == "Data, Training"
    assert (row["Saved"], row["Read"], row["Tried"]) == ("No", "Yes", "No")
    assert row["Notes"] == "Line\n==two=="
