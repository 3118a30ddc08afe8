"""The one SQLite file: opened safely, written by one process at a time, checked and copied.

`opened` is how everybody gets it. `writing` is the only way to write: it takes the write lock
first, so that two writers queue for up to a minute instead of failing half-way.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tracker.errors import DatabaseDamaged, StoreError
from tracker.store import schema
from tracker.store.schema import Database as Database

# Memory for pages: a large batch must not spill to disk half-way, for that would lock readers out.
CACHE_KB = 65_536
# A reader's pages are mostly in the system's cache anyway, and there may be several at a time.
READ_CACHE_KB = 8_192

# Seconds a writer waits for another one before it gives up.
BUSY_SECONDS = 60
# What one reader may ask for, in instructions of SQLite's machine: a search of 68,394 papers takes
# up to 2 million, and these 2.5 s. Work and not time, for a busy machine is no reason to refuse.
READ_STEPS, READ_SECONDS = 100_000_000, 10
_COUNTED = 10_000

# SQLite can corrupt a WAL database when its log is reset while two connections are open: fixed in
# 3.51.3, and in the back-ports 3.44.6 and 3.50.7 (sqlite.org/changes.html, 3.53.0).
_WAL_FIXED, _WAL_BACKPORTS = (3, 51, 3), {(3, 44): 6, (3, 50): 7}


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """Whether a SQLite of this version is free of the WAL-reset bug."""
    patch = _WAL_BACKPORTS.get(version[:2])
    return version >= _WAL_FIXED or (patch is not None and version[2] >= patch)


def journal_mode() -> str:
    """The journal this machine's SQLite is trusted with."""
    return "wal" if wal_is_safe() else "delete"


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """The database at `path`, created or migrated when need be, closed at the end.

    Raises DatabaseDamaged when the file is not a sound database, also while it is in use, and
    SchemaTooNew when a newer tracker wrote it.
    """
    with refusing_damage(path):
        db = _connect(path)
        try:
            if schema.pending(db, path):
                with writing(db):
                    schema.migrate(db)
            yield db
        finally:
            db.close()


@contextmanager
def read_only(path: Path) -> Iterator[Database]:
    """The database at `path` for a command that reads: a write to it raises.

    A file of an older schema is brought up to date first, as `opened` does: a user who has just
    upgraded expects an answer, and the statements know one schema only. Where there is no file,
    none is made: the answer is that of an empty store.
    """
    with opened(path) if path.exists() else _empty(path) as db:
        db.execute("PRAGMA query_only = ON")
        yield db


@contextmanager
def _empty(path: Path) -> Iterator[Database]:
    """An empty database in memory, in the place of the one at `path`."""
    with refusing_damage(path), closing(sqlite3.connect(":memory:")) as connection:
        db = Database(connection, execute_plugins=False)
        with writing(db):
            schema.migrate(db)
        yield db


@contextmanager
def reading(path: Path, steps: int = READ_STEPS) -> Iterator[Database]:
    """The database at `path`, which exists, for questions that together take at most `steps`.

    Nothing can be written. Raises DatabaseDamaged, and StoreError where more steps are needed. It
    is no connection of SQLite's mode "ro": that cannot read what a killed writer has left behind.
    """
    with refusing_damage(path):
        db = _connect(path, wait=READ_SECONDS)
        try:
            db.execute("PRAGMA query_only = ON")
            db.execute(f"PRAGMA cache_size = {-READ_CACHE_KB}")
            left = iter(range(steps // _COUNTED))
            db.conn.set_progress_handler(lambda: next(left, None) is None, _COUNTED)
            yield db
        finally:
            db.close()


@contextmanager
def refusing_damage(path: Path) -> Iterator[None]:
    """Turn SQLite's complaints about the file at `path` into our errors."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        if isinstance(error, sqlite3.OperationalError) and not _tells_damage(error):
            raise StoreError(f"The database {path} cannot be used: {error}.") from error
        raise DatabaseDamaged(path, str(error)[:200]) from error


def _tells_damage(error: sqlite3.OperationalError) -> bool:
    """Some damage is found by the driver or by FTS5, which name it otherwise than SQLite does."""
    return any(words in str(error) for words in ("decode to UTF-8", "vtable constructor failed"))


def _connect(path: Path, wait: float = BUSY_SECONDS) -> Database:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder {path.parent} cannot be made: {error.strerror}.") from error
    connection = sqlite3.connect(path, timeout=wait)
    try:
        db = Database(connection, execute_plugins=False)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA cache_size = {-CACHE_KB}")
        _set_journal(db, path)
        return db
    except BaseException:
        connection.close()
        raise


def _set_journal(db: Database, path: Path) -> None:
    """Change the journal only where the file has another: the change needs the file alone."""
    (current,) = db.execute("PRAGMA journal_mode").fetchone()
    if current == journal_mode():
        return
    try:
        db.execute(f"PRAGMA journal_mode = {journal_mode()}").fetchone()
    except sqlite3.OperationalError as error:
        # A busy file goes on with the rollback journal, which is always safe; only slower.
        if current == "wal":
            raise StoreError(
                f"The database {path} is in use by a program with another SQLite; "
                "try again when it has finished."
            ) from error


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One transaction that owns the write lock from its start; rolled back on any error.

    Inside another one it is a part of that.
    """
    if db.conn.in_transaction:
        yield
        return
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def problems(db: Database) -> list[str]:
    """What is wrong with the file by SQLite's own checks: none when it is sound."""
    found = [text for (text,) in db.execute("PRAGMA integrity_check(10)") if text != "ok"]
    found += [f"a row of {row[0]} points nowhere" for row in db.execute("PRAGMA foreign_key_check")]
    with _commands_allowed(db):
        # rank 1: compare with the works, too; works_fts_cjk keeps its own text.
        for table, columns, values in (
            ("works_fts", "works_fts, rank", "'integrity-check', 1"),
            ("works_fts_cjk", "works_fts_cjk", "'integrity-check'"),
        ):
            try:
                db.execute(f"INSERT INTO {table} ({columns}) VALUES ({values})")
            except sqlite3.DatabaseError as error:
                found.append(f"the full-text index disagrees with the works ({error})")
    return found


@contextmanager
def _commands_allowed(db: Database) -> Iterator[None]:
    """Let FTS5 check its tables on a read-only connection, and change nothing.

    FTS5 takes its commands as INSERT statements; this one only reads, and is rolled back anyway.
    """
    (locked,) = db.execute("PRAGMA query_only").fetchone()
    db.execute("PRAGMA query_only = OFF")
    try:
        yield
    finally:
        db.rollback()
        db.execute(f"PRAGMA query_only = {locked}")


def backup(db: Database, target: Path) -> None:
    """Copy the database to `target` while others may read and write; the copy appears whole.

    StoreError when it cannot be written there, or when `target` is the database itself.
    """
    (opened_file,) = [row[2] for row in db.execute("PRAGMA database_list") if row[1] == "main"]
    if target.exists() and target.samefile(opened_file):
        raise StoreError(f"{target} is the database itself; name another file for the backup.")
    with _written(target, "backup") as part:
        _copy(db.conn, part)


def restore(source: Path, target: Path) -> Path | None:
    """Put the backup `source` at `target`; a database already there is kept, and its path given.

    Raises DatabaseDamaged when `source` is not a sound database of ours: then nothing changes.
    """
    _check_backup(source)
    with _written(target, "restored database") as part:
        with closing(_read_only(source)) as backed_up:
            _copy(backed_up, part)
        return _set_aside(target)


@contextmanager
def _written(target: Path, what: str) -> Iterator[Path]:
    """A file to write beside `target`; it takes its place when all went well, else it is gone."""
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        yield part
        os.replace(part, target)
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreError(f"The {what} {target} cannot be written: {reason}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        # A file in WAL mode cannot be read from a medium that is read-only.
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _check_backup(source: Path) -> None:
    if not source.is_file():
        raise StoreError(f"There is no backup file {source}.")
    with refusing_damage(source), closing(_read_only(source)) as connection:
        db = Database(connection, execute_plugins=False)
        schema.pending(db, source)
        found = [text for (text,) in db.execute("PRAGMA integrity_check(1)") if text != "ok"]
        if not db.table("works").exists():
            found.append("it has no works")
    if found:
        raise DatabaseDamaged(source, found[0])


def _set_aside(target: Path) -> Path | None:
    """Rename a database and its journals out of the way, never over an older one."""
    if not target.exists():
        return None
    number = 1
    while (kept := target.with_name(f"{target.name}.before-restore-{number}")).exists():
        number += 1
    os.replace(target, kept)
    for suffix in ("-journal", "-wal", "-shm"):
        journal = target.with_name(target.name + suffix)
        if journal.exists():
            os.replace(journal, kept.with_name(kept.name + suffix))
    return kept
