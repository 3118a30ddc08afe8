"""What the reader of the home likes and follows orders the home's own pages, and nobody else's."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.delivery.conftest import through
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document
from tracker.pipeline import following, preferences
from tracker.pipeline.composing import compose_period, rank
from tracker.pipeline.sending import dry_run
from tracker.pipeline.weighing import explain
from tracker.settings import Config
from tracker.store import issues, papers, subscribers
from tracker.store.database import Database

W11, FEBRUARY = Period.parse_week("2026-W11"), Period.parse_month("2026-02")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


@pytest.fixture
def config(home: Path) -> Config:
    return through(load(home, environ={}), 9)


def made(db: Database, config: Config, period: Period = W11) -> Document:
    return compose_period(db, config, period, now=NOW).document


def best(document: Document) -> list[str]:
    first = [document.read_first] if document.read_first else []
    return [entry.id for entry in (*first, *document.top)]


def all_shown(document: Document) -> list[str]:
    themed = [entry.id for theme in document.themes for entry in theme.entries]
    return [*best(document), *themed, *(own.entry.id for own in document.personal)]


def judge(db: Database, keys: list[str], *, liked: bool = True) -> None:
    for key in keys:
        preferences.judge(db, key, liked=liked, now=NOW)


def others_get(db: Database, config: Config, folder: Path) -> list[bytes]:
    """What is stored, published and mailed of the week."""
    kept = issues.find(db, "weekly", W11.key, "en")
    assert kept is not None
    mails = dry_run(db, config, W11, folder).files
    return [
        json.dumps(kept.document).encode(),
        (config.web_pages / f"weekly-{W11.key}.html").read_bytes(),
        *(file.read_bytes() for file in mails),
    ]


@pytest.mark.parametrize("liked", [True, False])
@pytest.mark.parametrize("period", [W11, FEBRUARY], ids=["week", "month"])
def test_what_was_judged_is_never_recommended(
    liked: bool, period: Period, db: Database, config: Config
) -> None:
    before = all_shown(made(db, config, period))
    judged = [*before[:3], before[-1]]
    judge(db, judged, liked=liked)
    after = made(db, config, period)
    assert not set(judged) & set(all_shown(after))
    assert len(best(after)) == len(best(made(db, config, period))) == 11
    assert not set(judged) & {pick.paper.id for pick in rank(db, config, period.start, period.end)}
    found = explain(db, config, period, judged[0])
    assert found.shown == "not shown"
    assert "not recommended" in found.why_not[0]


def test_a_single_like_leads_no_list(db: Database, config: Config) -> None:
    """Nor does it pull the papers that are most like it to the top of the list."""
    before = made(db, config)
    ranked = [pick.paper.id for pick in rank(db, config, W11.start, W11.end)]
    judge(db, ranked[-1:])
    assert best(made(db, config)) == best(before)


@pytest.mark.parametrize(("likes", "weighs"), [(1, False), (4, False), (5, True), (6, True)])
def test_likes_weigh_from_the_fifth_on(
    likes: int, weighs: bool, db: Database, config: Config
) -> None:
    earlier = papers.announced(db, FEBRUARY.start, FEBRUARY.end)
    judge(db, [paper.id for paper in earlier.values() if not paper.withdrawn][:likes])
    values = {
        why.value
        for pick in rank(db, config, W11.start, W11.end)
        for why in pick.why
        if why.signal == "likes"
    }
    assert any(values) is weighs


def test_the_homes_profile_moves_nothing_that_others_get(
    db: Database, config: Config, tmp_path: Path
) -> None:
    subscribers.add(db, "ann@x.example", "", "en", NOW)
    number = subscribers.named(db, "ann@x.example").number
    following.follow(db, config, "topic:moe", "", NOW, number)
    home = made(db, config)
    before = others_get(db, config, tmp_path)
    judge(db, best(home)[:6])
    judge(db, best(home)[6:8], liked=False)
    following.follow(db, config, "cat:cs.LG", "mine at home", NOW)
    changed = made(db, config)
    assert best(changed) != best(home)
    assert changed.personal
    assert others_get(db, config, tmp_path) == before
