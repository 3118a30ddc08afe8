"""The FAISS index: nearest papers by cosine, and spherical k-means; on the CPU or a GPU.

Owns faiss. The index is a cache of the vectors of record in the store and holds them losslessly as
float16. One generation is three files (vectors, the works they belong to, the hash of the text each
was made from), written once under a new name; `manifest.json` is replaced last and names the
generation that counts, so a reader sees the old or the new, and keeps the files it has open. Files
are checked by size and CRC-32 before FAISS sees them, for a damaged one can crash the process.

Surface: `VectorIndex`, `refresh`, `IndexReport`, `kmeans`, `gpu_count`, `runs_on`.
"""

import importlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable, TrackerError
from tracker.search.durable import replace_text, sync
from tracker.search.encoder import EncoderId

# Asked for works, it yields (works (n,), float16 vectors (n, d)); unknown works are left out.
Fetch = Callable[[Sequence[int]], Iterable[tuple[NDArray[np.int64], NDArray[np.float16]]]]

_FORMAT = 1
_MANIFEST = "manifest.json"
_KINDS = ("vectors", "works", "digests")
_CHUNK = 1 << 20
# Iterations of k-means: FAISS's default; the objective moves by less than 0.1 % after 20.
_ITERATIONS = 25


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a refresh did; `rebuilt` says why it started from nothing, else it is empty."""

    size: int
    added: int = 0
    removed: int = 0
    rebuilt: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    crc32: int


@dataclass(frozen=True, slots=True)
class _Manifest:
    id: EncoderId
    generation: int
    count: int
    files: Mapping[str, _File]


class VectorIndex:
    """The read side: an open generation. It goes on answering when a refresh replaces it."""

    def __init__(self, index: Any, works: NDArray[np.int64]) -> None:
        self._index = index
        self._works = works

    @classmethod
    def open(cls, folder: Path, encoder_id: EncoderId) -> "VectorIndex":
        """Open the index below `folder`, which must hold vectors of `encoder_id`.

        Raises IndexUnusable when it is missing, damaged or of another vector space.
        """
        manifest = _manifest(folder)
        try:
            return cls(*_opened(folder, manifest, encoder_id))
        except IndexUnusable:
            newer = _manifest(folder)
            if newer.generation == manifest.generation:
                raise
            # A refresh came between reading the manifest and opening its files.
            return cls(*_opened(folder, newer, encoder_id))

    @property
    def size(self) -> int:
        """How many vectors it holds."""
        return len(self._works)

    def ids(self) -> NDArray[np.int64]:
        """The works in it, in the order of their rows."""
        return self._works.copy()

    def search(
        self, vectors: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `k` nearest works of each of (q, d) unit vectors, best first, with their cosines.

        Both (q, k); places that cannot be filled hold work -1.
        """
        if not self.size or k < 1:
            shape = (len(vectors), max(k, 0))
            return np.full(shape, -1, np.int64), np.full(shape, -np.inf, np.float32)
        queries = np.ascontiguousarray(vectors, np.float32)
        with _threads(len(queries)):
            cosines, rows = self._index.search(queries, k)
        return np.where(rows < 0, -1, self._works[rows]), cosines

    def vector(self, work: int) -> NDArray[np.float32] | None:
        """The vector (d,) of a work, None when it is not in the index."""
        rows = np.flatnonzero(self._works == work)
        return self._index.reconstruct(int(rows[0])) if len(rows) else None

    def close(self) -> None:
        """Let go of the files; the index is empty from then on."""
        self._index, self._works = None, np.empty(0, np.int64)


def refresh(
    folder: Path, encoder_id: EncoderId, *, stored: Iterable[tuple[int, str]], fetch: Fetch
) -> IndexReport:
    """Make the index hold what is stored: (work, hash of the text its vector was made from).

    Works that are gone are dropped, new ones and those with another hash are fetched, in ascending
    order. A missing, damaged or foreign index is built anew. One process at a time may refresh.
    """
    wanted = dict(stored)
    try:
        old, rebuilt = _load(folder, encoder_id), ""
    except IndexUnusable as error:
        old, rebuilt = _empty(encoder_id), error.reason
    keep = _current(old, wanted)
    if keep.all() and len(keep) == len(wanted) and not rebuilt:
        return IndexReport(len(wanted))
    removed = int(len(keep) - keep.sum())
    kept = _without(old, ~keep) if removed else old
    missing = sorted(wanted.keys() - set(kept.works.tolist()))
    new = _with(kept, _fetched(missing, fetch, encoder_id), wanted)
    _write(folder, encoder_id, new)
    return IndexReport(len(new.works), len(new.works) - len(kept.works), removed, rebuilt)


@dataclass(frozen=True, slots=True)
class _Content:
    """A generation in memory, free to be changed; row i of each part belongs together."""

    index: Any
    works: NDArray[np.int64]
    digests: NDArray[np.bytes_]


def _load(folder: Path, encoder_id: EncoderId) -> _Content:
    manifest = _manifest(folder)
    paths = _checked(folder, manifest, encoder_id, _KINDS)
    digests = np.load(paths["digests"])
    # Not memory-mapped: FAISS crashes when rows are removed from an index that is.
    index = _read(paths["vectors"], manifest, mapped=False)
    return _Content(index, np.load(paths["works"]), digests)


def _empty(encoder_id: EncoderId) -> _Content:
    faiss = _faiss()
    # float16 keeps the stored vectors bit for bit, halves the memory, and scans four times as fast
    # as IndexFlatIP (200,000 x 384: 16 ms against 71 ms), which does not use wide loads for one query.
    half = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexScalarQuantizer(encoder_id.dimension, half, faiss.METRIC_INNER_PRODUCT)
    return _Content(index, np.empty(0, np.int64), np.empty(0, "S1"))


def _current(old: _Content, wanted: Mapping[int, str]) -> NDArray[np.bool_]:
    pairs = zip(old.works.tolist(), old.digests.tolist(), strict=True)
    same = (wanted.get(work) == digest.decode() for work, digest in pairs)
    return np.fromiter(same, np.bool_, len(old.works))


def _without(content: _Content, gone: NDArray[np.bool_]) -> _Content:
    content.index.remove_ids(np.flatnonzero(gone))
    return _Content(content.index, content.works[~gone], content.digests[~gone])


def _with(
    content: _Content,
    batches: Iterable[tuple[NDArray[np.int64], NDArray[np.float16]]],
    wanted: Mapping[int, str],
) -> _Content:
    works = [content.works]
    for numbers, vectors in batches:
        content.index.add(np.ascontiguousarray(vectors, np.float32))
        works.append(numbers)
    added = [wanted[work] for numbers in works[1:] for work in numbers.tolist()]
    digests = np.concatenate([content.digests, np.array(added, "S")]) if added else content.digests
    return _Content(content.index, np.concatenate(works), digests)


def _fetched(
    missing: Sequence[int], fetch: Fetch, encoder_id: EncoderId
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
    """What `fetch` gives, checked: FAISS would take a wrong shape or a work twice without a word."""
    open_works = set(missing)
    for works, vectors in fetch(missing) if missing else ():
        if vectors.shape != (len(works), encoder_id.dimension):
            raise ValueError(f"vectors of shape {vectors.shape} for {len(works)} works of {encoder_id}")
        asked = len(open_works)
        open_works -= set(works.tolist())
        if asked - len(open_works) != len(works):
            raise ValueError("a work came twice, or was not asked for")
        yield works, vectors


def _write(folder: Path, encoder_id: EncoderId, content: _Content) -> None:
    """Write a generation, let the manifest name it, and only then remove the older ones."""
    folder.mkdir(parents=True, exist_ok=True)
    generation = _last_generation(folder) + 1
    names = {kind: f"{kind}-{generation:08d}" for kind in _KINDS}
    try:
        _faiss().write_index(content.index, str(folder / names["vectors"]))
    except RuntimeError as error:
        raise TrackerError(f"The vector index cannot be written to {folder}: {error}.") from error
    for kind, array in (("works", content.works), ("digests", content.digests)):
        with (folder / names[kind]).open("wb") as file:
            np.save(file, array, allow_pickle=False)
    files = {kind: _sealed(folder / name) for kind, name in names.items()}
    manifest = _Manifest(encoder_id, generation, len(content.works), files)
    replace_text(folder / _MANIFEST, json.dumps({"format": _FORMAT, **asdict(manifest)}, indent=1))
    _sweep(folder, set(names.values()))


def _last_generation(folder: Path) -> int:
    """The highest number any file carries: even what a killed refresh left is not written over."""
    numbers = [path.name.rpartition("-")[2] for path in _generations(folder)]
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def _generations(folder: Path) -> list[Path]:
    return [path for kind in _KINDS for path in folder.glob(f"{kind}-*")]


def _sealed(path: Path) -> _File:
    sync(path)
    return _File(path.name, path.stat().st_size, _crc32(path))


def _sweep(folder: Path, kept: set[str]) -> None:
    for path in _generations(folder):
        if path.name not in kept:
            path.unlink(missing_ok=True)


# Reading


def _opened(
    folder: Path, manifest: _Manifest, encoder_id: EncoderId
) -> tuple[Any, NDArray[np.int64]]:
    paths = _checked(folder, manifest, encoder_id, ("vectors", "works"))
    return _read(paths["vectors"], manifest, mapped=True), np.load(paths["works"])


def _manifest(folder: Path) -> _Manifest:
    try:
        table = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if table.pop("format") != _FORMAT:
            raise IndexUnusable("it is of another release")
        files = {kind: _File(**table["files"][kind]) for kind in _KINDS}
        return _Manifest(**table | {"id": EncoderId(**table["id"]), "files": files})
    except FileNotFoundError as error:
        raise IndexUnusable("there is none yet") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexUnusable("its manifest is damaged") from error


def _checked(
    folder: Path, manifest: _Manifest, encoder_id: EncoderId, kinds: Sequence[str]
) -> dict[str, Path]:
    """Paths of the files, once they are known to be those that were written."""
    if manifest.id != encoder_id:
        raise IndexUnusable(f"it was made with {manifest.id.model} {manifest.id.revision}")
    for kind in kinds:
        file = manifest.files[kind]
        path = folder / file.name
        try:
            whole = path.parent == folder and path.stat().st_size == file.size
            if not whole or _crc32(path) != file.crc32:
                raise IndexUnusable(f"{file.name} is damaged")
        except (OSError, TypeError, ValueError) as error:
            raise IndexUnusable(f"{kind} cannot be read") from error
    return {kind: folder / manifest.files[kind].name for kind in kinds}


def _crc32(path: Path) -> int:
    """CRC-32 of a file: 4 GB/s here, so that 68,000 vectors cost a start 13 ms."""
    crc, chunk = 0, bytearray(_CHUNK)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(chunk):
            crc = zlib.crc32(memoryview(chunk)[:size], crc)
    return crc


def _read(path: Path, manifest: _Manifest, *, mapped: bool) -> Any:
    faiss = _faiss()
    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if mapped else 0)
    except RuntimeError as error:
        raise IndexUnusable(f"FAISS cannot read {path.name}") from error
    if (index.ntotal, index.d) != (manifest.count, manifest.id.dimension):
        raise IndexUnusable(f"{path.name} is not what its manifest says")
    return index


# Clustering, and where FAISS runs


def kmeans(
    vectors: NDArray[Any], k: int, *, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Spherical k-means of (n, d) unit vectors, n >= 1, into at most min(k, n) groups.

    Returns each vector's group (n,), the unit centroids (k, d), and each vector's cosine to its
    centroid (n,). The same input gives the same groups on the same machine. Source: Dhillon and
    Modha, "Concept decompositions for large sparse text data using clustering" (2001).
    """
    faiss = _faiss()
    points = np.ascontiguousarray(vectors, np.float32)
    count, dimension = points.shape
    trainer = faiss.Kmeans(
        dimension,
        max(1, min(k, count)),
        niter=_ITERATIONS,
        seed=seed,
        spherical=True,
        init_method=faiss.ClusteringInitMethod_KMEANS_PLUS_PLUS,
        # Neither warn of small groups nor train on a sample.
        min_points_per_centroid=1,
        max_points_per_centroid=count,
        gpu=gpu_count(),
    )
    trainer.train(points)
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
    """No more threads than queries: FAISS spreads whole queries, and an idle one holds up the rest."""
    faiss = _faiss()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(min(before, most))
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _faiss() -> Any:
    return importlib.import_module("faiss")
