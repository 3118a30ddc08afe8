"""The FAISS index at realistic sizes: time, memory and recall.

`python benchmarks/index.py [--sizes 68394 500000]`: vectors are drawn around 400 centres, so that
neighbours exist; recall is against exact float32 products. Every step runs in a separate process,
which measures its own peak memory.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.search.encoder.select import EncoderId
from tracker.search.index.faiss_index import describe_device, kmeans
from tracker.search.index.protocol import VectorStore
from tracker.search.index.vector_index import open_index, refresh

Row = tuple[str, str]
Measured = dict[str, float]
_SPACE = EncoderId("benchmark", "1", 384)
_BATCH = 8192
_CENTRES = 400
_QUERIES = 100
_GROUPS = 40


def rows(sizes: Sequence[int] = (68_394, 500_000)) -> list[Row]:
    """Return names and values of all measurements."""
    found = [("runs on", describe_device())]
    for size in sizes:
        for name, value in _measured(size).items():
            found.append((f"{size:,}: {name}", f"{value:,.3f}"))
    found.append(
        (f"5,000: k-means into {_GROUPS}, s", f"{_apart(_clustered, Path(), 5000)['s']:.2f}")
    )
    return found


def _measured(size: int) -> Measured:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build = _apart(_refreshed, folder, size)
        files = sum(path.stat().st_size for path in folder.iterdir())
        opened, searched = _apart(_opened, folder, size), _apart(_searched, folder, size)
        idle, added = _apart(_refreshed, folder, size), _apart(_refreshed, folder, size + 600)
    return {
        "build, s": build["s"],
        "files, MB": files / 1e6,
        "open after import faiss, s": opened["s"],
        "memory after opening, MB": opened["MB"],
        "one query, p50 ms": searched["p50"],
        "one query, p95 ms": searched["p95"],
        "50 queries at once, ms each": searched["batch"],
        "memory of searching, MB": searched["MB"],
        "recall at 10": searched["recall"],
        "refresh with nothing new, s": idle["s"],
        "refresh with 600 new, s": added["s"],
        "its memory, MB": added["MB"],
    }


def _apart(measure: Callable[[Path, int], Measured], folder: Path, size: int) -> Measured:
    """Run `measure` in a new process, and return its result with the peak memory."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_memory, (measure, folder, size))


def _with_memory(measure: Callable[[Path, int], Measured], folder: Path, size: int) -> Measured:
    describe_device()  # imports faiss
    found = measure(folder, size)
    return {"MB": _memory(), **found}


def _refreshed(folder: Path, size: int) -> Measured:
    def fetch(works: Sequence[int]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        for start in range(0, len(works), _BATCH):
            part = np.array(works[start : start + _BATCH], np.int64)
            yield part, _vectors(len(part), seed=start)

    stored = ((work, f"{work:024x}") for work in range(size))
    begin = time.perf_counter()
    refresh(folder, _SPACE, stored=stored, fetch=fetch)
    return {"s": time.perf_counter() - begin}


def _opened(folder: Path, _: int) -> Measured:
    begin = time.perf_counter()
    open_index(folder, _SPACE)
    return {"s": time.perf_counter() - begin}


def _searched(folder: Path, _: int) -> Measured:
    index = open_index(folder, _SPACE)
    queries = _vectors(_QUERIES, seed=-1).astype(np.float32)
    seconds = []
    for query in queries:
        begin = time.perf_counter()
        index.search(query[None], 50)
        seconds.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    found, _cosines = index.search(queries[:50], 10)
    batch = (time.perf_counter() - begin) / 50
    return {
        "p50": float(np.median(seconds)) * 1e3,
        "p95": float(np.quantile(seconds, 0.95)) * 1e3,
        "batch": batch * 1e3,
        "MB": _memory(),
        "recall": _recall(index, queries[:50], found),
    }


def _memory() -> float:
    """Return the peak memory of this process so far, in MB (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


def _recall(index: VectorStore, queries: NDArray[np.float32], found: NDArray[np.int64]) -> float:
    """Share of the ten nearest by products in float32 that the index found."""
    best = np.full((len(queries), 0), 0.0), np.full((len(queries), 0), 0)
    works = index.ids()
    for start in range(0, len(works), _BATCH):
        part = works[start : start + _BATCH]
        products = queries @ _vectors(len(part), seed=start).astype(np.float32).T
        scores = np.concatenate([best[0], products], axis=1)
        names = np.concatenate([best[1], np.broadcast_to(part, products.shape)], axis=1)
        top = np.argpartition(-scores, 10, axis=1)[:, :10]
        best = np.take_along_axis(scores, top, 1), np.take_along_axis(names, top, 1)
    hits = [len(set(a) & set(b)) for a, b in zip(best[1].tolist(), found.tolist(), strict=True)]
    return sum(hits) / (10 * len(queries))


def _clustered(_: Path, size: int) -> Measured:
    vectors = _vectors(size, seed=0)
    begin = time.perf_counter()
    kmeans(vectors, _GROUPS, seed=0)
    return {"s": time.perf_counter() - begin}


def _vectors(count: int, seed: int) -> NDArray[np.float16]:
    """Return unit vectors around centres that are the same for every seed."""
    centres = np.random.default_rng(0).standard_normal((_CENTRES, _SPACE.dimension))
    rng = np.random.default_rng(seed + 10)
    rows = centres[rng.integers(0, _CENTRES, count)] + rng.standard_normal(
        (count, _SPACE.dimension)
    )
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float16)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[68_394, 500_000])
    given = parser.parse_args(arguments)
    for name, value in rows(given.sizes):
        print(f"{name:44s} {value:>10s}")


if __name__ == "__main__":
    main()
