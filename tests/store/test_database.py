"""The database file: opening, full disks and locked folders, backup and restore."""

import os
import random
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.children import forked
from tests.store.records import dump, paper
from tracker.errors import DatabaseDamaged, StoreError
from tracker.store import database, fts_search, papers
from tracker.store.database import (
    Database,
    backup,
    find_problems,
    open_database,
    restore,
    wal_is_safe,
    write_transaction,
)
from tracker.store.fts_query import MatchClause
from tracker.store.paper_filters import Filter


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_the_log_is_used_only_where_sqlite_does_not_corrupt_it(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert wal_is_safe(version) is safe


def journal(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_every_connection_checks_foreign_keys_and_syncs_fully(db: Database) -> None:
    assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_file_in_wal_mode_is_converted_where_wal_is_not_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.db"
    with open_database(path) as db:
        papers.upsert(db, [paper()])
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
    monkeypatch.setattr(database, "journal_mode", lambda: "delete")

    with open_database(path) as db:
        assert papers.count_works(db) == 1
    assert journal(path) == "delete"


def test_a_file_open_in_wal_mode_elsewhere_is_rejected_where_wal_is_not_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.db"
    monkeypatch.setattr(database, "journal_mode", lambda: "delete")
    with open_database(path) as db:
        papers.upsert(db, [paper()])
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("SELECT * FROM works").fetchall()
        with (
            pytest.raises(StoreError, match="in use by a program with another"),
            open_database(path),
        ):
            pass


def test_where_wal_is_safe_it_is_used_but_a_busy_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.db"
    monkeypatch.setattr(database, "journal_mode", lambda: "delete")
    with open_database(path) as first, write_transaction(first):
        monkeypatch.setattr(database, "journal_mode", lambda: "wal")
        with open_database(path) as second:
            assert papers.count_works(second) == 0
        assert journal(path) == "delete"
    with open_database(path):
        assert journal(path) == "wal"


@pytest.mark.parametrize("pages", [0, 3, 40])
def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(
    pages: int, tmp_path: Path
) -> None:
    path = tmp_path / "t.db"
    with open_database(path) as db:
        papers.upsert(db, [paper()])
        before = dump(db)
    many = [paper(f"2603.{n:05}", abstract="words and words " * 50) for n in range(2, 500)]

    def fill_disk() -> None:
        with open_database(path) as db:
            (used,) = db.execute("PRAGMA page_count").fetchone()
            db.execute(f"PRAGMA max_page_count = {used + pages}").fetchone()
            papers.upsert(db, many)

    with pytest.raises(StoreError) as failure:
        fill_disk()

    assert str(failure.value) == f"The database {path} cannot be used: database or disk is full."
    with open_database(path) as db:
        assert dump(db) == before
        assert find_problems(db) == []
        assert papers.upsert(db, many).added == len(many)


def test_an_error_inside_a_transaction_rolls_it_back(db: Database) -> None:
    papers.upsert(db, [paper()])
    before = dump(db)

    def interrupted() -> None:
        with write_transaction(db):
            db.execute("DELETE FROM works")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert dump(db) == before
    papers.upsert(db, [paper("2603.00002")])


def as_nobody(action: Callable[[], object]) -> str:
    """Return the type and text of the error in an unprivileged process, or "fine"."""
    read, write = os.pipe()

    def try_it() -> None:
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            action()
            os.write(write, b"fine")
        except BaseException as error:
            os.write(write, f"{type(error).__name__}: {error}".encode())

    child = forked(try_it)
    os.close(write)
    with os.fdopen(read) as report:
        message = report.read()
    os.waitpid(child, 0)
    return message


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own are private."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_folder_that_cannot_be_written_is_one_sentence(open_folder: Path) -> None:
    path = open_folder / "home" / "t.db"
    with open_database(path) as db:
        papers.upsert(db, [paper()])
    (open_folder / "home").chmod(0o555)
    path.chmod(0o444)
    open_folder.chmod(0o555)

    def read() -> None:
        with open_database(path) as db:
            assert papers.count_works(db) == 1

    def write() -> None:
        with open_database(path) as db:
            papers.upsert(db, [paper("2603.00002")])

    def create(where: Path) -> None:
        with open_database(where):
            pass

    assert as_nobody(read) == "fine"
    assert as_nobody(write) == (
        f"StoreError: The database {path} cannot be used: attempt to write a readonly database."
    )
    assert as_nobody(lambda: create(open_folder / "home" / "new.db")).startswith("StoreError: ")
    assert as_nobody(lambda: create(open_folder / "new" / "t.db")) == (
        f"StoreError: The folder {open_folder / 'new'} cannot be made: Permission denied."
    )


def test_a_folder_in_the_place_of_the_database_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open database file"), open_database(tmp_path):
        pass


# --- damage ---------------------------------------------------------------------------------------

WORDS = ("alpha", "beta", "gamma", "délta", "transformer", "experts")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of short and long rows, some of which fill whole pages."""
    path = tmp_path_factory.mktemp("sound") / "t.db"
    dice = random.Random(1)
    works = [
        paper(f"2603.{n:05}", abstract=" ".join(dice.choices(WORDS, k=dice.choice((20, 150, 900)))))
        for n in range(1, 200)
    ]
    with open_database(path) as db:
        papers.upsert(db, works)
    return path


def everything(path: Path) -> object:
    with open_database(path) as db:
        found = fts_search.search(
            db, [MatchClause("works_fts", '"transformer"', "")], 500, Filter()
        )
        return dump(db), list(papers.load_by_number(db, range(200)).items()), found


def damaged(data: bytes, seed: int) -> bytes:
    """Return `data` with one page or a few bytes overwritten, or truncated."""
    dice = random.Random(seed)
    size, start = dice.choice(((4096, dice.randrange(len(data)) & ~4095), (64, 4096 + seed * 997)))
    filling = dice.choice((dice.randbytes(size), bytes(size), b"x" * size))
    if seed % 4 == 0:
        return data[: dice.randrange(1, len(data))]
    return data[:start] + filling + data[start + size :]


def test_damage_is_reported_with_the_way_to_restore_or_harmless(
    sound: Path, tmp_path: Path
) -> None:
    """Never a traceback, and never a wrong result without an error."""
    right, data = everything(sound), sound.read_bytes()
    path, refusals = tmp_path / "t.db", []
    for seed in range(60):
        path.write_bytes(damaged(data, seed))
        try:
            assert everything(path) == right, seed
        except DatabaseDamaged as error:
            refusals.append(str(error))
    assert len(refusals) > 30
    assert all("tracker restore FILE" in message and len(message) < 500 for message in refusals)


@pytest.mark.parametrize(
    "content", [b"hello", b"This is not a database.\n" * 500, b"SQLite format 3\0", b"\0" * 4096]
)
def test_another_file_than_a_database_is_rejected_and_unchanged(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "t.db"
    path.write_bytes(content)
    with pytest.raises(DatabaseDamaged), open_database(path):
        pass
    assert path.read_bytes() == content


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    """SQLite leaves one when a first run is killed before it wrote anything."""
    path = tmp_path / "t.db"
    path.touch()
    with open_database(path) as db:
        assert papers.count_works(db) == 0


def test_an_index_that_disagrees_with_its_works_is_reported(db: Database) -> None:
    papers.upsert(db, [paper(), paper("2603.00002")])
    assert find_problems(db) == []
    db.execute("INSERT INTO works_fts (works_fts, rowid, title, abstract, byline)"
               " VALUES ('delete', 1, 'words that', 'were never', 'there')")  # fmt: skip
    assert "full-text index disagrees" in find_problems(db)[0]


def test_a_row_without_its_parent_is_reported(db: Database) -> None:
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("INSERT INTO authors (work, position, name) VALUES (99, 0, 'Nobody')")
    assert find_problems(db) == ["a row of authors points nowhere"]


# --- backup and restore ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["b.db", "100% of it?.db", "a#b 'quoted'.db"])
def test_a_backup_can_be_restored_and_the_old_file_remains(name: str, tmp_path: Path) -> None:
    path, copy = tmp_path / "home" / "t.db", tmp_path / "backups" / name
    with open_database(path) as db:
        papers.upsert(db, [paper()])
        before = dump(db)
        backup(db, copy)
        papers.upsert(db, [paper("2603.00002")])
        after = dump(db)

    moved = restore(copy, path)

    assert moved is not None
    with open_database(path) as db, open_database(moved) as old:
        assert (dump(db), dump(old)) == (before, after)
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, moved.name]
    assert [file.name for file in copy.parent.iterdir()] == [name]


def test_each_database_replaced_by_a_restore_remains(tmp_path: Path) -> None:
    path, copy = tmp_path / "t.db", tmp_path / "b.db"
    with open_database(path) as db:
        backup(db, copy)
    assert len({restore(copy, path) for _ in range(3)}) == 3


def test_a_restore_into_an_empty_home_replaces_nothing(tmp_path: Path, sound: Path) -> None:
    assert restore(sound, tmp_path / "new" / "t.db") is None
    assert everything(tmp_path / "new" / "t.db") == everything(sound)


def test_a_replaced_database_remains_with_its_journal(tmp_path: Path, sound: Path) -> None:
    path = tmp_path / "t.db"
    path.write_bytes(b"damaged")
    path.with_name("t.db-journal").write_bytes(b"hot")

    moved = restore(sound, path)

    assert moved is not None
    assert moved.read_bytes() == b"damaged"
    assert moved.with_name(f"{moved.name}-journal").read_bytes() == b"hot"
    assert everything(path) == everything(sound)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (x)")
        connection.commit()


def cut(path: Path) -> None:
    with open_database(path) as db:
        papers.upsert(db, [paper(f"2603.{n:05}") for n in range(300)])
    os.truncate(path, path.stat().st_size // 2)


def newer(path: Path) -> None:
    with open_database(path) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('tracker', 'm999_tomorrow', '2030')"
        )


@pytest.mark.parametrize(
    "spoil", [foreign, cut, newer, Path.touch, Path.mkdir, lambda path: path.write_text("text")]
)
def test_an_invalid_backup_is_rejected_and_changes_nothing(
    spoil: Callable[[Path], object], tmp_path: Path
) -> None:
    path, bad = tmp_path / "home" / "t.db", tmp_path / "bad.db"
    with open_database(path) as db:
        papers.upsert(db, [paper()])
    before = path.read_bytes()
    spoil(bad)

    with pytest.raises(StoreError):
        restore(bad, path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["t.db"]


def test_a_missing_backup_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no backup file .*none\.db"):
        restore(tmp_path / "none.db", tmp_path / "t.db")


def test_a_backup_of_an_older_release_is_restored_and_migrated(tmp_path: Path) -> None:
    from tests.store.test_schema import old_file

    old_file(tmp_path / "old.db", 1)
    restore(tmp_path / "old.db", tmp_path / "t.db")
    with open_database(tmp_path / "t.db") as db:
        assert papers.count_works(db) == 1
        assert find_problems(db) == []


def test_the_database_is_never_its_own_backup(db: Database, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "tracker.db")
    for name in ("tracker.db", "link.db"):
        with pytest.raises(StoreError, match="is the database itself"):
            backup(db, tmp_path / name)


def test_an_error_writing_a_backup_names_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "b.db"
    with pytest.raises(StoreError) as failure, open_database(tmp_path / "t.db") as db:
        backup(db, target)
    assert str(failure.value).startswith(f"The backup {target} cannot be written: ")


def test_an_older_backup_remains_when_the_disk_is_full(open_folder: Path, sound: Path) -> None:
    target = open_folder / "b.db"
    open_folder.chmod(0o777)
    target.write_bytes(b"an older backup")
    (open_folder / "t.db").write_bytes(sound.read_bytes())
    (open_folder / "t.db").chmod(0o666)

    def copy() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with open_database(open_folder / "t.db") as db:
            backup(db, target)

    assert as_nobody(copy).startswith(f"StoreError: The backup {target} cannot be written: ")
    assert target.read_bytes() == b"an older backup"
    assert sorted(file.name for file in open_folder.iterdir()) == ["b.db", "t.db"]


def test_a_backup_of_a_file_in_wal_mode_can_be_read_from_a_read_only_medium(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "journal_mode", lambda: "wal")
    with open_database(open_folder / "t.db") as db:
        papers.upsert(db, [paper()])
        backup(db, open_folder / "media" / "b.db")
    (open_folder / "media").chmod(0o555)
    (open_folder / "media" / "b.db").chmod(0o444)
    open_folder.chmod(0o777)

    assert (
        as_nobody(lambda: restore(open_folder / "media" / "b.db", open_folder / "n.db")) == "fine"
    )
