"""Decide whether an issue can be sent: never without papers, and later if papers are missing.

Missing papers may still arrive, for example after an outage of a source. So an incomplete issue
waits until `digest.wait_hours` after the end of its period; then it is sent, with a notice.

Public: `TOLERATED_SHARE`, `deadline`, `lacking`, `refuse_empty`, `refuse_unfit`.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from tracker.calendar import Period
from tracker.digest.document import Document, PeriodCounts
from tracker.errors import IssueEmpty, IssueIncomplete
from tracker.pipeline.ingest import completeness
from tracker.settings import Config
from tracker.store.database import Database

_LONGEST_WAIT_HOURS = 24 * 366.0
# An issue does not wait if at most this share of its papers is missing.
TOLERATED_SHARE = 0.02


def deadline(config: Config, period: Period) -> datetime:
    """Return the time until which an incomplete issue of the period waits.

    A daily edition waits until its day ends: the next one is due a few hours later.
    """
    end = datetime.combine(period.end + timedelta(days=1), time(), UTC)
    if period.kind == "day":
        return end
    return end + timedelta(hours=min(config.digest.wait_hours, _LONGEST_WAIT_HOURS))


def lacking(
    db: Database, config: Config, period: Period, counts: PeriodCounts, now: datetime
) -> tuple[str, ...]:
    """Return a phrase for each thing the issue lacks; empty if it is complete."""
    return tuple(_lacking(db, config, period, counts, now))


def _lacking(
    db: Database, config: Config, period: Period, counts: PeriodCounts, now: datetime
) -> Iterator[str]:
    entries = completeness.list_days(db, config, now, since=period.start, until=period.end)
    open_days = {entry.day for entry in entries if entry.state != "closed"}
    holidays = {entry.day for entry in entries} - open_days  # may be missing from the calendar
    empty = [day.day for day in counts.days if day.state == "empty" and day.day not in holidays]
    if empty:
        yield f"nothing has been collected for {_days(empty)}"
    unindexed, missing = counts.papers - counts.indexed, sum(entry.missing for entry in entries)
    if unindexed > TOLERATED_SHARE * counts.papers:
        yield f"{unindexed:,} of {counts.papers:,} papers are not indexed"
    if missing > TOLERATED_SHARE * counts.papers:
        yield f"{missing:,} listings are missing"


def _days(days: list[date]) -> str:
    if len(days) <= 3:
        return ", ".join(map(str, days))
    return f"{len(days)} announcement days from {days[0]} to {days[-1]}"


def refuse_empty(period: Period, document: Document | None) -> Document:
    """Return the document if it shows papers. Raises IssueEmpty otherwise."""
    if document is None or document.empty:
        raise IssueEmpty(period.key, document.counts.papers if document else 0)
    return document


def refuse_unfit(
    db: Database, config: Config, period: Period, document: Document | None, now: datetime
) -> tuple[str, ...]:
    """Return a phrase for each thing that the issue lacks, if it can be sent.

    Raises IssueEmpty if it has no papers, and IssueIncomplete while it waits for missing papers.
    """
    counts = refuse_empty(period, document).counts
    reasons = lacking(db, config, period, counts, now)
    until = deadline(config, period)
    if reasons and now < until:
        raise IssueIncomplete(period.key, reasons, until)
    return reasons
