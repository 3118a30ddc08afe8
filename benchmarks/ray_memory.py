"""Memory of the Ray path with a million rows: are blocks streamed, whatever their number?

`python -m benchmarks.ray_memory --folder FOLDER [--rows 1000000]` writes a home of invented papers
(4 GB for a million), exports their texts, computes a vector for each in workers of Ray and imports
them, by the code of `tracker index --engine ray`. Only the model is replaced, by one that costs
nothing: it is in the workers, and what they return has the size of real vectors. The memory of the
driver is read twice a second; its peak is that of the kernel. It needs the extra `ray`.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.process_usage import run_measured
from tracker.config import load
from tracker.models import Paper, Version
from tracker.pipeline.bulk import ray_runs
from tracker.pipeline.bulk.ray_engine import RayOptions
from tracker.pipeline.bulk.workers import ReadFile, WorkerPlan
from tracker.search.encoder.select import find_encoder_id
from tracker.sources.formats.parquet import Columns
from tracker.store import papers, vectors
from tracker.store.database import open_database, read_only, write_transaction

_WORDS = (
    "routing experts tokens attention retrieval memory training inference latency reward"
    " alignment planning decoding evaluation distillation quantization pruning context"
).split()
_LENGTHS = (90, 150, 230)
_DAY = date(2026, 3, 10)
_DIMENSION = 384
_STEP = 100_000


class CheapWorker:
    """Returns a unit vector for each text without reading it."""

    def __init__(self, plan: WorkerPlan, read_file: ReadFile) -> None:
        del read_file
        plan.check_release()

    def __call__(self, columns: Columns) -> dict[str, list[Any]]:
        """Return rows of vectors, all different and the same in each run."""
        rng = np.random.default_rng(columns["block"][0])
        made = rng.standard_normal((len(columns["text"]), _DIMENSION), np.float32)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        kept = ("block", "position", "content_hash", "model_hash")
        rows = {name: list(columns[name]) for name in kept}
        return {**rows, "vector": list(made), "error": [""] * len(made)}


def invented_papers(rows: int) -> Iterator[Paper]:
    """Yield papers of different texts, with abstracts of usual lengths."""
    versions = (Version(1, datetime(2026, 3, 9, 12, tzinfo=UTC)),)
    for n in range(rows):
        start, length = n % len(_WORDS), _LENGTHS[n % len(_LENGTHS)]
        words = _WORDS[start:] + _WORDS[:start]
        abstract = " ".join(words[i % len(words)] for i in range(length))
        yield Paper(
            id=f"{2000 + n // 100_000:04d}.{n % 100_000:05d}",
            title=f"An invented title, number {n}", abstract=f"{abstract} {n}.",
            authors=("Ada Example",), categories=("cs.LG",), published=_DAY, announced=_DAY,
            updated=_DAY, versions=versions,
        )  # fmt: skip


def write_home(home: Path, rows: int) -> None:
    """Write the papers of a home unless they are there; words, which no export reads, are not."""
    with open_database(home / "tracker.db") as db:
        if db.execute("SELECT count(*) FROM works").fetchone() == (rows,):
            return
        found = "SELECT sql FROM sqlite_master WHERE tbl_name = 'works' AND type = 'index'"
        indexes = [sql for (sql,) in db.execute(found) if sql]
        for sql in indexes:
            db.execute(f"DROP INDEX {sql.split()[2]}")
        db.execute("DROP TRIGGER works_ai")
        invented = invented_papers(rows)
        while batch := list(islice(invented, 20_000)):
            with write_transaction(db):
                papers._insert_works(db, batch, None)
        for sql in indexes:
            db.execute(sql)


def drive(home: Path, store: int) -> None:
    """Export, compute and import; print the time and the peak memory at each 100,000 rows."""
    config, started, printed = load(home, environ={}), time.perf_counter(), dict[str, int]()

    def report(stage: str, done: int, total: int | None = None) -> None:
        if done - printed.get(stage, -_STEP) >= _STEP or done == total:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            elapsed = time.perf_counter() - started
            print(f"{elapsed:7.1f} s  {stage}: {done:9,}  peak {peak:5,.0f} MB", file=sys.stderr)
            printed[stage] = done

    with open_database(config.database) as db:
        space = find_encoder_id(config.embedding, config.models)
        assert space, "the bundled model is known without its files"
        number = vectors.get_or_create_encoder(db, space.model, space.revision, space.dimension)
        dataset = ray_runs._texts(
            db, config, lambda: vectors.works_without_vector(db, number), report
        )
        cheap = replace(dataset.job, build=CheapWorker, whole_node=False)
        done = ray_runs._run(replace(dataset, job=cheap), RayOptions("", store), "embed", report)
    print(f"{done.added:,} added, {done.rejected:,} refused, {done.rows_per_second:,.0f} rows/s")


def main() -> int:
    """Measure the driver in a separate process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--store", type=int, default=512)
    parser.add_argument("--drive", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.drive:
        drive(given.folder, given.store)
        return 0
    given.folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    write_home(given.folder, given.rows)
    print(f"{given.rows:,} papers written in {time.perf_counter() - began:,.0f} s", flush=True)
    line = [sys.executable, "-m", "benchmarks.ray_memory", "--folder", str(given.folder)]
    printed, usage = run_measured([*line, "--drive", "--store", str(given.store)])
    print(printed, end="")
    for elapsed, megabytes in usage.samples[:: max(1, len(usage.samples) // 20)]:
        print(f"{elapsed:7.1f} s  driver {megabytes:6,.0f} MB")
    print(f"peak of the driver {usage.peak_mb:,.0f} MB, of all {usage.tree_peak_mb:,.0f} MB")
    print(f"{usage.seconds:,.0f} s, {usage.cpu_by_name()}")
    with read_only(given.folder / "tracker.db") as db:
        print(f"{db.execute('SELECT count(*) FROM vectors').fetchone()[0]:,} vectors stored")
    return 0


if __name__ == "__main__":
    sys.exit(main())
