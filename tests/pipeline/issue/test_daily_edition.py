"""The daily edition: a few papers of one announcement day, and what its reader follows."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document
from tracker.errors import IssueIncomplete
from tracker.pipeline.issue import readiness
from tracker.pipeline.issue.compose_issue import IssueOptions, compose_period
from tracker.pipeline.retrieval import saved_searches
from tracker.settings import Config
from tracker.store import issues
from tracker.store.database import Database

TUESDAY, WEDNESDAY = Period.parse_day("2026-03-10"), Period.parse_day("2026-03-11")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def _composed(db: Database, config: Config, period: Period, language: str = "en") -> Document:
    done = compose_period(db, config, period, now=NOW, options=IssueOptions(language))
    return done.document


def _shown(document: Document) -> list[str]:
    first = [document.read_first] if document.read_first else []
    return [entry.id for entry in (*first, *document.top, *document.discussed)]


def test_an_edition_shows_a_few_papers_of_its_day_and_none_twice(
    db: Database, config: Config
) -> None:
    editions = [_composed(db, config, day) for day in (TUESDAY, WEDNESDAY)]
    for edition, day in zip(editions, (TUESDAY, WEDNESDAY), strict=True):
        assert edition.read_first is not None
        assert {edition.read_first.announced, *(e.announced for e in edition.top)} == {day.start}
        assert len(edition.top) <= 4
        assert not edition.themes
        assert edition.reading is None
    first, second = map(_shown, editions)
    assert len({*first, *second}) == len(first) + len(second)


def test_an_edition_does_not_take_papers_from_the_week(db: Database, config: Config) -> None:
    before = _shown(_composed(db, config, Period.parse_week("2026-W11")))
    issues_before = len(issues.list_issue_keys(db))
    _composed(db, config, TUESDAY)
    assert _shown(_composed(db, config, Period.parse_week("2026-W11"))) == before
    assert len(issues.list_issue_keys(db)) == issues_before + 1


def test_an_edition_has_what_its_reader_follows(db: Database, config: Config) -> None:
    author = _composed(db, config, TUESDAY).top[-1].authors[0]
    saved_searches.follow(db, config, f'author:"{author}"', "author", NOW)
    edition = compose_period(db, config, TUESDAY, now=NOW).document
    entries = [*edition.top, *(one.entry for one in edition.personal)]
    if edition.read_first:
        entries.append(edition.read_first)
    own = {entry.id for entry in entries if any(why.signal == "follow" for why in entry.why)}
    assert own | {one.entry.id for one in edition.personal}
    page = (config.web_pages / "daily-2026-03-10.html").read_text("utf-8")
    assert "matches your search" not in page, "the published page is for everyone"


@pytest.mark.parametrize("language", ["en", "zh-TW", "zh-CN"])
def test_the_pages_of_an_edition_name_its_day(language: str, db: Database, config: Config) -> None:
    _composed(db, config, TUESDAY, language)
    suffix = "" if language == "en" else f".{language}"
    page = (config.web_pages / f"daily-2026-03-10{suffix}.html").read_text("utf-8")
    name = {"en": "Daily edition", "zh-TW": "日報", "zh-CN": "日报"}[language]
    assert name in page
    assert "2026" in page
    assert "week" not in page.lower().replace("weekly", "")


def test_an_edition_waits_for_missing_papers_until_its_day_ends(
    db: Database, config: Config
) -> None:
    day = Period.parse_day("2026-03-17")  # the sample ends before it
    config = replace(config, digest=replace(config.digest, wait_hours=1000.0))
    counts = _composed(db, config, TUESDAY).counts
    empty = replace(counts, days=tuple(replace(d, state="empty") for d in counts.days))
    document = replace(_composed(db, config, TUESDAY), counts=empty)
    evening = datetime(2026, 3, 17, 20, tzinfo=UTC)
    with pytest.raises(IssueIncomplete):
        readiness.refuse_unfit(db, config, day, document, evening)
    assert readiness.refuse_unfit(db, config, day, document, evening + timedelta(hours=5))


def test_a_day_is_compared_with_the_same_day_of_earlier_weeks(db: Database, config: Config) -> None:
    counts = _composed(db, config, TUESDAY).counts
    assert 1 <= counts.baseline_periods <= 8
    assert [day.day for day in counts.days] == [date(2026, 3, 10)]
