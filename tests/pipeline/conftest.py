"""What the tests of the verbs share."""

from collections.abc import Iterator

import pytest

from tracker.settings import Config
from tracker.store.database import Database, opened


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    """The store of the home that a module's `config` names."""
    with opened(config.database) as database:
        yield database
