"""Likes and saved searches of the home's owner affect the home's pages and no other output."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.delivery.conftest import with_relay
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document
from tracker.pipeline.admin.ranking_audit import explain_ranking
from tracker.pipeline.issue.compose_issue import compose_period
from tracker.pipeline.issue.issue_content import rank_papers
from tracker.pipeline.mailing import preferences
from tracker.pipeline.mailing.send import write_mails
from tracker.pipeline.retrieval import saved_searches
from tracker.settings import Config
from tracker.store import issues, papers, subscribers
from tracker.store.database import Database

W11, FEBRUARY = Period.parse_week("2026-W11"), Period.parse_month("2026-02")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


@pytest.fixture
def config(home: Path) -> Config:
    return with_relay(load(home, environ={}), 9)


def compose(db: Database, config: Config, period: Period = W11) -> Document:
    return compose_period(db, config, period, now=NOW).document


def top_ids(document: Document) -> list[str]:
    first = [document.read_first] if document.read_first else []
    return [entry.id for entry in (*first, *document.top)]


def shown_ids(document: Document) -> list[str]:
    themed = [entry.id for theme in document.themes for entry in theme.entries]
    return [*top_ids(document), *themed, *(item.entry.id for item in document.personal)]


def set_opinions(db: Database, keys: list[str], *, liked: bool = True) -> None:
    for key in keys:
        preferences.set_opinion(db, key, liked=liked, now=NOW)


def output_for_others(db: Database, config: Config, folder: Path) -> list[bytes]:
    """Return the stored issue, the published page and the mails of the week."""
    stored = issues.find(db, "weekly", W11.key, "en")
    assert stored is not None
    mails = write_mails(db, config, W11, folder).files
    return [
        json.dumps(stored.document).encode(),
        (config.web_pages / f"weekly-{W11.key}.html").read_bytes(),
        *(file.read_bytes() for file in mails),
    ]


@pytest.mark.parametrize("liked", [True, False])
@pytest.mark.parametrize("period", [W11, FEBRUARY], ids=["week", "month"])
def test_papers_with_an_opinion_are_never_recommended(
    liked: bool, period: Period, db: Database, config: Config
) -> None:
    before = shown_ids(compose(db, config, period))
    rated = [*before[:3], before[-1]]
    set_opinions(db, rated, liked=liked)
    after = compose(db, config, period)
    assert not set(rated) & set(shown_ids(after))
    assert len(top_ids(after)) == len(top_ids(compose(db, config, period))) == 11
    assert not set(rated) & {
        pick.paper.id for pick in rank_papers(db, config, period.start, period.end)
    }
    explanation = explain_ranking(db, config, period, rated[0])
    assert explanation.position_in_issue == "not shown"
    assert "not recommended" in explanation.why_not[0]


def test_a_single_like_does_not_change_the_top_papers(db: Database, config: Config) -> None:
    """Papers similar to the liked one do not move to the top of the list."""
    before = compose(db, config)
    ranked = [pick.paper.id for pick in rank_papers(db, config, W11.start, W11.end)]
    set_opinions(db, ranked[-1:])
    assert top_ids(compose(db, config)) == top_ids(before)


@pytest.mark.parametrize(("likes", "counted"), [(1, False), (4, False), (5, True), (6, True)])
def test_likes_count_from_the_fifth_on(
    likes: int, counted: bool, db: Database, config: Config
) -> None:
    earlier = papers.announced_between(db, FEBRUARY.start, FEBRUARY.end)
    set_opinions(db, [paper.id for paper in earlier.values() if not paper.withdrawn][:likes])
    values = {
        why.value
        for pick in rank_papers(db, config, W11.start, W11.end)
        for why in pick.why
        if why.signal == "likes"
    }
    assert any(values) is counted


def test_the_profile_of_the_home_does_not_affect_what_others_receive(
    db: Database, config: Config, tmp_path: Path
) -> None:
    subscribers.add(db, "ann@x.example", "", "en", NOW)
    number = subscribers.get_by_email(db, "ann@x.example").number
    saved_searches.follow(db, config, "topic:moe", "", NOW, number)
    home = compose(db, config)
    before = output_for_others(db, config, tmp_path)
    set_opinions(db, top_ids(home)[:6])
    set_opinions(db, top_ids(home)[6:8], liked=False)
    saved_searches.follow(db, config, "cat:cs.LG", "mine at home", NOW)
    changed = compose(db, config)
    assert top_ids(changed) != top_ids(home)
    assert changed.personal
    assert output_for_others(db, config, tmp_path) == before
