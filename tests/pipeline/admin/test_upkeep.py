"""Scheduled backups that are checked and limited in number, old records, and late jobs."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tracker.calendar import Period
from tracker.config import load
from tracker.errors import StoreError, UsageError
from tracker.pipeline.admin import upkeep
from tracker.pipeline.admin.job_states import JobState, list_job_states
from tracker.pipeline.admin.scheduled_jobs import build_tick
from tracker.pipeline.mailing import send
from tracker.settings import Backup, Config, Smtp
from tracker.store import (
    carried_deliveries,
    closed_issues,
    issues,
    outbox,
    past_recipients,
    subscribers,
)
from tracker.store.backups import backup, find_backup_problem
from tracker.store.database import Database, open_database
from tracker.store.runs import RunHistory

MONDAY = datetime(2026, 3, 16, 8, 20, tzinfo=UTC)
SCHEDULE = """
name = "{0}"
verb = "{0}"
every = "announcement-day"
at = "06:00"
timezone = "UTC"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(tmp_path / "home", environ={})


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    with open_database(config.database) as database:
        yield database


def _run(config: Config, name: str, now: datetime) -> dict[str, str]:
    folder = config.home / "schedules"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(SCHEDULE.format(name))
    return {outcome.key: outcome.state for outcome in build_tick(config)(now)}


def test_a_scheduled_backup_is_sound_and_only_the_newest_are_kept(
    db: Database, config: Config
) -> None:
    subscribers.add(db, "a@x.example", "", "en", MONDAY)
    (config.home / "backups").mkdir()
    (config.home / "backups" / "my-own.db").write_text("not ours")
    runs = [_run(config, "backup", MONDAY + timedelta(days=ahead)) for ahead in range(5)]
    assert runs == [{f"2026-03-{day}": "ok"} for day in range(16, 21)]
    assert sorted(file.name for file in (config.home / "backups").iterdir()) == [
        "my-own.db", "tracker-2026-03-18.db", "tracker-2026-03-19.db", "tracker-2026-03-20.db",
    ]  # fmt: skip
    copy = config.home / "backups" / "tracker-2026-03-20.db"
    assert find_backup_problem(copy) == ""
    assert copy.stat().st_mode & 0o077 == 0
    with open_database(copy) as stored:
        assert subscribers.get_by_email(stored, "a@x.example").state == "active"


def test_a_failed_backup_is_reported_and_keeps_the_older_ones(
    db: Database, config: Config, tmp_path: Path
) -> None:
    config = replace(config, backup=Backup(folder=str(tmp_path / "b"), keep=1))
    first = upkeep.write_backup(db, config, date(2026, 3, 16))
    assert first == tmp_path / "b" / "tracker-2026-03-16.db"
    os.mkfifo(tmp_path / "b" / "tracker-2026-03-17.db")
    with pytest.raises(StoreError):
        upkeep.write_backup(db, config, date(2026, 3, 17))
    assert first.exists()
    assert upkeep.write_backup(db, replace(config, backup=Backup(keep=0)), MONDAY.date()) is None


def test_old_failures_are_deleted_and_what_was_done_remains(db: Database, config: Config) -> None:
    history = RunHistory(db)
    for job, state in (("weekly", "failed"), ("weekly", "ok"), ("crawl:arxiv_rss", "failed")):
        for days in (10, 100):
            at = MONDAY - timedelta(days=days)
            history.record(job, f"{days}", state, detail="", at=at)
    assert _run(config, "cleanup", MONDAY) == {"2026-03-16": "ok"}
    assert history.attempts("weekly", "100") == [("ok", MONDAY - timedelta(days=100))]
    assert len(history.attempts("weekly", "10")) == 2
    assert len(history.attempts("crawl:arxiv_rss", "100")) == 1


def test_hashes_of_removed_readers_are_deleted_in_the_end(db: Database, config: Config) -> None:
    for kind, period in (("weekly", "2024-W52"), ("monthly", "2024-12"), ("weekly", "2026-W10")):
        past_recipients.add_past_recipient(db, kind, period, "mail", "hash")
    db.conn.commit()
    upkeep.delete_old_records(db, config, MONDAY)
    rows = db.execute("SELECT period FROM past_recipients").fetchall()
    assert rows == [("2026-W10",)]


def test_a_late_job_is_shown_with_its_next_time(db: Database, config: Config) -> None:
    def state() -> JobState:
        return next(job for job in list_job_states(db, config, MONDAY) if job.name == "weekly")

    late = state()
    assert (late.overdue, late.lag_seconds) == (("2026-W10", "2026-W11"), 7 * 86400 + 20 * 60)
    assert (late.next_key, late.next_due) == ("2026-W12", datetime(2026, 3, 23, 8, tzinfo=UTC))
    for week in late.overdue:
        RunHistory(db).record("weekly", week, "ok", detail="", at=MONDAY)
    assert (state().overdue, state().lag_seconds, state().last_key) == ((), 0.0, "2026-W11")


def _issue(db: Database, period: str, kind: str = "weekly") -> int:
    issues.store_issue(db, (kind, period, "en"), {"subject": "s"}, [], MONDAY)
    return issues.issue_numbers(db, kind, period)[0]


def test_old_deliveries_are_deleted_and_their_issue_is_never_sent_again(
    db: Database, config: Config
) -> None:
    config = replace(config, smtp=Smtp(host="127.0.0.1", port=1, sender="weekly@x.example"))
    reader = subscribers.add(db, "ann@x.example", "", "en", MONDAY)
    for period in ("2025-W02", "2026-W10"):
        number = _issue(db, period)
        outbox.enqueue(db, number, [reader.number], MONDAY)
        (mail,) = outbox.list_pending(db, [number], None)
        outbox.record_outcome(db, mail.row, outbox.SENT, "", MONDAY)
    upkeep.delete_old_records(db, config, MONDAY)
    assert db.execute("SELECT count(*) FROM outbox").fetchone() == (1,)
    with pytest.raises(UsageError, match=r"2025-W02 is not sent.*retention\.outbox_days"):
        send.send_issue(db, config, Period.parse_week("2025-W02"))
    upkeep.delete_old_records(db, config, MONDAY - timedelta(days=900))  # a clock set back
    assert closed_issues.closed_before(db) == MONDAY.date() - timedelta(days=400)


def test_a_restored_backup_knows_which_issues_are_closed(db: Database, tmp_path: Path) -> None:
    _issue(db, "2026-W10")
    copy = tmp_path / "copy.db"
    backup(db, copy)
    closed_issues.close_before(db, date(2026, 3, 1))
    with open_database(copy) as restored:
        current = carried_deliveries.read_current(db.conn, restored)
        assert current is not None
        carried_deliveries.carry_over(current, restored)
        assert closed_issues.closed_before(restored) == date(2026, 3, 1)


def test_of_each_source_the_attempts_that_matter_remain(db: Database, config: Config) -> None:
    history = RunHistory(db)
    for days, state, since in (
        (900, "ok", "2023-01-01"), (800, "ok", "2023-09-01"), (700, "failed", "2024-01-01"),
        (600, "ok", "2024-04-01"), (3, "failed", "2026-03-10"),
    ):  # fmt: skip
        at = MONDAY - timedelta(days=days)
        report = {"since": since, "until": f"{at:%Y-%m-%d}"}
        history.record("crawl:arxiv_rss", str(days), state, detail="", at=at, report=report)
    before = history.requested_span("crawl:arxiv_"), history.last_success_at("crawl:arxiv_rss")
    upkeep.delete_old_records(db, config, MONDAY)
    after = history.requested_span("crawl:arxiv_"), history.last_success_at("crawl:arxiv_rss")
    assert after == before
    kept = [key for (key,) in db.execute("SELECT key FROM runs ORDER BY id")]
    assert kept == ["900", "600", "3"]
