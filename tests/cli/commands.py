"""Calls `tracker` as a user does, in a separate process."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """A finished call and its home folder."""

    code: int
    out: str
    err: str
    home: Path

    @property
    def json(self) -> Any:
        """The output, parsed as JSON."""
        return json.loads(self.out)


def command(*args: str) -> list[str]:
    """Return the command line of a separate process."""
    return [sys.executable, "-m", "tracker", *args]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a user whose home folder is `home`."""
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")
    }
    return variables | {"TRACKER_HOME": str(home), "PYTHONPATH": str(ROOT)} | more


def process(*args: str, home: Path, stdin: bytes = b"", **more: str) -> Done:
    """Run `tracker` in a separate process; keywords are environment variables."""
    done = subprocess.run(
        command(*args), env=environment(home, **more), input=stdin, capture_output=True, check=False
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode(), home)
