"""Replicas: complete snapshots, switched in one step, to which nothing is written."""

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.commands import process
from tracker.config import load
from tracker.pipeline.admin.replica_snapshots import make_snapshot
from tracker.store.database import read_only

NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


def _contents(folder: Path) -> dict[str, str]:
    """Return a hash of each file below a folder, by its path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


@pytest.fixture(scope="module")
def replica(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("replica") / "copy"
    assert process("replica", str(target), home=demo_home).code == 0
    return target


def test_a_snapshot_is_complete_and_described_by_its_manifest(replica: Path) -> None:
    home = (replica / "current").resolve()
    manifest = json.loads((home / "snapshot.json").read_text(encoding="utf-8"))
    found = _contents(home)
    del found["snapshot.json"]
    assert {name: file["sha256"] for name, file in manifest["files"].items()} == found
    assert {"tracker.db", "index/manifest.json"} <= set(found)
    assert not list(replica.rglob(".*"))


@pytest.mark.parametrize(
    "command",
    [("search", "--json", "MoE"), ("doctor",)],
    ids=lambda command: command[0],
)
def test_commands_that_read_use_a_snapshot_without_changing_it(
    command: tuple[str, ...], replica: Path
) -> None:
    before = _contents(replica)
    done = process(*command, home=replica / "current")
    assert done.code == 0, done.err
    assert "FAIL" not in done.out
    assert _contents(replica) == before


@pytest.mark.parametrize(
    "command",
    [("like", "2602.92029"), ("crawl",), ("serve",)],
    ids=lambda command: command[0],
)
def test_commands_that_write_refuse_a_snapshot(command: tuple[str, ...], replica: Path) -> None:
    before = _contents(replica)
    done = process(*command, home=replica / "current")
    assert done.code == 1
    assert "is a read-only snapshot" in done.err
    assert _contents(replica) == before


def test_the_newest_snapshots_remain_and_leftovers_are_deleted(
    demo_home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "copy"
    left = target / "snapshots" / ".part-20260316T080000.000000Z"
    left.mkdir(parents=True)
    (left / "tracker.db").write_text("half of it")
    config = load(demo_home, environ={})
    times = [NOW + number * timedelta(hours=1) for number in range(3)]
    with read_only(config.database) as db:
        made = [make_snapshot(db, config, target, 2, time) for time in times]
    folders = [one.folder for one in made]
    assert sorted((target / "snapshots").iterdir()) == folders[1:]
    assert (target / "current").resolve() == folders[-1].resolve()


def test_a_damaged_index_is_not_copied_over_a_sound_one(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    assert process("replica", str(target), home=home).code == 0
    before = (target / "current").resolve()
    vectors = next((home / "index").glob("vectors-*"))
    vectors.write_bytes(vectors.read_bytes()[:-1] + b"x")
    done = process("replica", str(target), home=home)
    assert done.code == 1
    assert "vectors is missing or damaged" in done.err
    assert (target / "current").resolve() == before
    assert [before] == [path.resolve() for path in (target / "snapshots").iterdir()]


def test_a_folder_that_cannot_be_a_replica_is_refused(demo_home: Path, tmp_path: Path) -> None:
    (tmp_path / "copy" / "current").mkdir(parents=True)
    assert process("replica", str(tmp_path / "copy"), home=demo_home).code == 2
    home = tmp_path / "home"
    home.mkdir()
    shutil.copyfile(demo_home / "tracker.db", home / "tracker.db")
    assert process("replica", str(home), home=home).code == 2
