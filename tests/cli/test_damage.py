"""A damaged index is rebuilt; a damaged database is refused until a backup is restored."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.cli.commands import process
from tests.cli.conftest import Call
from tracker.search.encoder import openvino
from tracker.store import database as store


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5])


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def _overwrite(file: Path) -> None:
    file.write_bytes(b"[]")


Damage = Callable[[Path], None]


@pytest.mark.parametrize(
    ("kind", "damage"),
    [("manifest", _overwrite), ("vectors", _cut), ("vectors", _flip), ("works", Path.unlink)],
)
def test_search_uses_words_only_until_a_damaged_index_is_rebuilt(
    kind: str, damage: Damage, call: Call, home: Path
) -> None:
    expected = call("search", "MoE", "--json", home=home).json["hits"]
    (file,) = (home / "index").glob(f"{kind}*")
    damage(file)
    found = call("search", "MoE", "--json", home=home)
    assert found.code == 0
    assert found.err.startswith("tracker: Searching by words only. ")
    assert "`tracker index`" in found.err
    whys = [why for hit in found.json["hits"] for why in hit["why"]]
    assert all(why.startswith(("words ", "also named ")) for why in whys)
    assert call("similar", expected[0]["id"], home=home).code == 1
    assert call("index", home=home).code == 0
    repaired = call("search", "MoE", "--json", home=home)
    assert (repaired.json["hits"], repaired.err) == (expected, "")


def test_a_lost_index_is_rebuilt_from_the_database(call: Call, home: Path) -> None:
    shutil.rmtree(home / "index")
    done = call("search", "MoE", home=home)
    assert done.code == 0
    assert "there is none yet" in done.err
    report = call("index", "--json", home=home).json
    assert (report["embedded"], report["indexed"]) == (0, 163)


def test_the_doctor_reports_a_damaged_index_and_the_repair(call: Call, home: Path) -> None:
    for file in (home / "index").glob("vectors*"):
        _flip(file)
    done = call("doctor", "--json", home=home)
    assert done.code == 1
    (failed,) = [check for check in done.json if check["state"] == "FAIL"]
    assert failed["what"] == "vectors"
    assert "`tracker index`" in failed["detail"]


def test_an_index_of_another_model_is_not_used(call: Call, home: Path) -> None:
    manifest = home / "index" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("all-MiniLM-L6-v2", "another-model"))
    done = call("search", "MoE", home=home)
    assert done.code == 0
    assert "it was made with another-model" in done.err
    assert call("index", home=home).code == 0
    assert call("search", "MoE", home=home).err == ""


def test_without_a_prepared_model_search_uses_words_only(call: Call, home: Path) -> None:
    (home / "models").unlink()
    done = call("search", "MoE", home=home)
    assert done.code == 0
    assert "`tracker index`" in done.err
    assert done.out


def _substitute(file: Path) -> None:
    """Replace the file by another of the same size, keeping its times."""
    times = file.stat()
    file.write_bytes(os.urandom(1 << 10) * (times.st_size >> 10) + b"x" * (times.st_size & 1023))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("model.bin", _flip), ("model.bin", _cut), ("model.bin", _substitute),
        ("model.bin", Path.unlink), ("model.xml", _flip), ("tokenizer.json", _substitute),
        ("manifest.json", _overwrite),
    ],
)  # fmt: skip
def test_a_damaged_model_file_is_named_and_not_used(
    name: str, damage: Damage, home: Path, demo_home: Path
) -> None:
    (home / "models").unlink()
    shutil.copytree(demo_home / "models", home / "models")
    (file,) = (home / "models").glob(f"bundled-*/{name}")
    damage(file)
    done = process("search", "MoE", home=home)
    assert (done.code, len(done.err.splitlines())) == (0, 1)
    assert done.err.startswith("tracker: Searching by words only. ")
    assert str(file) in done.err
    assert "`tracker index`" in done.err
    checked = process("doctor", "--json", home=home)
    (failed,) = [check for check in checked.json if check["state"] == "FAIL"]
    assert (checked.code, failed["what"]) == (1, "model")
    assert "`tracker index`" in failed["detail"]


def test_weights_that_were_hashed_are_not_hashed_again_unless_they_changed(
    home: Path, demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "models").unlink()
    shutil.copytree(demo_home / "models", home / "models")
    (folder,) = (home / "models").glob("bundled-*")
    assert openvino.read_manifest(folder, thorough=False)
    hashed: list[str] = []
    sha256 = openvino.file_sha256
    monkeypatch.setattr(
        openvino, "file_sha256", lambda path: hashed.append(path.name) or sha256(path)
    )
    assert openvino.read_manifest(folder, thorough=False)
    assert "model.bin" not in hashed
    assert openvino.read_manifest(folder, thorough=True)
    assert "model.bin" in hashed, (
        "bit rot does not change a file's time, so `doctor` and `index` hash all files"
    )
    _substitute(folder / "model.bin")
    assert openvino.read_manifest(folder, thorough=False) is None


@pytest.mark.parametrize("kind", ["terms", "starts", "rows", "shares", "works", "digests"])
def test_the_doctor_checks_the_word_index(kind: str, call: Call, home: Path) -> None:
    expected = call("search", "MoE", "--json", home=home).json["hits"]
    (file,) = (home / "index" / "words").glob(f"{kind}-*")
    _flip(file)
    done = call("doctor", "--json", home=home)
    (failed,) = [check for check in done.json if check["state"] == "FAIL"]
    assert (done.code, failed["what"]) == (1, "words")
    assert "`tracker index`" in failed["detail"]
    assert call("index", home=home).code == 0
    assert call("search", "MoE", "--json", home=home).json["hits"] == expected
    assert call("doctor", home=home).code == 0


def _scramble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for offset in range(4096, len(content)):
        content[offset] ^= 0x5A
    file.write_bytes(content)


def _halve(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _replace(file: Path) -> None:
    file.write_bytes(b"This is not a database, whatever its name says.\n" * 200)


READING = ("search moe", "show 2602.92029", "status", "digest --week 2026-W11", "topics")
WRITING = ("index", "demo", "run --once", "backup {}.copy")


@pytest.mark.parametrize("damage", [_scramble, _halve, _replace])
@pytest.mark.parametrize("line", READING + WRITING)
def test_a_damaged_database_is_refused_with_a_hint_to_restore(
    line: str, damage: Damage, call: Call, home: Path
) -> None:
    database = home / "tracker.db"
    if line == "demo":
        shutil.copytree(home, home / "demo", symlinks=True)
        database = home / "demo" / "tracker.db"
    damage(database)
    done = call(*line.format(home).split(), home=home)
    assert done.code == 1
    assert str(database) in done.err
    assert "`tracker restore FILE`" in done.err
    assert len(done.err.splitlines()) == 1


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _make_empty_database(file: Path) -> None:
    """Create a database without tables, as left by a process killed during its first write."""
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("VACUUM")


@pytest.mark.parametrize("damage", [Path.unlink, _empty, _make_empty_database])
@pytest.mark.parametrize(
    "line", [*READING, *WRITING, "init", "crawl", "like 2602.92029", "sources"]
)
@pytest.mark.parametrize("beside", ["index", "digests"])
def test_a_lost_database_is_not_replaced_by_an_empty_one(
    beside: str, line: str, damage: Damage, call: Call, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    database = (home / "demo" if line == "demo" else home) / "tracker.db"
    (database.parent / beside).mkdir(parents=True)
    (database.parent / beside / "file").write_text("made from a database")
    database.write_bytes(b"")
    damage(database)
    done = call("--offline", *line.format(home).split(), home=home)
    assert done.code == 1
    assert str(database) in done.err
    assert str(database.parent / beside) in done.err
    assert "`tracker restore FILE`" in done.err
    assert len(done.err.splitlines()) == 1
    assert not database.exists() or database.stat().st_size in (0, 4096)


def test_a_journal_without_its_database_means_that_it_was_lost(call: Call, tmp_path: Path) -> None:
    """SQLite would delete the journal, which contains the last changes."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "tracker.db-wal").write_bytes(b"pages that were written")
    assert call("status", home=home).code == 1
    assert (home / "tracker.db-wal").read_bytes() == b"pages that were written"


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE TABLE notes (text)",
        "CREATE TABLE works (id INTEGER PRIMARY KEY, key TEXT)",
        "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set, name, applied_at);"
        "CREATE TABLE dogs (name);"
        "INSERT INTO _sqlite_migrations VALUES (1, 'creatures', 'm001', '2026-01-01')",
        "PRAGMA journal_mode = WAL; CREATE VIEW v AS SELECT 1",
    ],
)
@pytest.mark.parametrize("line", ["status", "init", "index", "search moe", "backup {}.copy"])
def test_a_database_of_another_program_is_refused_and_not_changed(
    line: str, statements: str, call: Call, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with closing(sqlite3.connect(home / "tracker.db")) as connection:
        connection.executescript(statements)
    before = (home / "tracker.db").read_bytes()
    done = call(*line.format(home).split(), home=home)
    assert done.code == 1
    assert f"{home / 'tracker.db'} is a database of another program" in done.err
    assert "`tracker restore FILE`" in done.err
    assert (home / "tracker.db").read_bytes() == before


def test_a_backup_of_another_program_is_refused(call: Call, home: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.executescript("CREATE TABLE works (id)")
    before = (home / "tracker.db").read_bytes()
    done = call("restore", str(tmp_path / "other.db"), home=home)
    assert done.code == 1
    assert "another program" in done.err
    assert (home / "tracker.db").read_bytes() == before


@pytest.mark.parametrize("name", ["schedules", "models", "state", "config.toml"])
def test_a_new_home_may_already_contain_settings_and_folders(
    name: str, call: Call, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / "index").mkdir(parents=True)
    (home / "tracker.db").write_bytes(b"")
    if name == "config.toml":
        (home / name).write_text("")
    else:
        (home / name).mkdir()
    assert call("init", home=home).code == 0
    assert call("status", home=home).code == 0


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("line", ["init", "index", "crawl", "run --once", "like 2602.92029"])
def test_only_the_owner_can_read_a_home_and_its_database(
    line: str, call: Call, tmp_path: Path
) -> None:
    home = tmp_path / "parent" / "home"
    with _umask(0o022):
        call("--offline", *line.split(), home=home)
    assert _mode(home) == 0o700
    assert {_mode(file) for file in home.glob("tracker.db*")} == {0o600}


def test_only_the_owner_can_read_backups_and_restored_files(
    call: Call, home: Path, tmp_path: Path
) -> None:
    copy, other = tmp_path / "copy.db", tmp_path / "other"
    (home / "tracker.db").chmod(0o644)
    with _umask(0o022):
        assert call("backup", str(copy), home=home).code == 0
        copy.chmod(0o644)
        assert call("backup", str(copy), home=home).code == 0
        assert call("restore", str(copy), home=home).code == 0
        assert call("restore", str(copy), home=other).code == 0
    files = [copy, *home.glob("tracker.db*"), *other.glob("tracker.db*")]
    assert {file.name: _mode(file) for file in files if _mode(file) != 0o600} == {}
    assert _mode(other) == 0o700


def test_the_write_ahead_log_is_as_private_as_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "journal_mode", lambda: "wal")
    with _umask(0o022), store.open_database(tmp_path / "home" / "tracker.db"):
        modes = {file.name: _mode(file) for file in (tmp_path / "home").iterdir()}
    assert modes == dict.fromkeys(("tracker.db", "tracker.db-wal", "tracker.db-shm"), 0o600)


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("damage", [_scramble, _halve, _replace, Path.unlink])
def test_restore_recovers_everything_and_keeps_the_damaged_file(
    damage: Damage, call: Call, home: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    expected = call("search", "MoE", "--json", home=home).json["hits"]
    assert call("backup", str(copy), home=home).out == f"{copy}\n"
    damage(home / "tracker.db")
    damaged = (home / "tracker.db").read_bytes() if (home / "tracker.db").exists() else None
    done = call("restore", str(copy), home=home)
    assert done.code == 0
    assert call("search", "MoE", "--json", home=home).json["hits"] == expected
    saved = list(home.glob("tracker.db.before-restore-*"))
    assert [file.read_bytes() for file in saved] == ([] if damaged is None else [damaged])
    assert all(str(file) in done.err for file in saved)


def test_an_interrupted_restoration_is_reported_and_completed(
    call: Call, home: Path, tmp_path: Path
) -> None:
    assert call("restore", home=home).code == 2
    call("backup", str(tmp_path / "copy.db"), home=home)
    (tmp_path / "copy.db").rename(home / "tracker.db.restored")
    for line in ("status", "search moe", "crawl", "doctor", "backup {}.copy"):
        done = call("--offline", *line.format(home).split(), home=home)
        assert done.code == 1
        assert "`tracker restore` completes it" in done.out + done.err
    done = call("restore", home=home)
    assert (done.code, done.out) == (0, f"{home / 'tracker.db'}\n")
    assert "before-restore-1" in done.err
    assert call("status", home=home).code == 0


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/null")])
def test_a_backup_is_not_written_to_a_device_or_a_pipe(
    make: Callable[[Path], object], call: Call, home: Path, tmp_path: Path
) -> None:
    make(tmp_path / "target")
    for line in ("backup", "restore"):
        done = call(line, str(tmp_path / "target"), home=home)
        assert done.code in (1, 2)
        assert len(done.err.splitlines()) <= 4
    assert not (tmp_path / "target").is_file()


def test_a_damaged_backup_changes_nothing(call: Call, home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    call("backup", str(copy), home=home)
    _scramble(copy)
    before = (home / "tracker.db").read_bytes()
    done = call("restore", str(copy), home=home)
    assert done.code == 1
    assert str(copy) in done.err
    assert (home / "tracker.db").read_bytes() == before


def test_a_failed_backup_leaves_no_partial_file(call: Call, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for _ in range(2):  # the second one replaces the first
        assert call("backup", str(folder / "copy.db"), home=home).code == 0
    assert [file.name for file in folder.iterdir()] == ["copy.db"]
