"""The monthly report goes to those who subscribed to it, once each."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.delivery.conftest import NOW, Time, subscribe
from tests.digest import documents
from tests.faults.smtp_server import Mailbox
from tracker.calendar import Period
from tracker.delivery.mail.drain_outbox import Clock
from tracker.digest.document import as_json
from tracker.errors import IssueEmpty
from tracker.pipeline.mailing.send import SendOptions, SendReport, send_issue, write_mails
from tracker.settings import Config
from tracker.store import issues, subscribers
from tracker.store.database import Database

MONTH = Period.parse_month("2026-02")


@pytest.fixture
def db(db: Database) -> Database:
    """A database with the invented report of February."""
    document = as_json(replace(documents.monthly(), period=MONTH.key))
    issues.store_issue(db, ("monthly", MONTH.key, "en"), document, (), NOW)
    return db


@pytest.fixture
def config(config: Config) -> Config:
    """The home without PDFs, which take seconds."""
    return replace(config, digest=replace(config.digest, pdf_kb=0))


def send(db: Database, config: Config, time: Time) -> SendReport:
    return send_issue(db, config, MONTH, SendOptions(clock=time.clock, incomplete=True))


def copies(box: Mailbox) -> Counter[str]:
    return Counter(recipient for recipient, _ in box.delivered)


def test_the_report_goes_once_to_those_who_subscribed_to_it(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "digest@x.example")
    subscribe(db, "both@x.example", kinds=("weekly", "monthly"))
    subscribe(db, "report@x.example", kinds=("monthly",))
    for _ in range(2):
        assert send(db, config, time).counts["sent"] == 2
    assert copies(box) == {"both@x.example": 1, "report@x.example": 1}
    assert box.mails()["report@x.example"]["List-Id"] == "LLM Monthly Report <monthly.x.example>"
    subscribers.set_kinds(db, "digest@x.example", ("weekly", "monthly"))
    send(db, config, time)
    assert copies(box) == {f"{name}@x.example": 1 for name in ("both", "report", "digest")}


def test_the_report_is_attached_as_pdf_and_lies_on_the_site(
    db: Database, config: Config, box: Mailbox, time: Time, tmp_path: Path
) -> None:
    config = replace(config, digest=replace(config.digest, pdf_kb=1000))
    subscribe(db, "after-a@x.example", kinds=("monthly",))
    (dry,) = write_mails(db, config, MONTH, tmp_path).files
    assert not (config.web_pages / "monthly-2026-02.pdf").exists(), "a dry run publishes nothing"
    send(db, config, time)
    resend = SendOptions(clock=time.clock, incomplete=True, resend=["unknown"])
    send_issue(db, config, MONTH, resend)
    (_, first), (_, second) = box.delivered
    assert first == second == dry.read_bytes()
    mail = box.mails()["after-a@x.example"]
    (pdf,) = mail.iter_attachments()
    assert pdf.get_filename() == "monthly-2026-02.pdf"
    assert pdf.get_content() == (config.web_pages / "monthly-2026-02.pdf").read_bytes()
    assert pdf.get_content().startswith(b"%PDF-")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Report as PDF" not in body.get_content()


def test_a_pdf_that_is_too_large_is_linked(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example", kinds=("monthly",))
    config.web_pages.mkdir(parents=True)
    (config.web_pages / "monthly-2026-02.html").write_text("page")
    (config.web_pages / "monthly-2026-02.pdf").write_bytes(b"%PDF-" + b"0" * 2000)
    digest = replace(config.digest, pdf_kb=1)
    web = replace(config.web, public_url="https://x.example/w")
    send(db, replace(config, digest=digest, web=web), time)
    mail = box.mails()["a@x.example"]
    assert not list(mail.iter_attachments())
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert "https://x.example/w/monthly-2026-02.pdf" in body.get_content()


def test_a_reader_who_stops_the_report_during_a_run_does_not_get_it(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, *(f"{name}@x.example" for name in "ab"), kinds=("weekly", "monthly"))

    def stop_report(seconds: float) -> None:
        subscribers.set_kinds(db, "b@x.example", ("weekly",))
        time.sleep(seconds)

    clock = Clock(time.clock.now, stop_report)
    slow = replace(config, smtp=replace(config.smtp, per_minute=60))
    sent = send_issue(db, slow, MONTH, SendOptions(clock=clock, incomplete=True))
    assert copies(box) == {"a@x.example": 1}
    assert (sent.is_complete, sent.counts["pending"]) == (True, 0)


def test_a_month_without_papers_is_not_sent(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example", kinds=("monthly",))
    with pytest.raises(IssueEmpty):
        send_issue(db, config, Period.parse_month("2026-01"), SendOptions(clock=time.clock))
    assert not box.delivered
