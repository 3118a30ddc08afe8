"""Several processes on one file: they wait for each other, and see whole transactions only."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.store.records import paper
from tracker.store import database, papers
from tracker.store.backups import backup
from tracker.store.database import find_problems, open_database, write_transaction

ROOT = Path(__file__).parents[2]
START = """
import sys, time
from pathlib import Path
from tests.store.records import paper
from tracker.store import database, papers
from tracker.store.backups import backup
from tracker.store.database import open_database, write_transaction

path, mark, journal = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
database.journal_mode = lambda: journal
"""
# 100 transactions, each of a paper of one's own and of one that all fight for.
WRITE = """
for n in range(100):
    with open_database(path) as db:
        papers.upsert(db, [paper(f"26{mark}.{n:05}"), paper("2601.00001", updated=paper().updated)])
"""
WRITE_OPEN = """
with open_database(path) as db:
    for n in range(200):
        papers.upsert(db, [paper(f"26{mark}.{n:05}")])
"""
# Every transaction writes two: an odd number is half of one.
PAIRS = """
with open_database(path) as db:
    for n in range(0, 120, 2):
        papers.upsert(db, [paper(f"26{mark}.{n:05}"), paper(f"26{mark}.{n + 1:05}")])
"""
READ = """
with open_database(path) as db:
    seen = [papers.count_works(db) for n in range(300)]
assert all(n % 2 == 0 for n in seen), seen
assert seen == sorted(seen), seen
"""
LONG = """
with open_database(path) as db, write_transaction(db):
    db.execute("DELETE FROM works")
    print("begun", flush=True)
    time.sleep(3)
"""
JOURNALS = ("delete", "wal")


def started(script: str, path: Path, mark: str = "11", journal: str = "delete") -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", START + script, str(path), mark, journal],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@contextmanager
def running(*processes: subprocess.Popen) -> Iterator[None]:
    """Run processes during the block, and check that all of them succeed."""
    try:
        yield
        for process in processes:
            _, errors = process.communicate(timeout=60)
            assert (process.returncode, errors) == (0, "")
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("journal", JOURNALS)
def test_processes_that_write_wait_for_each_other(journal: str, tmp_path: Path) -> None:
    """From the very start: the file does not exist yet."""
    path = tmp_path / "t.db"
    jobs = ((WRITE, "11"), (WRITE, "12"), (WRITE_OPEN, "01"))
    with running(*(started(script, path, mark, journal) for script, mark in jobs)):
        pass

    with open_database(path) as db:
        assert papers.count_works(db) == 100 + 100 + 200
        assert find_problems(db) == []


def test_a_short_writer_waits_for_a_long_one(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with open_database(path) as db:
        papers.upsert(db, [paper("2603.00009")])
        long = started(LONG, path)
        with running(long):
            assert long.stdout is not None
            assert long.stdout.readline() == "begun\n"
            assert papers.count_works(db) == 1  # who reads does not wait, and sees nothing of it
            begun = time.monotonic()
            papers.upsert(db, [paper("2603.00001")])
            assert time.monotonic() - begun > 1.5
        assert papers.count_works(db) == 1


@pytest.mark.parametrize("journal", JOURNALS)
def test_many_read_while_one_writes_and_see_whole_transactions(
    journal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "journal_mode", lambda: journal)
    path, copy = tmp_path / "t.db", tmp_path / "b.db"
    with open_database(path):
        pass
    writer = started(PAIRS, path, "11", journal)
    with running(writer, *(started(READ, path, "00", journal) for _ in range(2))):
        seen = []
        while writer.poll() is None:
            with open_database(path) as db:
                backup(db, copy)
            with open_database(copy) as copied:
                seen.append(papers.count_works(copied))
                assert find_problems(copied) == []
    assert all(number % 2 == 0 for number in seen)
    with open_database(path) as db:
        assert papers.count_works(db) == 120
        assert find_problems(db) == []


def test_a_writer_that_is_killed_leaves_no_half_and_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with open_database(path) as db, write_transaction(db):
        pass
    with open_database(path) as db:
        papers.upsert(db, [paper()])
    long = started(LONG, path)
    assert long.stdout is not None
    assert long.stdout.readline() == "begun\n"
    long.kill()
    long.communicate()

    with open_database(path) as db:
        begun = time.monotonic()
        papers.upsert(db, [paper("2603.00002")])
        assert time.monotonic() - begun < 1
        assert papers.count_works(db) == 2
        assert find_problems(db) == []
