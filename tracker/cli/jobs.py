"""The scheduled jobs: which verb each schedule calls, under the lock, on an open database."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from tracker import resources, schedules
from tracker.calendar import Period, announcement_days
from tracker.config import Config
from tracker.errors import TrackerError
from tracker.pipeline import composing, indexing, intake
from tracker.pipeline.lock import held
from tracker.service import Ran, Verb, tick
from tracker.store.database import Database, opened
from tracker.store.ledger import Ledger

VERBS = ("crawl", "digest", "report")


def ticking(config: Config) -> Callable[[datetime], Iterator[Ran]]:
    """What does all that is due at a given time. Raises ConfigError for a bad schedule.

    A folder `schedules` in the home stands in for the schedules that come with tracker.
    """
    own = config.home / "schedules"
    jobs = schedules.load(own if own.is_dir() else resources.schedules(), VERBS)

    def at(now: datetime) -> Iterator[Ran]:
        with held(config.home / "run.lock", "run"), opened(config.database) as db:
            yield from tick(jobs, now, Ledger(db), _verbs(db, config, now))

    return at


def _verbs(db: Database, config: Config, now: datetime) -> Mapping[str, Verb]:
    def compose(period: Period) -> str:
        indexing.index(db, config, since=period.start, until=period.end)
        language = config.digest.language
        done = composing.compose_period(db, config, period, now=now, language=language)
        return "degraded" if done.degraded else "ok"

    trouble: list[TrackerError] = []

    def crawl(key: str) -> str:
        """The first failure speaks for the days after it: they would ask the same of the same."""
        if not trouble:
            try:
                return _crawl(db, config, date.fromisoformat(key), now)
            except TrackerError as error:
                trouble.append(error)
        raise trouble[0]

    return {
        "crawl": crawl,
        "digest": lambda key: compose(Period.parse_week(key)),
        "report": lambda key: compose(Period.parse_month(key)),
    }


def _crawl(db: Database, config: Config, day: date, now: datetime) -> str:
    """Read all that can have been listed from `day` on, and index it.

    One crawl serves every later day too, so those are written down as done. Raises TrackerError
    when a source was not well: the day is then asked for again.
    """
    window = intake.crawl_window(db, now, day - timedelta(days=intake.WINDOW_DAYS), None)
    reports = intake.crawl(db, config, window, now=now)
    indexing.index(db, config, since=window.since)
    unwell = [f"{report.source}: {report.detail}" for report in reports if report.state != "ok"]
    if unwell:
        raise TrackerError("; ".join(unwell))
    ledger = Ledger(db)
    for later in announcement_days(day + timedelta(days=1), now.date()):
        ledger.record("crawl", later.isoformat(), "ok", detail=f"with {day}", at=now)
    return "ok"
