"""The FAISS index: nearest papers by cosine, and spherical k-means; on the CPU or a GPU.

Owns faiss. The index is a cache of the vectors of record, held as the same float16 values; its
files are `tracker.search.generation`'s. A reader maps them into memory, so opening costs a
checksum and two processes share one copy.

Surface: `VectorIndex`, `refresh`, `IndexReport`, `kmeans`, `gpu_count`, `runs_on`.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable, TrackerError
from tracker.search import generation
from tracker.search.encoder import EncoderId
from tracker.search.generation import Generation

Batch = tuple[NDArray[np.int64], NDArray[np.float16]]
# Asked for works, it yields (works (n,), vectors (n, d)); works without a vector are left out.
Fetch = Callable[[Sequence[int]], Iterable[Batch]]

# FAISS's default of iterations. Of ten starts the best counts: twelve planted groups were then
# found in 40 of 40 draws, with one start in 10 (and with random instead of k-means++ starts in 1).
_ITERATIONS, _STARTS = 25, 10
# FAISS's default too: more points than that do not make a better centroid.
_TRAINED_PER_GROUP = 256


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a refresh did; `rebuilt` says why it started from nothing, else it is empty."""

    size: int
    added: int = 0
    removed: int = 0
    rebuilt: str = ""


class VectorIndex:
    """The read side: an open generation. It goes on answering when a refresh replaces it."""

    def __init__(self, index: Any, works: NDArray[np.int64]) -> None:
        self._index = index
        self._works = works
        self._order = np.argsort(works, kind="stable")

    @classmethod
    def open(cls, folder: Path, encoder_id: EncoderId) -> "VectorIndex":
        """Open the index below `folder`, which must hold vectors of `encoder_id`.

        Raises IndexUnusable when it is missing, damaged or of another vector space.
        """
        found = generation.find(folder, encoder_id)
        try:
            return cls._of(folder, found)
        except IndexUnusable:
            newer = generation.find(folder, encoder_id)
            if newer.number == found.number:
                raise
            # A refresh came between the manifest and its files.
            return cls._of(folder, newer)

    @classmethod
    def _of(cls, folder: Path, found: Generation) -> "VectorIndex":
        generation.check(folder, found, "vectors", "works")
        works = generation.array(folder, found, "works")
        return cls(_read(folder, found, mapped=True), works)

    @property
    def size(self) -> int:
        """How many vectors it holds."""
        return len(self._works)

    def ids(self) -> NDArray[np.int64]:
        """The works in it, in the order of their rows."""
        return self._works.copy()

    def search(
        self, vectors: NDArray[np.float32], k: int, *, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `k` nearest works of each of (q, d) unit vectors, best first, with their cosines.

        Both (q, k); places that cannot be filled hold work -1. `among` are the works to choose
        from, all when it is None.
        """
        if not self.size or k < 1:
            shape = (len(vectors), max(k, 0))
            return np.full(shape, -1, np.int64), np.full(shape, -np.inf, np.float32)
        queries = np.ascontiguousarray(vectors, np.float32)
        with _threads(len(queries)):
            cosines, rows = self._index.search(queries, k, params=self._selecting(among))
        return np.where(rows < 0, -1, self._works[rows]), cosines

    def _selecting(self, among: NDArray[np.int64] | None) -> Any:
        """What makes FAISS pass over all rows but those of some works."""
        if among is None:
            return None
        faiss = _faiss()
        bits = np.packbits(np.isin(self._works, among), bitorder="little")
        return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))

    def vectors(self, works: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors (n, d) of works, rows of NaN for those that are not in the index."""
        found = np.full((len(works), self._index.d), np.nan, np.float32)
        places = np.searchsorted(self._works, works, sorter=self._order)
        rows = self._order[np.minimum(places, self.size - 1)] if self.size else places
        known = self._works[rows] == works if self.size else np.zeros(len(works), np.bool_)
        found[known] = self._index.reconstruct_batch(rows[known])
        return found

    def vector(self, work: int) -> NDArray[np.float32] | None:
        """The vector (d,) of a work, None when it is not in the index."""
        rows = np.flatnonzero(self._works == work)
        return self._index.reconstruct(int(rows[0])) if len(rows) else None

    def close(self) -> None:
        """Let go of the files; the index is empty from then on."""
        self._index, self._works = None, np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class _Content:
    """An index that may be changed; row i of every part belongs together."""

    index: Any
    works: NDArray[np.int64]
    digests: NDArray[np.bytes_]


def refresh(
    folder: Path, encoder_id: EncoderId, *, stored: Iterable[tuple[int, str]], fetch: Fetch
) -> IndexReport:
    """Make the index hold what is stored: (work, hash of the text its vector was made from).

    Works that are gone are dropped; new ones and those with another hash are fetched, in ascending
    order. A missing, damaged or foreign index is built anew. When nothing differs, nothing is
    written. One process at a time may refresh.
    """
    wanted, rebuilt = dict(stored), ""
    try:
        found = generation.find(folder, encoder_id)
        generation.check(folder, found)
        works, digests = (generation.array(folder, found, kind) for kind in ("works", "digests"))
        keep = generation.current(works, digests, wanted)
        if keep.all() and len(keep) == len(wanted):
            return IndexReport(len(wanted))
        # Not mapped: FAISS crashes when rows are removed from an index that is.
        kept = _only(_Content(_read(folder, found, mapped=False), works, digests), keep)
    except IndexUnusable as error:
        kept, keep, rebuilt = _empty(encoder_id), np.empty(0, np.bool_), error.reason
    missing = sorted(wanted.keys() - set(kept.works.tolist()))
    new = _with(kept, _checked(missing, fetch, encoder_id.dimension), wanted)
    labels = {"works": new.works, "digests": new.digests}
    save = {"vectors": lambda path: _save(new.index, path)}
    generation.write(folder, encoder_id, labels, save)
    added, removed = len(new.works) - len(kept.works), len(keep) - len(kept.works)
    return IndexReport(len(new.works), added, removed, rebuilt)


def _empty(encoder_id: EncoderId) -> _Content:
    faiss = _faiss()
    # float16 keeps the stored values, halves the memory, and one query takes a quarter of the time
    # of IndexFlatIP (200,000 x 384: 16 ms against 71 ms), whose code for few queries is not wide.
    half = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexScalarQuantizer(encoder_id.dimension, half, faiss.METRIC_INNER_PRODUCT)
    return _Content(index, np.empty(0, np.int64), np.empty(0, "S1"))


def _only(content: _Content, keep: NDArray[np.bool_]) -> _Content:
    if keep.all():
        return content
    content.index.remove_ids(np.flatnonzero(~keep))
    return _Content(content.index, content.works[keep], content.digests[keep])


def _with(content: _Content, batches: Iterable[Batch], wanted: Mapping[int, str]) -> _Content:
    added: list[int] = []
    for works, vectors in batches:
        content.index.add(np.ascontiguousarray(vectors, np.float32))
        added += works.tolist()
    # "S" alone would make no dtype of an empty list.
    digests = np.array([b"", *(wanted[work].encode() for work in added)])[1:]
    return _Content(
        content.index,
        np.concatenate([content.works, np.array(added, np.int64)]),
        np.concatenate([content.digests, digests]),
    )


def _checked(missing: Sequence[int], fetch: Fetch, dimension: int) -> Iterator[Batch]:
    """What `fetch` gives: FAISS itself would take a work twice, or a wrong shape, in silence."""
    awaited = set(missing)
    for works, vectors in fetch(missing) if missing else ():
        if vectors.shape != (len(works), dimension):
            raise ValueError(f"{len(works)} works came with vectors of shape {vectors.shape}")
        before = len(awaited)
        awaited.difference_update(works.tolist())
        if before - len(awaited) != len(works):
            raise ValueError("a work came twice, or was not asked for")
        yield works, vectors


def _read(folder: Path, found: Generation, *, mapped: bool) -> Any:
    faiss, path = _faiss(), folder / found.files["vectors"].name
    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if mapped else 0)
    except RuntimeError as error:
        raise IndexUnusable(f"FAISS cannot read {path.name}") from error
    if (index.ntotal, index.d) != (found.count, found.id.dimension):
        raise IndexUnusable(f"{path.name} is not what its manifest says")
    return index


def _save(index: Any, path: Path) -> None:
    try:
        _faiss().write_index(index, str(path))
    except RuntimeError as error:
        raise TrackerError(f"The vector index cannot be written to {path}: {error}") from error


def kmeans(
    vectors: NDArray[Any],
    k: int,
    *,
    seed: int,
    starts: int = _STARTS,
    centres: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Spherical k-means of (n, d) unit vectors, n >= 1, into min(k, n) groups.

    Returns each vector's group (n,), the unit centroids (k, d), and each vector's cosine to its
    centroid (n,). The best of `starts` is kept; with `centres` (k, d) it starts there, once. The
    same input gives the same groups on one kind of processor. Source: Dhillon and Modha, "Concept
    decompositions for large sparse text data using clustering" (2001).
    """
    faiss = _faiss()
    points = np.ascontiguousarray(vectors, np.float32)
    count, dimension = points.shape
    trainer = faiss.Kmeans(
        dimension,
        max(1, min(k, count)),
        niter=_ITERATIONS,
        nredo=starts if centres is None else 1,
        seed=seed,
        spherical=True,
        init_method=faiss.ClusteringInitMethod_KMEANS_PLUS_PLUS,
        # Do not warn of small groups. Train on a sample only where there are very many.
        min_points_per_centroid=1,
        max_points_per_centroid=_TRAINED_PER_GROUP,
        gpu=gpu_count(),
    )
    # One thread, so that the groups do not depend on how many cores there are; and on a busy
    # machine two wait for each other so much that 5,000 points take them 12 times as long.
    with _threads(1):
        trainer.train(points, init_centroids=centres)
        cosines, groups = trainer.index.search(points, 1)
    return groups[:, 0].astype(np.int64), trainer.centroids, cosines[:, 0]


def gpu_count() -> int:
    """How many GPUs FAISS can use here; 0 with a CPU build."""
    faiss = _faiss()
    return int(faiss.get_num_gpus()) if hasattr(faiss, "get_num_gpus") else 0


def runs_on() -> str:
    """What FAISS computes on, in words for the user."""
    gpus = gpu_count()
    if not gpus:
        return "FAISS on CPU"
    return f"FAISS on {gpus} GPU{'s' if gpus > 1 else ''}"


@contextmanager
def _threads(most: int) -> Iterator[None]:
    """At most so many threads here. For a search as many as queries: FAISS hands out whole ones."""
    faiss = _faiss()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(min(before, most))
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _faiss() -> Any:
    return importlib.import_module("faiss")
