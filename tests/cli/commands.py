"""Calling `tracker` as a user does, in a process of its own."""

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
    """A call that has ended, and the home it worked in."""

    code: int
    out: str
    err: str
    home: Path

    @property
    def json(self) -> Any:
        """What was printed, as JSON."""
        return json.loads(self.out)


def command(*args: str) -> list[str]:
    """The command line of a process of its own."""
    return [sys.executable, "-m", "tracker", *args]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user whose home folder is `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    return kept | {"TRACKER_HOME": str(home), "PYTHONPATH": str(ROOT)} | more


def process(*args: str, home: Path, stdin: bytes = b"", **more: str) -> Done:
    """`tracker` in a process of its own; keywords are further variables of its environment."""
    done = subprocess.run(
        command(*args), env=environment(home, **more), input=stdin, capture_output=True, check=False
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode(), home)
