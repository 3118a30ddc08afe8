"""A causal model for tests, saved once per session."""

from pathlib import Path

import pytest

from tests.summarizer import models


@pytest.fixture(scope="session")
def causal_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a causal model of random weights."""
    return models.causal(tmp_path_factory.mktemp("models") / "tiny-llama")
