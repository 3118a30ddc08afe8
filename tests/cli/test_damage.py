"""A damaged index is a cache to be rebuilt; a damaged database is refused, and restored."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Call


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5])


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def _overwrite(file: Path) -> None:
    file.write_bytes(b"[]")


Harm = Callable[[Path], None]


@pytest.mark.parametrize(
    ("kind", "harm"),
    [("manifest", _overwrite), ("vectors", _cut), ("vectors", _flip), ("works", Path.unlink)],
)
def test_a_damaged_index_leaves_search_by_words_until_it_is_mended(
    kind: str, harm: Harm, call: Call, home: Path
) -> None:
    sound = call("search", "MoE", "--json", home=home).json["hits"]
    (file,) = (home / "index").glob(f"{kind}*")
    harm(file)
    found = call("search", "MoE", "--json", home=home)
    assert found.code == 0
    assert found.err.startswith("tracker: Searching by words only. ")
    assert "`tracker index`" in found.err
    whys = [why for hit in found.json["hits"] for why in hit["why"]]
    assert all(why.startswith(("words ", "also named ")) for why in whys)
    assert call("similar", sound[0]["id"], home=home).code == 1
    assert call("index", home=home).code == 0
    mended = call("search", "MoE", "--json", home=home)
    assert (mended.json["hits"], mended.err) == (sound, "")


def test_a_lost_index_is_made_anew_from_the_vectors_of_record(call: Call, home: Path) -> None:
    shutil.rmtree(home / "index")
    done = call("search", "MoE", home=home)
    assert done.code == 0
    assert "there is none yet" in done.err
    report = call("index", "--json", home=home).json
    assert (report["embedded"], report["indexed"]) == (0, 163)


def test_the_doctor_names_a_damaged_index_and_the_cure(call: Call, home: Path) -> None:
    for file in (home / "index").glob("vectors*"):
        _flip(file)
    done = call("doctor", "--json", home=home)
    assert done.code == 1
    (failed,) = [found for found in done.json if found["state"] == "FAIL"]
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


def test_a_model_that_was_never_prepared_leaves_search_by_words(call: Call, home: Path) -> None:
    (home / "models").unlink()
    done = call("search", "MoE", home=home)
    assert done.code == 0
    assert "`tracker index`" in done.err
    assert done.out


def _scramble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for place in range(4096, len(content)):
        content[place] ^= 0x5A
    file.write_bytes(content)


def _halve(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _replace(file: Path) -> None:
    file.write_bytes(b"This is not a database, whatever its name says.\n" * 200)


READING = ("search moe", "show 2602.92029", "status", "digest --week 2026-W11", "topics")
WRITING = ("index", "demo", "run --once", "backup {}.copy")


@pytest.mark.parametrize("harm", [_scramble, _halve, _replace])
@pytest.mark.parametrize("line", READING + WRITING)
def test_a_damaged_database_is_refused_with_the_way_to_restore_it(
    line: str, harm: Harm, call: Call, home: Path
) -> None:
    database = home / "tracker.db"
    if line == "demo":
        shutil.copytree(home, home / "demo", symlinks=True)
        database = home / "demo" / "tracker.db"
    harm(database)
    done = call(*line.format(home).split(), home=home)
    assert done.code == 1
    assert str(database) in done.err
    assert "`tracker restore FILE`" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("harm", [_scramble, _halve, _replace, Path.unlink])
def test_a_backup_brings_everything_back_and_keeps_the_damaged_file(
    harm: Harm, call: Call, home: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    sound = call("search", "MoE", "--json", home=home).json["hits"]
    assert call("backup", str(copy), home=home).out == f"{copy}\n"
    harm(home / "tracker.db")
    damaged = (home / "tracker.db").read_bytes() if (home / "tracker.db").exists() else None
    done = call("restore", str(copy), home=home)
    assert done.code == 0
    assert call("search", "MoE", "--json", home=home).json["hits"] == sound
    kept = list(home.glob("tracker.db.before-restore-*"))
    assert [file.read_bytes() for file in kept] == ([] if damaged is None else [damaged])
    assert all(str(file) in done.err for file in kept)


def test_a_damaged_backup_changes_nothing(call: Call, home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    call("backup", str(copy), home=home)
    _scramble(copy)
    before = (home / "tracker.db").read_bytes()
    done = call("restore", str(copy), home=home)
    assert done.code == 1
    assert str(copy) in done.err
    assert (home / "tracker.db").read_bytes() == before


def test_a_backup_never_leaves_half_a_file(call: Call, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for _ in range(2):  # the second one replaces the first
        assert call("backup", str(folder / "copy.db"), home=home).code == 0
    assert [file.name for file in folder.iterdir()] == ["copy.db"]
