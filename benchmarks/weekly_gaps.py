"""How many cells of the map three invented readers have read after nine weeks, one paper a week.

`python benchmarks/weekly_gaps.py HOME` for a home with the digests of 2026-W05 to 2026-W13. Each
reader reads the paper that `tracker next` would choose; the other column reads the first paper of
each digest, which is the same for everybody. Nothing is written.
"""

import argparse
from pathlib import Path

from tracker.config import load
from tracker.pipeline.learning.weekly_choice import Cell, load_cells, pick_for_gaps
from tracker.store import issues
from tracker.store.database import read_only

WEEKS = [f"2026-W{number:02}" for number in range(5, 14)]
READERS = {
    "beginner: rag, agents, small-models": ("rag", "agents", "small-models"),
    "engineer: compression, fine-tuning, moe": ("compression", "fine-tuning", "moe"),
    "researcher: all directions": (),
}


def main() -> None:
    """Print the distinct cells read by each reader, and by reading the first paper."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    config = load(parser.parse_args().home)
    with read_only(config.database) as db:
        picks = [issues.pick_ids(db, "weekly", week) for week in WEEKS]
        cells = load_cells(db, config, {key for week in picks for key in week})
    first: set[Cell] = {cell for week in picks for cell in cells.get(week[0], ())}
    print(f"{'reader':42} {'first paper':>22} {'for gaps':>22}")
    for name, directions in READERS.items():
        known: set[Cell] = set()
        for week in picks:
            known |= cells.get(pick_for_gaps(week, cells, known, directions), set())
        print(f"{name:42} {count(first, directions):>22} {count(known, directions):>22}")


def count(cells: set[Cell], directions: tuple[str, ...]) -> str:
    """Return how many of the cells there are, and how many of the wanted directions."""
    wanted = sum(not directions or cell[0] in directions for cell in cells)
    return f"{len(cells)} ({wanted} wanted)"


if __name__ == "__main__":
    main()
