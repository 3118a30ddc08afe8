"""Each mail has its reader's own papers and nobody else's; the page has those of the home."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.delivery.conftest import NOW, WEEK, Time, subscribe, through
from tests.faults.smtp_server import Mailbox
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document
from tracker.pipeline import following
from tracker.pipeline.composing import compose_period
from tracker.pipeline.sending import dry_run, send
from tracker.settings import Config, Direction
from tracker.store import subscribers
from tracker.store.database import Database, opened

ANN, BEA, NEMO = "ann@x.example", "bea@x.example", "nemo@x.example"
# Papers of the week that the sample's issue does not show.
CODE, PAIRS, GATES = "2603.91093", "2603.91308", "2603.91911"
HOMES = "mine at home"


@pytest.fixture
def config(home: Path, port: int) -> Config:
    """The sample's home, whose relay is the test's."""
    return through(load(home, environ={}), port)


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    """Ann reads English, Bea Chinese, Nemo follows nothing, and the home all of a category."""
    with opened(config.database) as database:
        subscribe(database, ANN, NEMO)
        subscribe(database, BEA, language="zh-TW")
        for email, query in (
            (ANN, 'author:"Tadhg Mulvihill"'), (ANN, "stopping rule"),
            (BEA, "topic:moe"),
        ):  # fmt: skip
            follow(database, config, email, query)
        following.follow(database, config, "cat:cs.LG", HOMES, NOW)
        yield database


def follow(db: Database, config: Config, email: str, query: str) -> None:
    following.follow(db, config, query, "", NOW, subscribers.named(db, email).number)


def composed(db: Database, config: Config) -> Document:
    return compose_period(db, config, WEEK, now=NOW).document


def texts(content: bytes) -> dict[str, str]:
    """The two texts of a mail, their lines put together again."""
    mail = message_from_bytes(content, policy=default)
    parts = (mail.get_body((kind,)) for kind in ("plain", "html"))
    return {
        part.get_content_subtype(): " ".join(part.get_content().split()) for part in parts if part
    }


def dried(db: Database, config: Config, folder: Path) -> dict[str, bytes]:
    files = dry_run(db, config, WEEK, folder).files
    return {file.name.removesuffix(".eml"): file.read_bytes() for file in files}


def posted(db: Database, config: Config, box: Mailbox, time: Time) -> dict[str, bytes]:
    assert send(db, config, WEEK, clock=time.clock).complete
    return dict(box.taken)


def test_each_mail_has_its_readers_own_papers_and_nobody_elses(
    db: Database, config: Config, box: Mailbox, time: Time, tmp_path: Path
) -> None:
    issue = composed(db, config)
    compose_period(db, config, WEEK, now=NOW, language="zh-TW", own=False)
    dry = dried(db, config, tmp_path)
    sent = posted(db, config, box, time)
    assert dry == sent
    for form in ("plain", "html"):
        ann, bea, nemo = (texts(sent[email])[form] for email in (ANN, BEA, NEMO))
        assert CODE in ann
        assert "you follow the author Tadhg Mulvihill" in ann
        assert PAIRS in ann
        assert "you follow “stopping rule”" in ann
        assert GATES in bea
        assert "你追蹤了主題「混合專家」" in bea.replace(" ", "")
        assert "For you" not in nemo
        for mail, others in ((ann, [GATES]), (bea, [CODE, PAIRS]), (nemo, [CODE, PAIRS, GATES])):
            assert not any(other in mail for other in (*others, HOMES))
        assert not any(f"/{key}" in ann.partition("For you")[2][:2000] for key in issue.shown)


def test_a_page_that_was_lost_is_there_when_mails_that_link_to_it_are_sent(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    composed(db, config)
    page = config.web_pages / f"weekly-{WEEK.key}.html"
    page.unlink()
    posted(db, config, box, time)
    assert page.is_file()


def test_only_the_pages_of_the_home_say_what_its_reader_follows(
    db: Database, config: Config
) -> None:
    issue = composed(db, config)
    assert issue.personal
    page = (config.digests / f"weekly-{WEEK.key}.html").read_text()
    assert "For you" in page
    assert page.count(HOMES) > len(issue.personal), "in the list, too"
    public = (config.digests / "web" / f"weekly-{WEEK.key}.html").read_text()
    assert "For you" not in public
    assert HOMES not in public
    assert "you follow the author" not in page


def test_a_mail_that_nobody_has_follows_what_its_reader_cares_for_now(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "later-1@x.example")
    follow(db, config, "later-1@x.example", "topic:rag")
    assert not send(db, config, WEEK, clock=time.clock).complete
    following.unfollow(db, "topic:rag", subscribers.named(db, "later-1@x.example").number)
    follow(db, config, "later-1@x.example", "topic:moe")
    after = texts(posted(db, config, box, time)["later-1@x.example"])["plain"]
    assert "the topic Mixture of Experts" in after
    assert "Retrieval" not in after.partition("For you")[2][:600]


def test_a_mail_in_doubt_stays_what_it_was_whatever_changes(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "after-1@x.example")
    follow(db, config, "after-1@x.example", "topic:rag")
    send(db, config, WEEK, clock=time.clock)
    follow(db, config, "after-1@x.example", "topic:moe")
    subscribe(db, "after-1@x.example", language="zh-TW")
    compose_period(db, config, WEEK, now=NOW.replace(hour=9))
    send(db, config, WEEK, clock=time.clock, resend=["unknown"])
    first, second = (mail for to, mail in box.taken if to == "after-1@x.example")
    assert first == second
    assert "the topic Retrieval" in texts(first)["plain"]


def test_what_can_no_longer_be_read_is_told_to_its_reader_and_to_the_sender(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    own = {"speech": Direction("Speech", seeds=("speech recognition",), within=("application",))}
    follow(db, replace(config, directions=own), BEA, "topic:speech")
    done = send(db, config, WEEK, clock=time.clock)
    assert done.complete
    (note,) = done.notes
    assert note.startswith("What bea@x.example follows as 'topic:speech' can no longer be read:")
    remark = "你追蹤的「topic:speech」已無法讀取"
    for to, content in box.taken:
        for text in texts(content).values():
            assert (remark in text.replace(" ", "")) == (to == BEA)
    assert GATES in texts(dict(box.taken)[BEA])["plain"]


def test_the_report_of_a_month_is_the_same_for_all(
    db: Database, config: Config, tmp_path: Path
) -> None:
    files = dry_run(db, config, Period.parse_month("2026-02"), tmp_path).files
    for file in files:
        text = texts(file.read_bytes())["plain"]
        assert "For you" not in text
        assert "為你挑選" not in text
        assert HOMES not in text
