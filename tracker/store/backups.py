"""Backups of the database, and their restoration, which may be interrupted at any step.

A restored database is prepared as a file beside the current one. As soon as that file is complete,
every command refuses to open the current one, and `complete_restore` puts the new one in its place.
Before that, an interrupted restoration has changed nothing.

What was mailed after the backup was made is copied from the database that is replaced, so that
nobody receives an issue twice.

Public: `backup`, `restore`, `complete_restore`, `find_backup_problem`,
`Restored`.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracker.errors import DatabaseDamaged, StoreError
from tracker.files import fsync_path, make_private_file, make_private_folder, replacement
from tracker.store import past_recipients, schema
from tracker.store.carried_deliveries import (
    CarriedOver,
    carry_over,
    read_current,
    settle_interrupted,
)
from tracker.store.database import (
    Database,
    open_database,
    refuse_foreign,
    restored_path,
    translate_sqlite_errors,
)

_SQLITE = b"SQLite format 3\0"
_JOURNALS = ("-journal", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """A finished restoration: where the replaced database is, and what was copied from it.

    `carried` is None if there was none that could be read, or it was no later state of the backup.
    `is_unverified` says that what was mailed since the backup is unknown therefore.
    """

    kept: Path | None
    carried: CarriedOver | None
    is_unverified: bool


def backup(db: Database, target: Path) -> None:
    """Copy the database to `target` in one step, while others may read and write.

    Raises StoreError when it cannot be written there, when `target` belongs to the database itself,
    or when something else than an earlier backup is there.
    """
    (opened_file,) = [row[2] for row in db.execute("PRAGMA database_list") if row[1] == "main"]
    _refuse_to_replace(target, Path(opened_file))
    with _database_replacement(target, "backup") as part:
        _copy_database(db.conn, part)


def _refuse_to_replace(target: Path, opened_file: Path) -> None:
    """Raise StoreError unless a backup may be written to `target`."""
    if target.exists() and not target.is_file():
        raise StoreError(f"{target} is not a file; name a file for the backup.")
    if target.exists() and target.samefile(opened_file):
        raise StoreError(f"{target} is the database itself; name another file for the backup.")
    # Journals, a prepared restoration, and databases that were replaced.
    related = target.name.startswith((f"{opened_file.name}-", f"{opened_file.name}."))
    if related and target.parent.resolve() == opened_file.parent.resolve():
        raise StoreError(f"{target} belongs to the database; name another file for the backup.")
    if target.exists() and not _may_be_backup(target):
        raise StoreError(f"{target} is not a backup and is not replaced; name another file.")


def _may_be_backup(path: Path) -> bool:
    """Whether a file is empty or a database of this program, sound or not."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
        if head != _SQLITE:
            return not head
        with closing(_connect_read_only(path)) as connection:
            refuse_foreign(Database(connection), path)
    except StoreError:
        return False
    except (OSError, sqlite3.Error):
        return True
    return True


def find_backup_problem(source: Path) -> str:
    """Return what is wrong with a backup file, by opening and checking it; empty if it is sound."""
    try:
        _check_backup(source)
    except StoreError as error:
        return str(error)
    return ""


def restore(source: Path, target: Path, now: datetime) -> Restored:
    """Put the backup `source` at `target`, and the database that was there beside it.

    Raises DatabaseDamaged when `source` is not a valid database of this program: then nothing
    changes. The caller holds the lock.
    """
    _check_backup(source)
    _delete_leftovers(target)
    with _database_replacement(restored_path(target), "restored database") as part:
        with closing(_connect_read_only(source)) as backed_up:
            _copy_database(backed_up, part)
        carried, is_unverified = _carry_over(target, part, now)
    return Restored(complete_restore(target), carried, is_unverified)


def complete_restore(target: Path) -> Path | None:
    """Put the prepared database in place; return the new path of the one that was there.

    Raises StoreError if there is no prepared database. The caller holds the lock.
    """
    prepared = restored_path(target)
    if not prepared.exists():
        raise StoreError("There is no interrupted restoration; name the backup to restore.")
    fsync_path(target.parent)
    kept = _move_aside(target)
    os.replace(prepared, target)
    fsync_path(target.parent)
    return kept


def _carry_over(current: Path, part: Path, now: datetime) -> tuple[CarriedOver | None, bool]:
    """Copy the deliveries since the backup; record whether they are unknown."""
    with open_database(part) as restored:
        carried = _carry_over_if_readable(current, restored)
        settle_interrupted(restored, now)
        is_unverified = carried is None and _has_subscribers(restored)
        if is_unverified:
            past_recipients.record_unverified_restore(restored, now)
        # A file in WAL mode cannot be read from a medium that is read-only.
        restored.execute("PRAGMA journal_mode = DELETE").fetchone()
    return carried, is_unverified


def _carry_over_if_readable(path: Path, restored: Database) -> CarriedOver | None:
    current = None
    if path.exists():
        with suppress(sqlite3.Error), _open_current(path) as connection:
            current = read_current(connection, restored)
    return carry_over(current, restored) if current else None


def _has_subscribers(db: Database) -> bool:
    return bool(db.execute("SELECT 1 FROM subscribers LIMIT 1").fetchone())


@contextmanager
def _open_current(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection to the database that will be replaced, without changing its files.

    SQLite's mode "ro" cannot read what a killed writer has left behind; a copy is opened then.
    """
    try:
        with closing(_connect_read_only(path)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield connection
            return
    except sqlite3.OperationalError as error:
        if "readonly" not in str(error):
            raise
    with _private_copy(path) as copy, closing(sqlite3.connect(copy)) as connection:
        yield connection


@contextmanager
def _private_copy(path: Path) -> Iterator[Path]:
    """Yield a copy of a database with its journals, beside it, and delete it in the end."""
    copy = path.with_name(f".{path.name}.copy")
    names = [(path.with_name(path.name + end), copy.with_name(copy.name + end))
             for end in ("", *_JOURNALS)]  # fmt: skip
    try:
        for original, copied in names:
            copied.unlink(missing_ok=True)
            if original.exists():
                make_private_file(copied)
                copied.write_bytes(original.read_bytes())
        yield copy
    finally:
        for _, copied in names:
            copied.unlink(missing_ok=True)


@contextmanager
def _database_replacement(target: Path, what: str) -> Iterator[Path]:
    """Yield an empty private file, which replaces `target` on success. Raises StoreError."""
    try:
        make_private_folder(target.parent)
        with replacement(target) as part:
            for end in ("", *_JOURNALS):  # of a killed process with the same number
                part.with_name(part.name + end).unlink(missing_ok=True)
            make_private_file(part)
            yield part
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreError(f"The {what} {target} cannot be written: {reason}.") from error


def _delete_leftovers(target: Path) -> None:
    """Delete what killed restorations left of copies that were not complete."""
    for left in target.parent.glob(f".{restored_path(target).name[:40]}.*"):
        left.unlink(missing_ok=True)


def _copy_database(source: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        # A file in WAL mode cannot be read from a medium that is read-only.
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()


def _connect_read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _check_backup(source: Path) -> None:
    if not source.is_file():
        raise StoreError(f"There is no backup file {source}.")
    with translate_sqlite_errors(source), closing(_connect_read_only(source)) as connection:
        db = Database(connection)
        refuse_foreign(db, source)
        schema.has_pending_migrations(db, source)
        found = [text for (text,) in db.execute("PRAGMA integrity_check(1)") if text != "ok"]
        if not db.has_table("works"):
            found.append("it has no works")
    if found:
        raise DatabaseDamaged(source, " ".join(found[0].split()))


def _move_aside(target: Path) -> Path | None:
    """Rename a database and its journals to an unused name; return it.

    If an interrupted restoration has moved the database, its journals follow it.
    """
    number = 1
    while _aside_path(target, number).exists():
        number += 1
    journals = [end for end in _JOURNALS if target.with_name(target.name + end).exists()]
    if target.exists():
        os.replace(target, _aside_path(target, number))
    elif number > 1:
        number -= 1
    elif not journals:
        return None
    kept = _aside_path(target, number)
    if kept.exists():
        kept.chmod(0o600)
    for end in journals:
        os.replace(target.with_name(target.name + end), kept.with_name(kept.name + end))
    return kept


def _aside_path(target: Path, number: int) -> Path:
    return target.with_name(f"{target.name}.before-restore-{number}")
