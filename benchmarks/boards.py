"""Parse leaderboards: the saved real tables, data sets of the arena's sizes, damaged Parquet.

Also the precision and recall of matching models across spellings, on pairs labelled by hand.
"""

import argparse
import io
import random
import resource
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tracker.errors import SourceMalformed
from tracker.sources.formats import parquet
from tracker.sources.formats.boards import leaderboards, model_names
from tracker.sources.formats.boards.tables import Table

DATA = Path("../shared/data/leaderboards")
LABELS = Path(__file__).parent / "labels" / "model_names.tsv"
KINDS = ("lmarena_text", "lmsys_csv", "lmarena_2026-02", "livebench")


def saved(folder: Path) -> tuple[int, int, int]:
    """Return the numbers of files, boards and rows of a folder of saved tables."""
    files = [
        leaderboards.SavedFile(path.name, path.read_bytes()) for path in sorted(folder.iterdir())
    ]
    snapshots = [
        snapshot
        for parsed in leaderboards.parse_files(files, board=folder.name)
        if isinstance(parsed, leaderboards.ParsedBoards)
        for snapshot in parsed.snapshots
    ]
    return len(files), len(snapshots), sum(len(snapshot.rows) for snapshot in snapshots)


def invented(categories: int, models: int) -> bytes:
    """Return a table with the arena's columns."""
    rows: list[dict[str, Any]] = [
        {
            "model_name": f"model-{n}", "organization": "Lab", "license": "MIT",
            "rating": 1500.0 - n, "rating_lower": 1495.0 - n, "rating_upper": 1505.0 - n,
            "variance": 2.5, "vote_count": 1000 + n, "rank": n + 1, "category": f"category {c}",
            "leaderboard_publish_date": "2026-09-13",
        }
        for c in range(categories)
        for n in range(models)
    ]  # fmt: skip
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


def history(days: int, categories: int = 30, models: int = 330) -> bytes:
    """Return a history with the arena's columns; 140 days have about 50 MB."""
    chance, file, writer = random.Random(1), io.BytesIO(), None
    for day in range(days):
        rows = [
            {
                "model_name": f"model-{n}", "organization": "Lab", "rating": chance.gauss(1500 - n),
                "rating_lower": chance.gauss(1495 - n), "rating_upper": chance.gauss(1505 - n),
                "vote_count": chance.randrange(10**6), "rank": n + 1,
                "category": f"category {c}" if c else "overall",
                "leaderboard_publish_date": f"2025-{day // 28 + 1:02}-{day % 28 + 1:02}",
            }
            for c in range(categories)
            for n in range(models)
        ]  # fmt: skip
        table = pa.Table.from_pylist(rows)
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    return file.getvalue()


def select(body: bytes) -> tuple[int, float, int]:
    """Return the rows of two boards and four weeks, the seconds, and Arrow's peak memory."""
    usual, pool = pa.default_memory_pool(), pa.proxy_memory_pool(pa.default_memory_pool())
    pa.set_memory_pool(pool)
    started = time.perf_counter()
    rows = parquet.select_rows(
        body,
        "benchmark",
        "history",
        {
            "category": lambda name: name in ("overall", "category 3"),
            "leaderboard_publish_date": lambda day: str(day) >= "2025-04-01",
        },
    )
    pa.set_memory_pool(usual)
    return len(rows), time.perf_counter() - started, pool.max_memory()


def match_labelled_pairs() -> tuple[int, float, float]:
    """Return the number of pairs, the precision and the recall of `is_same_model`."""
    lines = LABELS.read_text(encoding="utf-8").splitlines()[1:]
    pairs = [line.split("\t") for line in lines]
    same = sum(label == "same" for label, _, _ in pairs)
    matched = [label for label, one, other in pairs if model_names.is_same_model(one, other)]
    right = matched.count("same")
    return len(pairs), right / len(matched), right / same


def damaged(body: bytes, times: int) -> tuple[int, float]:
    """Return how often a body with wrong bytes is rejected, and the longest time it took."""
    chance, refused, longest = random.Random(3), 0, 0.0
    for _ in range(times):
        broken = bytearray(body)
        for _ in range(chance.randrange(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        started = time.perf_counter()
        try:
            parquet.parse_rows(bytes(broken), "benchmark", "damaged")
        except SourceMalformed:
            refused += 1
        longest = max(longest, time.perf_counter() - started)
    return refused, longest


def main(data: Path = DATA) -> None:
    """Print the table."""
    print(f"{'':16} {'files':>6} {'boards':>7} {'rows':>7} {'seconds':>8}")
    for kind in KINDS:
        started = time.perf_counter()
        found = saved(data / kind)
        seconds = time.perf_counter() - started
        print(f"{kind:16} {found[0]:6} {found[1]:7} {found[2]:7,} {seconds:8.2f}")
    body, started = invented(27, 420), time.perf_counter()
    rows = parquet.parse_rows(body, "benchmark", "invented")
    parsed = leaderboards.boards_from_tables(
        [Table(rows)], board="arena", origin=leaderboards.TableOrigin("invented")
    )
    seconds = time.perf_counter() - started
    print(f"{'Parquet':16} {1:6} {len(parsed.snapshots):7} {len(rows):7,} {seconds:8.2f}")
    body = history(140)
    count, seconds, peak = select(body)
    print(
        f"history of {len(body) / 1e6:,.0f} MB: {count:,} rows selected in {seconds:.2f} s,"
        f" Arrow's peak {peak / 2**20:,.0f} MB"
    )
    pairs, precision, recall = match_labelled_pairs()
    print(f"models across spellings: {pairs} pairs, precision {precision:.1%}, recall {recall:.1%}")
    refused, longest = damaged(invented(1, 300), 3000)
    print(f"damaged Parquet: {refused:,} of 3,000 refused, at most {longest:.2f} s each")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    main(parser.parse_args().data)
