"""What the sources told besides papers, in an issue: each in its section, and the ledger below."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.store.records import paper
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document
from tracker.models import BoardRow, BoardSnapshot, Paper, Version
from tracker.pipeline import finding, following
from tracker.pipeline.composing import compose_period
from tracker.pipeline.linking import link
from tracker.records import Acceptance, Attention, Deadline, Item, Listing, ModelCard, Roll
from tracker.settings import Config
from tracker.store import acceptances, attention, boards, interests, items, listings, papers
from tracker.store.database import Database
from tracker.store.ledger import Ledger

W10, W11 = Period.parse_week("2026-W10"), Period.parse_week("2026-W11")
MONDAY = datetime(2026, 3, 16, 8, tzinfo=UTC)
A_WEEK_AGO = MONDAY - timedelta(days=7)
DAY = date(2026, 3, 11)


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def made(db: Database, config: Config, period: Period = W11, now: datetime = MONDAY) -> Document:
    return compose_period(db, config, period, now=now).document


def known(db: Database, key: str) -> Paper:
    return next(iter(papers.by_key(db, [key]).values()))


def test_a_work_tells_where_its_models_stand_by_the_newest_snapshots(db: Database) -> None:
    key = "2603.91007"
    cards = [ModelCard("moon/Small-8B_it", DAY, 1, arxiv=(key,)), ModelCard("sun/Big", DAY, 2)]
    attention.take_models(db, "huggingface", cards)
    boards.take(db, [
        BoardSnapshot("old/one", DAY - timedelta(days=9), (BoardRow("small 8b IT", 1.0, 9),)),
        BoardSnapshot("old/one", DAY, (BoardRow("Small 8B it", 2.5, 3), BoardRow("Big", 3.0, 1))),
        BoardSnapshot("gone", DAY - timedelta(days=9), (BoardRow("Small-8B-it", None, 2),)),
        BoardSnapshot("gone", DAY, (BoardRow("Other", 1.0, 1),)),
    ])  # fmt: skip
    work = finding.show(db, key)
    assert work.models == ("moon/Small-8B_it",)
    assert [(one.board, one.model, one.rank, one.score) for one in work.boards] == [
        ("old/one", "Small 8B it", 3, 2.5)
    ]
    assert finding.show(db, "2603.91014").boards == ()


def test_models_videos_and_conferences_have_their_sections(db: Database, config: Config) -> None:
    attention.take_models(db, "huggingface", [ModelCard("moon/small", DAY, 1, likes=41)])
    at = datetime(2026, 3, 11, 9, tzinfo=UTC)
    video = Item("v", "An $x$ explained", "https://www.youtube.com/watch?v=1", at, "Ada")
    post = Item("p", "A post", "https://blog.example/p", at - timedelta(hours=1))
    items.take(db, "feeds.kilcher", [video, post, replace(post, key="q", link="")], at)
    items.take_deadlines(db, [
        Deadline("MOON", 2027, "paper", date(2026, 4, 1), place="Sea of Tranquility"),
        Deadline("MOON", 2027, "start", date(2026, 4, 2)),
    ])  # fmt: skip
    told = [Acceptance(str(year), "T", ("A",), "SUN", year) for year in (2024, 2026)]
    acceptances.take(db, "acl", told, at)
    document = made(db, config)
    assert [(m.name, m.url, m.likes) for m in document.models] == [
        ("moon/small", "https://huggingface.co/moon/small", 41)
    ]
    assert [(m.kind, m.title, m.source) for m in document.media] == [
        ("video", "An x explained", "Ada"), ("post", "A post", "kilcher")
    ]  # fmt: skip
    assert [(v.kind, v.name, v.papers) for v in document.venues] == [
        ("accepted", "SUN 2026", 1), ("deadline", "MOON 2027", None)
    ]  # fmt: skip
    page = (config.digests / "weekly-2026-W11.html").read_text()
    assert all(told in page for told in ("moon/small", "An x explained", "Sea of Tranquility"))


def test_a_board_of_many_categories_is_told_of_once(db: Database, config: Config) -> None:
    for n in range(9):
        row = BoardRow("m", 1.0 + n)
        boards.take(
            db, [BoardSnapshot(f"b{n}", DAY, (row,)), BoardSnapshot(f"b{n}/x", DAY, (row,))]
        )
    names = [board.board for board in made(db, config).boards]
    assert len(names) == 6
    assert not any("/" in name for name in names)


def test_the_small_print_quotes_the_ledger_and_the_sources_that_were_not_well(
    db: Database, config: Config
) -> None:
    days = [date(2026, 3, 9) + timedelta(days=n) for n in range(5)]
    listings.take_rolls(db, "arxiv_rss", [Roll(day, config.categories) for day in days[:4]], MONDAY)
    listings.take(db, [Listing(days[0], "2603.90000", "new", ("cs.CL",))])
    ledger = Ledger(db)
    for source, state in (("arxiv_rss", "ok"), ("livebench", "failed")):
        ledger.record(f"crawl:{source}", "2026-03-15", state, detail="", at=MONDAY,
                      report={"since": days[0], "until": "2026-03-15"})  # fmt: skip
    small_print = made(db, config).small_print
    assert small_print.completeness == (
        "3 of 5 announcement days are complete. Not complete: Mon 9 Mar, Fri 13 Mar."
        " 1 listing is missing."
    )
    assert small_print.notes == ("Not read well at the last crawl: livebench.",)


def test_upvotes_move_a_paper_up_and_are_told(db: Database, config: Config) -> None:
    lower = made(db, config).top[3].id
    attention.take(db, [Attention(lower, DAY, DAY, 400)])
    after = made(db, config)
    assert after.read_first is not None
    assert (after.read_first.id, after.read_first.upvotes) == (lower, 400)
    assert any("400 upvotes" in why.text for why in after.read_first.why)


def test_what_came_in_late_is_in_the_next_issue(db: Database, config: Config) -> None:
    made(db, config, W10, A_WEEK_AGO)
    listed = date(2026, 3, 5)
    listings.take_rolls(db, "arxiv_rss", [Roll(listed, ("cs.CL",))], A_WEEK_AGO - timedelta(days=4))
    held = paper("2603.95555", announced=listed, title="Held back for a while")
    papers.take(db, [held], A_WEEK_AGO + timedelta(hours=20))
    papers.take(db, [paper("2603.95556", announced=listed)])  # imported: nobody waited for it
    assert [entry.id for entry in made(db, config).late] == ["2603.95555"]
    after = made(db, config, W11.next(), MONDAY + timedelta(days=7))
    assert after.late == (), "told of once"


def test_a_number_that_has_changed_since_is_a_correction(db: Database, config: Config) -> None:
    first = made(db, config, W10, A_WEEK_AGO).read_first
    assert first is not None
    work = known(db, first.id)
    one = Version(work.version + 1, datetime(2026, 3, 8, tzinfo=UTC))
    two = Version(work.version + 2, datetime(2026, 3, 12, tzinfo=UTC))
    text = f"{work.abstract} It reaches {{}} points."
    papers.take(db, [replace(work, abstract=text.format("71.3"), versions=(*work.versions, one))])
    made(db, config, W10, A_WEEK_AGO)
    later = replace(work, abstract=text.format("68.9"), versions=(*work.versions, one, two))
    papers.take(db, [later])
    (correction,) = made(db, config).corrections
    assert (correction.news, correction.changes) == ("revised", ("71.3 → 68.9",))
    for suffix in ("html", "txt", "md"):
        page = (config.digests / f"weekly-2026-W11.{suffix}").read_text()
        assert "71.3 → 68.9" in page, suffix


def test_a_work_that_a_conference_accepted_since_is_told_of_again(
    db: Database, config: Config
) -> None:
    first = made(db, config, W10, A_WEEK_AGO).read_first
    assert first is not None
    work = known(db, first.id)
    told = Acceptance("m.1", work.title, work.authors, "MOON", 2026, arxiv=work.id)
    acceptances.take(db, "acl", [told], datetime(2026, 3, 12, tzinfo=UTC))
    link(db)
    (correction,) = made(db, config).corrections
    assert (correction.id, correction.news) == (work.id, "accepted")


def test_what_is_followed_and_liked_is_for_the_reader_of_this_home(
    db: Database, config: Config
) -> None:
    assert made(db, config).personal == ()
    following.follow(db, config, "training", "training", A_WEEK_AGO)
    liked = next(paper for paper in papers.announced(db, W10.start, W10.end).values())
    (number,) = papers.by_key(db, [liked.id])
    interests.judge(db, number, liked=True, now=MONDAY)
    document = made(db, config)
    shown = {entry.id for entry in document.top} | {document.read_first and document.read_first.id}
    assert document.personal
    assert not shown & {own.entry.id for own in document.personal}
    because = [sentence for own in document.personal for sentence in own.because]
    assert "you follow “training”" in because
    page = (config.digests / "weekly-2026-W11.txt").read_text()
    assert "you follow “training”" in page
