"""Queue times and failures of bulk embedding and summarizing, simulated for three sizes.

`python benchmarks/queue_simulation.py [--days 365] [--seed 1]`: papers arrive on working days in
one announcement, workers take blocks of the queue, and a worker that fails loses its block, which
another one computes again, as `--engine ray` does. Rates are those of docs/scaling.md: estimates
and assumptions, named as such there; change them to size a machine.
"""

import argparse
import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass

_DAY = 86_400.0


@dataclass(frozen=True)
class Stage:
    """Workers that compute one kind of result: rows a second of each, and rows of a block."""

    name: str
    workers: int
    rows_per_second: float
    block: int
    mean_hours_between_failures: float = 200.0
    restart_seconds: float = 60.0


@dataclass(frozen=True)
class Site:
    """A size of installation: papers of a working day, papers of the past, and its stages."""

    name: str
    daily: int
    backlog: int
    stages: tuple[Stage, ...]


# Embedding: 25 abstracts a second on two shared cores, half of what they do when idle (README), and
# 10,000 on a large GPU (a goal, not measured). Summaries: 0.05 papers a second for a small
# model on two cores, 20 for an 8B model on a GPU with continuous batching (both assumed).
SITES = (
    Site("a lab", 600, 68_394, (Stage("embed", 1, 25, 1024), Stage("summarize", 1, 0.05, 64))),
    Site(
        "all of arXiv", 1_100, 2_900_000,
        (Stage("embed", 4, 25, 1024), Stage("summarize", 1, 20, 64)),
    ),
    Site(
        "200 M works", 30_000, 200_000_000,
        (Stage("embed", 4, 10_000, 4096), Stage("summarize", 64, 20, 64)),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """Seconds from the announcement of a block to its result, and blocks computed twice."""

    waits: tuple[float, ...]
    repeated: int
    backlog_days: float


def announcements(daily: int, days: int, rng: random.Random) -> Iterator[tuple[float, int]]:
    """Yield (second, papers) of the announcements; Fridays and Saturdays have none."""
    for day in range(days):
        if day % 7 not in (4, 5):
            # Mondays bring the papers of three days; other days vary by a seventh.
            factor = 1.4 if day % 7 == 6 else 0.92
            yield day * _DAY, max(0, round(rng.gauss(daily * factor, daily / 7)))


def simulate(site: Site, stage: Stage, days: int, seed: int) -> Outcome:
    """Return how long the blocks of a stage wait for their result."""
    rng = random.Random(seed)
    free = [0.0] * stage.workers
    failures = 1 / (stage.mean_hours_between_failures * 3600)
    waits: list[float] = []
    repeated = 0
    for at, papers in announcements(site.daily, days, rng):
        for start in range(0, papers, stage.block):
            rows = min(stage.block, papers - start)
            begun = max(at, heapq.heappop(free))
            need = rows / stage.rows_per_second
            while (crash := rng.expovariate(failures)) < need:
                repeated += 1
                begun += crash + stage.restart_seconds
            heapq.heappush(free, begun + need)
            waits.append(begun + need - at)
    rate = stage.workers * stage.rows_per_second
    spare = max(1e-9, rate - site.daily * 5 / 7 / _DAY)
    return Outcome(tuple(sorted(waits)), repeated, site.backlog / spare / _DAY)


def main() -> None:
    """Print a table with a row for each site and stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print("| site | stage | workers | median wait | 95 % | worst | repeated blocks | backlog |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for site in SITES:
        for stage in site.stages:
            found = simulate(site, stage, given.days, given.seed)
            median, late, worst = (
                found.waits[int(q * (len(found.waits) - 1))] / 60 for q in (0.5, 0.95, 1)
            )
            print(
                f"| {site.name} | {stage.name} | {stage.workers} | {median:,.1f} min |"
                f" {late:,.1f} min | {worst:,.1f} min | {found.repeated} of {len(found.waits):,} |"
                f" {found.backlog_days:,.1f} days |"
            )


if __name__ == "__main__":
    main()
