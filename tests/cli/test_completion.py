"""Shell completion of commands, ids, topics, weeks, months and sources changes nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import ROOT, environment
from tests.cli.conftest import Call
from tracker.store.database import open_database, write_transaction

LINES = {
    "comp": ("completion",),
    "show 2602.9202": ("2602.92029",),
    "similar 2602.9202": ("2602.92029",),
    "like 2602.9202": ("2602.92029",),
    "dislike 2602.9202": ("2602.92029",),
    "summarize 2602.9202": ("2602.92029",),
    "digest --explain 2602.9202": ("2602.92029",),
    "search --topic mo": ("moe",),
    "digest --week 2026-W1": ("2026-W11", "2026-W10"),
    "send --week 2026-W1": ("2026-W11", "2026-W10"),
    "replay --until 2026-W1": ("2026-W11", "2026-W10"),
    "report --month ": ("2026-03", "2026-02"),
    "send --month ": ("2026-03", "2026-02"),
    "crawl arxiv_": ("arxiv_rss", "arxiv_api", "arxiv_oai"),
    "show 1234.": (),
    "show %": (),
}


@pytest.fixture
def complete(call: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return a function that completes the last word of a line, called as bash does."""

    def complete_line(line: str, home: Path) -> tuple[str, ...]:
        monkeypatch.setenv("_TRACKER_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", f"tracker {line}")
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" "))))
        done = call(home=home)
        assert (done.code, done.err) == (0, "")
        return tuple(item.partition(",")[2] for item in done.out.splitlines() if item)

    return complete_line


@pytest.mark.parametrize("line", LINES)
def test_values_with_the_prefix_are_offered(line: str, complete: Call, demo_home: Path) -> None:
    values = complete(line, demo_home)
    assert values[: len(LINES[line])] == LINES[line]
    assert bool(values) == bool(LINES[line])


def test_the_home_option_of_the_line_is_used(
    complete: Call, demo_home: Path, tmp_path: Path
) -> None:
    assert complete("show 2602.92029", tmp_path) == ()
    assert complete(f"--home {demo_home} show 2602.92029", tmp_path) == ("2602.92029",)


def test_at_most_fifty_values_are_offered(complete: Call, demo_home: Path) -> None:
    assert len(complete("show 2", demo_home)) == 50


@pytest.mark.parametrize("line", ["show 2", "digest --week 2", "search --topic zz"])
def test_a_missing_home_is_not_created(line: str, complete: Call, tmp_path: Path) -> None:
    assert complete(line, tmp_path / "none") == ()
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("file", ["tracker.db", "config.toml"])
def test_a_damaged_home_offers_nothing_and_causes_no_error(
    file: str, complete: Call, home: Path
) -> None:
    (home / file).write_bytes(b"\xff" * 5000)
    assert complete("show 2", home) == ()


def test_completion_does_not_wait_for_a_writer(complete: Call, home: Path) -> None:
    with open_database(home / "tracker.db") as db, write_transaction(db):
        complete("show 2602.92029", home)


def test_completion_does_not_change_the_home(complete: Call, home: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in home.iterdir()}
    assert complete("show 2602.92029", home) == ("2602.92029",)
    assert {path: path.stat().st_mtime_ns for path in home.iterdir()} == before


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str, call: Call) -> None:
    done = call("completion", shell)
    assert done.code == 0
    assert f"_TRACKER_COMPLETE={shell}_complete" in done.out


def test_an_unsupported_shell_is_refused(call: Call) -> None:
    assert call("completion", "tcsh").code == 2


def test_bash_completes_an_id_after_loading_the_script(demo_home: Path, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    program = tmp_path / "tracker"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tracker "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(tracker completion bash)"; COMP_WORDS=(tracker show 2602.9202); COMP_CWORD=2; '
        '_tracker_completion tracker 2602.9202 show; echo "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        [bash, "-c", script], env=environment(demo_home, PATH=path), cwd=ROOT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "2602.92029" in done.stdout.split()
    assert done.stderr == ""
