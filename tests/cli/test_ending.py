"""Commands end when they are told to, whatever they wait for, and when there is no network."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.commands import Done, command, environment
from tests.cli.test_crawl import pointed
from tests.faults.arxiv_server import ArxivServer, status
from tracker.config import load

SCHEDULE = """
name = "crawl"
verb = "crawl"
every = "announcement-day"
at = "00:00"
timezone = "UTC"
"""
SENTENCE = "tracker: Interrupted; what was finished is kept.\n"
PAPER = "2602.92029"


class Silent:
    """A server that takes connections and never says a word, as a model does that thinks."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self._taken: list[socket.socket] = []

    def wait_for_request(self) -> None:
        """Return when somebody has connected and begun to ask."""
        self._socket.settimeout(60)
        taken, _ = self._socket.accept()
        self._taken.append(taken)
        taken.recv(1)

    def close(self) -> None:
        for one in (self._socket, *self._taken):
            one.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    with closing(Silent()) as server:
        yield server


def only(source: str, url: str, **more: str) -> list[str]:
    """Flags that leave one source, at `url`."""
    names = load(Path("/nowhere"), environ={}).sources
    settings = [f"sources.{name}.enabled={'yes' if name == source else 'no'}" for name in names]
    settings += [f"sources.{source}.url={url}", "http.allow_private=127.0.0.1"]
    settings += [f"{name}={value}" for name, value in more.items()]
    return [part for setting in settings for part in ("--set", setting)]


def started(*args: str, home: Path) -> subprocess.Popen[str]:
    if args[-1] == "run":
        (home / "schedules").mkdir(parents=True)
        (home / "schedules" / "crawl.toml").write_text(SCHEDULE)
    return subprocess.Popen(
        command(*args), env=environment(home), stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip


def ended(running: subprocess.Popen[str], *numbers: int) -> tuple[Done, float]:
    """Send the signals; how the command ended, and after how many seconds."""
    begun = time.monotonic()
    for number in numbers:
        running.send_signal(number)
        time.sleep(0.1 * (len(numbers) > 1))
    out, err = running.communicate(timeout=60)
    # click itself ends the line that the terminal shows as ^C.
    return Done(running.returncode, out, err.removeprefix("\n"), Path()), time.monotonic() - begun


CODES = {signal.SIGINT: 130, signal.SIGTERM: 0}


@pytest.mark.parametrize("number", CODES)
def test_the_service_ends_while_a_source_says_nothing(
    number: int, silent: Silent, tmp_path: Path
) -> None:
    with started(*only("arxiv_api", silent.url), "run", home=tmp_path / "home") as running:
        silent.wait_for_request()
        done, seconds = ended(running, number)
    assert (done.code, done.err) == (CODES[signal.Signals(number)], SENTENCE)
    assert seconds < 3


@pytest.mark.parametrize("retry_after", ["60", ""])
def test_the_service_ends_while_it_waits_for_its_turn(retry_after: str, tmp_path: Path) -> None:
    """Told to come back in a minute, or backing off after an error."""
    busy = status(503, Retry_After=retry_after) if retry_after else status(503)
    with ArxivServer([], [busy] * 99) as server:
        flags = [*pointed(server), "--set", "sources.arxiv_rss.enabled=no"]
        with started(*flags, "run", home=tmp_path / "home") as running:
            deadline = time.monotonic() + 60
            while not server.log and time.monotonic() < deadline:
                time.sleep(0.05)
            time.sleep(0.2)
            done, seconds = ended(running, signal.SIGTERM)
    assert done.code == 0
    assert seconds < 3
    assert "Traceback" not in done.err


def test_a_second_ctrl_c_ends_the_service_at_once(silent: Silent, tmp_path: Path) -> None:
    with started(*only("arxiv_api", silent.url), "run", home=tmp_path / "home") as running:
        silent.wait_for_request()
        done, seconds = ended(running, signal.SIGINT, signal.SIGINT)
    assert (done.code, done.err) == (130, SENTENCE)
    assert seconds < 1.5


def test_an_idle_service_ends_at_once(tmp_path: Path) -> None:
    with started(*only("arxiv_api", "ftp://nowhere"), "run", home=tmp_path / "home") as running:
        assert running.stderr is not None
        assert "crawl" in running.stderr.readline()
        done, seconds = ended(running, signal.SIGINT)
    assert done.code == 130
    assert done.err.endswith(SENTENCE)
    assert seconds < 3


@pytest.mark.parametrize("line", [f"summarize {PAPER}", "digest --week 2026-W10"])
def test_a_command_ends_while_a_language_model_thinks(
    line: str, silent: Silent, home: Path
) -> None:
    settings = ("llm.backend=openai", "llm.model=toy", f"llm.base_url={silent.url}")
    flags = [part for setting in settings for part in ("--set", setting)]
    with started(*flags, *line.split(), home=home) as running:
        silent.wait_for_request()
        done, seconds = ended(running, signal.SIGINT)
    assert (done.code, done.err) == (130, SENTENCE)
    assert seconds < 3


@pytest.mark.parametrize("source", ["arxiv_api", "feeds.kilcher", "deadlines"])
def test_a_crawl_ends_while_a_source_says_nothing(
    source: str, silent: Silent, tmp_path: Path
) -> None:
    with started(*only(source, silent.url), "crawl", home=tmp_path / "home") as running:
        silent.wait_for_request()
        done, seconds = ended(running, signal.SIGINT)
    assert (done.code, done.err, done.out) == (130, SENTENCE, "")
    assert seconds < 3


@pytest.mark.parametrize("line", ["index", "demo", "send --week 2026-W11"])
def test_long_work_ends_at_ctrl_c(line: str, demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    if line.startswith("send"):
        shutil.copytree(demo_home, home, ignore=lambda *_: ["models", "run.lock"])
    with started(*line.split(), home=home) as running:
        time.sleep(1.5)
        done, seconds = ended(running, signal.SIGINT)
    assert seconds < 3
    assert "Traceback" not in done.err
    assert done.code == 130 or line.startswith("send")


def _refusing() -> str:
    """An address on this machine at which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def _crawled(*args: str, home: Path, prefix: tuple[str, ...] = ()) -> tuple[Done, float]:
    begun = time.monotonic()
    line = [*prefix, *command(*args)]
    done = subprocess.run(
        line, env=environment(home), capture_output=True, text=True, check=False, timeout=60
    )
    return Done(done.returncode, done.stdout, done.stderr, home), time.monotonic() - begun


def _everything_at(url: str) -> list[str]:
    names = load(Path("/nowhere"), environ={}).sources
    settings = [f"sources.{name}.url={url}" for name in names]
    return [p for s in (*settings, "http.allow_private=127.0.0.1") for p in ("--set", s)]


@pytest.mark.parametrize("url", ["refused", "https://no-such-host.invalid"])
@pytest.mark.parametrize("line", ["crawl", "crawl arxiv_api", "crawl feeds deadlines --json"])
def test_a_crawl_without_a_network_is_one_sentence(line: str, url: str, tmp_path: Path) -> None:
    address = _refusing() if url == "refused" else url
    done, seconds = _crawled(*_everything_at(address), *line.split(), home=tmp_path / "home")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("tracker: No source could be reached (")
    assert len(done.err.splitlines()) == 1
    assert seconds < 10


def test_a_machine_without_a_network_is_found_at_once(tmp_path: Path) -> None:
    """In a network of its own that has nothing but a loopback that is down."""
    alone = ("unshare", "-n")
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("no network namespace can be made here")
    done, seconds = _crawled("crawl", home=tmp_path / "home", prefix=alone)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("tracker: No source could be reached (")
    assert "more hosts" in done.err
    assert len(done.err.splitlines()) == 1
    assert seconds < 10
    listed, _ = _crawled("sources", home=tmp_path / "home")
    assert "No source could be reached" in listed.out, "the sources know it, too"


def test_one_host_that_answers_is_a_network(tmp_path: Path) -> None:
    with ArxivServer([], [status(403)] * 9) as server:
        flags = [*pointed(server), "--set", f"sources.acl.url={_refusing()}"]
        flags += ["--set", "sources.acl.enabled=yes"]
        done, _ = _crawled(*flags, "crawl", "arxiv_api", home=tmp_path / "home")
    assert done.code == 3
    assert "HTTP 403" in done.out
