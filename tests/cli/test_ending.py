"""Commands end promptly on a signal, whatever they wait for, and without a network."""

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
INTERRUPTED = "tracker: Interrupted; what was finished is kept.\n"
PAPER = "2602.92029"


class SilentServer:
    """A server that accepts connections and never answers, like an overloaded model."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self._connections: list[socket.socket] = []

    def wait_for_request(self) -> None:
        """Block until a client has connected and begun a request."""
        self._socket.settimeout(60)
        connection, _ = self._socket.accept()
        self._connections.append(connection)
        connection.recv(1)

    def close(self) -> None:
        for opened in (self._socket, *self._connections):
            opened.close()


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    with closing(SilentServer()) as server:
        yield server


def only_source(source: str, url: str, **more: str) -> list[str]:
    """Return flags that enable one source only, with `url` as its address."""
    names = load(Path("/nowhere"), environ={}).sources
    settings = [f"sources.{name}.enabled={'yes' if name == source else 'no'}" for name in names]
    settings += [f"sources.{source}.url={url}", "http.allow_private=127.0.0.1"]
    settings += [f"{name}={value}" for name, value in more.items()]
    return [part for setting in settings for part in ("--set", setting)]


def start(*args: str, home: Path) -> subprocess.Popen[str]:
    if args[-1] == "run":
        (home / "schedules").mkdir(parents=True)
        (home / "schedules" / "crawl.toml").write_text(SCHEDULE)
    return subprocess.Popen(
        command(*args), env=environment(home), stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip


def send_signals(running: subprocess.Popen[str], *numbers: int) -> tuple[Done, float]:
    """Send the signals; return the result and the seconds until the command ended."""
    begun = time.monotonic()
    for number in numbers:
        running.send_signal(number)
        time.sleep(0.1 * (len(numbers) > 1))
    out, err = running.communicate(timeout=60)
    # click prints a newline after the ^C that the terminal shows.
    return Done(running.returncode, out, err.removeprefix("\n"), Path()), time.monotonic() - begun


CODES = {signal.SIGINT: 130, signal.SIGTERM: 0}


@pytest.mark.parametrize("number", CODES)
def test_the_service_ends_while_a_source_does_not_answer(
    number: int, silent: SilentServer, tmp_path: Path
) -> None:
    with start(*only_source("arxiv_api", silent.url), "run", home=tmp_path / "home") as running:
        silent.wait_for_request()
        done, seconds = send_signals(running, number)
    assert (done.code, done.err) == (CODES[signal.Signals(number)], INTERRUPTED)
    assert seconds < 3


@pytest.mark.parametrize("retry_after", ["60", ""])
def test_the_service_ends_while_it_waits_to_retry(retry_after: str, tmp_path: Path) -> None:
    """The source has requested a pause of a minute, or the client backs off after an error."""
    busy = status(503, Retry_After=retry_after) if retry_after else status(503)
    with ArxivServer([], [busy] * 99) as server:
        flags = [*pointed(server), "--set", "sources.arxiv_rss.enabled=no"]
        with start(*flags, "run", home=tmp_path / "home") as running:
            deadline = time.monotonic() + 60
            while not server.log and time.monotonic() < deadline:
                time.sleep(0.05)
            time.sleep(0.2)
            done, seconds = send_signals(running, signal.SIGTERM)
    assert done.code == 0
    assert seconds < 3
    assert "Traceback" not in done.err


def test_a_second_ctrl_c_ends_the_service_at_once(silent: SilentServer, tmp_path: Path) -> None:
    with start(*only_source("arxiv_api", silent.url), "run", home=tmp_path / "home") as running:
        silent.wait_for_request()
        done, seconds = send_signals(running, signal.SIGINT, signal.SIGINT)
    assert (done.code, done.err) == (130, INTERRUPTED)
    assert seconds < 1.5


def test_an_idle_service_ends_at_once(tmp_path: Path) -> None:
    with start(
        *only_source("arxiv_api", "http://nowhere.invalid"), "run", home=tmp_path / "home"
    ) as running:
        assert running.stderr is not None
        assert "crawl" in running.stderr.readline()
        done, seconds = send_signals(running, signal.SIGINT)
    assert done.code == 130
    assert done.err.endswith(INTERRUPTED)
    assert seconds < 3


@pytest.mark.parametrize("line", [f"summarize {PAPER}", "digest --week 2026-W10"])
def test_a_command_ends_while_a_language_model_generates(
    line: str, silent: SilentServer, home: Path
) -> None:
    address = f"llm.base_url={silent.url}"
    settings = ("llm.backend=openai", "llm.model=toy", "llm.mode=write", address)
    flags = [part for setting in settings for part in ("--set", setting)]
    with start(*flags, *line.split(), home=home) as running:
        silent.wait_for_request()
        done, seconds = send_signals(running, signal.SIGINT)
    assert (done.code, done.err) == (130, INTERRUPTED)
    assert seconds < 3


@pytest.mark.parametrize("source", ["arxiv_api", "feeds.kilcher", "deadlines"])
def test_a_crawl_ends_while_a_source_does_not_answer(
    source: str, silent: SilentServer, tmp_path: Path
) -> None:
    with start(*only_source(source, silent.url), "crawl", home=tmp_path / "home") as running:
        silent.wait_for_request()
        done, seconds = send_signals(running, signal.SIGINT)
    assert (done.code, done.err, done.out) == (130, INTERRUPTED, "")
    assert seconds < 3


@pytest.mark.parametrize("line", ["index", "demo", "send --week 2026-W11"])
def test_a_long_command_ends_at_ctrl_c(line: str, demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    if line.startswith("send"):
        shutil.copytree(demo_home, home, ignore=lambda *_: ["models", "run.lock"])
    with start(*line.split(), home=home) as running:
        time.sleep(1.5)
        done, seconds = send_signals(running, signal.SIGINT)
    assert seconds < 3
    assert "Traceback" not in done.err
    # `index` of an empty home, and `send`, may have finished before the signal.
    assert done.code == 130 or line != "demo"


@pytest.mark.parametrize("delay", [0.05, 0.1, 0.15, 0.2, 0.3])
def test_ctrl_c_during_the_imports_shows_no_traceback(delay: float, tmp_path: Path) -> None:
    with start("status", home=tmp_path / "home") as running:
        time.sleep(delay)
        done, _ = send_signals(running, signal.SIGINT)
    assert "tracker/cli" not in done.err
    # On a busy machine the interpreter itself may still be starting.
    starting = "Failed to import the site module" in done.err
    assert starting or done.code in (0, 130, -signal.SIGINT)


def _refusing_url() -> str:
    """Return the URL of a local port on which no server listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _run_timed(*args: str, home: Path, prefix: tuple[str, ...] = ()) -> tuple[Done, float]:
    begun = time.monotonic()
    line = [*prefix, *command(*args)]
    done = subprocess.run(
        line, env=environment(home), capture_output=True, text=True, check=False, timeout=60
    )
    return Done(done.returncode, done.stdout, done.stderr, home), time.monotonic() - begun


def _all_sources_at(url: str) -> list[str]:
    names = load(Path("/nowhere"), environ={}).sources
    settings = [f"sources.{name}.url={url}" for name in names]
    settings.append("http.allow_private=127.0.0.1")
    return [part for setting in settings for part in ("--set", setting)]


@pytest.mark.parametrize("url", ["refused", "https://no-such-host.invalid"])
@pytest.mark.parametrize("line", ["crawl", "crawl arxiv_api", "crawl feeds deadlines --json"])
def test_a_crawl_without_a_network_fails_with_one_sentence(
    line: str, url: str, tmp_path: Path
) -> None:
    address = _refusing_url() if url == "refused" else url
    done, seconds = _run_timed(*_all_sources_at(address), *line.split(), home=tmp_path / "home")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("tracker: No source could be reached (")
    assert len(done.err.splitlines()) == 1
    assert seconds < 10


def test_a_machine_without_a_network_is_detected_at_once(tmp_path: Path) -> None:
    """Run in a network namespace whose only interface is a loopback that is down."""
    isolated = ("unshare", "-n")
    if not shutil.which("unshare") or subprocess.run([*isolated, "true"], check=False).returncode:
        pytest.skip("network namespaces cannot be created here")
    done, seconds = _run_timed("crawl", home=tmp_path / "home", prefix=isolated)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("tracker: No source could be reached (")
    assert "more hosts" in done.err
    assert len(done.err.splitlines()) == 1
    assert seconds < 10
    listed, _ = _run_timed("sources", home=tmp_path / "home")
    assert "No source could be reached" in listed.out, "`tracker sources` shows the reason, too"


def test_one_answering_host_proves_that_there_is_a_network(tmp_path: Path) -> None:
    with ArxivServer([], [status(403)] * 9) as server:
        flags = [*pointed(server), "--set", f"sources.acl.url={_refusing_url()}"]
        flags += ["--set", "sources.acl.enabled=yes"]
        done, _ = _run_timed(*flags, "crawl", "arxiv_api", home=tmp_path / "home")
    assert done.code == 3
    assert "HTTP 403" in done.out
