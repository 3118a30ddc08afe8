"""Backups: written and restored whole, also when the process is killed at any step."""

import os
import resource
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.store.children import forked
from tests.store.records import dump, paper
from tests.store.test_database import as_nobody, everything
from tracker.errors import RestoreUnfinished, StoreError
from tracker.store import database, papers
from tracker.store.backups import backup, complete_restore, find_backup_problem, restore
from tracker.store.database import Database, find_problems, open_database, restored_path

# Audit events of operations on files and databases.
STEPS = ("os.", "sqlite3.", "open")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


@pytest.mark.parametrize("name", ["b.db", "100% of it?.db", "a#b 'quoted'.db"])
def test_a_backup_can_be_restored_and_the_old_file_remains(name: str, tmp_path: Path) -> None:
    path, copy = tmp_path / "home" / "t.db", tmp_path / "backups" / name
    with open_database(path) as db:
        papers.upsert(db, [paper()])
        before = dump(db)
        backup(db, copy)
        papers.upsert(db, [paper("2603.00002")])
        after = dump(db)

    moved = restore(copy, path, NOW).kept

    assert moved is not None
    with open_database(path) as db, open_database(moved) as old:
        assert (dump(db), dump(old)) == (before, after)
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, moved.name]
    assert [file.name for file in copy.parent.iterdir()] == [name]


def test_each_database_replaced_by_a_restore_remains(tmp_path: Path) -> None:
    path, copy = tmp_path / "t.db", tmp_path / "b.db"
    with open_database(path) as db:
        backup(db, copy)
    assert len({restore(copy, path, NOW).kept for _ in range(3)}) == 3


def test_a_restore_into_an_empty_home_replaces_nothing(tmp_path: Path, sound: Path) -> None:
    assert restore(sound, tmp_path / "new" / "t.db", NOW).kept is None
    assert everything(tmp_path / "new" / "t.db") == everything(sound)


def test_a_replaced_database_remains_with_its_journal(tmp_path: Path, sound: Path) -> None:
    path = tmp_path / "t.db"
    path.write_bytes(b"damaged")
    path.with_name("t.db-journal").write_bytes(b"hot")

    moved = restore(sound, path, NOW).kept

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
        restore(bad, path, NOW)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["t.db"]


def test_a_missing_backup_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no backup file .*none\.db"):
        restore(tmp_path / "none.db", tmp_path / "t.db", NOW)


def test_a_backup_of_an_older_release_is_restored_and_migrated(tmp_path: Path) -> None:
    from tests.store.test_schema import old_file

    old_file(tmp_path / "old.db", 1)
    restore(tmp_path / "old.db", tmp_path / "t.db", NOW)
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
    target.write_bytes(sound.read_bytes())
    (open_folder / "t.db").write_bytes(sound.read_bytes())
    (open_folder / "t.db").chmod(0o666)

    def copy() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with open_database(open_folder / "t.db") as db:
            backup(db, target)

    assert as_nobody(copy).startswith(f"StoreError: The backup {target} cannot be written: ")
    assert target.read_bytes() == sound.read_bytes()
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
        as_nobody(lambda: restore(open_folder / "media" / "b.db", open_folder / "n.db", NOW))
        == "fine"
    )


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/null")])
def test_a_backup_is_written_to_a_file_only(
    make: Callable[[Path], object], db: Database, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    make(target)
    with pytest.raises(StoreError, match="is not a file"):
        backup(db, target)
    assert not target.is_file()


@pytest.mark.parametrize(
    "name",
    ["t.db-wal", "t.db-shm", "t.db-journal", "t.db.restored", "t.db.before-restore-1",
     "./t.db-wal", "link/t.db-wal"],
)  # fmt: skip
def test_a_backup_is_never_written_to_a_file_of_the_database(name: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with open_database(tmp_path / "t.db") as db:
        papers.upsert(db, [paper()])
        with pytest.raises(StoreError, match="belongs to the database"):
            backup(db, tmp_path / name)
        assert find_problems(db) == []


@pytest.mark.parametrize(
    "content", [b"key" * 11, b"[http]\n", b"%PDF-1.7", b"SQLite format 3\0", b"\0" * 4096]
)
def test_a_backup_replaces_only_backups(content: bytes, db: Database, tmp_path: Path) -> None:
    target = tmp_path / "signing.key"
    target.write_bytes(content)
    if content.startswith(b"SQLite"):
        target.unlink()
        with closing(sqlite3.connect(target)) as foreign:
            foreign.execute("CREATE TABLE moz_places (id)")
    before = target.read_bytes()
    with pytest.raises(StoreError, match="is not a backup"):
        backup(db, target)
    assert target.read_bytes() == before


def test_a_backup_replaces_an_earlier_and_an_empty_one(db: Database, tmp_path: Path) -> None:
    target = tmp_path / "b.db"
    target.touch()
    for _ in range(2):
        backup(db, target)
        assert find_backup_problem(target) == ""


def _kill_at(step: int) -> None:
    """Kill this process at the n-th operation on files or databases from now on."""
    left = iter(range(step))

    def hook(event: str, _: tuple[Any, ...]) -> None:
        if event.startswith(STEPS) and event != "os.kill" and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


@pytest.mark.parametrize(("mode", "stride"), [("wal", 1), ("delete", 3)])
def test_a_restoration_killed_at_any_step_is_completed_or_changed_nothing(
    mode: str, stride: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "journal_mode", lambda: mode)
    copy, template, step, finished, outcomes = tmp_path / "b.db", tmp_path / "t", 0, False, set()
    with open_database(tmp_path / "first.db") as db:
        papers.upsert(db, [paper()])
        backup(db, copy)
        restored = dump(db)
    with open_database(template) as db:
        papers.upsert(db, [paper("2603.00002")])
        current = dump(db)
    while not finished:
        path = tmp_path / f"{step}" / "t.db"
        path.parent.mkdir()
        shutil.copy(template, path)

        def restore_and_die(path: Path = path, step: int = step) -> None:
            _kill_at(step)
            restore(copy, path, NOW)

        _, status = os.waitpid(forked(restore_and_die), 0)
        finished = os.WIFEXITED(status)
        outcomes.add(_outcome(path, current, restored))
        step += stride
    assert outcomes == {"unchanged", "completed", "restored"}
    assert step > 20


def _outcome(path: Path, current: str, restored: str) -> str:
    """Check what a killed restoration left; name it."""
    outcome = "restored"
    if restored_path(path).exists():
        with pytest.raises(RestoreUnfinished, match="`tracker restore` completes it"):
            open_database(path).__enter__()
        complete_restore(path)
        outcome = "completed"
    with open_database(path) as db:
        if dump(db) == current:
            return "unchanged"
    with open_database(path) as db, open_database(_kept(path)) as old:
        assert (dump(db), dump(old)) == (restored, current)
        assert find_problems(db) == []
    return outcome


def _kept(path: Path) -> Path:
    return path.with_name(f"{path.name}.before-restore-1")


def test_leftovers_of_killed_restorations_are_deleted(tmp_path: Path, sound: Path) -> None:
    (tmp_path / ".t.db.restored.1-140").write_bytes(b"half")
    (tmp_path / ".t.db.restored.1-140-journal").write_bytes(b"half")
    restore(sound, tmp_path / "t.db", NOW)
    assert not list(tmp_path.glob(".t.db*"))
