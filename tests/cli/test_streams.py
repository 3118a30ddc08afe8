"""Standard streams that are closed, full or no longer read never cause a traceback."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import command, environment

PRINTING = (
    "search model", "search model --json", "show 2602.92029", "similar 2602.92029", "status",
    "doctor", "paths", "topics", "trends", "leaderboards", "sources --json", "--help",
    "search --help", "follow --list --json", "digest --week 2026-W11", "replay --weeks 1",
)  # fmt: skip


def _shell(line: str, redirection: str, home: Path) -> tuple[int, str, str]:
    """Run `tracker` in a shell; return its exit code, stdout and stderr.

    The shell prints the exit code to stdout; output of `tracker` is not captured there.
    """
    words = " ".join(command(*line.split()))
    script = f"{{ {words} {redirection}; }} ; echo $? >&3"
    done = subprocess.run(
        ["bash", "-c", f"exec 3>&1 >/dev/null; {script}"],
        env=environment(home), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return int(done.stdout.split()[-1]), done.stdout, done.stderr


@pytest.mark.parametrize("line", PRINTING)
def test_a_closed_output_discards_what_is_printed(line: str, home: Path) -> None:
    code, _, err = _shell(line, ">&-", home)
    assert (code, "Traceback" in err, "Exception" in err) == (0, False, False), err


@pytest.mark.parametrize("line", ["search model", "search nothingmatchesthis", "status"])
@pytest.mark.parametrize("redirection", ["2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-"])
def test_any_stream_may_be_closed(line: str, redirection: str, home: Path) -> None:
    before = (home / "tracker.db").read_bytes()
    code, out, err = _shell(line, redirection, home)
    assert (code, "Traceback" in out + err) == (0, False)
    assert (home / "tracker.db").read_bytes() == before, "no output goes into the database"


@pytest.mark.parametrize("line", PRINTING)
def test_a_full_disk_is_reported_in_one_sentence(line: str, home: Path) -> None:
    code, _, err = _shell(line, ">/dev/full", home)
    assert code == 1
    last = err.splitlines()[-1]
    assert last == "tracker: The output cannot be written: No space left on device."
    assert "Traceback" not in err
    assert "Exception" not in err


@pytest.mark.parametrize("line", ["search model", "like 2403.99999"])
def test_a_full_disk_for_stderr_causes_no_traceback(line: str, home: Path) -> None:
    code, _, err = _shell(line, ">/dev/full 2>/dev/full", home)
    assert (code, err) == (1, "")


@pytest.mark.parametrize("line", PRINTING)
def test_a_closed_pipe_is_not_an_error(line: str, home: Path) -> None:
    code, _, err = _shell(line, "| true", home)
    assert (code, "Traceback" in err, "Exception" in err) == (0, False, False), err
