"""The state of the scheduled jobs: when each is due next, and which are late.

Public: `list_job_states`, `JobState`.
"""

from dataclasses import dataclass
from datetime import datetime

from tracker import resources
from tracker.scheduling import schedules
from tracker.scheduling.scheduler import DONE
from tracker.scheduling.schedules import Job
from tracker.settings import Config
from tracker.store.database import Database
from tracker.store.runs import RunHistory


@dataclass(frozen=True, slots=True)
class JobState:
    """A scheduled job: its last attempt, what is overdue, and when it is due next.

    `overdue` are the days, weeks or months that are due and not done; `lag_seconds` is the time
    since the oldest of them was due, 0 without any.
    """

    name: str
    last_key: str
    last_state: str
    last_at: datetime | None
    overdue: tuple[str, ...]
    lag_seconds: float
    next_key: str
    next_due: datetime


def list_job_states(db: Database, config: Config, now: datetime) -> list[JobState]:
    """Return the state of every job. Raises ConfigError for an invalid schedule."""
    folder = schedules.choose_folder(config.home, resources.schedules_folder())
    history = RunHistory(db)
    jobs = schedules.load_jobs(folder, schedules.VERBS)
    return [_job_state(job, history, now) for job in jobs]


def _job_state(job: Job, history: RunHistory, now: datetime) -> JobState:
    def is_done(key: str) -> bool:
        return any(state in DONE for state, _ in history.attempts(job.name, key))

    key, state, _, at = history.last_attempt(job.name) or ("", "never", "", None)
    overdue = schedules.due_keys(job, now, is_done)
    lag = (now - schedules.due_time(job, overdue[0])).total_seconds() if overdue else 0.0
    next_key, next_due = schedules.next_due(job, now)
    return JobState(job.name, key, state, at, overdue, lag, next_key, next_due)
