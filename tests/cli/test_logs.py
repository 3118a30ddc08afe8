"""Logs: what is done can be followed on stderr and in a file of JSON lines, without secrets."""

import json
import logging
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests.cli.conftest import Call
from tests.cli.test_crawl import pointed
from tests.faults.arxiv_server import ArxivServer, invented, status
from tests.faults.smtp_server import Mailbox, served
from tests.web.browsing import published, serving
from tracker.cli import logs
from tracker.store import subscribers
from tracker.store.database import open_database

SPAN = ("--since", "2026-03-02", "--until", "2026-03-06")


def read_log(file: Path) -> list[dict[str, Any]]:
    """Return the records of a file of JSON lines."""
    return [json.loads(line) for line in file.read_text("ascii").splitlines()]


def events(file: Path, message: str) -> list[dict[str, Any]]:
    """Return the records with this message."""
    return [record for record in read_log(file) if record["message"] == message]


@pytest.fixture
def logger() -> logging.Logger:
    """A logger of the program."""
    return logging.getLogger("tracker.test")


def test_verbose_logs_what_is_done_on_stderr(call: Call, home: Path) -> None:
    done = call("-v", "index", home=home)
    assert done.code == 0
    assert "INFO command started command=index" in done.err
    (refreshed,) = [line for line in done.err.splitlines() if "index refreshed" in line]
    assert "size=163" in refreshed
    assert "embedded=0" in refreshed
    assert "163 in the index" in done.out
    assert call("index", home=home).err == "", "nothing is logged by default"


def test_twice_verbose_logs_requests_without_their_parameters(call: Call, home: Path) -> None:
    with ArxivServer(invented(20)) as server:
        line = (*pointed(server), "crawl", *SPAN, "arxiv_api")
        quiet, loud = call("-v", *line, home=home), call("-vv", *line, home=home)
    assert "HTTP response" not in quiet.err
    (response, *_) = [text for text in loud.err.splitlines() if "HTTP response" in text]
    assert "DEBUG" in response
    assert "host=127.0.0.1 status=200 ms=" in response
    assert "search_query" not in loud.err


@pytest.mark.parametrize("value", ["1", "2"])
def test_the_environment_may_ask_for_logs(
    value: str, call: Call, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_VERBOSE", value)
    assert "command started" in call("paths", home=home).err
    assert call("-q", "paths", home=home).err == "", "a flag overrides the environment"


def test_quiet_and_verbose_contradict_each_other(call: Call, home: Path) -> None:
    done = call("-q", "-v", "paths", home=home)
    assert (done.code, done.out) == (2, "")
    assert "contradict" in done.err


def test_a_command_logs_to_the_named_file(call: Call, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.log"
    (home / "log.json").unlink(missing_ok=True)  # other tests may serve the home that is copied
    for _ in range(2):
        done = call("--log-json", str(file), "status", home=home)
        assert (done.code, done.err) == (0, "")
    started, ended = events(file, "command started"), events(file, "command ended")
    assert [record["command"] for record in started] == ["status", "status"]
    assert ended[0]["seconds"] >= 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {record["run"] for record in read_log(file)} == {logs.RUN_ID}
    assert datetime.fromisoformat(started[0]["time"]).tzinfo == UTC
    assert not (home / "log.json").exists(), "a command that reads writes nothing into the home"


def test_a_failed_command_logs_its_error(call: Call, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.log"
    assert call("--log-json", str(file), "show", "2403.99999", home=home).code == 1
    assert events(file, "command ended")[0]["error"] == "NotFound"


def test_a_log_that_cannot_be_opened_is_one_sentence(call: Call, home: Path) -> None:
    done = call("--log-json", "/nowhere/log.json", "paths", home=home)
    assert (done.code, done.out) == (1, "")
    assert "/nowhere/log.json" in done.err
    assert done.err.count("\n") == 1


def test_each_source_of_a_crawl_is_logged(call: Call, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.log"
    with ArxivServer(invented(20), [status(403)]) as server:
        call("--log-json", str(file), *pointed(server), "crawl", *SPAN, "arxiv_api", home=home)
    (record,) = events(file, "source read")
    assert (record["source"], record["state"]) == ("arxiv_api", "failed")
    assert record["seconds"] >= 0


def test_each_mail_is_logged_by_the_number_of_its_subscriber(
    call: Call, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "some.log"
    call("subscribers", "add", "a@x.example", "refuse-b@x.example", home=home)
    with served(Mailbox()) as port:
        settings = ("smtp.security=none", "smtp.sender=weekly@x.example", "smtp.host=127.0.0.1",
                    f"smtp.port={port}")  # fmt: skip
        flags = [part for setting in settings for part in ("--set", setting)]
        call("--log-json", str(file), "-vv", *flags, "send", "--week", "2026-W11", home=home)
    with open_database(home / "tracker.db") as db:
        numbers = {one.number: one.email for one in subscribers.list_all(db)}
    outcomes = {numbers[one["subscriber"]]: one for one in events(file, "mail offered")}
    assert outcomes["a@x.example"]["state"] == "delivered"
    refused = outcomes["refuse-b@x.example"]
    assert (refused["state"], refused["reply"]) == ("failed", "550")
    assert "@" not in file.read_text()


def test_the_scheduler_logs_its_jobs_in_the_home(call: Call, home: Path) -> None:
    folder = home / "schedules"
    folder.mkdir()
    (folder / "weekly.toml").write_text(
        'name = "weekly"\nverb = "digest"\nevery = "week"\non = "mon"\nat = "06:00"\n'
        'timezone = "UTC"\ncatch_up = 1\n'
    )
    with time_machine.travel(datetime(2026, 3, 16, 8, tzinfo=UTC), tick=True):
        done = call("run", "--once", home=home)
    file = home / "log.json"
    assert done.code in (0, 3), done.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (started,), (ended,) = events(file, "job started"), events(file, "job ended")
    assert (started["job"], ended["job"]) == ("weekly", "weekly")
    assert ended["state"] in ("ok", "degraded")
    assert events(file, "issue composed")[0]["issue"] == "weekly-2026-W11"


def test_the_web_server_logs_errors_and_no_tokens(demo_home: Path, tmp_path: Path) -> None:
    home = published(demo_home, tmp_path / "home")
    with serving(home) as site:
        own = site.subscribe("a@x.example")
        site.ask(own.preferences)
        (home / "tracker.db").write_bytes(b"no database" * 1000)
        assert site.ask("/").status == 503
    (error,) = [one for one in read_log(home / "log.json") if one["level"] == "error"]
    assert error["logger"] == "tracker.web.page_renderer"
    assert own.preferences.rpartition("/")[2] not in (home / "log.json").read_text()


def test_addresses_and_passwords_are_replaced_and_tracebacks_kept(
    logger: logging.Logger, tmp_path: Path
) -> None:
    with logs.log_to_file(tmp_path / "log"):
        try:
            raise ValueError('550 <ann@x.example> at "https://user:word@host.example/path"')
        except ValueError:
            logger.exception("refused by %s", "bea@x.example", extra={"to": "eve@x.example"})
    (record,) = read_log(tmp_path / "log")
    assert record["to"] == "[address]"
    assert record["message"] == "refused by [address]"
    assert "ValueError: 550 <[address]>" in record["traceback"]
    assert not {"ann", "bea", "eve", "word"} & set(record["traceback"].replace(":", " ").split())
    assert "@" not in (tmp_path / "log").read_text()


def test_no_record_controls_the_terminal_or_breaks_a_line(
    logger: logging.Logger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with logs.log_to_stderr(1), logs.log_to_file(tmp_path / "log"):
        logger.info("evil \x1b[31m\nline", extra={"title": "a\r\nb \udcff"})
    (line,) = capsys.readouterr().err.splitlines()
    assert "\x1b" not in line
    (record,) = read_log(tmp_path / "log")
    assert record["title"].startswith("a\r\nb")


def test_a_full_log_is_rotated_for_all_processes_that_share_it(
    logger: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_MAX_BYTES", 400)
    file = tmp_path / "log"
    with logs.log_to_file(file):
        logger.info("first")
        file.rename(tmp_path / "moved")  # what another process does that rotates it
        logger.info("second")
        assert [one["message"] for one in read_log(file)] == ["second"]
        for number in range(20):
            logger.info("later %s", number)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.glob("log*")) == ["log", "log.1", "log.2", "log.3"]
    assert all(path.stat().st_size <= 400 for path in tmp_path.glob("log*"))


def test_a_full_disk_is_reported_once_and_stops_nothing(
    logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with logs.log_to_file(Path("/dev/full")):
        logger.info("first")
        logger.info("second")
    assert capsys.readouterr().err.count("The log /dev/full cannot be written") == 1
