"""A fixture that calls the command line in this process, as the console script does."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands import Done
from tracker.cli.main import main

Call = Callable[..., Done]


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Call:
    """Call `tracker` with arguments; `home` sets TRACKER_HOME, `stdin` is piped input."""

    def called(*args: str, home: Path = tmp_path / "home", stdin: bytes = b"") -> Done:
        monkeypatch.setenv("TRACKER_HOME", str(home))
        monkeypatch.setattr(sys, "argv", ["tracker", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err, home)

    return called
