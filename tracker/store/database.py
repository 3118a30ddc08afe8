"""The SQLite file: opened safely, written by one process at a time, and checked.

All access is through `open_database`. All writes are in a `write_transaction`, which acquires the
write lock first, so that two writers queue for up to a minute instead of failing half-way.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import chain
from pathlib import Path

from tracker.errors import (
    DatabaseDamaged,
    DatabaseForeign,
    DatabaseMissing,
    RestoreUnfinished,
    StoreError,
)
from tracker.files import make_private_file, make_private_folder
from tracker.store import author_search, schema, signed_words
from tracker.store.schema import Database as Database
from tracker.store.snapshots import is_snapshot, refuse_snapshot

# Memory for pages: a large batch must not spill to disk half-way, which would lock readers out.
CACHE_KB = 65_536
# A reader's pages are mostly in the system's cache, and there may be several readers at a time.
READ_CACHE_KB = 8_192

# Seconds that a writer waits for another one.
BUSY_SECONDS = 60
# Limit of one reader, in instructions of SQLite's virtual machine: a search of 68,394 papers takes
# up to 2 million, the limit 2.5 s. Not a time limit, because a busy machine is no reason to refuse.
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
    """Return the journal mode that is safe with this machine's SQLite."""
    return "wal" if wal_is_safe() else "delete"


@contextmanager
def open_database(path: Path) -> Iterator[Database]:
    """Yield the database at `path`, created or migrated if necessary, and close it at the end.

    Raises DatabaseDamaged when the file is not a valid database, also while it is in use,
    DatabaseMissing when it was lost, DatabaseForeign when it belongs to another program,
    SchemaTooNew when a newer tracker wrote it, and StoreError for a read-only snapshot.
    """
    refuse_snapshot(path.parent)
    with translate_sqlite_errors(path):
        _refuse_missing(path)
        _make(path)
        db = _connect(path)
        try:
            if schema.has_pending_migrations(db, path):
                with write_transaction(db):
                    schema.migrate(db)
            yield db
        finally:
            db.close()


@contextmanager
def read_only(path: Path) -> Iterator[Database]:
    """Yield the database at `path` for a command that only reads: a write raises.

    An older schema is migrated first, as in `open_database`: users expect an answer right after an
    upgrade, and the queries are written for one schema. If there is no file, none is created and
    the database is empty.
    """
    _refuse_missing(path)
    with _open_to_read(path) as db:
        db.execute("PRAGMA query_only = ON")
        yield db


def _open_to_read(path: Path) -> AbstractContextManager[Database]:
    if is_snapshot(path.parent):
        return _open_snapshot(path)
    return open_database(path) if path.exists() else _empty_database(path)


@contextmanager
def _open_snapshot(path: Path) -> Iterator[Database]:
    """Yield the database of a snapshot. Raises StoreError if another release made it."""
    with translate_sqlite_errors(path):
        db = _connect_immutable(path)
        try:
            if schema.has_pending_migrations(db, path):
                raise StoreError(
                    f"The snapshot of {path} was made by an older release; make one with this one."
                )
            yield db
        finally:
            db.close()


@contextmanager
def _empty_database(path: Path) -> Iterator[Database]:
    """Yield an empty in-memory database in place of the one at `path`."""
    with translate_sqlite_errors(path), closing(sqlite3.connect(":memory:")) as connection:
        db = Database(connection)
        _register_functions(connection)
        with write_transaction(db):
            schema.migrate(db)
        yield db


@contextmanager
def open_read_only(
    path: Path, steps: int = READ_STEPS, wait: float = READ_SECONDS
) -> Iterator[Database]:
    """Yield the existing database at `path` for queries that together take at most `steps`.

    Nothing can be written. Raises as `open_database` does, and StoreError if there is no database,
    more steps are needed, or a writer does not finish within `wait` seconds. It does not use
    SQLite's mode "ro", which cannot read what a killed writer has left behind.
    """
    with translate_sqlite_errors(path):
        _refuse_missing(path)
        if not path.exists():
            raise StoreError(f"There is no database {path}.")
        is_immutable = is_snapshot(path.parent)
        db = _connect_immutable(path) if is_immutable else _connect(path, busy_seconds=wait)
        try:
            db.execute("PRAGMA query_only = ON")
            db.execute(f"PRAGMA cache_size = {-READ_CACHE_KB}")
            left = iter(range(steps // _COUNTED))
            db.conn.set_progress_handler(lambda: next(left, None) is None, _COUNTED)
            yield db
        finally:
            db.close()


@contextmanager
def translate_sqlite_errors(path: Path) -> Iterator[None]:
    """Translate SQLite's errors about the file at `path` into our own."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        if isinstance(error, sqlite3.OperationalError) and not _is_damage(error):
            raise StoreError(f"The database {path} cannot be used: {error}.") from error
        raise DatabaseDamaged(path, str(error)[:200]) from error


def _is_damage(error: sqlite3.OperationalError) -> bool:
    """Whether the driver or FTS5 found damage, which they report differently from SQLite."""
    return any(words in str(error) for words in ("decode to UTF-8", "vtable constructor failed"))


def _refuse_missing(path: Path) -> None:
    """Raise DatabaseMissing when the database is gone or empty beside what was made from one.

    An empty database would look like a loss of everything, and a refresh would make it one. Raises
    RestoreUnfinished when a restored database waits to take its place.
    """
    if restored_path(path).exists():
        raise RestoreUnfinished(path)
    state = _absence(path)
    beside = _made_from_it(path) if state else None
    if beside:
        raise DatabaseMissing(path, state, beside)


def restored_path(path: Path) -> Path:
    """Return where `tracker restore` prepares the database that will replace the one at `path`."""
    return path.with_name(f"{path.name}.restored")


def _absence(path: Path) -> str:
    """How the database is absent, in a word; empty when there is something at its place."""
    try:
        return "" if path.stat().st_size else "empty"
    except FileNotFoundError:
        return "missing"
    except OSError:  # what it is shows when it is opened
        return ""


def _made_from_it(path: Path) -> Path | None:
    """The folder of indexes or issues beside a database's place, or a journal that it left."""
    folders = (path.with_name(name) for name in ("index", "digests"))
    journals = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    used = (folder for folder in folders if folder.is_dir() and any(folder.iterdir()))
    # An empty file may have a journal: so it is when its first transaction was cut short.
    unread = (file for file in journals if not path.exists() and file.is_file())
    return next(chain(used, unread), None)


def _make(path: Path) -> None:
    """Make an empty file that only its owner can read, as SQLite makes its journals then, too."""
    try:
        make_private_folder(path.parent)
    except OSError as error:
        raise StoreError(f"The folder {path.parent} cannot be made: {error.strerror}.") from error
    try:
        if not path.exists():
            make_private_file(path)
    except OSError as error:
        raise StoreError(f"The database {path} cannot be made: {error.strerror}.") from error


def refuse_foreign(db: Database, path: Path) -> None:
    """Raise DatabaseForeign for tables of another program, DatabaseMissing for none at all."""
    tables = schema.tables(db)
    if tables and not schema.is_ours(db):
        raise DatabaseForeign(path)
    beside = None if tables else _made_from_it(path)
    if beside:
        raise DatabaseMissing(path, "empty", beside)


def _register_functions(connection: sqlite3.Connection) -> None:
    author_search.register(connection)
    signed_words.register(connection)


def _connect_immutable(path: Path) -> Database:
    """Open the database of a snapshot, without locks and without creating any file."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(uri, uri=True)
    try:
        db = Database(connection)
        _register_functions(connection)
        refuse_foreign(db, path)
        db.execute(f"PRAGMA cache_size = {-CACHE_KB}")
        return db
    except BaseException:
        connection.close()
        raise


def _connect(path: Path, busy_seconds: float = BUSY_SECONDS) -> Database:
    connection = sqlite3.connect(path, timeout=busy_seconds)
    try:
        db = Database(connection)
        _register_functions(connection)
        refuse_foreign(db, path)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA cache_size = {-CACHE_KB}")
        _set_journal(db, path)
        return db
    except BaseException:
        connection.close()
        raise


def _set_journal(db: Database, path: Path) -> None:
    """Change the journal only if the file has another one: that needs exclusive access."""
    (current,) = db.execute("PRAGMA journal_mode").fetchone()
    if current == journal_mode():
        return
    try:
        db.execute(f"PRAGMA journal_mode = {journal_mode()}").fetchone()
    except sqlite3.OperationalError as error:
        # A busy file continues with the rollback journal, which is always safe but slower.
        if current == "wal":
            raise StoreError(
                f"The database {path} is in use by a program with another SQLite; "
                "try again when it has finished."
            ) from error


@contextmanager
def write_transaction(db: Database) -> Iterator[None]:
    """Run a transaction that holds the write lock from its start; roll back on any error.

    Within another one it is a part of that.
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


def find_problems(db: Database) -> list[str]:
    """Return what SQLite's checks find wrong with the file: nothing when it is sound."""
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
                if error.sqlite_errorcode == sqlite3.SQLITE_READONLY:
                    continue  # a snapshot, which FTS5 does not check
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
