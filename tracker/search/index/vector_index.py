"""The vector index on disk: opened for reading, and brought up to date with the database.

The index is a cache: the vectors of record are in the database. Its files are those of
`tracker.search.index.index_files`; how vectors are searched is the business of the store
(`tracker.search.index.protocol`). `STORE` names the class that implements it. A large index is that
of `tracker.search.index.large_index`.

Public: `open_index`, `refresh`, `RefreshReport`, `STORE`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable
from tracker.search.encoder.openvino import EncoderId
from tracker.search.index import index_files, large_index
from tracker.search.index.faiss_index import FaissStore
from tracker.search.index.index_files import Generation, StoredHashes
from tracker.search.index.protocol import VectorReader, VectorStore

STORE: type[VectorStore] = FaissStore
# Vectors read at a time when an index is written anew.
_BATCH = 8192

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
class _Rows:
    """Works (n,) of an index and the hash (n,) of the text that each of their vectors is of."""

    works: NDArray[np.int64]
    text_hashes: NDArray[np.bytes_]

    def where(self, mask: NDArray[np.bool_]) -> "_Rows":
        """Return some of the rows."""
        return _Rows(self.works[mask], self.text_hashes[mask])

    def __add__(self, other: "_Rows") -> "_Rows":
        return _Rows(
            np.concatenate([self.works, other.works]),
            np.concatenate([self.text_hashes, other.text_hashes]),
        )


_NO_ROWS = _Rows(np.empty(0, np.int64), np.empty(0, "S1"))


@dataclass(frozen=True, slots=True)
class _State:
    """The rows of a generation: those of its base, those added to it, and whether each is gone."""

    found: Generation
    base: _Rows
    added: _Rows
    gone: NDArray[np.bool_]


def open_index(folder: Path, encoder_id: EncoderId) -> VectorReader:
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


def _open_generation(folder: Path, found: Generation) -> VectorReader:
    kinds = set(found.files) - {"digests", "added_digests"}
    index_files.verify_files(folder, found, "works", *kinds)
    if "codes" not in found.files:
        return _load_store(folder, found)
    added = None
    if "added" in found.files:
        works = index_files.load_array(folder, found, "added_works")
        added = STORE.load(folder / found.files["added"].name, works)
    return large_index.load_base(folder, found, added)


def _load_store(folder: Path, found: Generation) -> VectorStore:
    index_files.verify_files(folder, found, "vectors")
    works = index_files.load_array(folder, found, "works")
    path = folder / found.files["vectors"].name
    store = STORE.load(path, works)
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
    wanted, rebuilt, state = StoredHashes(stored), "", None
    reader: VectorReader = STORE.build(encoder_id.dimension)
    before = kept = _NO_ROWS
    try:
        state = _read_state(folder, encoder_id)
        before = state.base.where(~state.gone) + state.added
        current = wanted.are_current(before.works, before.text_hashes)
        if current.all() and len(current) == len(wanted.works):
            return RefreshReport(len(current))
        reader, kept = _open_generation(folder, state.found), before.where(current)
    except IndexUnusable as error:
        rebuilt, before, state = error.reason, _NO_ROWS, None
    missing = wanted.missing(kept.works).tolist()
    batches = _validate_batches(missing, fetch, encoder_id.dimension)
    if state and _is_small_change(state, wanted, len(missing)):
        size = _write_changes(folder, state, reader, wanted, batches)
    else:
        size = _write_all(folder, encoder_id, reader, kept, wanted, batches)
    reader.close()
    survivors = len(kept.works)
    return RefreshReport(size, size - survivors, len(before.works) - survivors, rebuilt)


def _read_state(folder: Path, encoder_id: EncoderId) -> _State:
    """Return the rows of the current generation. Raises IndexUnusable."""
    found = index_files.find_generation(folder, encoder_id)
    index_files.verify_files(folder, found)
    base, added = (
        _Rows(*(index_files.load_array(folder, found, kind) for kind in kinds))
        if set(kinds) <= set(found.files)
        else _NO_ROWS
        for kinds in (("works", "digests"), ("added_works", "added_digests"))
    )
    gone = np.zeros(len(base.works), np.bool_)
    if "gone" in found.files:
        gone = np.isin(base.works, index_files.load_array(folder, found, "gone"))
    return _State(found, base, added, gone)


def _is_small_change(state: _State, wanted: StoredHashes, missing: int) -> bool:
    """Whether a large index may keep its base, with a list of what is gone and what was added."""
    if "codes" not in state.found.files:
        return False
    stale = ~wanted.are_current(state.base.works, state.base.text_hashes) | state.gone
    changed = int(stale.sum()) + len(state.added.works) + missing
    return changed <= large_index.CHANGED_SHARE * len(state.base.works)


def _write_changes(
    folder: Path, state: _State, reader: VectorReader, wanted: StoredHashes,
    batches: Iterable[VectorBatch],
) -> int:  # fmt: skip
    """Write what differs from the base of an index, and return how many works it has then."""
    stale = ~wanted.are_current(state.base.works, state.base.text_hashes) | state.gone
    kept = state.added.where(wanted.are_current(state.added.works, state.added.text_hashes))
    store = STORE.build(reader.dimension)
    store.add(kept.works, reader.vectors(kept.works))
    for works, vectors in batches:
        store.add(works, vectors)
    hashes = np.concatenate([kept.text_hashes, wanted.of(store.ids()[len(kept.works) :])])
    large_index.write_changes(folder, state.found, store, hashes, state.base.works[stale])
    return store.count + int((~stale).sum())


def _write_all(
    folder: Path, encoder_id: EncoderId, reader: VectorReader, kept: _Rows, wanted: StoredHashes,
    batches: Iterable[VectorBatch],
) -> int:  # fmt: skip
    """Write an index anew from the vectors to keep and new ones; return how many there are."""
    if len(wanted.works) >= large_index.FROM_COUNT and encoder_id.dimension % 2 == 0:
        return large_index.write_base(
            folder, encoder_id, wanted, _chain_batches(reader, kept.works, batches)
        )
    store = STORE.build(encoder_id.dimension)
    for works, vectors in _chain_batches(reader, kept.works, batches):
        store.add(works, vectors)
    labels = {"works": store.ids(), "digests": wanted.of(store.ids())}
    index_files.write_generation(folder, encoder_id, labels, {"vectors": store.save})
    return store.count


def _chain_batches(
    reader: VectorReader, kept: NDArray[np.int64], batches: Iterable[VectorBatch]
) -> Iterator[VectorBatch]:
    """Yield the vectors to keep, then the new ones."""
    for start in range(0, len(kept), _BATCH):
        works = kept[start : start + _BATCH]
        yield works, reader.vectors(works).astype(np.float16)
    yield from batches


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
