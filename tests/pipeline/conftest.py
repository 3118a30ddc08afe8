"""Fixtures for the tests of the pipeline."""

from collections.abc import Iterator

import pytest

from tracker.settings import Config
from tracker.store.database import Database, open_database


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    """The store of the home in a module's `config`."""
    with open_database(config.database) as database:
        yield database
