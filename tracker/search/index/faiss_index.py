"""FAISS: the vector store used for search, and spherical k-means; on the CPU or a GPU.

Owns faiss. `FaissStore` implements `tracker.search.index.protocol.VectorStore`. Vectors are kept as
float16, the precision in which the database stores them. A store opened for reading maps its file
into memory, so several processes share one copy.

Public: `FaissStore`, `VectorCodes`, `kmeans`, `gpu_count`, `describe_device`.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable, TrackerError

# FAISS's default number of iterations. The best of ten starts is used: it found twelve planted
# groups in 40 of 40 draws, one start did in 10 (and random instead of k-means++ starts in 1).
_ITERATIONS, _STARTS = 25, 10
# FAISS's default, too: more points per group do not improve a centroid.
_TRAINED_PER_GROUP = 256


class FaissStore:
    """A flat FAISS index of float16 vectors, and the id of each row."""

    def __init__(self, index: Any, ids: NDArray[np.int64], *, writable: bool) -> None:
        self._index, self._writable = index, writable
        self._set_ids(ids)

    def _set_ids(self, ids: NDArray[np.int64]) -> None:
        self._ids, self._order = ids, np.argsort(ids, kind="stable")

    @classmethod
    def build(cls, dimension: int) -> Self:
        """Return an empty store for vectors of this dimension."""
        faiss = _import_faiss()
        # float16 keeps the stored values, halves the memory, and one query takes a quarter of the
        # time of IndexFlatIP (200,000 x 384: 16 ms against 71 ms), whose code for few queries is
        # not vectorised.
        half = faiss.ScalarQuantizer.QT_fp16
        index = faiss.IndexScalarQuantizer(dimension, half, faiss.METRIC_INNER_PRODUCT)
        return cls(index, np.empty(0, np.int64), writable=True)

    @classmethod
    def load(cls, path: Path, ids: NDArray[np.int64], *, writable: bool = False) -> Self:
        """Open a file that `save` wrote. Raises IndexUnusable."""
        faiss = _import_faiss()
        # FAISS crashes when rows are removed from a mapped index, so a writable one is not mapped.
        try:
            index = faiss.read_index(str(path), 0 if writable else faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise IndexUnusable(f"FAISS cannot read {path.name}") from error
        if index.ntotal != len(ids):
            raise IndexUnusable(f"{path.name} does not match its manifest")
        return cls(index, ids, writable=writable)

    def save(self, path: Path) -> None:
        """Write the vectors to `path`. Raises TrackerError."""
        try:
            _import_faiss().write_index(self._index, str(path))
        except RuntimeError as error:
            raise TrackerError(f"The vector index cannot be written to {path}: {error}") from error

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        return int(self._index.d)

    @property
    def count(self) -> int:
        """Number of vectors."""
        return len(self._ids)

    def ids(self) -> NDArray[np.int64]:
        """Return a copy of the ids (n,), in the order of their rows."""
        return self._ids.copy()

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.float32 | np.float16]) -> None:
        """Append vectors (m, d) under new ids (m,). Raises ValueError, as FAISS would not."""
        assert self._writable, "load(writable=True)"
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(f"{len(ids)} ids came with vectors of shape {vectors.shape}")
        if len(np.unique(ids)) != len(ids) or (self._find_rows(ids) >= 0).any():
            raise ValueError("an id is repeated or already in the store")
        self._index.add(np.ascontiguousarray(vectors, np.float32))
        self._set_ids(np.concatenate([self._ids, ids]))

    def remove(self, ids: NDArray[np.int64]) -> int:
        """Remove the vectors of these ids and return how many there were."""
        assert self._writable, "load(writable=True)"
        gone = np.isin(self._ids, ids)
        if gone.any():
            self._index.remove_ids(np.flatnonzero(gone))
            self._set_ids(self._ids[~gone])
        return int(gone.sum())

    def search(
        self, queries: NDArray[np.float32], k: int, *, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return ids and cosines (q, k) of the `k` nearest vectors of each query (q, d)."""
        if not self.count or k < 1:
            shape = (len(queries), max(k, 0))
            return np.full(shape, -1, np.int64), np.full(shape, -np.inf, np.float32)
        rows = np.ascontiguousarray(queries, np.float32)
        with _limit_threads(len(rows)):
            scores, places = self._index.search(rows, k, params=self._search_parameters(among))
        return np.where(places < 0, -1, self._ids[places]), scores

    def _search_parameters(self, among: NDArray[np.int64] | None) -> Any:
        """Return parameters that make FAISS skip all rows except those of some ids."""
        if among is None:
            return None
        faiss = _import_faiss()
        bits = np.packbits(np.isin(self._ids, among), bitorder="little")
        return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))

    def vectors(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors (m, d) of ids (m,); rows of NaN for ids that are not in the store."""
        found, rows = np.full((len(ids), self.dimension), np.nan, np.float32), self._find_rows(ids)
        if (known := rows >= 0).any():
            found[known] = self._index.reconstruct_batch(rows[known])
        return found

    def _find_rows(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row (m,) of each id (m,); -1 for ids that are not in the store."""
        if not self.count:
            return np.full(len(ids), -1, np.int64)
        places = np.searchsorted(self._ids, ids, sorter=self._order)
        rows = self._order[np.minimum(places, self.count - 1)]
        return np.where(self._ids[rows] == ids, rows, -1)

    def close(self) -> None:
        """Release the file; the store is empty afterwards."""
        empty = self.build(self.dimension)
        self._index, self._ids, self._order = empty._index, empty._ids, empty._order


class VectorCodes:
    """Vectors in two bits per component, for finding candidates; rows have no ids.

    Each pair of components is one of 16 pairs (product quantisation: Jégou et al., TPAMI 2011),
    whose products with a query are looked up in registers (André et al., TPAMI 2021).
    """

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def train(cls, sample: NDArray[np.float32]) -> Self:
        """Return empty codes for vectors that are distributed like `sample` (n, d), d even."""
        faiss = _import_faiss()
        dimension = sample.shape[1]
        index = faiss.IndexPQFastScan(dimension, dimension // 2, 4, faiss.METRIC_INNER_PRODUCT)
        with _limit_threads(1):
            index.train(np.ascontiguousarray(sample, np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a file that `save` wrote. Raises IndexUnusable."""
        faiss = _import_faiss()
        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as error:
            raise IndexUnusable(f"FAISS cannot read {path.name}") from error

    @property
    def count(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Append vectors (m, d)."""
        self._index.add(np.ascontiguousarray(vectors, np.float32))

    def save(self, path: Path) -> None:
        """Write the codes to `path`. Raises TrackerError."""
        try:
            _import_faiss().write_index(self._index, str(path))
        except RuntimeError as error:
            raise TrackerError(f"The vector index cannot be written to {path}: {error}") from error

    def candidates(self, query: NDArray[np.float32], most: int) -> NDArray[np.int64]:
        """Return up to `most` rows that are probably nearest to a query (d,), best first."""
        with _limit_threads(1):
            _, rows = self._index.search(query[None], min(most, self.count))
        found: NDArray[np.int64] = rows[0][rows[0] >= 0]
        return found


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
    faiss = _import_faiss()
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
    with _limit_threads(1):
        trainer.train(points, init_centroids=centres)
        cosines, groups = trainer.index.search(points, 1)
    return groups[:, 0].astype(np.int64), trainer.centroids, cosines[:, 0]


def gpu_count() -> int:
    """How many GPUs FAISS can use here; 0 with a CPU build."""
    faiss = _import_faiss()
    return int(faiss.get_num_gpus()) if hasattr(faiss, "get_num_gpus") else 0


def describe_device() -> str:
    """What FAISS computes on, in words for the user."""
    gpus = gpu_count()
    if not gpus:
        return "FAISS on CPU"
    return f"FAISS on {gpus} GPU{'s' if gpus > 1 else ''}"


@contextmanager
def _limit_threads(most: int) -> Iterator[None]:
    """At most so many threads here. For a search as many as queries: FAISS hands out whole ones."""
    faiss = _import_faiss()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(min(before, most))
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _import_faiss() -> Any:
    return importlib.import_module("faiss")
