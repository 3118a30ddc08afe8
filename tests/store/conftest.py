"""An empty store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker.store.database import Database, open_database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A new, open database."""
    with open_database(tmp_path / "tracker.db") as database:
        yield database
