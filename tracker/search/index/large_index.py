"""A vector index of millions: codes find candidates, exact vectors in a file rank them.

The codes (96 bytes of a vector of 384 components) are scanned completely, the vectors are read only
where a candidate is. Later additions go to a small separate store and deletions to a list, so that
a refresh writes only what has changed; when that is a tenth of the index, both are rebuilt, batch
by batch.

Public: `LargeStore`, `write_base`, `write_changes`, `load_base`, `FROM_COUNT`, `CHANGED_SHARE`.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable
from tracker.search.encoder.openvino import EncoderId
from tracker.search.index import index_files
from tracker.search.index.faiss_index import VectorCodes
from tracker.search.index.index_files import Generation, StoredHashes
from tracker.search.index.protocol import VectorReader, VectorStore
from tracker.search.index.row_file import RowFile

VectorBatch = tuple[NDArray[np.int64], NDArray[np.float16]]

# From so many vectors on an index has codes: below, scanning all vectors takes under 10 ms.
FROM_COUNT = 100_000
# An index is written anew once this share of it has been added or dropped.
CHANGED_SHARE = 0.1
# Candidates ranked exactly: so many times the wanted ones, and at least so many.
_OVERSAMPLING, _LEAST_CANDIDATES = 5, 1000
# A search among at most so many works reads their vectors, without the codes.
_READ_ALL = 20_000
_SAMPLE, _BATCH = 20_000, 8192
_SPOOL = "spool-0"


class LargeStore:
    """A large index opened for reading: a base without the rows that are gone, and what was added.

    It implements `tracker.search.index.protocol.VectorReader`.
    """

    def __init__(
        self,
        works: NDArray[np.int64],
        matrix: RowFile,
        codes: VectorCodes,
        added: VectorReader | None = None,
        gone: NDArray[np.int64] | None = None,
    ) -> None:
        self._works, self._matrix, self._codes, self._added = works, matrix, codes, added
        ascends = bool((works[:-1] < works[1:]).all())
        self._order = None if ascends else np.argsort(works, kind="stable")
        self._alive = np.ones(len(works), np.bool_)
        if gone is not None:
            self._alive[self._find_rows(gone)[0]] = False

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        return int(self._matrix.shape[1])

    @property
    def count(self) -> int:
        """Number of vectors."""
        return int(self._alive.sum()) + (self._added.count if self._added else 0)

    def ids(self) -> NDArray[np.int64]:
        """Return the works, those that were added last."""
        base = self._works[self._alive]
        return np.concatenate([base, self._added.ids()]) if self._added else base

    def search(
        self, queries: NDArray[np.float32], k: int, *, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return ids and cosines (q, k) of the `k` nearest vectors of each query (q, d)."""
        shape = (len(queries), max(k, 0))
        works, scores = np.full(shape, -1, np.int64), np.full(shape, -np.inf, np.float32)
        allowed = self._alive if among is None else self._allowed(among)
        for place, query in enumerate(np.asarray(queries, np.float32)):
            found = [self._search_base(query, k, allowed)]
            if self._added:
                ids, cosines = self._added.search(query[None], k, among=among)
                found.append((ids[0][ids[0] >= 0], cosines[0][ids[0] >= 0]))
            ids, cosines = (np.concatenate(parts) for parts in zip(*found, strict=True))
            best = np.lexsort((ids, -cosines))[: shape[1]]
            works[place, : len(best)], scores[place, : len(best)] = ids[best], cosines[best]
        return works, scores

    def _allowed(self, among: NDArray[np.int64]) -> NDArray[np.bool_]:
        allowed = np.zeros(len(self._works), np.bool_)
        allowed[self._find_rows(among)[0]] = True
        return allowed & self._alive

    def _search_base(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        rows = self._candidates(query, k, allowed)
        cosines = np.concatenate(
            [np.empty(0, np.float32)]
            # Not a product by BLAS, whose threads take longer to start than this.
            + [np.einsum("ij,j->i", part, query) for part in self._read(rows)]
        )
        best = np.argsort(-cosines, kind="stable")[: max(k, 0)]
        return self._works[rows[best]], cosines[best]

    def _candidates(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """Return rows, ascending, that include the `k` nearest of the allowed ones, very probably.

        Among few all are returned; among a part of the works, as many more candidates are found.
        """
        total = int(allowed.sum())
        if total <= _READ_ALL:
            return np.flatnonzero(allowed)
        wanted = min(total, max(_OVERSAMPLING * k, _LEAST_CANDIDATES))
        most = wanted * len(allowed) // total
        while True:
            rows = self._codes.candidates(query, most)
            kept: NDArray[np.int64] = rows[allowed[rows]][:wanted]
            if len(kept) >= wanted or most >= len(allowed):
                return np.sort(kept)
            most *= 4

    def _read(self, rows: NDArray[np.int64]) -> Iterator[NDArray[np.float32]]:
        for start in range(0, len(rows), _BATCH):
            yield self._matrix.read(rows[start : start + _BATCH]).astype(np.float32)

    def vectors(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors (m, d) of ids (m,); rows of NaN for ids that are not in the store."""
        found = np.full((len(ids), self.dimension), np.nan, np.float32)
        if self._added:
            found = self._added.vectors(ids)
        rows, places = self._find_rows(ids)
        alive = self._alive[rows]
        found[places[alive]] = self._matrix.read(rows[alive])
        return found

    def _find_rows(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of those of `ids` that are in the base, and their places in `ids`."""
        places = np.searchsorted(self._works, ids, sorter=self._order)
        rows = np.minimum(places, len(self._works) - 1)
        rows = rows if self._order is None else self._order[rows]
        known = self._works[rows] == ids
        return rows[known], np.flatnonzero(known)

    def close(self) -> None:
        """Release the files; the store is empty afterwards."""
        self._works, self._alive = self._works[:0].copy(), self._alive[:0]
        self._added = self._order = None
        self._matrix.close()


def load_base(folder: Path, found: Generation, added: VectorReader | None) -> LargeStore:
    """Open a generation that `write_base` or `write_changes` wrote. Raises IndexUnusable."""
    works = index_files.load_array(folder, found, "works")
    matrix = RowFile(folder / found.files["matrix"].name)
    codes = VectorCodes.load(folder / found.files["codes"].name)
    if not len(works) == len(matrix) == codes.count == found.count:
        raise IndexUnusable("its files do not match its manifest")
    gone = index_files.load_array(folder, found, "gone") if "gone" in found.files else None
    return LargeStore(works, matrix, codes, added, gone)


def write_base(
    folder: Path, encoder_id: EncoderId, wanted: StoredHashes, batches: Iterable[VectorBatch]
) -> int:
    """Write a generation with all vectors that `batches` yields, and return how many there are.

    Their works are among `wanted`, but some of those may have no vector. In memory there are one
    batch, a sample, and the codes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spool = folder / _SPOOL
    share = min(1.0, _SAMPLE / max(1, len(wanted.works)))
    try:
        works, sample = _spool(spool, encoder_id.dimension, share, batches)
        codes = _encode(spool, sample)
        index_files.write_generation(
            folder, encoder_id, {"works": works, "digests": wanted.of(works)},
            {"matrix": lambda path: _move(spool, path), "codes": codes.save},
        )  # fmt: skip
    finally:
        spool.unlink(missing_ok=True)
    return len(works)


def _spool(
    path: Path, dimension: int, share: float, batches: Iterable[VectorBatch]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Write the vectors as one array, as numpy does; return their works and a random sample."""
    rng, count = np.random.default_rng(0), 0
    numbers, samples = [np.empty(0, np.int64)], [np.empty((0, dimension), np.float32)]
    with path.open("wb") as file:
        _write_header(file, (0, dimension))
        for works, vectors in batches:
            file.write(np.ascontiguousarray(vectors, "<f2").tobytes())
            numbers.append(works)
            samples.append(vectors[rng.random(len(works)) < share].astype(np.float32))
            count += len(works)
        # The header leaves room for a larger shape.
        file.seek(0)
        _write_header(file, (count, dimension))
    return np.concatenate(numbers), np.concatenate(samples)


def _move(source: Path, target: Path) -> None:
    source.replace(target)


def _write_header(file: IO[bytes], shape: tuple[int, int]) -> None:
    header = {"descr": "<f2", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _encode(path: Path, sample: NDArray[np.float32]) -> VectorCodes:
    """Return the codes of a spooled array, read in parts: a mapped one would stay in memory."""
    codes, dimension = VectorCodes.train(sample), sample.shape[1]
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        np.lib.format.read_array_header_1_0(file)
        while len(part := np.fromfile(file, "<f2", _BATCH * dimension)):
            codes.add(part.reshape(-1, dimension).astype(np.float32))
    return codes


def write_changes(
    folder: Path, base: Generation, added: VectorStore, hashes: NDArray[np.bytes_],
    gone: NDArray[np.int64],
) -> None:  # fmt: skip
    """Write a generation with the base of another: the works `gone` from it, and what was added."""
    arrays = {"added_works": added.ids(), "added_digests": hashes, "gone": gone}
    save: Callable[[Path], None] = added.save
    index_files.write_generation(folder, base.id, arrays, {"added": save}, carried=base)
