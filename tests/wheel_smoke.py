"""Build the wheel, install it into an empty environment elsewhere, and run the demo there.

Run by `make wheel`: python tests/wheel_smoke.py. What the wheel depends on is lent by the
environment of the interpreter that runs this, so nothing is downloaded but, where it is missing,
the build back end. What only the extra `models` brings is not lent: the demo must do without it.
The checkout cannot help: it is not on the new environment's path, and `.pth` files, with which
editable installs point back to it, are not lent either.
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Files without which an installed tracker cannot work, though it would import.
NEEDED = (
    "tracker/_templates/email/weekly.jinja",
    "tracker/_templates/report/monthly.jinja",
    "tracker/_templates/shared/style.css",
    "tracker/_schedules/weekly.toml",
    "tracker/_schedules/systemd/tracker.service",
    "tracker/topics/taxonomy.toml",
    "tracker/topics/head.json",
    "tracker/topics/nouns.txt",
    "tracker/_templates/vault/paper.jinja",
    "tracker/_templates/web/frame.jinja",
    "tracker/_templates/web/style.css",
    "tracker/topics/stopwords.txt",
    "tracker/sample/papers.jsonl",
    "tracker/sample/boards/demo-arena.2026-03-09.json",
)
# What a console script does: it calls what the wheel says is behind the command.
SCRIPT = (
    "from importlib.metadata import distribution; "
    "[script] = distribution('llm-research-tracker').entry_points.select(name='tracker'); "
    "script.load()()"
)
NOT_LENT = {"torch", "transformers", "sentence_transformers", "xgrammar", "sklearn", "sympy"}
ISSUES = ("weekly-2026-W11", "monthly-2026-02")


def main() -> None:
    """Every step says what it did; the first that fails ends it all with one line."""
    with tempfile.TemporaryDirectory(prefix="tracker-wheel-") as scratch:
        place = Path(scratch)
        wheel = build(place / "dist")
        check_contents(wheel)
        python = install(wheel, place / "venv")
        run_demo(python, place)
    print("The wheel is good.")


def build(folder: Path) -> Path:
    """The wheel of the checkout, built into `folder`."""
    isolation = ["--no-build-isolation"] if find_spec("hatchling") else []
    quiet = ["--quiet", "--disable-pip-version-check"]
    options = [*quiet, "--no-deps", *isolation, "--wheel-dir", str(folder)]
    run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], cwd=folder.parent)
    (wheel,) = folder.glob("*.whl")
    print(f"Built {wheel.name}, {wheel.stat().st_size:,} bytes.")
    return wheel


def check_contents(wheel: Path) -> None:
    """Everything that belongs into the wheel is in it, and nothing else is."""
    names = set(zipfile.ZipFile(wheel).namelist())
    missing = sorted({*NEEDED, *data_files()} - names)
    if missing:
        fail(f"The wheel lacks {', '.join(missing)}.")
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    if tops != {"tracker", "summarizer"}:
        fail(f"The wheel holds {', '.join(sorted(tops))} at its top.")
    print(f"It holds all of its {len(names)} files: code, templates, schedules, data.")


def data_files() -> Iterator[str]:
    """Every tracked file of the packages, by its name in the wheel."""
    listed = run(["git", "ls-files", "tracker", "summarizer"], cwd=ROOT)
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            yield name


def install(wheel: Path, folder: Path) -> Path:
    """The interpreter of a new environment that has the wheel, and borrows what that needs."""
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(packages)
    lend(Path(sysconfig.get_path("purelib")), packages)
    python = folder / "bin" / "python"
    found = run([str(python), "-c", "import tracker; print(tracker.__file__)"], cwd=folder)
    if Path(found.strip()) != packages / "tracker" / "__init__.py":
        fail(f"The new environment imports {found.strip()}, not the wheel.")
    print(f"Installed it in an environment of its own, Python {sys.version.split()[0]}.")
    return python


def lend(theirs: Path, ours: Path) -> None:
    """Link what lies in another environment into this one, but for what it must do without."""
    for package in theirs.iterdir():
        link = ours / package.name
        if package.name not in NOT_LENT and package.suffix != ".pth" and not link.exists():
            link.symlink_to(package)


def run_demo(python: Path, place: Path) -> None:
    """`tracker demo` where there is nothing but the wheel: no home folder, no checkout."""
    nowhere, home, out = place / "nowhere", place / "home", place / "out"
    nowhere.mkdir()
    told = {"HOME": str(nowhere), "TRACKER_HOME": str(home), "PATH": os.environ.get("PATH", "")}
    run([str(python), "-c", SCRIPT, "demo", "--out", str(out)], cwd=nowhere, env=told)
    for issue in ISSUES:
        for suffix in ("html", "txt", "md", "json"):
            page = out / f"{issue}.{suffix}"
            if not page.is_file() or not page.stat().st_size:
                fail(f"The demo did not write {page.name}.")
    left = sorted(path.name for path in nowhere.iterdir())
    if left:
        fail(f"The demo left {', '.join(left)} in the user's home folder.")
    print(f"Ran the demo there: {len(list(out.iterdir()))} pages.")


def run(command: list[str], *, cwd: Path, env: dict[str, str] | None = None) -> str:
    """What a command prints; a command that fails ends it all with its last words."""
    # The checkout must not be importable by way of the environment.
    given = env or {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True, check=False)
    if done.returncode:
        fail(
            f"{' '.join(command[:4])} … ended with {done.returncode}: {done.stderr.strip()[-2000:]}"
        )
    return done.stdout


def fail(sentence: str) -> None:
    """Say why the wheel is no good, and end."""
    sys.exit(f"wheel smoke: {sentence}")


if __name__ == "__main__":
    main()
