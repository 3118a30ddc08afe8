"""Language models for tests: saved once, and a server of our own in a process of its own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.summarizer import models

ROOT = Path(__file__).parents[2]
Started = tuple[subprocess.Popen[str], str]


@pytest.fixture(scope="session")
def causal_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a causal model of random weights."""
    return models.causal(tmp_path_factory.mktemp("models") / "tiny-llama")


@pytest.fixture
def serve() -> Iterator[Callable[..., Started]]:
    """Starts `tests.faults.llm_server` with these arguments; the process and its address."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> Started:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.llm_server", *arguments],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
