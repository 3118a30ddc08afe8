"""Passages of an issue by a language model behind a real server: shown with their papers, once."""

import json
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Started
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document, as_json
from tracker.pipeline.issue.compose_issue import ComposedIssue, IssueOptions, compose_period
from tracker.settings import Config, Llm
from tracker.store.database import Database

Serve = Callable[..., Started]
W11, FEBRUARY = Period.parse_week("2026-W11"), Period.parse_month("2026-02")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
SECRET = "queue of gpu-7 in rack 12 is full"


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def with_model(config: Config, address: str, mode: str = "write") -> Config:
    model = Llm("openai", "toy", address, timeout_seconds=2, mode=mode, concurrency=8)
    return replace(config, llm=model)


def composed(db: Database, config: Config, period: Period, **options: Any) -> ComposedIssue:
    return compose_period(db, config, period, now=NOW, options=IssueOptions(**options))


def completions(address: str) -> int:
    with urllib.request.urlopen(f"{address}/models") as response:
        return int(json.load(response)["completions"])


def note_of(document: Document) -> str:
    return next(note for note in document.small_print.notes if note.startswith("toy wrote"))


def test_passages_are_shown_with_their_papers_and_written_once(
    db: Database, config: Config, serve: Serve
) -> None:
    _, address = serve("--echo")
    settings, announced = with_model(config, address), list[str]()
    document = composed(db, settings, W11, announce=announced.append).document
    assert ["papers for toy" in announced[0], "passages for toy" in announced[2]] == [True, True]
    _check_passages(document, config)
    requests = completions(address)
    again = composed(db, settings, W11, announce=announced.append).document
    assert completions(address) == requests > 0
    assert len(announced) == 4
    assert (again.brief, again.themes) == (document.brief, document.themes)
    assert note_of(again) == note_of(document)


def _check_passages(document: Document, config: Config) -> None:
    written = [theme for theme in document.themes if theme.text]
    assert written
    for theme in written:
        shown = {entry.id for entry in theme.entries}
        assert all(line.ids or line.kind == "theme" for line in theme.text)
        assert {key for line in theme.text for key in line.ids} <= shown
    assert [why for entry in document.top for why in entry.why if why.signal == "written"]
    page = (config.home / "digests" / "weekly-2026-W11.html").read_text("utf-8")
    assert written[0].text[0].text in page
    assert "Of its sentences, " in " ".join(document.small_print.notes)
    gone = written[0].entries[0].id
    seen = document.without_judged(frozenset(), frozenset([gone]))
    assert all(gone not in line.ids for theme in seen.themes for line in theme.text)


def test_a_report_names_shown_themes_only_and_is_written_once(
    db: Database, config: Config, serve: Serve
) -> None:
    _, address = serve("--echo")
    settings, steps = with_model(config, address), list[tuple[str, int | None]]()

    def progress(stage: str, done: int, total: int | None = None) -> None:
        del done
        steps.append((stage, total))

    document = compose_period(db, settings, FEBRUARY, now=NOW, progress=progress).document
    named = [total for stage, total in steps if stage == "names"]
    assert set(named) == {len(named)}
    assert len(named) <= len(document.themes)
    assert "passages" in dict(steps)
    requests = completions(address)
    again = composed(db, settings, FEBRUARY).document
    assert completions(address) == requests > 0
    assert (again.brief, again.month) == (document.brief, document.month)


def test_an_issue_in_chinese_has_no_english_passages(
    db: Database, config: Config, serve: Serve
) -> None:
    _, address = serve("--echo")
    document = composed(db, with_model(config, address), W11, language="zh-TW").document
    assert not any(line.text.isascii() for line in document.brief)
    assert not any(theme.text for theme in document.themes)
    assert any("toy" in note for note in document.small_print.notes)


@pytest.fixture
def refusing_server() -> Iterator[str]:
    """The address of a server that answers every request with an error that names its machine."""
    body = json.dumps({"error": {"message": SECRET}}).encode()
    head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    listening = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.recv(1 << 20)
            connection.sendall(head.encode() + body)

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    listening.close()


def test_the_operator_learns_why_the_model_failed_and_readers_only_that_it_did(
    db: Database, config: Config, refusing_server: str
) -> None:
    issue = composed(db, with_model(config, refusing_server), W11)
    assert issue.degraded
    assert any(SECRET in reason and "summar" in reason for reason in issue.reasons)
    assert any(SECRET in reason and "passages" in reason for reason in issue.reasons)
    published = json.dumps(as_json(issue.document))
    assert SECRET not in published
    assert "127.0.0.1" not in published
    assert "The language model gave no answer." in published
    assert issue.document.brief == composed(db, config, W11).document.brief
    assert "toy wrote 0 of" in published
