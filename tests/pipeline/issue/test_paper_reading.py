"""The hour for the paper that an issue puts first, with and without its full text."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.papers_in_full import HTML
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document, as_json, from_json
from tracker.errors import ConfigError
from tracker.language import LANGUAGES
from tracker.learning.exercises import load_catalogue
from tracker.pipeline.issue.compose_issue import IssueOptions, compose_period, draft
from tracker.settings import Config, Reading
from tracker.sources.formats.arxiv.paper_html import outline_from_html
from tracker.store import papers
from tracker.store.database import Database
from tracker.store.outlines import store_outline

W11, FEBRUARY = Period.parse_week("2026-W11"), Period.parse_month("2026-02")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def compose(db: Database, config: Config, period: Period = W11, language: str = "en") -> Document:
    options = IssueOptions(language, out=config.home / "out")
    return compose_period(db, config, period, now=NOW, options=options).document


def store_full_text(db: Database, key: str) -> None:
    (work,) = papers.load_by_key(db, [key]).values()
    store_outline(db, work, outline_from_html(HTML.encode()))


def test_without_full_text_an_issue_has_three_steps_and_a_practice(
    db: Database, config: Config
) -> None:
    document = compose(db, config)
    assert document.read_first is not None
    assert document.reading is not None
    assert document.reading.id == document.read_first.id
    assert len(document.reading.plan) == 3
    assert document.reading.practice is not None
    assert not document.reading.from_full_text


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_full_text_the_pages_name_its_parts(
    db: Database, config: Config, language: str
) -> None:
    before = compose(db, config)
    assert before.read_first is not None
    store_full_text(db, before.read_first.id)
    document = compose(db, config, language=language)
    assert document.reading is not None
    assert document.reading.from_full_text
    assert [link.kind for link in document.reading.links if link.name == "kettles/stop"] == ["code"]
    for suffix in ("html", "md"):
        page = " ".join((config.home / f"out/weekly-2026-W11.{suffix}").read_text().split())
        for text in ("3 The Listening Lid", "Table 2", "Results show that the lid saves 42%"):
            assert text in page.replace("\\", ""), (suffix, text)
        assert "git clone --depth 1 https://github.com/kettles/stop" in page


def test_the_exercise_has_the_direction_and_the_level(db: Database, config: Config) -> None:
    for level in ("beginner", "researcher"):
        document = compose(db, replace(config, reading=Reading(level)))
        assert document.reading is not None
        assert document.reading.level == level
        practice = document.reading.practice
        assert practice is not None
        if practice.source == "exercise":
            (known,) = [one for one in load_catalogue() if one.key == practice.key]
            assert known.level == level
            assert document.read_first is not None
            assert known.direction in {topic.key for topic in document.read_first.topics[:1]}


def test_a_report_of_a_month_has_the_hour_too(db: Database, config: Config) -> None:
    document = compose(db, config, FEBRUARY)
    assert document.reading is not None


def test_a_draft_has_what_the_issue_has(db: Database, config: Config) -> None:
    assert draft(db, config, W11, now=NOW).reading == compose(db, config).reading


def test_the_json_of_an_issue_has_the_hour(db: Database, config: Config) -> None:
    document = compose(db, config)
    assert from_json(as_json(document)).reading == document.reading
    earlier = {key: value for key, value in as_json(document).items() if key != "reading"}
    assert from_json(earlier).reading is None


def test_an_invalid_catalogue_of_the_user_is_named(db: Database, config: Config) -> None:
    (config.home / "exercises.toml").write_text("[[exercise]]\nkey = 'x'\n")
    with pytest.raises(ConfigError, match=r"exercises\.toml: exercise 1 \('x'\)"):
        compose(db, config)
