"""The files of an index: written once, verified before use, switched in one step.

A generation is one file of each kind: the works in the index and the hash of the text each was made
from, row by row, and the content of the index itself: vectors as their store writes them, or
postings. Each generation has new file names; `manifest.json`, replaced last, names the current one,
so a reader sees the old or the new, and keeps the files it has open. A generation may take over
large files of the last one. Size and CRC-32 of a file are verified before it is read, because FAISS
may crash on a damaged one; the CRC of a large file only if it may have been written to since.

Public: `Generation`, `folder_fingerprint`, `find_generation`, `read_generation`, `verify_files`,
`load_array`, `StoredHashes`, `write_generation`, `copy_generation`.
"""

import json
import shutil
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable
from tracker.files import fsync_path, replace_text
from tracker.search.encoder.openvino import EncoderId

Fingerprint = tuple[tuple[str, int, int], ...]
_FORMAT = 1
_MANIFEST = "manifest.json"
_CHUNK = 1 << 20
# Smaller files are read completely each time: that takes a millisecond.
_LARGE = 4 << 20
# The system's clock for files may lag by this much: what changed that recently may change unseen.
_TICK_NS = 50_000_000
_ROWS = 1 << 16


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    crc32: int
    # Device, number, size and times of the file that had this CRC; empty where it was too new.
    identity: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """The content of the manifest: vector space, number, count of rows, and the files by kind."""

    id: EncoderId
    number: int
    count: int
    files: Mapping[str, _File]


def folder_fingerprint(folder: Path) -> Fingerprint:
    """Return name, time and size of each file; it differs once a file is replaced or damaged."""
    try:
        stats = [(path.name, path.stat()) for path in folder.iterdir()]
    except OSError:  # the folder is missing, or a refresh has just removed a listed file
        return ()
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))


def find_generation(folder: Path, encoder_id: EncoderId) -> Generation:
    """Return the current generation. Raises IndexUnusable if it is missing or of another space."""
    found = read_generation(folder)
    if found.id != encoder_id:
        raise IndexUnusable(f"it was made with {found.id.model} {found.id.revision}")
    return found


def read_generation(folder: Path) -> Generation:
    """Return the current generation, whatever its space. Raises IndexUnusable if it is missing."""
    try:
        table = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if table.pop("format") != _FORMAT:
            raise IndexUnusable("it was made by another release")
        files = {kind: _parse_file(file) for kind, file in table["files"].items()}
        return Generation(**table | {"id": EncoderId(**table["id"]), "files": files})
    except FileNotFoundError as error:
        raise IndexUnusable("there is none yet") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexUnusable("its manifest is damaged") from error


def _parse_file(table: Mapping[str, Any]) -> _File:
    return _File(**{**table, "identity": tuple(table.get("identity", ()))})


def verify_files(folder: Path, generation: Generation, *kinds: str, thorough: bool = False) -> None:
    """Raise IndexUnusable unless the files of these kinds (default: all) are as written.

    Large files that nobody has written to since are read only if it is to be `thorough`, which
    finds the decay of a disk.
    """
    for kind in kinds or generation.files:
        file = generation.files.get(kind)
        if file is None or not _is_intact(folder, file, thorough=thorough):
            raise IndexUnusable(f"its file {kind} is missing or damaged")


def _is_intact(folder: Path, file: _File, *, thorough: bool) -> bool:
    path = folder / file.name
    try:
        if path.stat().st_size != file.size:
            return False
        known = file.size > _LARGE and file.identity == _identity(path)
        return (known and not thorough) or _crc32(path) == file.crc32
    except (OSError, TypeError, ValueError):
        return False


def _identity(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is written to, moved to another disk, or replaced."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _crc32(path: Path) -> int:
    """Return the CRC-32 of a file. At 4 GB/s, 68,000 vectors take 13 ms of a start."""
    crc, chunk = 0, bytearray(_CHUNK)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(chunk):
            crc = zlib.crc32(memoryview(chunk)[:size], crc)
    return crc


def load_array(
    folder: Path, generation: Generation, kind: str, *, mapped: bool = False
) -> NDArray[Any]:
    """Return the array of a verified file. Raises IndexUnusable if it is gone.

    A `mapped` array stays on disk and is read where it is used.
    """
    path = folder / generation.files[kind].name
    try:
        # A plain array: each slice of numpy's own class for mapped ones takes microseconds.
        return np.asarray(np.load(path, "r" if mapped else None, allow_pickle=False))
    except (OSError, ValueError) as error:
        raise IndexUnusable(f"its file {kind} cannot be read") from error


class StoredHashes:
    """The works that the store has, ascending, each with the hash of its text, in little memory."""

    def __init__(self, stored: Iterable[tuple[int, str]]) -> None:
        numbers, hashes = [np.empty(0, np.int64)], [np.empty(0, "S1")]
        remaining = iter(stored)
        while rows := list(islice(remaining, _ROWS)):
            numbers.append(np.fromiter((work for work, _ in rows), np.int64, len(rows)))
            hashes.append(np.array([text_hash.encode() for _, text_hash in rows]))
        works, texts = np.concatenate(numbers), np.concatenate(hashes)
        order = np.argsort(works, kind="stable")
        self.works: NDArray[np.int64] = works[order]
        self._hashes: NDArray[np.bytes_] = texts[order]

    def of(self, works: NDArray[np.int64]) -> NDArray[np.bytes_]:
        """Return the hashes (n,) of works that the store has."""
        return np.asarray(self._hashes[np.searchsorted(self.works, works)])

    def are_current(
        self, works: NDArray[np.int64], text_hashes: NDArray[np.bytes_]
    ) -> NDArray[np.bool_]:
        """Return which rows (n,) are of a stored work and have its current hash."""
        if not len(self.works):
            return np.zeros(len(works), np.bool_)
        places = np.minimum(np.searchsorted(self.works, works), len(self.works) - 1)
        same = (self._hashes[places] == text_hashes) & (self.works[places] == works)
        return np.asarray(same, np.bool_)

    def without(self, works: NDArray[np.int64]) -> "StoredHashes":
        """Return the others than `works`, all of which the store has."""
        rest = copy(self)
        others = np.isin(self.works, works, invert=True)
        rest.works, rest._hashes = self.works[others], self._hashes[others]
        return rest

    def missing(self, works: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the stored works, ascending, that are not among `works`."""
        return np.setdiff1d(self.works, works, assume_unique=True)


def write_generation(
    folder: Path,
    encoder_id: EncoderId,
    arrays: Mapping[str, NDArray[Any]],
    savers: Mapping[str, Callable[[Path], None]] = MappingProxyType({}),
    carried: Generation | None = None,
) -> None:
    """Write a generation, name it in the manifest, and then remove the older ones.

    `arrays` has the kinds works, digests and others that are arrays; `savers` write the other
    kinds. All other files of `carried`, if it is given, become files of the new generation as they
    are. Only one process may write at a time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = _last_number(folder) + 1
    paths = {kind: folder / f"{kind}-{number:08d}" for kind in (*arrays, *savers)}
    for kind, save in savers.items():
        save(paths[kind])
    for kind, rows in arrays.items():
        with paths[kind].open("wb") as file:
            np.save(file, rows, allow_pickle=False)
    files = {kind: _sync_and_checksum(path) for kind, path in paths.items()}
    kept = dict(carried.files) if carried else {}
    count = carried.count if carried else len(arrays["works"])
    made = Generation(encoder_id, number, count, kept | files)
    replace_text(folder / _MANIFEST, json.dumps({"format": _FORMAT, **asdict(made)}, indent=1))
    _remove_old_files(folder, (folder / file.name for file in made.files.values()))


def copy_generation(folder: Path, generation: Generation, target: Path) -> None:
    """Copy a generation to another folder, and verify the copy.

    Raises IndexUnusable if a file is gone, because a refresh has removed it, or damaged.
    """
    target.mkdir(parents=True)
    try:
        for file in generation.files.values():
            shutil.copyfile(folder / file.name, target / file.name)
            fsync_path(target / file.name)
    except FileNotFoundError as error:
        raise IndexUnusable("its files were replaced while they were copied") from error
    verify_files(target, generation, thorough=True)
    text = json.dumps({"format": _FORMAT, **asdict(generation)}, indent=1)
    replace_text(target / _MANIFEST, text)


def _sync_and_checksum(path: Path) -> _File:
    fsync_path(path)
    crc32, identity = _crc32(path), _identity(path)
    settled = time.time_ns() - path.stat().st_ctime_ns > _TICK_NS
    return _File(path.name, path.stat().st_size, crc32, identity if settled else ())


def _last_number(folder: Path) -> int:
    """Return the highest number in use, including files that a killed refresh left behind."""
    numbers = [path.name.rpartition("-")[2] for path in _list_files(folder)]
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def _remove_old_files(folder: Path, kept: Iterable[Path]) -> None:
    for path in {*_list_files(folder), *folder.glob(f".{_MANIFEST}.*")} - set(kept):
        path.unlink(missing_ok=True)


def _list_files(folder: Path) -> list[Path]:
    return list(folder.glob("[a-z]*-[0-9]*"))
