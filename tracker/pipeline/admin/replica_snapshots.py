"""A replica: snapshots of a home in a folder, which other machines read.

    DEST/current           link to the newest snapshot, switched in one step
    DEST/snapshots/NAME    database, indexes and published pages, and a manifest, written last
    DEST/models            prepared models, which all snapshots share
    DEST/config.toml       the reading machine's settings; never written here

A snapshot is built in a hidden folder and renamed when it is complete, so an interrupted command
leaves nothing that a reader could take for one; the next command removes it.

Public: `make_snapshot`.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from tracker.errors import IndexUnusable, StoreError, UsageError
from tracker.files import file_sha256, fsync_path, make_private_folder, replace_text
from tracker.locking import hold_lock
from tracker.search.index import index_files
from tracker.settings import Config
from tracker.store.backups import backup
from tracker.store.database import Database
from tracker.store.snapshots import FORMAT, MANIFEST, Snapshot

_CURRENT, _SNAPSHOTS, _MODELS = "current", "snapshots", "models"
_PART = ".part-"
# How often to begin again because the index or a page was replaced during the copy.
_ATTEMPTS = 5


def make_snapshot(
    db: Database, config: Config, destination: Path, keep: int, now: datetime
) -> Snapshot:
    """Add a snapshot to a replica, switch to it, and delete all but the newest `keep`.

    Raises UsageError for a folder that cannot be a replica, LockHeld while another process writes
    to it, and StoreError if it cannot be written or the home does not hold still.
    """
    _check_destination(config, destination)
    with hold_lock(destination / "replica.lock", "replica"):
        try:
            return _make_snapshot(db, config, destination, keep, now)
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"The replica {destination} cannot be written: {reason}.") from error


def _check_destination(config: Config, destination: Path) -> None:
    """Raise UsageError for the home itself, and for a folder with another `current`."""
    if destination.resolve() == config.home.resolve():
        raise UsageError("A replica needs another folder than the home.")
    current = destination / _CURRENT
    if current.exists() and not current.is_symlink():
        raise UsageError(f"{current} is not a link to a snapshot; choose another folder.")


def _make_snapshot(
    db: Database, config: Config, destination: Path, keep: int, now: datetime
) -> Snapshot:
    folder = destination / _SNAPSHOTS
    make_private_folder(folder)
    _delete_leftovers(destination)
    _copy_models(config.models, destination / _MODELS)
    part = folder / f"{_PART}{now:%Y%m%dT%H%M%S.%fZ}"
    _copy_home(db, config, part)
    for name in ("config.toml", _MODELS):
        (part / name).symlink_to(Path("..", "..", name))
    _write_manifest(part, now)
    made = Snapshot(folder / part.name.removeprefix(_PART), now)
    part.rename(made.folder)
    fsync_path(folder)
    _switch(destination, made.name)
    _delete_old(folder, made, keep)
    return made


def _delete_leftovers(destination: Path) -> None:
    """Delete what an interrupted command has left."""
    for folder in (destination / _SNAPSHOTS, destination / _MODELS):
        for part in folder.glob(f"{_PART}*"):
            shutil.rmtree(part)
    (destination / f".{_CURRENT}").unlink(missing_ok=True)


def _copy_models(source: Path, target: Path) -> None:
    """Copy the prepared models that the replica lacks; a model never changes."""
    for model in sorted(source.glob("[!.]*/")):
        if (target / model.name).exists():
            continue
        part = target / f"{_PART}{model.name}"
        shutil.copytree(model, part, ignore=shutil.ignore_patterns("cache", "*.checked"))
        (part / "cache").touch()  # a reader writes nothing to the folder then
        part.rename(target / model.name)


def _copy_home(db: Database, config: Config, part: Path) -> None:
    """Copy database, indexes and pages; again if an index or a page was replaced meanwhile.

    The indexes are of the same time as the database then, or older, never newer.
    """
    for _ in range(_ATTEMPTS):
        before = _read_state(config)
        with suppress(IndexUnusable, FileNotFoundError):
            _copy_once(db, config, part)
            if _read_state(config) == before:
                return
        shutil.rmtree(part)
    # A damaged index is repaired by the command that this names; a changing one, by waiting.
    _verify_indexes(config)
    raise StoreError("The index or the pages change all the time; try again later.")


_State = tuple[index_files.Fingerprint | index_files.Generation | None, ...]


def _read_state(config: Config) -> _State:
    pages = index_files.folder_fingerprint(config.web_pages)
    return (_find_generation(config.index), _find_generation(config.postings), pages)


def _find_generation(folder: Path) -> index_files.Generation | None:
    """Return the current generation; None if there is none yet, or a damaged one."""
    try:
        return index_files.read_generation(folder)
    except IndexUnusable:
        return None


def _copy_once(db: Database, config: Config, part: Path) -> None:
    backup(db, part / config.database.name)
    for folder in (config.index, config.postings):
        if generation := _find_generation(folder):
            index_files.copy_generation(folder, generation, part / folder.relative_to(config.home))
    if config.web_pages.is_dir():
        hidden = shutil.ignore_patterns(".*")  # pages that are being written
        target = part / config.web_pages.relative_to(config.home)
        shutil.copytree(config.web_pages, target, ignore=hidden)


def _verify_indexes(config: Config) -> None:
    """Raise IndexUnusable for a damaged index."""
    for folder in (config.index, config.postings):
        if generation := _find_generation(folder):
            index_files.verify_files(folder, generation, thorough=True)


def _write_manifest(part: Path, now: datetime) -> None:
    """Write what the snapshot contains, after everything else is on the disk."""
    files = {}
    for file in _list_files(part):
        fsync_path(file)
        path = file.relative_to(part).as_posix()
        files[path] = {"size": file.stat().st_size, "sha256": file_sha256(file)}
    content = {"format": FORMAT, "made": now.isoformat(), "files": files}
    replace_text(part / MANIFEST, json.dumps(content, indent=1))


def _list_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _switch(destination: Path, name: str) -> None:
    """Make `current` a link to a snapshot, in one step. The link also holds on other machines."""
    link = destination / f".{_CURRENT}"
    link.symlink_to(Path(_SNAPSHOTS, name))
    os.replace(link, destination / _CURRENT)
    fsync_path(destination)


def _delete_old(folder: Path, made: Snapshot, keep: int) -> None:
    """Delete all but the newest snapshots; the current one always remains."""
    names = sorted(path.name for path in folder.glob("[!.]*/"))
    for name in set(names[:-keep]) - {made.name}:
        # Renamed first, so that nobody takes the rest of an interrupted deletion for a snapshot.
        gone = folder / name
        gone.rename(folder / f"{_PART}{name}")
        shutil.rmtree(folder / f"{_PART}{name}")
