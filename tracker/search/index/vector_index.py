"""The vector index on disk: opened for reading, and brought up to date with the database.

The index is a cache: the vectors of record are in the database. Its files are those of
`tracker.search.index.index_files`; how vectors are searched is the business of the store
(`tracker.search.index.protocol`). `STORE` names the class that implements it.

Public: `open_index`, `refresh`, `RefreshReport`, `STORE`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable
from tracker.search.encoder.openvino import EncoderId
from tracker.search.index import index_files
from tracker.search.index.faiss_index import FaissStore
from tracker.search.index.index_files import Generation
from tracker.search.index.protocol import VectorStore

STORE: type[VectorStore] = FaissStore

VectorBatch = tuple[NDArray[np.int64], NDArray[np.float16]]
# Called with works, it yields (works (n,), vectors (n, d)); works without a vector are left out.
FetchVectors = Callable[[Sequence[int]], Iterable[VectorBatch]]


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did; `rebuilt` is the reason for starting from nothing, otherwise empty."""

    size: int
    added: int = 0
    removed: int = 0
    rebuilt: str = ""


@dataclass(frozen=True, slots=True)
class _IndexContent:
    """A writable store and the hash (n,) of the text that each of its vectors was made from."""

    store: VectorStore
    text_hashes: NDArray[np.bytes_]


def open_index(folder: Path, encoder_id: EncoderId) -> VectorStore:
    """Open the index below `folder`, which must hold vectors of `encoder_id`, for reading.

    It keeps answering when a refresh replaces its files. Raises IndexUnusable when it is missing,
    damaged or of another vector space.
    """
    found = index_files.find_generation(folder, encoder_id)
    try:
        return _open_generation(folder, found)
    except IndexUnusable:
        newer = index_files.find_generation(folder, encoder_id)
        if newer.number == found.number:
            raise
        # A refresh replaced the files after the manifest had been read.
        return _open_generation(folder, newer)


def _open_generation(folder: Path, found: Generation) -> VectorStore:
    index_files.verify_files(folder, found, "vectors", "works")
    return _load_store(folder, found, writable=False)


def _load_store(folder: Path, found: Generation, *, writable: bool) -> VectorStore:
    works = index_files.load_array(folder, found, "works")
    path = folder / found.files["vectors"].name
    store = STORE.load(path, works, writable=writable)
    if (store.count, store.dimension) != (found.count, found.id.dimension):
        raise IndexUnusable(f"{path.name} does not match its manifest")
    return store


def refresh(
    folder: Path, encoder_id: EncoderId, *, stored: Iterable[tuple[int, str]], fetch: FetchVectors
) -> RefreshReport:
    """Make the index hold what is stored: (work, hash of the text its vector was made from).

    Works that are gone are dropped; new ones and those with another hash are fetched, in ascending
    order. A missing, damaged or foreign index is rebuilt. When nothing differs, nothing is written.
    Only one process may refresh at a time.
    """
    wanted, rebuilt, before = dict(stored), "", 0
    try:
        found = index_files.find_generation(folder, encoder_id)
        index_files.verify_files(folder, found)
        hashes, current = _compare_rows(folder, found, wanted)
        if current.all() and len(current) == len(wanted):
            return RefreshReport(len(wanted))
        before = len(current)
        kept = _keep_rows(_load_store(folder, found, writable=True), hashes, current)
    except IndexUnusable as error:
        kept = _IndexContent(STORE.build(encoder_id.dimension), np.empty(0, "S1"))
        rebuilt, before = error.reason, 0
    survivors = kept.store.count
    new = _add_missing(kept, wanted, fetch, encoder_id.dimension)
    _write_index(folder, encoder_id, new)
    size = new.store.count
    return RefreshReport(size, size - survivors, before - survivors, rebuilt)


def _compare_rows(
    folder: Path, found: Generation, wanted: Mapping[int, str]
) -> tuple[NDArray[np.bytes_], NDArray[np.bool_]]:
    """Return the hash of each row (n,), and whether it is still the wanted one (n,)."""
    works, hashes = (index_files.load_array(folder, found, kind) for kind in ("works", "digests"))
    return hashes, index_files.current_rows(works, hashes, wanted)


def _keep_rows(
    store: VectorStore, hashes: NDArray[np.bytes_], current: NDArray[np.bool_]
) -> _IndexContent:
    store.remove(store.ids()[~current])
    return _IndexContent(store, hashes[current])


def _add_missing(
    content: _IndexContent, wanted: Mapping[int, str], fetch: FetchVectors, dimension: int
) -> _IndexContent:
    missing = sorted(wanted.keys() - set(content.store.ids().tolist()))
    added: list[int] = []
    for works, vectors in _validate_batches(missing, fetch, dimension):
        content.store.add(works, vectors)
        added += works.tolist()
    # An empty list alone would have no dtype "S".
    hashes = np.array([b"", *(wanted[work].encode() for work in added)])[1:]
    return _IndexContent(content.store, np.concatenate([content.text_hashes, hashes]))


def _validate_batches(
    missing: Sequence[int], fetch: FetchVectors, dimension: int
) -> Iterator[VectorBatch]:
    """Yield the batches of `fetch`. Raises ValueError for a wrong shape or an unexpected work."""
    awaited = set(missing)
    for works, vectors in fetch(missing) if missing else ():
        if vectors.shape != (len(works), dimension):
            raise ValueError(f"{len(works)} works came with vectors of shape {vectors.shape}")
        before = len(awaited)
        awaited.difference_update(works.tolist())
        if before - len(awaited) != len(works):
            raise ValueError("a work came twice or was not requested")
        yield works, vectors


def _write_index(folder: Path, encoder_id: EncoderId, content: _IndexContent) -> None:
    labels = {"works": content.store.ids(), "digests": content.text_hashes}
    index_files.write_generation(folder, encoder_id, labels, {"vectors": content.store.save})
