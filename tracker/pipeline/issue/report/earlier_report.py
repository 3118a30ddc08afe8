"""The report of the month before, and what became of what it showed.

Public: `load_last_month`.
"""

from collections.abc import Mapping, Sequence

from tracker.calendar import Period
from tracker.digest.document import Document, Entry, from_json
from tracker.digest.monthly.last_month import (
    PickRecords,
    list_pick_outcomes,
    list_trend_outcomes,
)
from tracker.digest.monthly.month_parts import LastMonth
from tracker.pipeline.issue.report.direction_history import compute_month_trends
from tracker.settings import Config
from tracker.store import acceptances, issues, papers, popularity
from tracker.store.database import Database
from tracker.topics.trends import Trend

_KIND = "monthly"


def load_last_month(
    db: Database, config: Config, period: Period, trends: Mapping[str, Trend]
) -> LastMonth | None:
    """Return the month before, revisited; None if nothing is known about it.

    `trends` are those of the month itself; without them the month before was not collected.
    """
    before = period.previous()
    tested = compute_month_trends(db, config, before) if trends else None
    outcomes = list_trend_outcomes(tested.trends, trends) if tested else ()
    report = _find_report(db, config, before)
    shown = _leading_entries(report) if report else ()
    if not outcomes and not shown:
        return None
    gained = list_pick_outcomes(shown, _load_records(db, shown, period))
    return LastMonth(before.key, outcomes, len(shown), gained, compared=tested is not None)


def _find_report(db: Database, config: Config, period: Period) -> Document | None:
    codes = dict.fromkeys((config.digest.language, "en"))
    found = (issues.find(db, _KIND, period.key, code) for code in codes)
    return next((from_json(issue.document) for issue in found if issue), None)


def _leading_entries(report: Document) -> tuple[Entry, ...]:
    return (*((report.read_first,) if report.read_first else ()), *report.top)


def _load_records(db: Database, shown: Sequence[Entry], period: Period) -> PickRecords:
    keys = [entry.id for entry in shown]
    now = popularity.citations_until(db, keys, period.end)
    then = popularity.citations_until(db, keys, period.previous().end)
    votes = popularity.upvotes_until(db, keys, period.end)
    found = papers.load_by_key(db, keys).values()
    return PickRecords(
        {paper.id: paper for paper in found},
        acceptances.venue_labels(db, keys),
        {key: count - then.get(key, 0) for key, count in now.items()},
        {entry.id: votes[entry.id] - entry.upvotes for entry in shown if entry.id in votes},
        popularity.models_citing(db, keys, period.end),
    )
