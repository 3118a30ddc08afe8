"""Trends in the store: of the topics on the map, of tracked themes, and of terms in titles.

Public: `compute_trends`, `plot_trends`, `ComparisonSpan`, `TrendReport`, `SERIES_LOADERS`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tracker.delivery import charts
from tracker.digest.period.coverage import collected_days
from tracker.pipeline.retrieval.index_refresh import current_encoder
from tracker.settings import Config
from tracker.store import clusters as themes
from tracker.store import daily_counts, topic_history, vectors
from tracker.store.daily_counts import DailyCounts
from tracker.store.database import Database
from tracker.topics import taxonomy
from tracker.topics.phrase_counts import find_phrases
from tracker.topics.trends import DailyTotals, Trend, daily_count_array, find_trends

# The baseline is this many times as long as the span that is compared with it.
BASELINE_FACTOR = 3
# Terms in fewer papers are left out.
_MIN_TERM_PAPERS = 10


@dataclass(frozen=True, slots=True)
class TrendReport:
    """The trends of `since` to `until` compared with the days from `before_since` to `since`."""

    by: str
    since: date
    until: date
    before_since: date
    papers: int
    papers_before: int
    tested: int
    trends: tuple[Trend, ...]


@dataclass(frozen=True, slots=True)
class ComparisonSpan:
    """A span of days, and the start of the baseline before it."""

    baseline_since: date
    since: date
    until: date

    @classmethod
    def last_days(cls, days: int, until: date) -> "ComparisonSpan":
        """Return the span of `days` days up to `until`, with a baseline three times as long."""
        since = until - timedelta(days=days - 1)
        return cls(since - timedelta(days=days * BASELINE_FACTOR), since, until)


def compute_trends(db: Database, config: Config, by: str, span: ComparisonSpan) -> TrendReport:
    """Return the trends `by` "tag", "topic" or "term"; days without a crawl are left out."""
    totals, counts, names = SERIES_LOADERS[by](db, config, span)
    days = tuple(sorted(collected_days(totals)))
    rows = {key: daily_count_array(days, found) for key, found in counts.items()}
    now = sum(day >= span.since for day in days)
    all_papers = daily_count_array(days, totals)
    found = (
        find_trends(DailyTotals(days, all_papers, now), rows, names) if 0 < now < len(days) else []
    )
    return TrendReport(
        by,
        span.since,
        span.until,
        span.baseline_since,
        int(all_papers[len(days) - now :].sum()),
        int(all_papers[: len(days) - now].sum()),
        sum(trend.q is not None for trend in found),
        tuple(found),
    )


SeriesData = tuple[DailyCounts, Mapping[str, DailyCounts], Mapping[str, str]]


def _load_tag_series(db: Database, config: Config, span: ComparisonSpan) -> SeriesData:
    concepts = taxonomy.concepts_with_custom(config.directions)
    counts = daily_counts.count_by_tag(db, span.baseline_since, span.until)
    known = {key: counts.get(key, {}) for key in concepts}
    names = {key: concept.name for key, concept in concepts.items()}
    return daily_counts.count_tagged(db, span.baseline_since, span.until), known, names


def _load_topic_series(db: Database, config: Config, span: ComparisonSpan) -> SeriesData:
    """Return papers by the theme of the newest week whose centre is nearest to them.

    All days are measured against the same themes; otherwise a theme that absorbs the papers of its
    neighbours would seem to grow.
    """
    space, week = current_encoder(db, config), themes.newest_period(db)
    topics = topic_history.topics_seen_in(db, space[1], [week]) if space and week else []
    if not space or not topics:
        return {}, {}, {}
    days = daily_counts.embedded_work_days(db, space[1], span.baseline_since, span.until)
    works, matrix = vectors.load_vectors(db, space[1], list(days))
    if not len(works):
        return {}, {}, {}
    nearest = (matrix @ np.array([topic.centre for topic in topics]).T).argmax(axis=1)
    counts: defaultdict[str, DailyCounts] = defaultdict(Counter)
    for work, index in zip(works.tolist(), nearest.tolist(), strict=True):
        counts[str(topics[index].id)][days[work]] += 1
    return Counter(days.values()), counts, {str(topic.id): topic.name for topic in topics}


def _load_term_series(db: Database, config: Config, span: ComparisonSpan) -> SeriesData:  # noqa: ARG001  shared signature
    totals: Counter[date] = Counter()
    counts: defaultdict[str, DailyCounts] = defaultdict(Counter)
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for day, title in daily_counts.titles_by_day(db, span.baseline_since, span.until):
        totals[day] += 1
        for key, written in find_phrases(title).items():
            counts[key][day] += 1
            spellings[key][written] += 1
    common = {k: found for k, found in counts.items() if sum(found.values()) >= _MIN_TERM_PAPERS}
    names = {key: max(spellings[key], key=lambda f: (spellings[key][f], f)) for key in common}
    return totals, common, names


# The loader of daily totals, counts by key and day, and names, for each kind of trend.
SERIES_LOADERS = {"tag": _load_tag_series, "topic": _load_topic_series, "term": _load_term_series}


def plot_trends(found: TrendReport, path: Path) -> None:
    """Plot the tested trends with their intervals. Raises UsageError for another kind of file."""
    charts.check_chart_path(path)
    tested = [trend for trend in found.trends if trend.change is not None]
    charts.plot_trends(
        tested, f"{found.since} to {found.until} against {found.before_since} on", path
    )
