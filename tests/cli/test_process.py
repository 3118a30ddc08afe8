"""Behaviour of separate processes: pipes, signals, terminals, permissions, a light start."""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.commands import ROOT, Done, command, environment
from tests.cli.conftest import Call
from tracker.locking import hold_lock
from tracker.store import papers
from tracker.store.database import find_problems, open_database


def test_the_demo_prints_its_pages_and_next_steps(demo: Done) -> None:
    assert (demo.code, demo.err) == (0, "")
    made = {path.name for path in (demo.home / "out").iterdir()}
    issues = ("weekly-2026-W10", "weekly-2026-W11", "monthly-2026-02")
    charts = {f"monthly-2026-02.ranks-{n}.svg" for n in (1, 2)}
    kinds = ("html", "txt", "md", "json")
    assert made == charts | {f"{name}.{kind}" for name in issues for kind in kinds}
    assert f"  {demo.home / 'out' / 'weekly-2026-W11.html'}" in demo.out.splitlines()
    assert f'tracker --home {demo.home / "demo"} search "MoE"\n' in demo.out


def test_what_the_demo_says_to_try_works_as_printed(demo: Done, tmp_path: Path) -> None:
    """A page that an opener is given, a search and a paper; run by a shell, as they stand."""
    lines = demo.out.partition("Three things to try:\n")[2].splitlines()
    opening, *others = [line for line in lines if line.startswith("  ")]
    assert len(others) == 2
    _, _, page = opening.strip().rpartition(" ")
    fake = tmp_path / "xdg-open"
    fake.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/opened\n')
    fake.chmod(0o755)
    with_browser = environment(tmp_path, PATH=f"{tmp_path}:{os.environ['PATH']}", BROWSER=str(fake))
    subprocess.run(opening, shell=True, env=with_browser, check=True, capture_output=True)
    shown = (tmp_path / "opened").read_text().removeprefix("file://")
    assert shown == page.removeprefix("file://")
    assert "LLM Weekly" in Path(shown).read_text(encoding="utf-8")
    for line in others:
        done = subprocess.run(
            line, shell=True, env=environment(tmp_path), check=True, capture_output=True, text=True
        )
        assert "expert" in done.stdout.lower()
        assert done.stderr == ""


def test_a_search_loads_no_heavy_library(home: Path) -> None:
    heavy = ("torch", "transformers", "sentence_transformers", "matplotlib", "sklearn", "jinja2")
    code = (
        "import sys; from tracker.cli.main import cli\n"
        "try: cli(['search', 'mixture of experts', '--explain', '-n', '1'])\n"
        f"finally: print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), capture_output=True, check=True
    )
    assert b"meaning" in done.stdout
    assert done.stderr.strip() == b"[]"


@pytest.mark.parametrize("line", ["search model -n 160 --json", "show 2602.92029", "--help"])
def test_a_closed_pipe_is_not_an_error(line: str, demo_home: Path) -> None:
    """As with `| head -1`: the pipe is closed before or during writing."""
    reader, writer = os.pipe()
    done = subprocess.Popen(
        command(*line.split()), env=environment(demo_home), stdout=writer, stderr=subprocess.PIPE
    )
    os.close(reader)
    os.close(writer)
    with done:
        _, err = done.communicate()
    assert (done.returncode, err) == (0, b"")


def _on_terminal(*args: str, home: Path, **more: str) -> str:
    """Return what a command shows on a terminal, messages and data."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        command(*args), env=environment(home, **more), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    with closing(os.fdopen(ours, "rb", buffering=0)) as screen, running:
        while select.select([screen], [], [], 60)[0]:
            try:
                piece = screen.read(4096)
            except OSError:  # Linux says so when the other side is closed
                break
            if not piece:
                break
            shown += piece
    return shown.decode()


def test_progress_is_drawn_only_on_a_terminal_that_allows_it(demo_home: Path) -> None:
    line = ("import", str(ROOT / "tracker/sample/papers.jsonl"))
    assert "\x1b" in _on_terminal(*line, home=demo_home, TERM="xterm")
    for unwanted in ({"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}):
        shown = _on_terminal(*line, home=demo_home, **unwanted)
        assert "163 known" in shown
        assert "\x1b" not in shown
    assert "\x1b" not in _on_terminal("-q", *line, home=demo_home, TERM="xterm")


def test_matched_words_are_bold_on_a_terminal_only(demo_home: Path) -> None:
    line = ("search", "expert", "-n", "3")
    shown = _on_terminal(*line, home=demo_home, TERM="xterm")
    assert "\x1b[1mexperts\x1b[0m" in shown.lower(), "another form of the query word"
    for plain in ({"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}):
        assert "\x1b" not in _on_terminal(*line, home=demo_home, **plain)


def test_the_first_hit_is_opened_in_the_browser(demo_home: Path, tmp_path: Path) -> None:
    browser = tmp_path / "bin" / "xdg-open"
    browser.parent.mkdir()
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    path = f"{browser.parent}:{os.environ['PATH']}"
    shown = _on_terminal("search", "expert", "-n", "2", "--open", home=demo_home, PATH=path)
    deadline = time.monotonic() + 10
    while not (tmp_path / "opened").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    opened_page = (tmp_path / "opened").read_text().strip()
    assert opened_page.startswith("https://arxiv.org/abs/")
    assert shown.count(opened_page) == 1
    assert shown.index(opened_page) == shown.index("https://")


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    """A snapshot that takes many seconds to import."""
    record = {
        "title": "A title of some words", "abstract": "An abstract. " * 60, "authors": "A, B, C",
        "categories": "cs.CL", "update_date": "2026-03-10",
        "versions": [{"version": "v1", "created": "Mon, 9 Mar 2026 10:00:00 GMT"}],
    }  # fmt: skip
    file = tmp_path / "long.jsonl"
    with file.open("w") as lines:
        for number in range(60_000):
            lines.write(json.dumps(record | {"id": f"2603.{number:05}"}) + "\n")
    return file


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_import_keeps_finished_work_and_can_continue(
    number: int, long_file: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    running = subprocess.Popen(
        command("import", str(long_file)), env=environment(home), stderr=subprocess.PIPE
    )
    with running:
        _wait_for_papers(home / "tracker.db")
        running.send_signal(number)
        _, err = running.communicate()
    if number == signal.SIGINT:
        assert running.returncode == 130
        assert err.decode().strip() == "tracker: Interrupted; what was finished is kept."
    with open_database(home / "tracker.db") as db:
        done = papers.count_works(db)
        assert find_problems(db) == []
    assert 0 < done < 60_000
    assert done % 1000 == 0


def _wait_for_papers(database: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.1)
        if database.exists():
            with open_database(database) as db:
                if papers.count_works(db):
                    return
    pytest.fail("nothing was imported within a minute")


@pytest.mark.parametrize("line", ["index", "crawl", "run --once", "restore {}", "demo"])
def test_a_second_command_names_the_holder_of_the_lock(line: str, call: Call, home: Path) -> None:
    (home / "demo").symlink_to(home)
    with hold_lock(home / "run.lock", "index"):
        done = call(*line.format(home / "tracker.db").split(), home=home)
    assert done.code == 75
    assert f"index, process {os.getpid()}" in done.err


def test_search_works_while_another_command_holds_the_lock(call: Call, home: Path) -> None:
    with hold_lock(home / "run.lock", "index"):
        assert call("search", "moe", home=home).code == 0
        assert call("digest", "--week", "2026-W11", home=home).code == 0


@pytest.fixture
def read_only(demo_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A home that a user can read but not write to."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home, ignore=lambda *_: ["run.lock"])
    for path in (home, *home.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield home
    for path in (home, *home.rglob("*")):
        path.chmod(0o755)


# Root writes wherever it likes by the capability CAP_DAC_OVERRIDE (1), which PR_CAPBSET_DROP (24)
# takes from the process that follows; for anybody else the call fails, and nothing need be taken.
_WITHOUT_RIGHTS = """
import ctypes, os, sys
if ctypes.CDLL(None).prctl(24, 1) and not os.geteuid():
    sys.exit(77)
os.execv(sys.argv[1], sys.argv[1:])
"""


def _without_rights(line: str, home: Path) -> Done:
    """`tracker` as one who may write only where the modes of files and folders say so."""
    args = [sys.executable, "-c", _WITHOUT_RIGHTS, *command(*line.split())]
    done = subprocess.run(args, env=environment(home), capture_output=True, check=False)
    if done.returncode == 77:
        pytest.skip("the rights of root cannot be dropped here")
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode(), home)


def test_a_read_only_home_can_be_searched(read_only: Path) -> None:
    found = _without_rights("search MoE --json -n 2", read_only)
    assert (found.code, found.err) == (0, "")
    assert any(why.startswith("meaning") for hit in found.json["hits"] for why in hit["why"])
    assert _without_rights("status", read_only).code == 0


@pytest.mark.parametrize("line", ["index", "digest --week 2026-W11", "init"])
def test_an_unwritable_home_is_reported(line: str, read_only: Path) -> None:
    done = _without_rights(line, read_only)
    assert done.code == 1
    assert str(read_only) in done.err
    assert len(done.err.splitlines()) == 1
