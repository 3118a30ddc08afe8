"""The bundled model, exported once for all tests: the export takes some ten seconds."""

from pathlib import Path

import pytest

from tracker.config import Embedding
from tracker.search.embedder import document_encoder


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of exported models that holds the bundled one."""
    folder = tmp_path_factory.mktemp("models")
    document_encoder(Embedding(), folder)
    return folder
