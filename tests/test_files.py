"""Files are replaced whole or not at all."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.store.children import forked
from tracker.files import replace_bytes, replace_text, replacement


def test_a_file_is_created_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    replace_text(path, "one\r\n")
    replace_text(path, "zwei 专家\n")
    assert path.read_bytes() == "zwei 专家\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_while_writing_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    replace_bytes(path, b"old")
    with pytest.raises(KeyError), replacement(path) as work:  # noqa: PT012  as callers use it
        work.write_bytes(b"half of the n")
        raise KeyError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "blocked").mkdir()
    with pytest.raises(OSError, match="blocked"):
        replace_bytes(tmp_path / "blocked", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["blocked"]


def test_the_longest_name_of_a_file_system_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    replace_text(path, "text")
    assert path.read_text() == "text"


def test_what_a_killed_process_left_is_deleted_by_the_next_one(tmp_path: Path) -> None:
    def write_half() -> None:
        with replacement(tmp_path / "page.html") as work:
            work.write_bytes(b"half")
            os.kill(os.getpid(), signal.SIGKILL)

    child = forked(write_half)
    os.waitpid(child, 0)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(f".page.html.{child}-")
    writing = tmp_path / f".page.html.{os.getppid()}-1"  # of a process that still runs
    earlier = tmp_path / f".page.html.{os.getpid()}-1"  # of one that had our number
    own = tmp_path / ".page.html.notes"
    for file in (writing, earlier, own):
        file.write_bytes(b"half")
    os.utime(earlier, (time.time() - 10**7,) * 2)
    replace_bytes(tmp_path / "page.html", b"whole")
    assert sorted(tmp_path.iterdir()) == sorted([writing, own, tmp_path / "page.html"])
