"""The vector index at the size of all of arXiv: time, memory and recall.

    python benchmarks/scale.py --home HOME --folder FOLDER [--size N]

Vectors are those of HOME and variants of them: a vector, half of another one, and noise, of unit
length. FOLDER gets the variants (2.2 GB for 2.9 million) and the index (2.5 GB); remove it
afterwards. Every step runs in a separate process, which measures its own peak memory. Times are
those of the processor where the machine is shared.
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.search.encoder.select import EncoderId
from tracker.search.index.faiss_index import describe_device
from tracker.search.index.protocol import VectorReader
from tracker.search.index.vector_index import open_index, refresh
from tracker.store import vectors
from tracker.store.database import read_only

Measured = dict[str, float]
_SPACE = EncoderId("benchmark", "1", 384)
_BATCH, _NEW, _QUERIES, _NEAREST = 8192, 1500, 100, 100
_VARIANTS = "variants.f16"


def write_variants(home: Path, folder: Path, size: int) -> None:
    """Write `size` vectors to the folder unless they are there: those of a home, then variants."""
    path = folder / _VARIANTS
    if path.exists() and path.stat().st_size >= size * _SPACE.dimension * 2:
        return
    real = _real_vectors(home)
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        file.write(real[:size].astype(np.float16).tobytes())
        for start in range(len(real), size, _BATCH):
            file.write(_vary(real, rng, min(_BATCH, size - start)).astype(np.float16).tobytes())


def _real_vectors(home: Path) -> NDArray[np.float32]:
    with read_only(home / "tracker.db") as db:
        works = [work for work, _ in vectors.text_hashes(db, 1)]
        return vectors.load_vectors(db, 1, works)[1]


def _vary(real: NDArray[np.float32], rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    one, other = (real[rng.integers(0, len(real), count)] for _ in range(2))
    noise = rng.standard_normal(one.shape, np.float32) * (0.5 / one.shape[1] ** 0.5)
    rows = one + 0.5 * other + noise
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _mapped(folder: Path, size: int) -> NDArray[np.float16]:
    return np.memmap(folder / _VARIANTS, np.float16, "r", shape=(size, _SPACE.dimension))


def _refreshed(folder: Path, size: int) -> Measured:
    """Make the index hold `size` works, of which those beyond the variants repeat the first."""

    def fetch(works: Sequence[int]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        count = (folder / _VARIANTS).stat().st_size // (2 * _SPACE.dimension)
        with (folder / _VARIANTS).open("rb") as file:
            for start in range(0, len(works), _BATCH):
                part = np.array(works[start : start + _BATCH], np.int64)
                file.seek(int(part[0]) % count * _SPACE.dimension * 2)
                rows = np.fromfile(file, np.float16, len(part) * _SPACE.dimension)
                yield part, rows.reshape(-1, _SPACE.dimension)

    stored = ((work, f"{work:024x}") for work in range(size))
    wall, cpu = time.perf_counter(), time.process_time()
    refresh(folder / "index", _SPACE, stored=stored, fetch=fetch)
    return {"s": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def _searched(folder: Path, size: int) -> Measured:
    cpu = time.process_time()
    with closing(open_index(folder / "index", _SPACE)) as index:
        opened = time.process_time() - cpu
        rows, rng = _mapped(folder, size), np.random.default_rng(7)
        # Questions are about what several papers are about.
        queries = _vary(rows[rng.integers(0, size, 1000)].astype(np.float32), rng, _QUERIES)
        index.search(queries[:1], 1)
        wall, used = _timed(index, queries)
        memory = _memory()
        found = index.search(queries, _NEAREST)[0]
        return {
            "opened": opened, "p50": _at(wall, 0.5), "p99": _at(wall, 0.99),
            "cpu p50": _at(used, 0.5), "cpu p99": _at(used, 0.99), "MB": memory,
            "recall": _recall(rows, queries[:_QUERIES], found),
        }  # fmt: skip


def _timed(index: VectorReader, queries: NDArray[np.float32]) -> tuple[list[float], list[float]]:
    """Return wall and processor seconds of each query, as the engine asks them."""
    wall, cpu = [], []
    for query in queries:
        begin, used = time.perf_counter(), time.process_time()
        index.search(query[None], 200)
        wall.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - used)
    return wall, cpu


def _at(seconds: Sequence[float], share: float) -> float:
    return float(np.quantile(seconds, share)) * 1e3


def _recall(
    rows: NDArray[np.float16], queries: NDArray[np.float32], found: NDArray[np.int64]
) -> float:
    """Return the share of the nearest by exact products that the index found."""
    scores = np.empty((len(queries), len(rows)), np.float32)
    for start in range(0, len(rows), _BATCH):
        scores[:, start : start + _BATCH] = (
            queries @ rows[start : start + _BATCH].astype(np.float32).T
        )
    hits = 0
    for exact, ids in zip(scores, found, strict=True):
        hits += len(set(np.argpartition(-exact, _NEAREST)[:_NEAREST].tolist()) & set(ids.tolist()))
    return hits / (_NEAREST * len(queries))


def _memory() -> float:
    """Return the peak memory of this process so far, in MB (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


def _apart(measure: Callable[[Path, int], Measured], folder: Path, size: int) -> Measured:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_memory, (measure, folder, size))


def _with_memory(measure: Callable[[Path, int], Measured], folder: Path, size: int) -> Measured:
    describe_device()  # imports faiss
    return {"MB": _memory()} | measure(folder, size) | {"peak MB": _memory()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--size", type=int, default=2_900_000)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    write_variants(given.home, given.folder, given.size)
    steps = (
        ("build", _refreshed, given.size),
        ("search", _searched, given.size),
        ("refresh with nothing new", _refreshed, given.size),
        ("refresh with 1,500 new", _refreshed, given.size + _NEW),
    )
    for name, measure, size in steps:
        found = _apart(measure, given.folder, size)
        print(
            f"{name}: " + ", ".join(f"{key} {value:,.3f}" for key, value in found.items()),
            flush=True,
        )


if __name__ == "__main__":
    main()
