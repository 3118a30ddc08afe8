"""The scheduled jobs: which verb each schedule calls, under the lock, on an open database."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker import resources, schedules
from tracker.calendar import Period, announcement_days
from tracker.errors import TrackerError
from tracker.pipeline import composing, crawling, holding, indexing, sending
from tracker.pipeline.ledger import days
from tracker.pipeline.lock import held
from tracker.service import Ran, Verb, tick
from tracker.settings import Config
from tracker.store import subscribers
from tracker.store.database import Database, opened
from tracker.store.ledger import Ledger


def ticking(config: Config) -> Callable[[datetime], Iterator[Ran]]:
    """What does all that is due at a given time. Raises ConfigError for a bad schedule.

    A folder `schedules` in the home stands in for the schedules that come with tracker.
    """
    folder = schedules.folder(config.home, resources.schedules())
    jobs = schedules.load(folder, schedules.VERBS)

    def at(now: datetime) -> Iterator[Ran]:
        with held(config.home / "run.lock", "run"), opened(config.database) as db:
            yield from tick(jobs, now, Ledger(db), _verbs(db, config, now))

    return at


def _verbs(db: Database, config: Config, now: datetime) -> Mapping[str, Verb]:
    def compose(period: Period) -> str:
        """Compose it; an issue that waits for papers is composed again later."""
        indexing.index(db, config, since=period.start, until=period.end)
        done = composing.compose_period(
            db, config, period, now=now, language=config.digest.language
        )
        holding.refuse_unfit(db, config, period, done.document, now)
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
        "send": lambda key: _send(db, config, _period(key), now),
    }


def _period(key: str) -> Period:
    return Period.parse_week(key) if "W" in key else Period.parse_month(key)


def _send(db: Database, config: Config, period: Period, now: datetime) -> str:
    """Send what is due. Without subscribers there is nothing to do, and so no relay to miss.

    Raises TrackerError while a mail waits for a later try, and IssueHeld while the issue waits for
    papers: it is asked again. Mails that the relay refused for good, or whose fate is unknown, are
    not tried again.
    """
    if not subscribers.active(db):
        return "ok"
    indexing.index(db, config, since=period.start, until=period.end)
    sent = sending.send(db, config, period, due_only=True, at=now)
    if sent.waiting:
        raise TrackerError(f"mails that wait for a later try: {sent.waiting}")
    return "ok" if sent.complete and not sent.notes and not sent.missing else "degraded"


def _crawl(db: Database, config: Config, day: date, now: datetime) -> str:
    """Read all that can have been listed from `day` on, and what was missed before; and index it.

    One crawl serves every later day too, so those that it completed are written down as done.
    Raises TrackerError while the ledger says that `day` is not complete: it is then asked for
    again. A source that tells of no day, and is not well, waits for the next day's crawl.
    """
    asked = crawling.window(db, config, now, None, None)
    since = min(asked.since, day - timedelta(days=crawling.WINDOW_DAYS))
    asked = replace(asked, since=since)
    unread = _unread(db, config, now)
    reports = crawling.crawl(db, config, asked, now=now, only=unread) if unread else []
    indexing.index(db, config, since=asked.since)
    unwell = [f"{report.source}: {report.detail}" for report in reports if report.state != "ok"]
    state = "degraded" if unwell else "ok"
    complete = _complete(db, config, day, now)
    ledger = Ledger(db)
    for later in complete - {day}:
        ledger.record("crawl", later.isoformat(), state, detail=f"with {day}", at=now)
    if day not in complete:
        raise TrackerError("; ".join(unwell) or f"no source has told all of {day} yet")
    return state


def _unread(db: Database, config: Config, now: datetime) -> list[str]:
    """The sources that were not read well today already, and arXiv, whose day may be out by now."""
    ledger = Ledger(db)
    well = {name: ledger.last_good(f"crawl:{name}") for name in crawling.names(config)}
    return [
        name
        for name, at in well.items()
        if name.startswith("arxiv_") or at is None or at.date() < now.date()
    ]


def _complete(db: Database, config: Config, since: date, now: datetime) -> set[date]:
    """The days from `since` on of which every category is complete or closed."""
    found = days(db, config, now, since=since)
    degraded = {entry.day for entry in found if entry.state == "degraded"}
    listed = announcement_days(since, now.date())
    return {entry.day for entry in found if entry.day in listed} - degraded
