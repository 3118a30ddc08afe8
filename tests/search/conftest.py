"""The bundled model as the demo exported it."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def models(demo_home: Path) -> Path:
    """A folder of exported models that holds the bundled one. Not to be written to."""
    return demo_home / "models"
