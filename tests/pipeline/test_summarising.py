"""Who writes the summaries of what is shown, what is kept, and what is said when it goes wrong."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from summarizer import Summary
from summarizer.extract import MODEL
from summarizer.prompt import VERSION
from tests.cli.commands import process
from tests.conftest import Started
from tests.store.records import paper
from tracker.calendar import Period
from tracker.config import load
from tracker.errors import ConfigError, UsageError
from tracker.models import Paper
from tracker.pipeline import writing
from tracker.pipeline.composing import compose_period
from tracker.pipeline.summarising import (
    ENGLISH_ONLY,
    glimpse,
    summaries,
    summary_of,
    summary_store,
    unasked,
)
from tracker.settings import Config, FullText, Http, Llm
from tracker.store import database, papers
from tracker.store.database import Database, opened

Serve = Callable[..., Started]
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
W11 = Period.parse_week("2026-W11")
SAID = "We propose a kettle that boils 3 cups of tea. It saves 4 minutes a day."


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    with opened(config.database) as database:
        papers.take(database, [work()])
        yield database


def work() -> Paper:
    return replace(paper(), title="A kettle", abstract=SAID)


def stored(
    db: Database, config: Config, works: Sequence[Paper], now: datetime, **more: Any
) -> dict[str, Summary]:
    """Summaries, of which those that are made now are stored."""
    return summaries(db, config, works, now, store=summary_store(db, now), **more)


def asking(config: Config, address: str, model: str = "toy") -> Config:
    return replace(config, llm=Llm("openai", model, address, timeout_seconds=10))


def test_what_a_model_wrote_is_kept_and_not_asked_for_again(
    db: Database, config: Config, serve: Serve
) -> None:
    running, address = serve("--echo")
    made = stored(db, asking(config, address), [work()], NOW)[work().id]
    assert (made.method, made.model, made.prompt_version) == ("generated", "toy", VERSION)
    assert made.created == NOW
    running.kill()
    assert stored(db, asking(config, address), [work()], NOW)[work().id] == made
    assert glimpse(db, [work()])[work().id] == made


def test_without_asking_there_is_what_a_model_wrote_before_or_an_extract(
    db: Database, config: Config, serve: Serve
) -> None:
    other = replace(work(), id="2603.00002", title="A pot")
    papers.take(db, [other])
    running, address = serve("--echo")
    made = stored(db, asking(config, address), [work()], NOW)[work().id]
    running.kill()
    said = unasked(db, [work(), other], NOW, store=summary_store(db, NOW))
    assert said[work().id] == made
    assert said[other.id].method == "extractive"
    assert unasked(db, [other], NOW.replace(hour=9)) == {other.id: said[other.id]}, "kept"
    assert unasked(db, [work()], NOW, language="zh-TW")[work().id].language == "en"


def test_another_model_or_text_is_another_summary(
    db: Database, config: Config, serve: Serve
) -> None:
    _, address = serve("--echo")
    stored(db, asking(config, address), [work()], NOW)
    other = stored(db, asking(config, address, "qwen"), [work()], NOW)[work().id]
    assert "HTTP 404" in other.note


def test_a_stand_in_does_not_stay_when_the_model_is_back(
    db: Database, config: Config, serve: Serve
) -> None:
    gone = stored(db, asking(config, "http://127.0.0.1:9/v1"), [work()], NOW)[work().id]
    assert (gone.method, gone.model) == ("extractive", MODEL)
    assert "does not answer" in gone.note
    assert stored(db, config, [work()], NOW)[work().id].note == ""
    _, address = serve("--echo")
    back = stored(db, asking(config, address), [work()], NOW)[work().id]
    assert (back.method, back.note) == ("generated", "")


def test_a_withdrawn_work_is_given_to_no_model(db: Database, config: Config) -> None:
    gone = replace(work(), comments="This paper has been withdrawn by the authors")
    made = stored(db, asking(config, "http://127.0.0.1:9/v1"), [gone], NOW)[gone.id]
    assert (made.method, made.note) == ("extractive", "")


def test_without_a_model_chinese_is_english_and_says_so(db: Database, config: Config) -> None:
    made = stored(db, config, [work()], NOW, language="zh-TW")[work().id]
    assert (made.language, made.note) == ("en", ENGLISH_ONLY)
    assert summary_of(config, "A kettle", SAID, language="zh-CN").note == ENGLISH_ONLY
    with pytest.raises(UsageError, match="zh-TW"):
        stored(db, config, [work()], NOW, language="fr")


@pytest.mark.parametrize(
    ("llm", "told"),
    [
        (Llm("openai"), "llm.model is not"),
        (Llm("openai", "m", "ftp://x"), "llm.base_url must be"),
        (Llm("openai", "m", api_key_file="/nowhere/key"), "llm.api_key_file"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    db: Database, config: Config, llm: Llm, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        stored(db, replace(config, llm=llm), [work()], NOW)


def test_a_key_that_others_can_read_is_refused(config: Config, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("secret")
    os.chmod(key, 0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        writing.probe(replace(config, llm=Llm("openai", "m", api_key_file=str(key))))


def test_offline_a_model_elsewhere_is_not_asked(db: Database, config: Config) -> None:
    offline = replace(asking(config, "http://192.0.2.1/v1"), http=Http(offline=True))
    made = stored(db, offline, [work()], NOW)[work().id]
    assert "http.offline is set" in made.note


def test_a_digest_says_who_wrote_its_summaries(home: Path, serve: Serve) -> None:
    running, address = serve("--echo")
    config = asking(load(home, environ={}), address)
    with opened(config.database) as db:
        told = compose_period(db, config, W11, now=NOW).document
        assert told.read_first is not None
        assert (told.read_first.method, told.read_first.model) == ("generated", "toy")
        assert f"generated (toy, prompt {VERSION}, 16 Mar 2026)" in dict(told.small_print.summaries)
        running.kill()
        gone = compose_period(db, asking(config, "http://127.0.0.1:9/v1", "new"), W11, now=NOW)
        assert gone.degraded
        assert any("extracted instead of written" in n for n in gone.document.small_print.notes)


def test_a_model_names_the_themes_that_have_no_name_yet(home: Path, serve: Serve) -> None:
    _, address = serve("--echo")
    plain = load(home, environ={})

    def labels(config: Config) -> set[str]:
        with opened(config.database) as db:
            with database.writing(db):
                db.execute("DELETE FROM lasting_topics")
            document = compose_period(db, config, W11, now=NOW).document
        return {theme.label for theme in document.themes}

    before, named = labels(plain), labels(asking(plain, address))
    assert named - before
    assert all(" and " in label for label in named - before)


def test_doctor_and_show_say_what_the_model_does(home: Path, serve: Serve) -> None:
    _, address = serve("--echo")
    settings = {"TRACKER_LLM__BACKEND": "openai", "TRACKER_LLM__MODEL": "toy",
                "TRACKER_LLM__BASE_URL": address}  # fmt: skip
    assert f"ok   language model: toy at {address}" in process("doctor", home=home, **settings).out
    settings["TRACKER_LLM__MODEL"] = "qwen"
    doctor = process("doctor", home=home, **settings)
    assert doctor.code == 1
    assert "FAIL language model" in doctor.out
    assert "has no model 'qwen'" in doctor.out
    settings["TRACKER_LLM__MODEL"] = "toy"
    made = process("summarize", "-", home=home, stdin=f"A kettle\n\n{SAID}".encode(), **settings)
    assert f"(generated, toy, prompt {VERSION}, 0 sentences dropped)" in made.out


CONCLUSION = (
    b"<section><h2>6 Conclusion</h2><p>We boiled tea.</p>"
    b"<p>One limitation is that the kettle does not boil coffee.</p></section>"
)


def test_the_conclusion_tells_limits_that_the_abstract_does_not(
    db: Database, config: Config
) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONCLUSION)))
            self.end_headers()
            self.wfile.write(CONCLUSION)

        def log_message(self, *_: object) -> None:
            """In silence."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/html"
    reading = replace(
        config, http=Http(allow_private=("127.0.0.1",)), fulltext=FullText(1, base, base, 0.0)
    )
    for _ in range(2):
        made = stored(db, reading, [work()], NOW, read=[work().id])[work().id]
        limits = [point.text for point in made.points if point.role == "limits"]
        assert limits == ["One limitation is that the kettle does not boil coffee."]
    server.shutdown()
    server.server_close()
    assert asked == [f"/html/{work().id}v1"]
