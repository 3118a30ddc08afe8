"""The Ray path against the local path on the same papers: equality, throughput and its overhead.

`python benchmarks/ray_engine.py --home HOME [--papers 2000] [--repeats 2] [--summaries]` copies the
newest papers of a home with the model prepared, embeds them here and with Ray by turns, and
compares bytes, seconds and processor seconds. The stage is what `--engine` changes: embedding from
the first call to the last row, the start and the end of Ray included. `--blocks` and `--store` are
rows of a block and megabytes of the object store. It needs the extra `ray`.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.process_usage import Usage, run_measured
from tracker.config import load
from tracker.pipeline.bulk import export_work, local_summaries, ray_runs
from tracker.pipeline.bulk.ray_engine import RayOptions
from tracker.pipeline.retrieval import index_refresh
from tracker.store import papers
from tracker.store.database import Database, open_database, read_only

_NO_SPAN = (None, None)


class StageClock:
    """A progress callback that records when the first and the last rows of a stage arrived."""

    def __init__(self, stage: str) -> None:
        self._stage, self.events = stage, list[tuple[float, int]]()

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Record the time of a report about the stage."""
        del total
        if stage == self._stage:
            self.events.append((time.perf_counter(), done))

    def rate_between_reports(self) -> float:
        """Return the rows a second between the first and the last report of rows."""
        reports = [event for event in self.events if event[1]]
        (began, first), (ended, last) = reports[0], reports[-1]
        return (last - first) / (ended - began) if ended > began else 0.0


def copy_papers(home: Path, target: Path, number: int) -> None:
    """Create a home with the newest papers of another, and its model."""
    target.mkdir(parents=True)
    with read_only(home / "tracker.db") as source, open_database(target / "tracker.db") as copy:
        query = "SELECT id FROM works ORDER BY announced DESC, id LIMIT ?"
        numbers = [work for (work,) in source.execute(query, [number])]
        papers.upsert(copy, list(papers.load_by_number(source, numbers).values()))
    (target / "models").symlink_to((home / "models").resolve())


@contextmanager
def timed(target: Any, name: str, seconds: list[float]) -> Iterator[None]:
    """Append the seconds of each call of a function to `seconds`."""
    function = getattr(target, name)

    def measured(*arguments: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            seconds.append(time.perf_counter() - began)

    setattr(target, name, measured)
    try:
        yield
    finally:
        setattr(target, name, function)


def drive(home: Path, engine: str, table: str, store: int) -> dict[str, float]:
    """Run a path in this process; return the seconds of its stage and its rate."""
    config, seconds = load(home, environ={}), list[float]()
    clock = StageClock("embed" if table == "vectors" else "summarise")
    options, now = RayOptions("", store), datetime.now(UTC)
    with open_database(config.database) as db:
        if engine == "ray":
            with timed(ray_runs, "_run", seconds):
                run_ray(db, config, options, table, now, clock)
        elif table == "vectors":
            with timed(index_refresh, "_embed_papers", seconds):
                index_refresh.index_papers(db, config, progress=clock)
        else:
            with timed(local_summaries, "summarize_works", seconds):
                local_summaries.summarize_all_here(db, config, "en", _NO_SPAN, now, clock)
    return {"stage": sum(seconds), "rate": clock.rate_between_reports()}


def run_ray(
    db: Database, config: Any, options: RayOptions, table: str, now: datetime, clock: StageClock
) -> None:
    """Embed or summarize with Ray."""
    if table == "vectors":
        ray_runs.index_with_ray(db, config, options, _NO_SPAN, clock)
    else:
        ray_runs.summarize_all_with_ray(db, config, options, "en", _NO_SPAN, now, clock)


def stored(home: Path, table: str) -> list[tuple[object, ...]]:
    """Return what a path stored, comparable between homes."""
    queries = {
        "vectors": "SELECT w.key, v.data FROM works w JOIN vectors v ON v.work = w.id ORDER BY 1",
        "summaries": "SELECT w.key, s.model, s.method, s.dropped, s.note, s.tldr, s.sentences"
        " FROM works w JOIN summaries s ON s.work = w.id ORDER BY 1, 2",
    }
    with read_only(home / "tracker.db") as db:
        return db.execute(queries[table]).fetchall()


def measure(home: Path, engine: str, table: str, given: argparse.Namespace) -> dict[str, Any]:
    """Run a path in a process, with the load of the machine before it."""
    line = [
        sys.executable, "-m", "benchmarks.ray_engine", "--home", str(home), "--drive", engine,
        "--table", table, "--blocks", str(given.blocks), "--store", str(given.store),
    ]  # fmt: skip
    load_before = os.getloadavg()[0]
    printed, usage = run_measured(line)
    return json.loads(printed.splitlines()[-1]) | {"usage": usage, "load": load_before}


def print_run(engine: str, table: str, done: dict[str, Any], rows: int) -> None:
    """Print what a run took."""
    usage: Usage = done["usage"]
    shares = {name: round(s, 1) for name, s in usage.cpu_by_name().items() if s >= 1}
    print(
        f"{table:9} {engine:5} load {done['load']:4.1f} | command {usage.seconds:6.1f} s | stage"
        f" {done['stage']:6.1f} s, {rows / done['stage']:5.1f} rows/s; {done['rate']:5.1f} between"
        f" reports | CPU {usage.cpu_seconds:6.1f} s {shares} | driver {usage.peak_mb:,.0f} MB",
        flush=True,
    )


def compare(given: argparse.Namespace, table: str) -> None:
    """Run both paths by turns; print each run, what differs, and the ratios."""
    runs: dict[str, list[dict[str, Any]]] = {"local": [], "ray": []}
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(given.repeats):
            homes = {name: Path(scratch) / f"{name}{turn}" for name in runs}
            for name, home in homes.items():
                copy_papers(given.home, home, given.papers)
                runs[name].append(measure(home, name, table, given))
                print_run(name, table, runs[name][-1], given.papers)
            one, other = (stored(home, table) for home in homes.values())
            differing = sum(a != b for a, b in zip(one, other, strict=True))
            print(f"{table:9} {differing} of {len(one):,} differ", flush=True)
    print_ratios(table, runs)


def print_ratios(table: str, runs: dict[str, list[dict[str, Any]]]) -> None:
    """Print the local path's time as a share of that of Ray: 1 is as fast."""
    values = {
        "command": lambda run: run["usage"].seconds,
        "stage": lambda run: run["stage"],
        "between reports": lambda run: 1 / run["rate"],
        "processor seconds": lambda run: run["usage"].cpu_seconds,
    }
    for name, value in values.items():
        pairs = zip(runs["local"], runs["ray"], strict=True)
        ratios = [value(here) / value(there) for here, there in pairs]
        print(f"{table:9} ratio, {name}: {median(ratios):.2f} {[round(r, 2) for r in ratios]}")


def main() -> int:
    """Run the comparison, or one path of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--papers", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--blocks", type=int, default=0)
    parser.add_argument("--store", type=int, default=512)
    parser.add_argument("--summaries", action="store_true")
    parser.add_argument("--drive", choices=["local", "ray"], help=argparse.SUPPRESS)
    parser.add_argument("--table", default="vectors", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.blocks:
        export_work.TEXTS_PER_BLOCK = export_work.PAPERS_PER_BLOCK = given.blocks
    if given.drive:
        print(json.dumps(drive(given.home, given.drive, given.table, given.store)))
        return 0
    for table in ["vectors", "summaries"] if given.summaries else ["vectors"]:
        compare(given, table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
