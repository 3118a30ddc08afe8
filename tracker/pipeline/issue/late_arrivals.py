"""Composing issues again when papers that they lacked have arrived.

An issue that was mailed becomes a correction: its page says so and remains in the feeds, and the
next issue lists the late papers for those who read the mail. It keeps what the mail showed among
its picks, so that no later issue shows it again.

Public: `find_grown_issues`, `compose_again`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tracker.calendar import Period
from tracker.digest.document import from_json
from tracker.digest.writing.phrasing import correction_notice
from tracker.language import get_language
from tracker.pipeline.issue.compose_issue import IssueOptions, compose_period
from tracker.pipeline.issue.readiness import TOLERATED_SHARE
from tracker.settings import Config
from tracker.store import issues, outbox, papers
from tracker.store.database import Database
from tracker.store.issues import Issue

# Gaps of older issues are not of interest any more.
_OLDEST = timedelta(days=62)
_OLDEST_DAY = timedelta(days=4)


def find_grown_issues(db: Database, config: Config, now: datetime) -> Iterator[Issue]:
    """Yield issues of past periods for which many papers arrived after they were composed.

    Those of which mails are waiting are not among them: all readers receive the same issue.
    """
    for kind, key, language, _ in issues.list_issue_keys(db):
        period = Period.parse(key)
        oldest = _OLDEST_DAY if period.kind == "day" else _OLDEST
        if now.date() - period.end > oldest or not period.is_over(now):
            continue
        issue = issues.find(db, kind, key, language)
        if issue and _has_grown(db, config, period, issue) and not _is_waiting(db, issue):
            yield issue


def compose_again(db: Database, config: Config, issue: Issue, now: datetime) -> None:
    """Compose an issue with the papers that are there now, as a correction if it was mailed."""
    notices: tuple[str, ...] = ()
    period = Period.parse(issue.period)
    if _count_mails(db, issue)[outbox.SENT]:
        before = from_json(issue.document).counts.papers
        late = _count_papers(db, config, period) - before
        notices = (correction_notice(late, get_language(issue.language)),)
    is_home_issue = issue.language == config.digest.language
    options = IssueOptions(issue.language, is_home_issue=is_home_issue, notices=notices)
    compose_period(db, config, period, now=now, options=options)


def _has_grown(db: Database, config: Config, period: Period, issue: Issue) -> bool:
    """Whether so many papers arrived that the issue would have waited for them."""
    if not period.is_over(issue.created):
        return False  # a draft, which is composed again anyway
    counts = from_json(issue.document).counts
    days = papers.counts_by_day(db, period.start, period.end, config.categories)
    filled = any(day.state == "empty" and days.get(day.day) for day in counts.days)
    late = sum(days.values()) - counts.papers
    return filled or late > TOLERATED_SHARE * counts.papers


def _count_papers(db: Database, config: Config, period: Period) -> int:
    return sum(papers.counts_by_day(db, period.start, period.end, config.categories).values())


def _count_mails(db: Database, issue: Issue) -> dict[str, int]:
    numbers = issues.issue_numbers(db, issue.kind, issue.period)
    return outbox.count_by_state(db, numbers)


def _is_waiting(db: Database, issue: Issue) -> bool:
    counts = _count_mails(db, issue)
    return bool(counts[outbox.PENDING] or counts[outbox.SENDING])
