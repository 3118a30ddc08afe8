"""Files are replaced whole or not at all."""

from pathlib import Path

import pytest

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
