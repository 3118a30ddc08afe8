"""How the directions of a month changed: since the month before, and over six months.

The tests are those of `tracker trends`, so that a report never claims another growth than it does.

Public: `load_direction_history`, `compute_month_trends`.
"""

from collections.abc import Mapping
from datetime import date

from tracker.calendar import Period
from tracker.digest.document import MonthShare
from tracker.digest.monthly.month_records import DirectionHistory
from tracker.digest.period.coverage import Coverage, indexed
from tracker.pipeline.retrieval.trend_reports import ComparisonSpan, TrendReport, compute_trends
from tracker.settings import Config
from tracker.store import daily_counts
from tracker.store.database import Database
from tracker.topics import taxonomy

_MONTHS = 6


def load_direction_history(db: Database, config: Config, period: Period) -> DirectionHistory:
    """Return the trends of a month's concepts, and directions' shares in the months up to it."""
    months = _months_until(period)
    concepts = taxonomy.concepts_with_custom(config.directions)
    keys = [concept.key for concept in taxonomy.concepts_of_kind("direction", concepts)]
    coverage = Coverage(db, months[0].start, period.end, config.categories)
    report = compute_month_trends(db, config, period)
    trends = {trend.key: trend for trend in report.trends} if report else {}
    tagged = daily_counts.count_tagged(db, months[0].start, period.end)
    counts = daily_counts.count_by_tag(db, months[0].start, period.end)
    series = {
        key: tuple(
            _month_share(month, counts.get(key, {}), tagged, coverage.papers(month))
            for month in months
        )
        for key in keys
    }
    return DirectionHistory(trends, report.tested if report else 0, series)


def compute_month_trends(db: Database, config: Config, period: Period) -> TrendReport | None:
    """Return the trends of a month; None unless the month before was collected and tagged."""
    before = period.previous()
    coverage = Coverage(db, before.start, before.end, config.categories)
    tagged = sum(daily_counts.count_tagged(db, before.start, before.end).values())
    if not coverage.collected(before) or not indexed(tagged, coverage.papers(before)):
        return None
    span = ComparisonSpan(before.start, period.start, period.end)
    return compute_trends(db, config, "tag", span)


def _months_until(period: Period) -> list[Period]:
    months = [period]
    while len(months) < _MONTHS:
        months.insert(0, months[0].previous())
    return months


def _month_share(
    month: Period, counts: Mapping[date, int], tagged: Mapping[date, int], listed: int
) -> MonthShare:
    papers, whole = (
        sum(number for day, number in found.items() if month.contains(day))
        for found in (counts, tagged)
    )
    return MonthShare(month.key, papers, papers / whole if indexed(whole, listed) else None)
