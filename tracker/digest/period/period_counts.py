"""The numbers of a period, compared with the period before it. Nothing is read here.

Public: `count_period`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date

from tracker.calendar import Period, is_announcement_day
from tracker.digest.document import DayCount, GroupCount, PeriodCounts
from tracker.digest.period.coverage import indexed
from tracker.digest.period.period_records import PeriodRecords
from tracker.models import Paper, Tag
from tracker.topics import taxonomy
from tracker.topics.taxonomy import Concept
from tracker.topics.trends import DailyTotals, Trend, daily_count_array, find_trends


def count_period(records: PeriodRecords, concepts: Mapping[str, Concept]) -> PeriodCounts:
    """Count the papers of a period by day, category, dimension and direction."""
    listed, earlier = records.span.listed, records.earlier
    dimensions, directions = (
        _concept_counts(taxonomy.concepts_of_kind(kind, concepts), records)
        for kind in ("dimension", "direction")
    )
    return PeriodCounts(
        papers=len(listed),
        indexed=len(records.span.embedded),
        days=_day_counts(records.period, Counter(paper.announced for paper in listed.values())),
        categories=_category_counts(listed, earlier.listed, records.span.categories),
        dimensions=dimensions,
        directions=directions,
        baseline=sum(earlier.baseline) / len(earlier.baseline) if earlier.baseline else None,
        baseline_periods=len(earlier.baseline),
    )


def _day_counts(period: Period, papers_by_day: Mapping[date, int]) -> tuple[DayCount, ...]:
    """Return the working days of the period, and other days on which papers were listed."""
    return tuple(
        DayCount(day, papers_by_day.get(day, 0), _day_state(day, papers_by_day.get(day, 0)))
        for day in period.days
        if day.weekday() < 5 or papers_by_day.get(day)
    )


def _day_state(day: date, paper_count: int) -> str:
    if paper_count:
        return "listed"
    return "empty" if is_announcement_day(day) else "closed"


def _category_counts(
    now: Mapping[int, Paper], before: Mapping[int, Paper], names: Sequence[str]
) -> tuple[GroupCount, ...]:
    """Return papers by followed category; a paper counts in each of its categories."""
    counted_now, counted_before = (
        Counter(name for paper in works.values() for name in paper.categories)
        for works in (now, before)
    )
    return tuple(
        _build_count(name, name, (counted_now[name], len(now)), (counted_before[name], len(before)))
        for name in names
    )


def _build_count(key: str, name: str, now: tuple[int, int], before: tuple[int, int]) -> GroupCount:
    """Return a count with its shares, from pairs of (papers under the key, all papers)."""
    share = now[0] / now[1] if now[1] else 0.0
    if not before[1]:
        return GroupCount(key, name, now[0], share)
    return GroupCount(key, name, now[0], share, before[0], before[0] / before[1])


def _concept_counts(concepts: Sequence[Concept], records: PeriodRecords) -> tuple[GroupCount, ...]:
    """Return papers by dimension or direction, as shares of the papers that were tagged.

    They are compared with the period before only if nearly all papers of that were tagged, too.
    """
    earlier = records.earlier
    now = _count_tags(records.span.listed, records.span.tags, records.tagged)
    before = _count_tags(earlier.listed, earlier.tags, earlier.tagged)
    if not indexed(before.total, len(earlier.listed)):
        before = _TagCounts(Counter(), {})
    tested = {trend.key: trend for trend in _test_trends(concepts, now, before)}
    counts = (
        _build_count(
            c.key,
            c.name,
            (now.count_papers(c.key), now.total),
            (before.count_papers(c.key), before.total),
        )
        for c in concepts
    )
    return tuple(_with_trend(count, tested.get(count.key)) for count in counts)


def _with_trend(count: GroupCount, trend: Trend | None) -> GroupCount:
    if trend is None:
        return count
    return replace(count, low=trend.low, high=trend.high, trend=trend.kind)


@dataclass(frozen=True, slots=True)
class _TagCounts:
    """Tagged papers by day, and papers with each tag by day."""

    by_day: Counter[date]
    by_key: Mapping[str, Counter[date]]

    @property
    def total(self) -> int:
        return self.by_day.total()

    def count_papers(self, key: str) -> int:
        return self.by_key[key].total() if key in self.by_key else 0


def _count_tags(
    listed: Mapping[int, Paper], tags: Mapping[int, Sequence[Tag]], tagged: Set[int]
) -> _TagCounts:
    by_key: defaultdict[str, Counter[date]] = defaultdict(Counter)
    for work in tagged:
        for tag in tags.get(work, ()):
            by_key[tag.name][listed[work].announced] += 1
    return _TagCounts(Counter(listed[work].announced for work in tagged), by_key)


def _test_trends(concepts: Sequence[Concept], now: _TagCounts, before: _TagCounts) -> list[Trend]:
    """Return the tested change of each key; nothing if one of the periods has no tagged papers."""
    if not now.total or not before.total:
        return []
    totals = before.by_day + now.by_day
    days = tuple(sorted(totals))
    nothing: Counter[date] = Counter()
    counts = {
        c.key: daily_count_array(
            days, before.by_key.get(c.key, nothing) + now.by_key.get(c.key, nothing)
        )
        for c in concepts
    }
    return find_trends(
        DailyTotals(days, daily_count_array(days, totals), len(now.by_day)), counts, {}
    )
