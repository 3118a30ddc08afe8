"""The files of an index: written once, verified before use, switched in one step.

A generation is one file of each kind: the works in the index and the hash of the text each was made
from, row by row, and the content of the index itself: vectors as their store writes them, or
postings. Each generation has new file names; `manifest.json`, replaced last, names the current one,
so a reader sees the old or the new, and keeps the files it has open. Size and CRC-32 of a file are
verified before it is read, because FAISS may crash on a damaged one.

Public: `Generation`, `folder_fingerprint`, `find_generation`, `read_generation`, `verify_files`,
`load_array`, `current_rows`, `write_generation`.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from operator import eq
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


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    crc32: int


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
        files = {kind: _File(**file) for kind, file in table["files"].items()}
        return Generation(**table | {"id": EncoderId(**table["id"]), "files": files})
    except FileNotFoundError as error:
        raise IndexUnusable("there is none yet") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexUnusable("its manifest is damaged") from error


def verify_files(folder: Path, generation: Generation, *kinds: str) -> None:
    """Raise IndexUnusable unless the files of these kinds (default: all) are as written."""
    for kind in kinds or generation.files:
        file = generation.files.get(kind)
        if file is None or not _is_intact(folder, file):
            raise IndexUnusable(f"its file {kind} is missing or damaged")


def _is_intact(folder: Path, file: _File) -> bool:
    path = folder / file.name
    try:
        return path.stat().st_size == file.size and _crc32(path) == file.crc32
    except (OSError, TypeError, ValueError):
        return False


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
        rows: NDArray[Any] = np.load(path, "r" if mapped else None, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise IndexUnusable(f"its file {kind} cannot be read") from error
    return rows


def current_rows(
    works: NDArray[np.int64], text_hashes: NDArray[np.bytes_], stored_hashes: Mapping[int, str]
) -> NDArray[np.bool_]:
    """Return which rows (n,) are of a stored work and have its current hash."""
    hashes = map(stored_hashes.get, works.tolist())
    same = map(eq, hashes, text_hashes.astype(np.str_).tolist())
    return np.fromiter(same, np.bool_, len(works))


def write_generation(
    folder: Path,
    encoder_id: EncoderId,
    arrays: Mapping[str, NDArray[Any]],
    savers: Mapping[str, Callable[[Path], None]] = MappingProxyType({}),
) -> None:
    """Write a generation, name it in the manifest, and then remove the older ones.

    `arrays` has the kinds works, digests and others that are arrays; `savers` write the other
    kinds. Only one process may write at a time.
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
    made = Generation(encoder_id, number, len(arrays["works"]), files)
    replace_text(folder / _MANIFEST, json.dumps({"format": _FORMAT, **asdict(made)}, indent=1))
    _remove_old_files(folder, paths.values())


def _sync_and_checksum(path: Path) -> _File:
    fsync_path(path)
    return _File(path.name, path.stat().st_size, _crc32(path))


def _last_number(folder: Path) -> int:
    """Return the highest number in use, including files that a killed refresh left behind."""
    numbers = [path.name.rpartition("-")[2] for path in _list_files(folder)]
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def _remove_old_files(folder: Path, kept: Iterable[Path]) -> None:
    for path in {*_list_files(folder), *folder.glob(f".{_MANIFEST}.*")} - set(kept):
        path.unlink(missing_ok=True)


def _list_files(folder: Path) -> list[Path]:
    return list(folder.glob("[a-z]*-[0-9]*"))
