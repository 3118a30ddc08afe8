"""Each message has the papers of its reader only; the page has those of the owner of the home."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.delivery.conftest import NOW, WEEK, Time, subscribe, with_relay
from tests.faults.smtp_server import Mailbox
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document
from tracker.pipeline.issue.compose_issue import IssueOptions, compose_period, draft
from tracker.pipeline.mailing.preferences import set_opinion
from tracker.pipeline.mailing.send import SendOptions, send_issue, write_mails
from tracker.pipeline.retrieval import saved_searches
from tracker.settings import Config, Direction
from tracker.store import subscribers
from tracker.store.database import Database, open_database

ANN, BEA, NEMO = "ann@x.example", "bea@x.example", "nemo@x.example"
# Papers of the week that the sample's issue does not show.
CODE, PAIRS, GATES = "2603.91093", "2603.91308", "2603.91048"
HOMES = "mine at home"


@pytest.fixture
def config(home: Path, port: int) -> Config:
    """The sample home, with the test relay."""
    return with_relay(load(home, environ={}), port)


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    """Ann reads English, Bea Chinese, Nemo follows nothing; the owner follows a category."""
    with open_database(config.database) as database:
        subscribe(database, ANN, NEMO)
        subscribe(database, BEA, language="zh-TW")
        for email, query in (
            (ANN, 'author:"Tadhg Mulvihill"'), (ANN, "stopping rule"),
            (BEA, "topic:rag"),
        ):  # fmt: skip
            follow(database, config, email, query)
        saved_searches.follow(database, config, "cat:cs.LG", HOMES, NOW)
        yield database


def follow(db: Database, config: Config, email: str, query: str) -> None:
    saved_searches.follow(db, config, query, "", NOW, subscribers.get_by_email(db, email).number)


def compose_home_issue(db: Database, config: Config) -> Document:
    return compose_period(db, config, WEEK, now=NOW).document


def texts(content: bytes) -> dict[str, str]:
    """The two texts of a message, with their lines joined."""
    mail = message_from_bytes(content, policy=default)
    parts = (mail.get_body((kind,)) for kind in ("plain", "html"))
    return {
        part.get_content_subtype(): " ".join(part.get_content().split()) for part in parts if part
    }


def dry_run(db: Database, config: Config, folder: Path) -> dict[str, bytes]:
    files = write_mails(db, config, WEEK, folder).files
    return {file.name.removesuffix(".eml"): file.read_bytes() for file in files}


def send(db: Database, config: Config, box: Mailbox, time: Time) -> dict[str, bytes]:
    assert send_issue(db, config, WEEK, SendOptions(clock=time.clock)).is_complete
    return dict(box.delivered)


def test_each_message_has_the_papers_of_its_reader_only(
    db: Database, config: Config, box: Mailbox, time: Time, tmp_path: Path
) -> None:
    issue = compose_home_issue(db, config)
    chinese = IssueOptions("zh-TW", is_home_issue=False)
    compose_period(db, config, WEEK, now=NOW, options=chinese)
    dry = dry_run(db, config, tmp_path)
    sent = send(db, config, box, time)
    assert dry == sent
    for form in ("plain", "html"):
        ann, bea, nemo = (texts(sent[email])[form] for email in (ANN, BEA, NEMO))
        assert CODE in ann
        assert "You follow the author Tadhg Mulvihill" in ann
        assert PAIRS in ann
        assert "Matches your search “stopping rule”" in ann
        assert GATES in bea
        assert "你追蹤了主題「檢索增強生成」" in bea.replace(" ", "")
        assert "For you" not in nemo
        for mail, others in ((ann, [GATES]), (bea, [CODE, PAIRS]), (nemo, [CODE, PAIRS, GATES])):
            assert not any(other in mail for other in (*others, HOMES))
        own = ann.partition("For you")[2].partition("Top ten")[0]
        assert not any(f"/{key}" in own for key in issue.shown_ids)


def test_papers_that_a_subscriber_has_judged_are_not_in_their_message(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    compose_home_issue(db, config)
    issue = draft(db, config, WEEK, now=NOW)
    first, disliked, liked = issue.read_first, issue.top[0], issue.themes[0].entries[0]
    assert first is not None
    judge(db, ANN, first.id, liked=True)
    judge(db, ANN, disliked.id, liked=False)
    judge(db, ANN, liked.id, liked=True)
    judge(db, BEA, first.id, liked=False)
    sent = send(db, config, box, time)
    for form in ("plain", "html"):
        ann, bea, nemo = (texts(sent[email])[form] for email in (ANN, BEA, NEMO))
        shown = {name: {key for key in issue.shown_ids if f"/{key}" in mail}
                 for name, mail in (("ann", ann), ("bea", bea), ("nemo", nemo))}  # fmt: skip
        assert shown["nemo"] - shown["ann"] == {disliked.id, liked.id}
        assert shown["nemo"] - shown["bea"] == {first.id}


def judge(db: Database, email: str, key: str, *, liked: bool) -> None:
    reader = subscribers.get_by_email(db, email).number
    set_opinion(db, key, liked=liked, now=NOW, owner=reader)


def test_missing_page_is_published_before_sending(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    compose_home_issue(db, config)
    page = config.web_pages / f"weekly-{WEEK.key}.html"
    page.unlink()
    send(db, config, box, time)
    assert page.is_file()


def test_only_private_pages_show_the_searches_of_the_owner(db: Database, config: Config) -> None:
    issue = compose_home_issue(db, config)
    assert issue.personal
    page = (config.digests / f"weekly-{WEEK.key}.html").read_text()
    assert "For you" in page
    assert page.count(HOMES) > len(issue.personal), "in the list, too"
    public = (config.digests / "web" / f"weekly-{WEEK.key}.html").read_text()
    assert "For you" not in public
    assert HOMES not in public
    assert "You follow the author" not in page


def test_deferred_message_uses_the_current_searches(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "later-1@x.example")
    follow(db, config, "later-1@x.example", "topic:rag")
    assert not send_issue(db, config, WEEK, SendOptions(clock=time.clock)).is_complete
    saved_searches.unfollow(
        db, "topic:rag", subscribers.get_by_email(db, "later-1@x.example").number
    )
    follow(db, config, "later-1@x.example", "topic:reasoning")
    after = texts(send(db, config, box, time)["later-1@x.example"])["plain"]
    assert "the topic Reasoning" in after
    assert "Retrieval" not in after.partition("For you")[2][:600]


def test_unknown_message_is_resent_unchanged(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "after-1@x.example")
    follow(db, config, "after-1@x.example", "topic:rag")
    send_issue(db, config, WEEK, SendOptions(clock=time.clock))
    follow(db, config, "after-1@x.example", "topic:moe")
    subscribe(db, "after-1@x.example", language="zh-TW")
    compose_period(db, config, WEEK, now=NOW.replace(hour=9))
    send_issue(db, config, WEEK, SendOptions(clock=time.clock, resend=["unknown"]))
    first, second = (mail for to, mail in box.delivered if to == "after-1@x.example")
    assert first == second
    assert "the topic Retrieval" in texts(first)["plain"]


def test_invalid_search_is_reported_to_reader_and_sender(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    own = {"speech": Direction("Speech", seeds=("speech recognition",), within=("application",))}
    follow(db, replace(config, directions=own), BEA, "topic:speech")
    done = send_issue(db, config, WEEK, SendOptions(clock=time.clock))
    assert done.is_complete
    (note,) = done.notes
    assert note.startswith("The saved search 'topic:speech' of bea@x.example is no longer valid:")
    remark = "你追蹤的搜尋「topic:speech」已失效"
    for to, content in box.delivered:
        for text in texts(content).values():
            assert (remark in text.replace(" ", "")) == (to == BEA)
    assert GATES in texts(dict(box.delivered)[BEA])["plain"]


def test_monthly_report_is_the_same_for_everyone(
    db: Database, config: Config, tmp_path: Path
) -> None:
    month = Period.parse_month("2026-02")
    assert not write_mails(db, config, month, tmp_path).files, "nobody gets it unless they want to"
    for email in (ANN, BEA):
        subscribers.set_kinds(db, email, ("monthly",))
    files = write_mails(db, config, month, tmp_path).files
    assert {file.stem for file in files} == {ANN, BEA}
    for file in files:
        text = texts(file.read_bytes())["plain"]
        assert "For you" not in text
        assert "為你推薦" not in text
        assert HOMES not in text
