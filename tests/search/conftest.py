"""The bundled model, exported by the demo."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def models(demo_home: Path) -> Path:
    """A read-only folder of exported models with the bundled one."""
    return demo_home / "models"
