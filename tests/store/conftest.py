"""An empty store for each test, and one with papers."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.records import paper
from tracker.store import papers
from tracker.store.database import Database, open_database

WORDS = ("alpha", "beta", "gamma", "délta", "transformer", "experts")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A new, open database."""
    with open_database(tmp_path / "tracker.db") as database:
        yield database


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own are private."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of short and long rows, some of which fill whole pages."""
    path = tmp_path_factory.mktemp("sound") / "t.db"
    dice = random.Random(1)
    works = [
        paper(f"2603.{n:05}", abstract=" ".join(dice.choices(WORDS, k=dice.choice((20, 150, 900)))))
        for n in range(1, 200)
    ]
    with open_database(path) as db:
        papers.upsert(db, works)
    return path
