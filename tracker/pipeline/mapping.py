"""The knowledge map: seven dimensions by directions, what grows in it, and what was read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from tracker.models import Cluster, TopicWeek
from tracker.pipeline.trending import Span, compare
from tracker.settings import Config
from tracker.store import lasting, series
from tracker.store import topics as themes
from tracker.store.database import Database
from tracker.topics import taxonomy

MAP_DAYS = 30


@dataclass(frozen=True, slots=True)
class TopicCount:
    """A key of the map over the last days: its papers, how its share changed, what was read.

    `growth` is the change of the share against the three times as many days before, None without
    any; `trend` is growing or shrinking only where that is more than chance. `read` counts the
    papers that the user has read or liked. `by_dimension` has a direction's papers that are in each
    dimension too.
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


@dataclass(frozen=True, slots=True)
class Landscape:
    """The map with its counts; the themes of the newest week that has any, largest first.

    `changes` tells which topic each theme is, by the theme's place, and which topics faded.
    """

    concepts: tuple[TopicCount, ...]
    week: str | None
    themes: tuple[Cluster, ...]
    changes: tuple[TopicWeek, ...]


def landscape(db: Database, config: Config, today: date, read: Collection[str] = ()) -> Landscape:
    """The map of the last thirty days; `read` are the ids of papers that were read or liked."""
    span = Span.last(MAP_DAYS, today)
    compared = {trend.key: trend for trend in compare(db, config, "tag", span).trends}
    together = series.together(db, span.since, today)
    seen = series.tags_of_keys(db, read)
    concepts = taxonomy.with_own(config.directions)
    counted = tuple(
        TopicCount(
            concept.key,
            concept.kind,
            concept.name,
            concept.name_zh,
            together.get((concept.key, concept.key), 0),
            trend.growth if (trend := compared.get(concept.key)) else None,
            trend.kind if trend else "steady",
            seen.get(concept.key, 0),
            {
                dimension.key: together.get((concept.key, dimension.key), 0)
                for dimension in taxonomy.of_kind("dimension", concepts)
                if concept.kind == "direction"
            },
        )
        for concept in concepts.values()
    )
    week = themes.newest(db)
    if week is None:
        return Landscape(counted, None, (), ())
    return Landscape(
        counted, week, tuple(themes.of_period(db, week)), tuple(lasting.of_period(db, week))
    )
