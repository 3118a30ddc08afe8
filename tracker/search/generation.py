"""The files of an index: written once, checked before use, switched in one step.

One generation is a file of each kind: the works that are in it, the hash of the text each was taken
from, row by row, and what the index itself is made of: vectors as FAISS writes them, or postings.
A generation gets new names; `manifest.json`, replaced last, says which one counts, so a reader sees
the old or the new, and keeps the files it has open. A file is compared by size and CRC-32 before it
is read, for FAISS may crash on a damaged one. This module knows nothing of FAISS.

Surface: `Generation`, `stamp`, `find`, `check`, `array`, `current`, `write`.
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
from tracker.search.durable import replace_text, sync
from tracker.search.encoder import EncoderId

Stamp = tuple[tuple[str, int, int], ...]
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
    """What the manifest says: whose rows these are, how many, and the file of each kind."""

    id: EncoderId
    number: int
    count: int
    files: Mapping[str, _File]


def stamp(folder: Path) -> Stamp:
    """Changes with any file: who keeps a generation open can tell that it is old, or damaged."""
    try:
        stats = [(path.name, path.stat()) for path in folder.iterdir()]
    except OSError:  # there is no folder, or a refresh removes what was listed
        return ()
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))


def find(folder: Path, encoder_id: EncoderId) -> Generation:
    """The generation that counts. IndexUnusable when there is none or it is of another space."""
    try:
        table = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if table.pop("format") != _FORMAT:
            raise IndexUnusable("it is of another release")
        files = {kind: _File(**file) for kind, file in table["files"].items()}
        found = Generation(**table | {"id": EncoderId(**table["id"]), "files": files})
    except FileNotFoundError as error:
        raise IndexUnusable("there is none yet") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexUnusable("its manifest is damaged") from error
    if found.id != encoder_id:
        raise IndexUnusable(f"it was made with {found.id.model} {found.id.revision}")
    return found


def check(folder: Path, generation: Generation, *kinds: str) -> None:
    """IndexUnusable unless the files of these kinds (all when none is named) are as written."""
    for kind in kinds or generation.files:
        file = generation.files.get(kind)
        if file is None or not _as_written(folder, file):
            raise IndexUnusable(f"its file {kind} is missing or damaged")


def _as_written(folder: Path, file: _File) -> bool:
    path = folder / file.name
    try:
        return path.stat().st_size == file.size and _crc32(path) == file.crc32
    except (OSError, TypeError, ValueError):
        return False


def _crc32(path: Path) -> int:
    """CRC-32 of a file: 4 GB/s here, so that 68,000 vectors cost a start 13 ms."""
    crc, chunk = 0, bytearray(_CHUNK)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(chunk):
            crc = zlib.crc32(memoryview(chunk)[:size], crc)
    return crc


def array(folder: Path, generation: Generation, kind: str, *, mapped: bool = False) -> NDArray[Any]:
    """The array of a checked file that is not FAISS's. IndexUnusable when it has gone.

    `mapped` leaves it on the disk, to be read where it is used.
    """
    path = folder / generation.files[kind].name
    try:
        rows: NDArray[Any] = np.load(path, "r" if mapped else None, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise IndexUnusable(f"its file {kind} cannot be read") from error
    return rows


def current(
    works: NDArray[np.int64], digests: NDArray[np.bytes_], wanted: Mapping[int, str]
) -> NDArray[np.bool_]:
    """Which rows are of a work that is wanted with the hash that it has."""
    hashes = map(wanted.get, works.tolist())
    same = map(eq, hashes, digests.astype(np.str_).tolist())
    return np.fromiter(same, np.bool_, len(works))


def write(
    folder: Path,
    encoder_id: EncoderId,
    arrays: Mapping[str, NDArray[Any]],
    savers: Mapping[str, Callable[[Path], None]] = MappingProxyType({}),
) -> None:
    """Write a generation, let the manifest name it, and only then remove the older ones.

    `arrays` holds works, digests and what else is an array; `savers` write the other kinds. One
    process at a time may write.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = _last(folder) + 1
    paths = {kind: folder / f"{kind}-{number:08d}" for kind in (*arrays, *savers)}
    for kind, save in savers.items():
        save(paths[kind])
    for kind, rows in arrays.items():
        with paths[kind].open("wb") as file:
            np.save(file, rows, allow_pickle=False)
    files = {kind: _sealed(path) for kind, path in paths.items()}
    made = Generation(encoder_id, number, len(arrays["works"]), files)
    replace_text(folder / _MANIFEST, json.dumps({"format": _FORMAT, **asdict(made)}, indent=1))
    _sweep(folder, paths.values())


def _sealed(path: Path) -> _File:
    sync(path)
    return _File(path.name, path.stat().st_size, _crc32(path))


def _last(folder: Path) -> int:
    """The highest number in use: what a killed refresh left is not written over, but removed."""
    numbers = [path.name.rpartition("-")[2] for path in _files(folder)]
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def _sweep(folder: Path, kept: Iterable[Path]) -> None:
    for path in {*_files(folder), *folder.glob(f".{_MANIFEST}.*")} - set(kept):
        path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return list(folder.glob("[a-z]*-[0-9]*"))
