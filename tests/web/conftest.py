"""A site of the demo's home, shared by all tests here; each adds the subscribers it needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.browsing import Site, published, serving

PUBLIC = "https://digest.example.org/weekly"


@pytest.fixture(scope="session")
def site(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = published(demo_home, tmp_path_factory.mktemp("web") / "home")
    with serving(home, f"web.public_url={PUBLIC}") as running:
        yield running
