"""The scheduled jobs: the operations that schedules run, under the lock, on an open database.

Public: `build_tick`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker import resources
from tracker.calendar import Period, announcement_days
from tracker.errors import TrackerError
from tracker.locking import hold_lock
from tracker.models import SourceReport
from tracker.pipeline.admin import upkeep
from tracker.pipeline.ingest import crawl
from tracker.pipeline.ingest.completeness import list_days
from tracker.pipeline.issue import compose_issue, late_arrivals, readiness
from tracker.pipeline.mailing import send
from tracker.pipeline.mailing.prepare_issue import ISSUE_KINDS
from tracker.pipeline.retrieval import index_refresh
from tracker.scheduling import schedules
from tracker.scheduling.scheduler import FAILED, JobAction, JobOutcome, run_due_jobs
from tracker.settings import Config
from tracker.store import subscribers
from tracker.store.database import Database, open_database
from tracker.store.runs import RunHistory


def build_tick(config: Config) -> Callable[[datetime], Iterator[JobOutcome]]:
    """Return a function that runs the jobs due at a given time. ConfigError for a bad schedule.

    A folder `schedules` in the home replaces the bundled schedules.
    """
    folder = schedules.choose_folder(config.home, resources.schedules_folder())
    jobs = schedules.load_jobs(folder, schedules.VERBS)

    def tick(now: datetime) -> Iterator[JobOutcome]:
        with hold_lock(config.home / "run.lock", "run"), open_database(config.database) as db:
            actions = _build_job_functions(db, config, now)
            crawls = {job.name for job in jobs if job.verb == "crawl"}
            crawled = False
            for outcome in run_due_jobs(jobs, now, RunHistory(db), actions):
                crawled = crawled or outcome.job in crawls
                yield outcome
            if crawled:
                yield from _correct_issues(db, config, now)
            yield from _continue_reembedding(db, config)

    return tick


def _correct_issues(db: Database, config: Config, now: datetime) -> Iterator[JobOutcome]:
    """Compose issues again whose missing papers have arrived; failures wait for the next crawl."""
    for issue in list(late_arrivals.find_grown_issues(db, config, now)):
        period = Period.parse(issue.period)
        try:
            index_refresh.index_papers(db, config, since=period.start, until=period.end)
            late_arrivals.compose_again(db, config, issue, now)
        except TrackerError as error:
            yield JobOutcome("correction", issue.period, FAILED, str(error))
        else:
            yield JobOutcome("correction", issue.period, "ok")


def _continue_reembedding(db: Database, config: Config) -> Iterator[JobOutcome]:
    """Embed some papers with a new model while the index of the earlier one answers searches."""
    try:
        done = index_refresh.continue_reembedding(db, config)
    except TrackerError as error:
        yield JobOutcome("index", config.embedding.model, FAILED, str(error))
    else:
        if done:
            yield JobOutcome("index", config.embedding.model, "ok", f"{done:,} papers")


def _build_job_functions(db: Database, config: Config, now: datetime) -> Mapping[str, JobAction]:
    def compose(period: Period) -> str:
        """Compose an issue; one that waits for papers is composed again later."""
        if period.kind == "day" and not config.digest.daily:
            return "ok"  # `send` composes the editions that someone has subscribed to
        index_refresh.index_papers(db, config, since=period.start, until=period.end)
        options = compose_issue.IssueOptions(config.digest.language)
        issue = compose_issue.compose_period(
            db,
            config,
            period,
            now=now,
            options=options,
        )
        readiness.refuse_unfit(db, config, period, issue.document, now)
        return "degraded" if issue.degraded else "ok"

    failures: list[TrackerError] = []

    def crawl(key: str) -> str:
        """Crawl one day. Later days repeat the first failure: they would send the same requests."""
        if not failures:
            try:
                return _crawl_day(db, config, date.fromisoformat(key), now)
            except TrackerError as error:
                failures.append(error)
        raise failures[0]

    return {
        "crawl": crawl,
        "digest": lambda key: compose(Period.parse(key)),
        "report": lambda key: compose(Period.parse_month(key)),
        "send": lambda key: _send_due_mails(db, config, Period.parse(key), now),
        "backup": lambda _: _run_upkeep(lambda: upkeep.write_backup(db, config, now.date())),
        "cleanup": lambda _: _run_upkeep(lambda: upkeep.delete_old_records(db, config, now)),
    }


def _run_upkeep(action: Callable[[], object]) -> str:
    action()
    return "ok"


def _send_due_mails(db: Database, config: Config, period: Period, now: datetime) -> str:
    """Send what is due. Without subscribers and channels there is nothing to do.

    Raises TrackerError while a mail waits for a later attempt, and IssueHeld while the issue waits
    for papers, so that the job runs again. Mails that the relay rejected permanently, or whose
    delivery is unknown, are not attempted again.
    """
    kind = ISSUE_KINDS[period.kind]
    posted = any(kind in channel.issues for channel in config.channels.values())
    if not posted and not subscribers.list_active(db, kind):
        return "ok"
    index_refresh.index_papers(db, config, since=period.start, until=period.end)
    options = send.SendOptions(due_only=True, at=now)
    sent = send.send_issue(db, config, period, options)
    if sent.waiting:
        raise TrackerError(f"mails that wait for a later try: {sent.waiting}")
    return "ok" if sent.is_complete and not sent.notes and not sent.missing else "degraded"


def _crawl_day(db: Database, config: Config, day: date, now: datetime) -> str:
    """Crawl everything that can have been listed since `day`, and earlier gaps, and index it.

    One crawl covers every later day too, so the days that it completed are recorded as done. Raises
    TrackerError while `day` is not complete, so that the job runs again. A failed source without
    daily listings waits for the crawl of the next day.
    """
    window = crawl.crawl_window(db, config, now, None, None)
    since = min(window.since, day - timedelta(days=crawl.WINDOW_DAYS))
    reports = _crawl_due_sources(db, config, replace(window, since=since), now)
    index_refresh.index_papers(db, config, since=since)
    failures = [f"{report.source}: {report.detail}" for report in reports if report.state != "ok"]
    state = "degraded" if failures else "ok"
    complete = _list_complete_days(db, config, day, now)
    history = RunHistory(db)
    for later in complete - {day}:
        history.record("crawl", later.isoformat(), state, detail=f"with {day}", at=now)
    if day not in complete:
        message = f"no source has delivered the whole listing of {day} yet"
        raise TrackerError("; ".join(failures) or message)
    return state


def _crawl_due_sources(
    db: Database, config: Config, window: crawl.CrawlWindow, now: datetime
) -> list[SourceReport]:
    sources = _list_due_sources(db, config, now)
    if not sources:
        return []
    options = crawl.CrawlOptions(sources)
    return crawl.crawl_sources(db, config, window, now=now, options=options)


def _list_due_sources(db: Database, config: Config, now: datetime) -> list[str]:
    """Return arXiv's sources, and the others that have not been crawled successfully today."""
    history = RunHistory(db)
    successes = {
        name: history.last_success_at(f"crawl:{name}") for name in crawl.select_sources(config)
    }
    return [
        name
        for name, at in successes.items()
        if name.startswith("arxiv_") or at is None or at.date() < now.date()
    ]


def _list_complete_days(db: Database, config: Config, since: date, now: datetime) -> set[date]:
    """Return the announcement days since `since` that a source has delivered whole, or are closed.

    Those that only wait for an independent count are done: the crawl of the next day asks for it.
    """
    days = list_days(db, config, now, since=since)
    waiting = {
        entry.day
        for entry in days
        if entry.missing or (entry.state == "unverified" and not entry.by)
    }
    listed = announcement_days(since, now.date())
    return {entry.day for entry in days if entry.day in listed} - waiting
