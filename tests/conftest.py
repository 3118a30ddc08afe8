"""What all tests share: real records where they are at hand, and a home of one's own."""

import os
from pathlib import Path

import pytest

from tracker.config import Config, load

SHARED = Path(__file__).parents[2] / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real records beside the checkout; without it the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip("the real records (../shared/data) are not beside this checkout")
    return SHARED


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Default settings with a home in a scratch folder."""
    return load(tmp_path / "home", environ={})
