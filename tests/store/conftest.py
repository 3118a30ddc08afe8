"""An empty store of one's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker.store.database import Database, opened


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A new database, open."""
    with opened(tmp_path / "tracker.db") as database:
        yield database
