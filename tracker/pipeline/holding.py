"""Whether an issue is fit to be sent: never without papers, and not at once while some are missing.

What is missing may still come, as after an outage of a source, so an incomplete issue waits for
`digest.wait_hours` after the end of its period; then it goes out and says what it lacks.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from tracker.calendar import Period
from tracker.digest.document import Counts, Document
from tracker.errors import IssueEmpty, IssueIncomplete
from tracker.pipeline import ledger
from tracker.settings import Config
from tracker.store.database import Database

_LONGEST_WAIT_HOURS = 24 * 366.0
# An issue does not wait for so small a share of its papers.
_FEW = 0.02


def deadline(config: Config, period: Period) -> datetime:
    """Until when an incomplete issue of the period waits."""
    end = datetime.combine(period.end + timedelta(days=1), time(), UTC)
    return end + timedelta(hours=min(config.digest.wait_hours, _LONGEST_WAIT_HOURS))


def lacking(
    db: Database, config: Config, period: Period, counts: Counts, now: datetime
) -> tuple[str, ...]:
    """What keeps an issue from being complete; nothing when it is."""
    return tuple(_lacking(db, config, period, counts, now))


def _lacking(
    db: Database, config: Config, period: Period, counts: Counts, now: datetime
) -> Iterator[str]:
    known = ledger.days(db, config, now, since=period.start, until=period.end)
    open_days = {entry.day for entry in known if entry.state != "closed"}
    holidays = {entry.day for entry in known} - open_days  # which the calendar may not know
    empty = [day.day for day in counts.days if day.state == "empty" and day.day not in holidays]
    if empty:
        yield f"nothing has been collected for {_days(empty)}"
    unindexed, missing = counts.papers - counts.indexed, sum(entry.missing for entry in known)
    if unindexed > _FEW * counts.papers:
        yield f"{unindexed:,} of {counts.papers:,} papers are not indexed"
    if missing > _FEW * counts.papers:
        yield f"{missing:,} listings are missing"


def _days(days: list[date]) -> str:
    if len(days) <= 3:
        return ", ".join(map(str, days))
    return f"{len(days)} announcement days from {days[0]} to {days[-1]}"


def refuse_empty(period: Period, document: Document | None) -> Document:
    """An issue that has papers to show. Raises IssueEmpty where there is none."""
    if document is None or document.empty:
        raise IssueEmpty(period.key, document.counts.papers if document else 0)
    return document


def refuse_unfit(
    db: Database, config: Config, period: Period, document: Document | None, now: datetime
) -> tuple[str, ...]:
    """What an issue that may be sent lacks.

    Raises IssueEmpty for one without papers, and IssueIncomplete while one that lacks some waits.
    """
    counts = refuse_empty(period, document).counts
    reasons = lacking(db, config, period, counts, now)
    until = deadline(config, period)
    if reasons and now < until:
        raise IssueIncomplete(period.key, reasons, until)
    return reasons
