"""The file: opened safely, full disks and locked folders told plainly, copied and put back."""

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
from tracker.store import database, fulltext, papers
from tracker.store.database import Database, backup, opened, problems, restore, wal_is_safe, writing
from tracker.store.expressions import Part
from tracker.store.filters import Filter


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


def test_a_file_left_in_wal_mode_is_turned_back_where_wal_is_not_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.db"
    with opened(path) as db:
        papers.take(db, [paper()])
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
    monkeypatch.setattr(database, "journal_mode", lambda: "delete")

    with opened(path) as db:
        assert papers.count(db) == 1
    assert journal(path) == "delete"


def test_a_file_that_somebody_has_open_in_wal_mode_is_refused_where_wal_is_not_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.db"
    monkeypatch.setattr(database, "journal_mode", lambda: "delete")
    with opened(path) as db:
        papers.take(db, [paper()])
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("SELECT * FROM works").fetchall()
        with pytest.raises(StoreError, match="in use by a program with another"), opened(path):
            pass


def test_where_wal_is_safe_it_is_used_but_a_busy_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.db"
    monkeypatch.setattr(database, "journal_mode", lambda: "delete")
    with opened(path) as first, writing(first):
        monkeypatch.setattr(database, "journal_mode", lambda: "wal")
        with opened(path) as second:
            assert papers.count(second) == 0
        assert journal(path) == "delete"
    with opened(path):
        assert journal(path) == "wal"


@pytest.mark.parametrize("pages", [0, 3, 40])
def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(
    pages: int, tmp_path: Path
) -> None:
    path = tmp_path / "t.db"
    with opened(path) as db:
        papers.take(db, [paper()])
        before = dump(db)
    many = [paper(f"2603.{n:05}", abstract="words and words " * 50) for n in range(2, 500)]

    def take_much() -> None:
        with opened(path) as db:
            (used,) = db.execute("PRAGMA page_count").fetchone()
            db.execute(f"PRAGMA max_page_count = {used + pages}").fetchone()
            papers.take(db, many)

    with pytest.raises(StoreError) as failure:
        take_much()

    assert str(failure.value) == f"The database {path} cannot be used: database or disk is full."
    with opened(path) as db:
        assert dump(db) == before
        assert problems(db) == []
        assert papers.take(db, many).added == len(many)


def test_an_error_inside_a_transaction_takes_all_of_it_back(db: Database) -> None:
    papers.take(db, [paper()])
    before = dump(db)

    def interrupted() -> None:
        with writing(db):
            db.execute("DELETE FROM works")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert dump(db) == before
    papers.take(db, [paper("2603.00002")])


def as_nobody(action: Callable[[], object]) -> str:
    """What an unprivileged process meets: the type and text of the error, or "fine"."""
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
    with os.fdopen(read) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


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
    with opened(path) as db:
        papers.take(db, [paper()])
    (open_folder / "home").chmod(0o555)
    path.chmod(0o444)
    open_folder.chmod(0o555)

    def read() -> None:
        with opened(path) as db:
            assert papers.count(db) == 1

    def write() -> None:
        with opened(path) as db:
            papers.take(db, [paper("2603.00002")])

    def create(where: Path) -> None:
        with opened(where):
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
    with pytest.raises(StoreError, match="unable to open database file"), opened(tmp_path):
        pass


# --- damage ---------------------------------------------------------------------------------------

WORDS = ("alpha", "beta", "gamma", "délta", "transformer", "experts")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of short and long rows: some fill pages of their own."""
    path = tmp_path_factory.mktemp("sound") / "t.db"
    dice = random.Random(1)
    works = [
        paper(f"2603.{n:05}", abstract=" ".join(dice.choices(WORDS, k=dice.choice((20, 150, 900)))))
        for n in range(1, 200)
    ]
    with opened(path) as db:
        papers.take(db, works)
    return path


def everything(path: Path) -> object:
    with opened(path) as db:
        found = fulltext.search(db, [Part("works_fts", '"transformer"', "")], 500, Filter())
        return dump(db), list(papers.by_number(db, range(200)).items()), found


def damaged(data: bytes, seed: int) -> bytes:
    """`data` with one page, or a few bytes, overwritten, or its end cut off."""
    dice = random.Random(seed)
    size, start = dice.choice(((4096, dice.randrange(len(data)) & ~4095), (64, 4096 + seed * 997)))
    filling = dice.choice((dice.randbytes(size), bytes(size), b"x" * size))
    if seed % 4 == 0:
        return data[: dice.randrange(1, len(data))]
    return data[:start] + filling + data[start + size :]


def test_damage_is_refused_with_the_way_to_restore_or_does_not_matter(
    sound: Path, tmp_path: Path
) -> None:
    """Never a traceback, and never a wrong answer without a word."""
    right, data = everything(sound), sound.read_bytes()
    path, refusals = tmp_path / "t.db", []
    for seed in range(60):
        path.write_bytes(damaged(data, seed))
        try:
            assert everything(path) == right, seed
        except DatabaseDamaged as error:
            refusals.append(str(error))
    assert len(refusals) > 30
    assert all("tracker restore FILE" in said and len(said) < 500 for said in refusals)


@pytest.mark.parametrize(
    "content", [b"hello", b"This is not a database.\n" * 500, b"SQLite format 3\0", b"\0" * 4096]
)
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "t.db"
    path.write_bytes(content)
    with pytest.raises(DatabaseDamaged), opened(path):
        pass
    assert path.read_bytes() == content


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    """SQLite leaves one when a first run is killed before it wrote anything."""
    path = tmp_path / "t.db"
    path.touch()
    with opened(path) as db:
        assert papers.count(db) == 0


def test_an_index_that_disagrees_with_its_works_is_found(db: Database) -> None:
    papers.take(db, [paper(), paper("2603.00002")])
    assert problems(db) == []
    db.execute("INSERT INTO works_fts (works_fts, rowid, title, abstract, byline)"
               " VALUES ('delete', 1, 'words that', 'were never', 'there')")  # fmt: skip
    assert "full-text index disagrees" in problems(db)[0]


def test_a_row_that_hangs_on_nothing_is_found(db: Database) -> None:
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("INSERT INTO authors (work, position, name) VALUES (99, 0, 'Nobody')")
    assert problems(db) == ["a row of authors points nowhere"]


# --- backup and restore ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["b.db", "100% of it?.db", "a#b 'quoted'.db"])
def test_a_backup_can_be_put_back_and_the_old_file_is_kept(name: str, tmp_path: Path) -> None:
    path, copy = tmp_path / "home" / "t.db", tmp_path / "backups" / name
    with opened(path) as db:
        papers.take(db, [paper()])
        before = dump(db)
        backup(db, copy)
        papers.take(db, [paper("2603.00002")])
        after = dump(db)

    kept = restore(copy, path)

    assert kept is not None
    with opened(path) as db, opened(kept) as old:
        assert (dump(db), dump(old)) == (before, after)
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, kept.name]
    assert [file.name for file in copy.parent.iterdir()] == [name]


def test_each_database_that_a_restore_replaces_is_kept(tmp_path: Path) -> None:
    path, copy = tmp_path / "t.db", tmp_path / "b.db"
    with opened(path) as db:
        backup(db, copy)
    assert len({restore(copy, path) for _ in range(3)}) == 3


def test_a_restore_into_an_empty_home_replaces_nothing(tmp_path: Path, sound: Path) -> None:
    assert restore(sound, tmp_path / "new" / "t.db") is None
    assert everything(tmp_path / "new" / "t.db") == everything(sound)


def test_a_damaged_database_is_kept_with_its_journal(tmp_path: Path, sound: Path) -> None:
    path = tmp_path / "t.db"
    path.write_bytes(b"damaged")
    path.with_name("t.db-journal").write_bytes(b"hot")

    kept = restore(sound, path)

    assert kept is not None
    assert kept.read_bytes() == b"damaged"
    assert kept.with_name(f"{kept.name}-journal").read_bytes() == b"hot"
    assert everything(path) == everything(sound)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (x)")
        connection.commit()


def cut(path: Path) -> None:
    with opened(path) as db:
        papers.take(db, [paper(f"2603.{n:05}") for n in range(300)])
    os.truncate(path, path.stat().st_size // 2)


def newer(path: Path) -> None:
    with opened(path) as db:
        db.table("_sqlite_migrations").insert(
            {"migration_set": "tracker", "name": "m999_tomorrow", "applied_at": "2030"}
        )


@pytest.mark.parametrize(
    "spoil", [foreign, cut, newer, Path.touch, Path.mkdir, lambda path: path.write_text("text")]
)
def test_a_backup_that_is_no_sound_database_is_refused_and_nothing_changes(
    spoil: Callable[[Path], object], tmp_path: Path
) -> None:
    path, bad = tmp_path / "home" / "t.db", tmp_path / "bad.db"
    with opened(path) as db:
        papers.take(db, [paper()])
    before = path.read_bytes()
    spoil(bad)

    with pytest.raises(StoreError):
        restore(bad, path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["t.db"]


def test_a_backup_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no backup file .*none\.db"):
        restore(tmp_path / "none.db", tmp_path / "t.db")


def test_a_backup_of_an_older_release_is_taken_and_brought_up_to_date(tmp_path: Path) -> None:
    from tests.store.test_schema import old_file

    old_file(tmp_path / "old.db", 1)
    restore(tmp_path / "old.db", tmp_path / "t.db")
    with opened(tmp_path / "t.db") as db:
        assert papers.count(db) == 1
        assert problems(db) == []


def test_the_database_is_never_its_own_backup(db: Database, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "tracker.db")
    for name in ("tracker.db", "link.db"):
        with pytest.raises(StoreError, match="is the database itself"):
            backup(db, tmp_path / name)


def test_a_backup_that_cannot_be_written_names_its_own_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "b.db"
    with pytest.raises(StoreError) as failure, opened(tmp_path / "t.db") as db:
        backup(db, target)
    assert str(failure.value).startswith(f"The backup {target} cannot be written: ")


def test_an_older_backup_stands_when_the_disk_is_full(open_folder: Path, sound: Path) -> None:
    target = open_folder / "b.db"
    open_folder.chmod(0o777)
    target.write_bytes(b"an older backup")
    (open_folder / "t.db").write_bytes(sound.read_bytes())
    (open_folder / "t.db").chmod(0o666)

    def copy() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with opened(open_folder / "t.db") as db:
            backup(db, target)

    assert as_nobody(copy).startswith(f"StoreError: The backup {target} cannot be written: ")
    assert target.read_bytes() == b"an older backup"
    assert sorted(file.name for file in open_folder.iterdir()) == ["b.db", "t.db"]


def test_a_backup_of_a_file_in_wal_mode_can_be_read_from_a_read_only_medium(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "journal_mode", lambda: "wal")
    with opened(open_folder / "t.db") as db:
        papers.take(db, [paper()])
        backup(db, open_folder / "media" / "b.db")
    (open_folder / "media").chmod(0o555)
    (open_folder / "media" / "b.db").chmod(0o444)
    open_folder.chmod(0o777)

    assert (
        as_nobody(lambda: restore(open_folder / "media" / "b.db", open_folder / "n.db")) == "fine"
    )
