"""Fixtures: a home with a composed issue and subscribers, and a mail relay."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.digest import documents
from tests.faults.smtp_server import Mailbox, served
from tracker.calendar import Period
from tracker.delivery.mail.drain_outbox import Clock
from tracker.digest.document import as_json
from tracker.settings import Config, Smtp
from tracker.store import issues, subscribers
from tracker.store.database import Database, open_database

WEEK = Period.parse_week("2026-W11")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


class Time:
    """A clock that only advances when something sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = NOW, 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(box: Mailbox) -> Iterator[int]:
    with served(box) as number:
        yield number


@pytest.fixture
def config(config: Config, port: int) -> Config:
    """Settings that use the test relay without encryption."""
    return with_relay(config, port)


def with_relay(config: Config, port: int, **more: object) -> Config:
    smtp = Smtp(
        host="127.0.0.1", port=port, security="none", sender="LLM Weekly <weekly@x.example>"
    )
    return replace(config, smtp=replace(smtp, **more))  # type: ignore[arg-type]


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    """A database with the invented issue of 2026-W11."""
    with open_database(config.database) as database:
        issues.store_issue(
            database, ("weekly", WEEK.key, "en"), as_json(documents.weekly()), (), NOW
        )
        yield database


def subscribe(
    db: Database, *emails: str, language: str = "en", kinds: Sequence[str] = ("weekly",)
) -> None:
    for email in emails:
        subscribers.add(db, email, "", language, NOW, kinds)


def states(db: Database) -> dict[str, str]:
    """The state of each message by address."""
    return dict(
        db.execute("SELECT email, o.state FROM outbox o JOIN subscribers s ON s.id = o.subscriber")
    )
