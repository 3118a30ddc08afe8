"""The README's commands and Python code run on the home of the demo; its make targets exist."""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tracker import sample

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.M | re.S)
SHELL = "\n".join(text for kind, text in BLOCKS if kind == "sh")
(PYTHON,) = (text for kind, text in BLOCKS if kind == "python")
# The commands in the first column of the table, and those in shell blocks.
TABLE_COMMANDS = [
    command
    for row in re.findall(r"^\| (`.*?) \| ", README, re.M)
    for command in re.findall(r"`(tracker [^`]*)`", row)
]
SHELL_COMMANDS = re.findall(r"^(tracker [^#\n]*?) *(?:#.*)?$", SHELL, re.M)
# These need a network or a relay, or run until they are stopped.
NOT_TESTED = {"tracker crawl", "tracker run", "tracker serve", "tracker send"}
TESTED = sorted({*TABLE_COMMANDS, *SHELL_COMMANDS} - NOT_TESTED)


def test_the_readme_shows_most_commands() -> None:
    assert len(TESTED) > 20
    assert {*TABLE_COMMANDS, *SHELL_COMMANDS} > NOT_TESTED


@pytest.mark.parametrize("line", TESTED)
def test_commands_in_the_readme_work(
    line: str,
    call: Call,
    home: Path,
    tmp_path: Path,
) -> None:
    files = {
        "DIR": str(tmp_path / "vault"),
        "FILE": str(sample.papers_file() if " import " in line else tmp_path / "copy.db"),
    }
    _, *args = (files.get(word, word) for word in shlex.split(line))
    done = call(*args, home=home)
    assert done.code in ((0, 3) if args[0] in {"digest", "report"} else (0,)), done.err
    assert done.out or args[0] in {"search", "follow", "sources", "ledger", "digest", "mcp"}


def test_the_python_code_in_the_readme_works(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRACKER_HOME", str(demo_home))
    exec(PYTHON, {})
    assert len(capsys.readouterr().out.splitlines()) == 5


def test_the_makefile_has_every_documented_target() -> None:
    pages = README + (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^make (\w+)|`make (\w+)", pages, re.M))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert {name for pair in named for name in pair if name} <= targets


def test_no_page_or_message_installs_another_project() -> None:
    """On the package index, `tracker` is another project."""
    for file in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("tracker/**/*.py"),
        ROOT / "Makefile",
    ):
        assert not re.search(
            r"install [^\n]*?['\" ]tracker(?:\[|['\"`\s]|$)", file.read_text(encoding="utf-8")
        ), file
