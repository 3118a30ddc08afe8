"""Run the commands of the Dockerfile without a container engine, in a temporary folder.

Run by `make image-commands`: python tests/image_smoke.py. Each RUN is executed as it is written,
with the folders of the image below the temporary one: the environment is created, the project and
its model are installed from the package index, and the user is added to a user database there. Then
the entry point runs with the ENV of the image: `doctor`, and `serve` until the HEALTHCHECK passes.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.test_deployment import ROOT, dockerfile

PUBLIC_URL = "http://localhost:8765"


def main() -> None:
    """Run every step with a line of output; the first failure ends the program."""
    with tempfile.TemporaryDirectory(prefix="tracker-image-") as scratch:
        root = Path(scratch)
        for folder in ("src", "opt", "data", "bin", "etc"):
            (root / folder).mkdir()
        for name in ("passwd", "group", "shadow", "gshadow"):
            (root / "etc" / name).touch()
        (root / "bin" / "python").symlink_to(sys.executable)
        copy_sources(root / "src")
        for command in list_runs(root):
            print(f"RUN {command}", flush=True)
            subprocess.run(
                ["sh", "-ec", command], cwd=root / "src", check=True, env=build_environment(root)
            )
        check_entry_point(root)
    print("The commands of the image work.")


def build_environment(root: Path) -> dict[str, str]:
    """Return variables as in the first stage, with the settings of pip for this network."""
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return {"PATH": f"{root / 'bin'}:{os.environ['PATH']}", "HOME": str(root), **pip}


def copy_sources(target: Path) -> None:
    """Copy what the first stage copies."""
    for name, rest in dockerfile():
        if name == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
                copy(ROOT / source, target / source)


def list_runs(root: Path) -> Iterator[str]:
    """Yield the commands, with the folders of the image below `root`."""
    for name, rest in dockerfile():
        if name == "RUN":
            below = re.sub(r" /(opt/tracker|data)\b", rf" {root}/\1", f" {rest}").strip()
            prefixed = re.sub(r"\b(groupadd|useradd) ", rf"\1 --prefix {root} ", below)
            # The user exists there only, and must not own files here.
            yield re.sub(r"install -d -o \w+ -g \w+", "install -d", prefixed)


def check_entry_point(root: Path) -> None:
    """Run the program with the variables of the image, and its health check."""
    lines = dict(dockerfile())
    pairs = (part.split("=", 1) for part in shlex.split(lines["ENV"]))
    variables = {name: re.sub(r"/(opt/tracker|data)\b", rf"{root}/\1", value)
                 for name, value in pairs}  # fmt: skip
    variables |= {"TRACKER_WEB__PUBLIC_URL": PUBLIC_URL}
    program = [str(root / "opt/tracker/bin" / one) for one in json.loads(lines["ENTRYPOINT"])]
    done = subprocess.run([*program, "doctor"], env=variables, check=False)
    assert done.returncode in (0, 3), "doctor"
    check = json.loads(lines["HEALTHCHECK"].partition("CMD ")[2])[1:]
    with subprocess.Popen([*program, *json.loads(lines["CMD"])], env=variables) as server:
        try:
            wait_until_healthy([sys.executable, *check])
        finally:
            server.terminate()


def wait_until_healthy(check: list[str]) -> None:
    """Repeat the health check until it passes, for a minute."""
    for _ in range(60):
        if subprocess.run(check, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return
        time.sleep(1)
    raise TimeoutError("The health check did not pass.")


if __name__ == "__main__":
    main()
