"""Build the wheel, install it into an empty environment elsewhere, and run the demo there.

Run by `make wheel`: python tests/wheel_smoke.py. The dependencies of the wheel are linked from the
environment of the interpreter that runs this, so that nothing is downloaded except, if it is
missing, the build back end. The libraries of the extra `models` are not linked: the demo must work
without them. The checkout is not importable: it is not on the path of the new environment, and the
`.pth` files of editable installs, which point to it, are not linked either.
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
# Files without which an installed tracker can be imported but does not work.
NEEDED = (
    "tracker/_templates/email/weekly.jinja",
    "tracker/_templates/email/monthly.jinja",
    "tracker/_templates/issue/weekly.jinja",
    "tracker/_templates/shared/style.css",
    "tracker/_schedules/weekly.toml",
    "tracker/_schedules/systemd/tracker.service",
    "tracker/topics/taxonomy.toml",
    "tracker/topics/classifier.json",
    "tracker/topics/compound_words.txt",
    "tracker/_templates/vault/paper.jinja",
    "tracker/_templates/web/frame.jinja",
    "tracker/_templates/web/style.css",
    "tracker/topics/stopwords.txt",
    "tracker/sample/papers.jsonl",
    "tracker/sample/boards/demo-arena.2026-03-09.json",
)
# Like a console script: calls the entry point of the command that the wheel declares.
SCRIPT = (
    "from importlib.metadata import distribution; "
    "[script] = distribution('llm-research-tracker').entry_points.select(name='tracker'); "
    "script.load()()"
)
NOT_LINKED = {"torch", "transformers", "sentence_transformers", "xgrammar", "sklearn", "sympy"}
ISSUES = ("weekly-2026-W11", "monthly-2026-02")


def main() -> None:
    """Run every step with a line of output; the first failure ends the program with one line."""
    with tempfile.TemporaryDirectory(prefix="tracker-wheel-") as scratch:
        folder = Path(scratch)
        wheel = build(folder / "dist")
        check_contents(wheel)
        python = install(wheel, folder / "venv")
        run_demo(python, folder)
    print("The wheel works.")


def build(folder: Path) -> Path:
    """Build the wheel of the checkout into `folder` and return its path."""
    isolation = ["--no-build-isolation"] if find_spec("hatchling") else []
    quiet = ["--quiet", "--disable-pip-version-check"]
    options = [*quiet, "--no-deps", *isolation, "--wheel-dir", str(folder)]
    run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], cwd=folder.parent)
    (wheel,) = folder.glob("*.whl")
    print(f"Built {wheel.name}, {wheel.stat().st_size:,} bytes.")
    return wheel


def check_contents(wheel: Path) -> None:
    """Check that the wheel contains every file that it needs, and no other package."""
    names = set(zipfile.ZipFile(wheel).namelist())
    missing = sorted({*NEEDED, *data_files()} - names)
    if missing:
        fail(f"The wheel lacks {', '.join(missing)}.")
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    if tops != {"tracker", "summarizer"}:
        fail(f"The wheel holds {', '.join(sorted(tops))} at its top.")
    print(f"It holds all of its {len(names)} files: code, templates, schedules, data.")


def data_files() -> Iterator[str]:
    """Yield every tracked file of the packages by its name in the wheel."""
    listed = run(["git", "ls-files", "tracker", "summarizer"], cwd=ROOT)
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            yield name


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel with linked dependencies in a new environment; return its interpreter."""
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(packages)
    link_packages(Path(sysconfig.get_path("purelib")), packages)
    python = folder / "bin" / "python"
    found = run([str(python), "-c", "import tracker; print(tracker.__file__)"], cwd=folder)
    if Path(found.strip()) != packages / "tracker" / "__init__.py":
        fail(f"The new environment imports {found.strip()}, not the wheel.")
    print(f"Installed it in a separate environment, Python {sys.version.split()[0]}.")
    return python


def link_packages(source: Path, target: Path) -> None:
    """Link the packages of one environment into another, except those in `NOT_LINKED`."""
    for package in source.iterdir():
        link = target / package.name
        if package.name not in NOT_LINKED and package.suffix != ".pth" and not link.exists():
            link.symlink_to(package)


def run_demo(python: Path, folder: Path) -> None:
    """Run `tracker demo` with nothing but the wheel: no home folder and no checkout."""
    nowhere, home, out = folder / "nowhere", folder / "home", folder / "out"
    nowhere.mkdir()
    variables = {
        "HOME": str(nowhere),
        "TRACKER_HOME": str(home),
        "PATH": os.environ.get("PATH", ""),
    }
    run([str(python), "-c", SCRIPT, "demo", "--out", str(out)], cwd=nowhere, env=variables)
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
    """Run a command and return its output; if it fails, end with the end of its error output."""
    # The checkout must not be importable through the environment.
    variables = env or {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        fail(
            f"{' '.join(command[:4])} … ended with {done.returncode}: {done.stderr.strip()[-2000:]}"
        )
    return done.stdout


def fail(sentence: str) -> None:
    """Exit with the reason why the wheel is broken."""
    sys.exit(f"wheel smoke: {sentence}")


if __name__ == "__main__":
    main()
