"""Fixtures for all tests: real records where available, and a separate home for each test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Done, process
from tracker.config import load
from tracker.settings import Config

SHARED = Path(__file__).parents[2] / "shared" / "data"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes after their argument: archives hold the time, and workers must agree on names."""
    return argname if isinstance(val, bytes) and len(val) > 30 else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


@pytest.fixture(autouse=True)
def _no_environment_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of the person who runs it."""
    for name in [name for name in os.environ if name.startswith("TRACKER_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real records beside the checkout; the test is skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("the real records (../shared/data) are not beside this checkout")
    return SHARED


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Default settings with a home in a temporary folder; no full text is requested."""
    return load(tmp_path / "home", environ={}, overrides={"fulltext.papers": "0"})


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """`tracker demo` run in a separate process, once for all tests; its pages are in out/."""
    base = tmp_path_factory.mktemp("demo")
    return process("demo", "--out", str(base / "out"), home=base)


@pytest.fixture(scope="session")
def demo_home(demo: Done) -> Path:
    """The home of the demo. Read-only: `home` is a copy to write to."""
    assert demo.code == 0, demo.err
    return demo.home / "demo"


@pytest.fixture
def home(demo_home: Path, tmp_path: Path) -> Path:
    """A copy of the demo's home; the exported model is shared."""
    copy = tmp_path / "home"
    shutil.copytree(demo_home, copy, ignore=lambda *_: ["models", "run.lock"])
    (copy / "models").symlink_to(demo_home / "models")
    return copy


Started = tuple[subprocess.Popen[str], str]


@pytest.fixture
def serve() -> Iterator[Callable[..., Started]]:
    """Starts `tests.faults.llm_server` with these arguments; returns process and address."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> Started:
        running = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.llm_server", *arguments],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        started.append(running)
        assert running.stdout is not None
        return running, running.stdout.readline().strip()

    yield start
    for running in started:
        running.kill()
        running.wait()
        assert running.stdout is not None
        running.stdout.close()
