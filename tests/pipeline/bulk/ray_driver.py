"""Drivers of the Ray tests, each in its own process: Ray's warnings and signals stay there.

`python -m tests.pipeline.bulk.ray_driver HOME ACTION`; prints a line of JSON.
"""

import json
import os
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tracker.config import load
from tracker.pipeline.bulk import export_work, ray_runs
from tracker.pipeline.bulk.ray_engine import RayOptions
from tracker.store.database import open_database

BLOCK = 16
NOW = datetime(2026, 3, 20, tzinfo=UTC)
_NO_SPAN = (None, None)


class Event:
    """A progress callback that acts once, when the first results of a stage have arrived."""

    def __init__(self, stage: str, act: Any) -> None:
        self._stage, self._act, self._first = stage, act, -1

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        if stage != self._stage or self._act is None:
            return
        self._first = done if self._first < 0 else self._first
        if self._first < done < (total or 0):
            act, self._act = self._act, None
            act()


def embed_on_cluster(home: Path) -> Any:
    """Embed on three nodes, of which one is killed after the first results."""
    from ray.cluster_utils import Cluster

    config = load(home, environ={})
    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": 100 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    nodes = [cluster.add_node(num_cpus=1, object_store_memory=100 * 2**20) for _ in range(2)]
    killed = []

    def kill() -> None:
        killed.append(1)
        cluster.remove_node(nodes[0], allow_graceful=False)

    with open_database(config.database) as db:
        _, bulk = ray_runs.index_with_ray(
            db, config, RayOptions(cluster.address), _NO_SPAN, Event("embed", kill)
        )
    cluster.shutdown()
    return asdict(bulk) | {"killed": len(killed)}


def summarize(home: Path, kill: bool) -> Any:
    """Summarize on this machine; `kill` ends the driver after the first results."""
    config = load(home, environ={})
    act = (lambda: os.kill(os.getpid(), signal.SIGKILL)) if kill else None
    with open_database(config.database) as db:
        return asdict(
            ray_runs.summarize_all_with_ray(
                db, config, RayOptions(), "en", _NO_SPAN, NOW, Event("summarise", act)
            )
        )


if __name__ == "__main__":
    export_work.TEXTS_PER_BLOCK = export_work.PAPERS_PER_BLOCK = BLOCK
    folder, action = Path(sys.argv[1]), sys.argv[2]
    if action == "cluster":
        print(json.dumps(embed_on_cluster(folder)))
    else:
        print(json.dumps(summarize(folder, kill=action == "killed")))
