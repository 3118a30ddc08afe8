"""Terminal output of crawls, sources and the ledger.

Public: `crawl_lines`, `source_lines`, `ledger_lines`, `ledger_rows`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tracker.models import SourceReport
from tracker.records import CompletenessDay

if TYPE_CHECKING:
    from tracker.pipeline.admin.doctor import SourceState


def crawl_lines(reports: Iterable[SourceReport]) -> Iterator[str]:
    """Yield one line per source, followed by its notes."""
    for report in reports:
        counts = f"{report.read:,} read, {report.added:,} added, {report.updated:,} updated"
        unread = f", {report.unread:,} unreadable" if report.unread else ""
        detail = f". {report.detail}" if report.detail else ""
        yield f"{report.source}: {report.state}, {counts}{unread}{detail}"
        yield from (f"  {note}" for note in report.notes)


def source_lines(sources: Iterable["SourceState"]) -> Iterator[str]:
    """Yield one line per source."""
    for source in sources:
        read = "" if source.enabled else "off, "
        when = f"{source.last_ok:%Y-%m-%d %H:%M}" if source.last_ok else "never"
        detail = f" ({source.detail})" if source.detail else ""
        yield f"{source.name:18} {read}{source.state}{detail}, last ok {when}; {source.url}"


def ledger_rows(days: Iterable[CompletenessDay]) -> list[dict[str, Any]]:
    """Return the days as JSON objects, which have `second_hand` only where it is not 0."""
    rows = [asdict(day) for day in days]
    for row in rows:
        if not row["second_hand"]:
            del row["second_hand"]
    return rows


def ledger_lines(days: Iterable[CompletenessDay]) -> Iterator[str]:
    """Yield one line per day and category; a day without announcements is one line."""
    closed = None
    for entry in days:
        if entry.state == "closed" and not entry.got:
            if entry.day != closed:
                yield f"{entry.day} {entry.day:%a}  closed"
            closed = entry.day
            continue
        expected = "?" if entry.expected is None else f"{entry.expected:,}"
        late = f", {entry.late:,} late" if entry.late else ""
        missing = f", {entry.missing:,} missing" if entry.missing else ""
        second = f", {entry.second_hand:,} second-hand" if entry.second_hand else ""
        sources = f"  ({', '.join(entry.by)})" if entry.by else ""
        yield (
            f"{entry.day} {entry.day:%a}  {entry.category:8} {entry.state:10}"
            f" {entry.got:,} of {expected}{late}{missing}{second}{sources}"
        )
