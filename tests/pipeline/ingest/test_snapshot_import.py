"""Imports of snapshots and leaderboards: repeated, interrupted, killed and malformed."""

import gzip
import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.store.children import forked
from tests.store.records import dump, line
from tracker.errors import SourceMalformed
from tracker.models import ImportReport
from tracker.pipeline.ingest import snapshot_import
from tracker.pipeline.ingest.snapshot_import import import_boards, import_snapshot
from tracker.settings import Config
from tracker.store import boards, papers
from tracker.store.database import Database, find_problems, open_database

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    with open_database(config.database) as database:
        yield database


def write_lines(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def numbers(report: ImportReport) -> tuple[int, ...]:
    return report.read, report.added, report.updated, report.skipped, report.rejected


def test_an_import_counts_every_line_once(db: Database, tmp_path: Path) -> None:
    file = write_lines(
        tmp_path / "s.jsonl",
        line("2603.00001"), b"\n", b"junk\n", line("2603.00002"),
        line("2603.00001"), line("2603.00002", title="Another", update_date="2026-03-12"), b"{}\n",
    )  # fmt: skip
    report = import_snapshot(db, file)
    assert numbers(report) == (6, 2, 1, 1, 2)
    assert [error.line for error in report.errors] == [3, 7]
    assert all(error.reason for error in report.errors)


def test_a_repeated_import_changes_nothing(db: Database, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "s.jsonl", *(line(f"2603.{n:05}") for n in range(2500)))
    assert numbers(import_snapshot(db, file)) == (2500, 2500, 0, 0, 0)
    before = dump(db)
    assert numbers(import_snapshot(db, file)) == (2500, 0, 0, 2500, 0)
    assert dump(db) == before


FIRST = line()
SECOND = line(
    "2603.00001v2",
    title="A second title",
    versions=[
        {"version": "v1", "created": "Mon, 9 Mar 2026 12:00:00 GMT"},
        {"version": "v2", "created": "Mon, 16 Mar 2026 12:00:00 GMT"},
    ],
    update_date="2026-03-17",
)
THIRD = line(title="A corrected first title", comments=None, update_date="2026-03-12")


@pytest.mark.parametrize("order", list(permutations((FIRST, SECOND, THIRD))))
def test_the_order_of_lines_and_files_does_not_matter(
    order: tuple[bytes, ...], tmp_path: Path
) -> None:
    with open_database(tmp_path / "right.db") as right:
        import_snapshot(right, write_lines(tmp_path / "right", FIRST, SECOND, THIRD))
        expected = dump(right)
    with open_database(tmp_path / "lines.db") as lines:
        import_snapshot(lines, write_lines(tmp_path / "all", *order))
        assert dump(lines) == expected
    with open_database(tmp_path / "files.db") as files:
        for one in order:
            import_snapshot(files, write_lines(tmp_path / "one", one))
        assert dump(files) == expected
        assert papers.count_works(files) == 1


def test_records_before_the_damage_of_a_file_are_imported(db: Database, tmp_path: Path) -> None:
    dice = random.Random(1)
    lines = [line(f"2603.{n:05}", abstract=dice.randbytes(300).hex()) for n in range(2200)]
    packed = gzip.compress(b"".join(lines))
    file = write_lines(tmp_path / "s.jsonl.gz", packed[: len(packed) * 9 // 10])

    with pytest.raises(SourceMalformed) as failure:
        import_snapshot(db, file)

    stored = papers.count_works(db)
    assert 1900 < stored < 2200
    assert f"the {stored:,} records before the damage were imported" in str(failure.value)
    assert numbers(import_snapshot(db, write_lines(file, packed)))[1:4] == (
        2200 - stored,
        0,
        stored,
    )


def test_an_empty_file_is_an_empty_import(db: Database, tmp_path: Path) -> None:
    assert import_snapshot(db, write_lines(tmp_path / "s")) == ImportReport()


def test_all_rejected_lines_are_counted_and_a_thousand_reported(
    db: Database, tmp_path: Path
) -> None:
    report = import_snapshot(db, write_lines(tmp_path / "s", b"junk\n" * 2500, line()))
    assert (report.rejected, report.added, len(report.errors)) == (2500, 1, 1000)


def killed_import(file: Path, path: Path, batches: int, delay: float) -> bool:
    """Import in a child and kill it `delay` seconds after `batches`; whether that worked."""
    read, write = os.pipe()

    def work() -> None:
        with open_database(path) as db:
            import_snapshot(db, file, lambda *_: os.write(write, b"."))

    child = forked(work)
    os.close(write)
    for _ in range(batches):
        os.read(read, 1)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.close(read)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_killed_import_leaves_whole_works_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_import, "_BATCH", 20)
    file = write_lines(
        tmp_path / "s.jsonl",
        *(line(f"2603.{n % 300:05}", title=f"Title {n}", update_date="2026-03-11") if n % 7
          else line(f"2603.{n % 300:05}") for n in range(500)),
    )  # fmt: skip
    with open_database(tmp_path / "right.db") as db:
        import_snapshot(db, file)
        expected = dump(db)
    dice, path, seen = random.Random(3), tmp_path / "t.db", []
    for place in range(20):
        path = tmp_path / f"{place // 2}.db"  # every second one resumes where the first was killed
        assert killed_import(file, path, dice.randrange(12), dice.uniform(0, 0.02))
        with open_database(path) as db:
            assert find_problems(db) == []
            works = papers.load_by_number(db, range(1, 1000))
            assert all(len(work.authors) == 2 and work.versions for work in works.values())
            seen.append(len(works))
    assert len(set(seen)) > 5
    with open_database(path) as db:
        import_snapshot(db, file)
        assert dump(db) == expected
        assert find_problems(db) == []


def test_real_records_are_imported_without_rejections(
    db: Database, tmp_path: Path, shared_data: Path
) -> None:
    large = shared_data / "arxiv" / "arxiv-metadata-2024-12_2026-03.jsonl.gz"
    with gzip.open(large) as lines:
        first = write_lines(tmp_path / "first.jsonl", *(next(lines) for _ in range(3000)))
    for file, number in (
        (first, 3000),
        (large.with_name("other-categories-2026-03-10.jsonl"), 707),
    ):
        report = import_snapshot(db, file)
        assert (report.read, report.rejected) == (number, 0)
        assert numbers(import_snapshot(db, file)) == (number, 0, 0, number, 0)
    assert find_problems(db) == []


# --- leaderboards ---------------------------------------------------------------------------------


def test_an_invalid_table_does_not_stop_the_others(db: Database, tmp_path: Path) -> None:
    good = write_lines(tmp_path / "b.2026-03-09.csv", b"model,score\na,1\n")
    bad = write_lines(tmp_path / "b.2026-03-10.csv", b"nothing\n1\n")
    report = import_boards(db, [good, bad, tmp_path / "none"], board="b")
    assert numbers(report) == (3, 1, 0, 0, 2)
    assert [error.line for error in report.errors] == [2, 3]
    assert boards.list_names(db) == ["b"]
    assert numbers(import_boards(db, [good], board="b")) == (1, 0, 1, 0, 0)


def test_boards_of_ranks_and_of_tasks_are_stored_with_warnings(
    db: Database, tmp_path: Path
) -> None:
    files = {
        "ranks.2026-02-12.json": '{"models": [{"name": "m", "rank_overall": 1, "rank_math": 2}]}',
        "table_2026_01_08.csv": "model,zebra,new\nm,1,2\nn,3,4\n",
        "categories_2026_01_08.json": '{"Reasoning": ["zebra"]}',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    report = import_boards(db, [tmp_path / name for name in files], board="b")
    assert numbers(report) == (3, 2, 0, 1, 0)
    assert report.warnings == [
        "table_2026_01_08.csv: columns in no category, kept as they are: new"
    ]
    assert boards.list_names(db) == ["b", "b/math", "b/reasoning"]
    ranked = boards.latest_snapshot(db, "b", date(2026, 2, 12))
    assert ranked is not None
    assert [(row.model, row.rank, row.score) for row in ranked.rows] == [("m", 1, None)]


def progress_of(calls: list[Any]) -> Any:
    return lambda stage, done, total=None: calls.append((stage, done, total))


def test_progress_is_reported_for_each_batch(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_import, "_BATCH", 1000)
    calls: list[Any] = []
    file = write_lines(tmp_path / "s", *(line(f"2603.{n:05}") for n in range(1500)))
    import_snapshot(db, file, progress_of(calls))
    assert calls == [("import", 1000, None), ("import", 1500, None)]
