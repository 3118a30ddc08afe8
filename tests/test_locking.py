"""One long-running job at a time, between real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tracker.errors import LockHeld, TrackerError
from tracker.locking import hold_lock

ROOT = Path(__file__).parents[1]
HOLD = """
import sys
from pathlib import Path
from tracker.locking import hold_lock
with hold_lock(Path(sys.argv[1]), "crawl"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_held_lock_names_its_holder_and_a_killed_holder_frees_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "home" / "run.lock"
    first = holder(path)
    with pytest.raises(LockHeld) as refusal, hold_lock(path, "index"):
        pass
    assert f"crawl, process {first.pid}" in str(refusal.value)
    assert refusal.value.exit_code == 75

    first.kill()
    first.communicate()
    with hold_lock(path, "a much shorter name"):
        assert path.read_text().count("\n") == 1


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with pytest.raises(KeyError), hold_lock(path, "crawl"):
        raise KeyError
    with hold_lock(path, "i"):
        assert path.read_text().startswith("i, process ")


def test_a_child_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    with hold_lock(path, "crawl"):
        child = subprocess.Popen(["sleep", "20"])
    try:
        with hold_lock(path, "index"):
            pass
    finally:
        child.kill()
        child.wait()


def test_a_lock_that_cannot_be_created_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(TrackerError, match="cannot be"),
        hold_lock(tmp_path / "file" / "run.lock", "x"),
    ):
        pass
