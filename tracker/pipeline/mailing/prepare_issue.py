"""Prepare the issue of a period for sending: compose what is missing, and publish the pages.

All readers of a language get the same issue, so one that is partly sent is not composed again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.calendar import Period
from tracker.digest.document import Document, from_json
from tracker.pipeline.issue import readiness
from tracker.pipeline.issue.compose_issue import (
    ComposedIssue,
    IssueOptions,
    compose_period,
    draft,
)
from tracker.pipeline.issue.publish import page_name, publish_issue
from tracker.settings import Config
from tracker.store import issues, outbox
from tracker.store.database import Database

# The kind of issue by the kind of period.
ISSUE_KINDS = {"day": "daily", "week": "weekly", "month": "monthly"}


@dataclass(frozen=True, slots=True)
class PreparedIssue:
    """The stored issue of a period by language, and what it lacks if it is sent incomplete."""

    period: Period
    issues: Mapping[str, issues.Issue]
    missing: tuple[str, ...] = ()

    def documents(self, languages: Iterable[str]) -> dict[str, Document]:
        """The documents of the issue in these languages."""
        return {code: from_json(self.issues[code].document) for code in languages}


def utc_now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


def prepare_issue(
    db: Database,
    config: Config,
    period: Period,
    languages: Sequence[str],
    at: datetime,
    *,
    incomplete: bool,
) -> PreparedIssue:
    """Compose and publish the issue in these languages where necessary, and return it.

    An issue of which messages have been sent stays as it is. `at` is the time by which it must be
    complete. Raises IssueEmpty if the issue has no papers, and IssueIncomplete while it lacks some
    unless `incomplete` allows it.
    """
    missing: dict[str, None] = {}
    if not has_started_sending(db, period):
        for code in languages:
            missing |= dict.fromkeys(_compose_if_incomplete(db, config, period, code, at))
            if not incomplete:
                document = _find_document(db, period, code)
                missing |= dict.fromkeys(readiness.refuse_unfit(db, config, period, document, at))
    ready = {code: _find_or_compose(db, config, period, code) for code in languages}
    for issue in ready.values():
        _publish_if_missing(db, config, issue)
    return PreparedIssue(period, ready, tuple(missing))


def has_started_sending(db: Database, period: Period) -> bool:
    """Whether a message of the issue has been sent, or may have been."""
    numbers = issues.issue_numbers(db, ISSUE_KINDS[period.kind], period.key)
    counts = outbox.count_by_state(db, numbers)
    return any(count for state, count in counts.items() if state != outbox.PENDING)


def find_finished_issue(db: Database, period: Period, code: str) -> issues.Issue | None:
    """The issue in a language; None if there is none or it was composed before its period ended."""
    found = issues.find(db, ISSUE_KINDS[period.kind], period.key, code)
    return found if found and period.is_over(found.created) else None


def draft_issue(db: Database, config: Config, period: Period, code: str) -> Document:
    """The document that `prepare_issue` would send, without storing or publishing anything.

    Raises IssueEmpty.
    """
    found = _find_document(db, period, code)
    document = found or draft(db, config, period, now=utc_now(), language=code)
    return readiness.refuse_empty(period, document)


def _find_document(db: Database, period: Period, code: str) -> Document | None:
    found = find_finished_issue(db, period, code)
    return from_json(found.document) if found else None


def _compose_if_incomplete(
    db: Database, config: Config, period: Period, code: str, at: datetime
) -> tuple[str, ...]:
    """Compose the issue unless it is complete, and return what the new one lacks.

    Raises IssueEmpty if there is still no issue with papers.
    """
    document = _find_document(db, period, code)
    reasons: tuple[str, ...] = ()
    if document is None or readiness.lacking(db, config, period, document.counts, at):
        reasons = _compose(db, config, period, code, at).reasons
        document = _find_document(db, period, code)
    readiness.refuse_empty(period, document)
    return reasons


def _compose(
    db: Database, config: Config, period: Period, code: str, at: datetime
) -> ComposedIssue:
    options = IssueOptions(code, is_home_issue=code == config.digest.language)
    return compose_period(db, config, period, now=at, options=options)


def _find_or_compose(db: Database, config: Config, period: Period, code: str) -> issues.Issue:
    """The issue of the whole period, composed now if there is none. Raises IssueEmpty."""
    found = find_finished_issue(db, period, code)
    if found is None:
        _compose(db, config, period, code, utc_now())
        found = issues.find(db, ISSUE_KINDS[period.kind], period.key, code)
    readiness.refuse_empty(period, from_json(found.document) if found else None)
    assert found is not None
    return found


def _publish_if_missing(db: Database, config: Config, issue: issues.Issue) -> None:
    """Publish the page that the messages link to if it was lost or never made."""
    page = config.web_pages / page_name(issue.kind, issue.period, issue.language)
    if not page.is_file():
        publish_issue(db, config, from_json(issue.document))
