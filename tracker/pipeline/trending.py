"""Trends from the store: of the map's keys, of the lasting topics, of the terms in titles."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tracker.delivery import charts
from tracker.digest.coverage import collected_days
from tracker.errors import UsageError
from tracker.pipeline.indexing import current_encoder
from tracker.settings import Config
from tracker.store import lasting, series, vectors
from tracker.store import topics as themes
from tracker.store.database import Database
from tracker.store.series import ByDay
from tracker.topics import taxonomy
from tracker.topics.phrasing import phrases_of
from tracker.topics.trends import Days, Trend, counted, trends

# The span before is so many times as long as the one that is looked at.
BEFORE = 3
# A term is looked at from so many papers on.
_TERM_PAPERS = 10


@dataclass(frozen=True, slots=True)
class Trends:
    """What was compared, and the outcome: `until` back to `since`, and back to `before_since`."""

    by: str
    since: date
    until: date
    before_since: date
    papers: int
    papers_before: int
    tested: int
    trends: tuple[Trend, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are looked at, and those before that they are compared with."""

    before: date
    since: date
    until: date

    @classmethod
    def last(cls, days: int, until: date) -> "Span":
        """So many days up to `until`, against three times as many before."""
        since = until - timedelta(days=days - 1)
        return cls(since - timedelta(days=days * BEFORE), since, until)


def compare(db: Database, config: Config, by: str, span: Span) -> Trends:
    """Trends `by` "tag", "topic" or "term"; days that were not collected are left out."""
    totals, counts, names = SERIES[by](db, config, span)
    days = tuple(sorted(collected_days(totals)))
    rows = {key: counted(days, found) for key, found in counts.items()}
    now = sum(day >= span.since for day in days)
    all_papers = counted(days, totals)
    found = trends(Days(days, all_papers, now), rows, names) if 0 < now < len(days) else []
    return Trends(
        by,
        span.since,
        span.until,
        span.before,
        int(all_papers[len(days) - now :].sum()),
        int(all_papers[: len(days) - now].sum()),
        sum(trend.q is not None for trend in found),
        tuple(found),
    )


Series = tuple[ByDay, Mapping[str, ByDay], Mapping[str, str]]


def _tags(db: Database, config: Config, span: Span) -> Series:
    concepts = taxonomy.with_own(config.directions)
    counts = series.tags(db, span.before, span.until)
    known = {key: counts.get(key, {}) for key in concepts}
    names = {key: concept.name for key, concept in concepts.items()}
    return series.tagged(db, span.before, span.until), known, names


def _topics(db: Database, config: Config, span: Span) -> Series:
    """Papers by the newest week's topic whose centre is nearest to them.

    All days are measured with the same topics, or else a topic that takes over the papers of its
    neighbours would seem to grow.
    """
    space, week = current_encoder(db, config), themes.newest(db)
    topics = lasting.known(db, space[1], [week]) if space and week else []
    if not space or not topics:
        return {}, {}, {}
    days = series.embedded(db, space[1], span.before, span.until)
    works, matrix = vectors.of_works(db, space[1], list(days))
    if not len(works):
        return {}, {}, {}
    nearest = (matrix @ np.array([topic.centre for topic in topics]).T).argmax(axis=1)
    counts: defaultdict[str, ByDay] = defaultdict(Counter)
    for work, place in zip(works.tolist(), nearest.tolist(), strict=True):
        counts[str(topics[place].id)][days[work]] += 1
    return Counter(days.values()), counts, {str(topic.id): topic.name for topic in topics}


def _terms(db: Database, config: Config, span: Span) -> Series:  # noqa: ARG001  as the others
    totals: Counter[date] = Counter()
    counts: defaultdict[str, ByDay] = defaultdict(Counter)
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for day, title in series.titles(db, span.before, span.until):
        totals[day] += 1
        for key, written in phrases_of(title).items():
            counts[key][day] += 1
            spellings[key][written] += 1
    common = {k: found for k, found in counts.items() if sum(found.values()) >= _TERM_PAPERS}
    names = {key: max(spellings[key], key=lambda f: (spellings[key][f], f)) for key in common}
    return totals, common, names


# Totals by day, counts by key and day, and names, by what trends can be of.
SERIES = {"tag": _tags, "topic": _topics, "term": _terms}


def draw(found: Trends, path: Path) -> None:
    """Draw the tested trends with their intervals. UsageError for a file of another kind."""
    if path.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"--plot takes a file that ends in .png or .svg, not {path.name}.")
    tested = [trend for trend in found.trends if trend.change is not None]
    charts.trends(tested, f"{found.since} to {found.until} against {found.before_since} on", path)
