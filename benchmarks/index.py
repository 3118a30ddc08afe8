"""How the FAISS index behaves at the sizes that matter: time, memory and faithfulness.

`python benchmarks/index.py [--sizes 68394 500000]`: vectors are drawn around 400 centres, so that
neighbours exist; recall is against exact float32 products. Each size runs in a process of its own,
and a search in another one, so that memory is that of a search alone.
"""

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.search.embedder import EncoderId
from tracker.search.index import VectorIndex, kmeans, refresh, runs_on

Row = tuple[str, ...]
HEADER: Row = (
    "vectors", "build s", "file MB", "open ms", "open RSS MB", "p50 ms", "p95 ms", "search RSS MB",
    "recall@10", "+600 s", "refresh RSS MB", "no-op s",
)  # fmt: skip
_SPACE = EncoderId("benchmark", "1", 384)
_BATCH = 8192
_QUERIES = 200


def rows(sizes: Sequence[int] = (68_394, 500_000)) -> list[Row]:
    """One row per size, as `HEADER` names them."""
    return [HEADER, *(_row(size) for size in sizes)]


def _row(size: int) -> Row:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build, _ = _apart(_refreshed, folder, size)
        bytes_ = sum(path.stat().st_size for path in folder.iterdir())
        opened, p50, p95, recall, opened_rss = _apart(_searched, folder, size)[0]
        search_rss = _apart(_searched, folder, size)[1]
        idle, _ = _apart(_refreshed, folder, size)
        added, refresh_rss = _apart(_refreshed, folder, size + 600)
    return (
        str(size), f"{build:.1f}", f"{bytes_ / 1e6:.0f}", f"{opened * 1e3:.0f}",
        f"{opened_rss:.0f}", f"{p50 * 1e3:.1f}", f"{p95 * 1e3:.1f}", f"{search_rss:.0f}",
        f"{recall:.3f}", f"{added:.1f}", f"{refresh_rss:.0f}", f"{idle:.1f}",
    )  # fmt: skip


def _apart[T](measure: Callable[[Path, int], T], folder: Path, size: int) -> tuple[T, float]:
    raise NotImplementedError
