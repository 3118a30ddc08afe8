"""A backup restored after an issue was sent, and readers who come back, get nothing twice."""

import os
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.delivery.conftest import NOW, WEEK, Time, states, subscribe
from tests.faults.smtp_server import Mailbox
from tests.store.children import forked
from tracker.errors import SendUnconfirmed
from tracker.pipeline.mailing.send import SendOptions, SendReport, send_issue
from tracker.settings import Config
from tracker.store import outbox, subscribers
from tracker.store.backups import Restored, backup, restore
from tracker.store.database import Database, open_database
from tracker.store.runs import RunHistory


def _send(config: Config, time: Time, *resend: str) -> SendReport:
    with open_database(config.database) as db:
        return send_issue(db, config, WEEK, SendOptions(clock=time.clock, resend=resend))


def _copies(box: Mailbox) -> Counter[str]:
    return Counter(recipient for recipient, _ in box.delivered)


@pytest.fixture
def copy(db: Database, tmp_path: Path) -> Path:
    """A backup with the readers a to d, made before anything was sent."""
    subscribe(db, *(f"{name}@x.example" for name in "abcd"))
    RunHistory(db).record("crawl", "2026-03-13", "ok", detail="", at=NOW)
    backup(db, tmp_path / "b.db")
    db.close()
    return tmp_path / "b.db"


def _restore(config: Config, copy: Path) -> Restored:
    return restore(copy, config.database, NOW)


def test_what_was_sent_after_the_backup_is_not_sent_again(
    copy: Path, config: Config, box: Mailbox, time: Time
) -> None:
    with open_database(config.database) as db:
        subscribe(db, "later@x.example")
    _send(config, time)
    restored = _restore(config, copy)
    assert restored.carried is not None
    assert restored.carried.mails == 4
    with open_database(config.database) as db:
        subscribe(db, "later@x.example", "new@x.example")
    assert _send(config, time).is_complete
    assert _copies(box) == {f"{name}@x.example": 1 for name in (*"abcd", "later", "new")}


def test_an_issue_composed_and_sent_after_the_backup_is_not_sent_again(
    copy: Path, config: Config, box: Mailbox, time: Time
) -> None:
    with open_database(copy) as db:
        db.execute("DELETE FROM issues")
        db.conn.commit()
    _send(config, time)
    assert _restore(config, copy).carried is not None
    assert _send(config, time).is_complete
    assert set(_copies(box).values()) == {1}


@pytest.mark.usefixtures("box")
def test_what_was_posted_to_a_channel_after_the_backup_is_not_posted_again(
    copy: Path, config: Config, time: Time
) -> None:
    _send(config, time)
    with open_database(config.database) as db:
        db.execute(
            "INSERT INTO outbox (issue, channel, state, changed)"
            " SELECT id, 'team', 'sent', ? FROM issues LIMIT 1",
            [NOW.isoformat()],
        )
    _restore(config, copy)
    with open_database(config.database) as db:
        posted = db.execute("SELECT channel, state FROM outbox WHERE subscriber IS NULL").fetchall()
    assert posted == [("team", "sent")]


def test_whoever_left_after_the_backup_gets_nothing(
    copy: Path, config: Config, box: Mailbox, time: Time
) -> None:
    with open_database(config.database) as db:
        subscribers.set_state(db, "a@x.example", subscribers.UNSUBSCRIBED)
        subscribers.set_state(db, "b@x.example", subscribers.PAUSED)
        subscribers.delete(db, "c@x.example")
    carried = _restore(config, copy).carried
    assert carried is not None
    assert carried.stopped == ("a@x.example", "b@x.example")
    assert carried.paused == ("c@x.example",)
    _send(config, time)
    assert set(_copies(box)) == {"d@x.example"}


def test_a_report_that_was_stopped_after_the_backup_stays_stopped(
    db: Database, config: Config, tmp_path: Path
) -> None:
    subscribe(db, "a@x.example", "b@x.example", kinds=("weekly", "monthly"))
    RunHistory(db).record("crawl", "2026-03-13", "ok", detail="", at=NOW)
    backup(db, tmp_path / "b.db")
    subscribers.set_kinds(db, "a@x.example", ("weekly",))
    db.close()
    _restore(config, tmp_path / "b.db")
    with open_database(config.database) as restored:
        kinds = {one.email: one.kinds for one in subscribers.list_all(restored)}
    assert kinds == {"a@x.example": ("weekly",), "b@x.example": ("weekly", "monthly")}


def _scramble(file: Path) -> None:
    file.write_bytes(b"no database" * 1000)


def _replace_by_new_database(file: Path) -> None:
    file.unlink()
    shutil.rmtree(file.with_name("digests"))
    with open_database(file) as db:
        subscribe(db, "other@x.example")


@pytest.mark.parametrize("lose", [_scramble, Path.unlink, _replace_by_new_database])
def test_unknown_deliveries_need_a_confirmation(
    lose: Callable[[Path], object], copy: Path, config: Config, box: Mailbox, time: Time
) -> None:
    _send(config, time)
    box.delivered.clear()
    lose(config.database)
    assert _restore(config, copy).is_unverified
    for _ in range(2):
        with pytest.raises(SendUnconfirmed, match="`tracker send --resend restored` sends it"):
            _send(config, time)
    assert box.delivered == []
    _send(config, time, "restored")
    assert len(box.delivered) == 4


def test_what_the_backup_shows_as_sent_needs_no_confirmation(
    db: Database, config: Config, box: Mailbox, time: Time, tmp_path: Path
) -> None:
    subscribe(db, "a@x.example")
    _send(config, time)
    backup(db, tmp_path / "b.db")
    db.close()
    config.database.unlink()
    assert _restore(config, tmp_path / "b.db").is_unverified
    assert _send(config, time).is_complete
    assert len(box.delivered) == 1


def test_a_mail_that_was_being_sent_at_the_backup_is_unknown(copy: Path, config: Config) -> None:
    with open_database(copy) as db:
        (issue,) = (row[0] for row in db.execute("SELECT id FROM issues"))
        outbox.enqueue(db, issue, [1], NOW)
        assert outbox.mark_sending(db, 1, b"mail", NOW)
    config.database.unlink()
    _restore(config, copy)
    with open_database(config.database) as db:
        assert states(db) == {"a@x.example": "unknown"}


def test_a_database_that_a_killed_writer_left_is_consulted(
    copy: Path, config: Config, box: Mailbox, time: Time
) -> None:
    _send(config, time)

    def die_while_writing() -> None:
        connection = sqlite3.connect(config.database)
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE outbox SET state = 'pending'")
        connection.execute("CREATE TABLE filler AS SELECT randomblob(500000) AS x")
        os.kill(os.getpid(), signal.SIGKILL)

    os.waitpid(forked(die_while_writing), 0)
    assert _restore(config, copy).carried is not None
    _send(config, time)
    assert set(_copies(box).values()) == {1}


@pytest.mark.parametrize("email", ["a@x.example", "A@X.Example"])
def test_a_reader_who_is_removed_and_added_again_gets_no_issue_twice(
    email: str, db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example", "b@x.example")
    _send(config, time)
    subscribers.delete(db, "a@x.example")
    assert "a@x.example" not in "\n".join(db.conn.iterdump())
    subscribe(db, email)
    assert _send(config, time).is_complete
    assert set(_copies(box).values()) == {1}


def test_a_reader_who_was_removed_before_an_issue_gets_it_when_added_again(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example")
    subscribers.delete(db, "a@x.example")
    subscribe(db, "a@x.example")
    _send(config, time)
    assert _copies(box) == {"a@x.example": 1}
