"""Upkeep of a home: verified backups, of which the newest are kept, and deletion of old records.

Public: `write_backup`, `delete_old_records`.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

from tracker.errors import StoreError
from tracker.settings import Config
from tracker.store import closed_issues, past_recipients
from tracker.store.backups import backup, find_backup_problem
from tracker.store.database import Database
from tracker.store.runs import RunHistory

_NAME = "tracker-{day}.db"
# Younger issues are corrected when late papers come, for which it must be known who has them.
_LEAST_OUTBOX_DAYS = 92
_PATTERN = "tracker-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].db"


def write_backup(db: Database, config: Config, day: date) -> Path | None:
    """Back up the database, check the copy as `tracker restore` does, and delete older ones.

    Returns None, without a backup, if `backup.keep` is 0. Raises StoreError if the copy cannot be
    written or is not sound; older backups remain then.
    """
    if not config.backup.keep:
        return None
    folder = Path(config.backup.folder).expanduser() if config.backup.folder else None
    folder = folder or config.home / "backups"
    target = folder / _NAME.format(day=day)
    backup(db, target)
    if problem := find_backup_problem(target):
        target.unlink()
        raise StoreError(f"The backup {target} was deleted, as it is not sound: {problem}")
    for old in sorted(folder.glob(_PATTERN))[: -config.backup.keep]:
        old.unlink()
    return target


def delete_old_records(db: Database, config: Config, now: datetime) -> None:
    """Delete records that are too old, as the settings say: of attempts and of deliveries.

    Successful runs of jobs remain: they show what was done. An issue whose deliveries are deleted
    is never sent again.
    """
    if days := config.retention.failed_attempts_days:
        RunHistory(db).delete_failed_attempts(now - timedelta(days=days))
    if days := config.retention.past_recipients_days:
        past_recipients.delete_before(db, now.date() - timedelta(days=days))
    if days := config.retention.outbox_days:
        oldest = now.date() - timedelta(days=max(days, _LEAST_OUTBOX_DAYS))
        closed_issues.delete_deliveries_before(db, oldest)
    if days := config.retention.crawl_records_days:
        RunHistory(db).delete_crawl_attempts(now - timedelta(days=days))
