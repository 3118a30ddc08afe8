"""Scheduled backups that are checked and limited in number, old records, and late jobs."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tracker.config import load
from tracker.errors import StoreError
from tracker.pipeline.admin import upkeep
from tracker.pipeline.admin.job_states import JobState, list_job_states
from tracker.pipeline.admin.scheduled_jobs import build_tick
from tracker.settings import Backup, Config
from tracker.store import past_recipients, subscribers
from tracker.store.backups import find_backup_problem
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
