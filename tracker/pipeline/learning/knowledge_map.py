"""The knowledge map: seven dimensions by directions, with growth and the papers the user read.

Public: `load_knowledge_map`, `KnowledgeMap`, `TopicCount`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.models import Cluster, TopicWeek
from tracker.pipeline.retrieval.trend_reports import ComparisonSpan, compute_trends
from tracker.settings import Config
from tracker.store import clusters as themes
from tracker.store import daily_counts, topic_history
from tracker.store.database import Database
from tracker.topics import taxonomy
from tracker.topics.taxonomy import Concept

MAP_DAYS = 30


@dataclass(frozen=True, slots=True)
class TopicCount:
    """One topic of the map over the last days: its papers, its growth and the papers read.

    `growth` is the change of the topic's share compared with the preceding period, which is three
    times as long, or None without such a period; `trend` is growing or shrinking only where the
    change is statistically significant. `read` counts the papers that the user has read or liked.
    `by_dimension` counts a direction's papers in each dimension, and `read_by_dimension` those that
    the user has read or liked, of any day.
    """

    key: str
    kind: str
    name: str
    name_zh: str
    papers: int
    growth: float | None
    trend: str
    read: int
    by_dimension: dict[str, int]
    read_by_dimension: dict[str, int]


@dataclass(frozen=True, slots=True)
class KnowledgeMap:
    """The map with its counts, and the themes of the newest week that has any, largest first.

    `changes` links each theme, by its position, to a tracked theme and lists those that faded.
    """

    concepts: tuple[TopicCount, ...]
    week: str | None
    themes: tuple[Cluster, ...]
    changes: tuple[TopicWeek, ...]


def load_knowledge_map(
    db: Database, config: Config, today: date, read: Collection[str] = ()
) -> KnowledgeMap:
    """Return the map of the last thirty days; `read` are the ids of papers read or liked."""
    counts = _count_topics(db, config, today, read)
    week = themes.newest_period(db)
    if week is None:
        return KnowledgeMap(counts, None, (), ())
    return KnowledgeMap(
        counts, week, tuple(themes.for_period(db, week)), tuple(topic_history.for_period(db, week))
    )


def _count_topics(
    db: Database, config: Config, today: date, read: Collection[str]
) -> tuple[TopicCount, ...]:
    span = ComparisonSpan.last_days(MAP_DAYS, today)
    trends = {trend.key: trend for trend in compute_trends(db, config, "tag", span).trends}
    pairs = daily_counts.count_tag_pairs(db, span.since, today)
    read_pairs = daily_counts.count_tag_pairs_of_keys(db, read)
    concepts = taxonomy.concepts_with_custom(config.directions)
    dimensions = [found.key for found in taxonomy.concepts_of_kind("dimension", concepts)]
    return tuple(
        TopicCount(
            concept.key,
            concept.kind,
            concept.name,
            concept.name_zh,
            pairs.get((concept.key, concept.key), 0),
            trend.growth if (trend := trends.get(concept.key)) else None,
            trend.kind if trend else "steady",
            read_pairs.get((concept.key, concept.key), 0),
            _cells(concept, dimensions, pairs),
            _cells(concept, dimensions, read_pairs),
        )
        for concept in concepts.values()
    )


def _cells(
    concept: Concept, dimensions: Sequence[str], pairs: Mapping[tuple[str, str], int]
) -> dict[str, int]:
    """Return the counts of a direction in each dimension; none for a dimension."""
    if concept.kind != "direction":
        return {}
    return {dimension: pairs.get((concept.key, dimension), 0) for dimension in dimensions}
