"""Loading a period: its papers ranked, under the names of the topics that its clusters continue.

Everything is read once, by `tracker.digest.period.period_records`; the rest is computed from that.

Public: `ranking_scope`, `load_period`.
"""

from dataclasses import replace
from datetime import timedelta

from tracker.calendar import Period
from tracker.digest.period.period_data import PeriodData, build_period_data
from tracker.digest.period.period_records import NOVELTY_DAYS, RankingScope, load_period_records
from tracker.digest.selection.ranked_papers import RankingContext
from tracker.pipeline.issue import topic_continuity
from tracker.pipeline.issue.reader_profile import load_ranking_context
from tracker.pipeline.issue.topic_continuity import TopicMatches
from tracker.pipeline.retrieval.index_refresh import current_encoder
from tracker.settings import Config
from tracker.store import papers
from tracker.store.database import Database
from tracker.topics import taxonomy
from tracker.topics.naming.theme_names import ThemeNamer


def ranking_scope(db: Database, config: Config) -> RankingScope:
    """Return which papers are ranked: the configured embedding model and followed categories."""
    known = current_encoder(db, config)
    return RankingScope(known and known[1], config.categories)


def load_period(
    db: Database, config: Config, period: Period, context: RankingContext | None = None
) -> tuple[PeriodData, TopicMatches]:
    """Return a period's data and what became of earlier topics in it.

    Clusters that continue a topic have its name.
    """
    scope = ranking_scope(db, config)
    previous = topic_continuity.load_previous_topics(db, scope.encoder, period)
    data = build_period_data(
        load_period_records(db, period, scope),
        context or load_ranking_context(db, config, period),
        taxonomy.concepts_with_custom(config.directions),
        previous.centroids,
    )
    namer = _theme_namer(db, data)
    matches = topic_continuity.match_topics(
        data.ranked.clusters, data.ranked.vectors, previous, namer
    )
    new = frozenset(c.group for c in matches.changes if c.kind == "new" and c.group is not None)
    data = replace(data, namer=namer, new_themes=new if previous.topics else frozenset())
    return _with_topic_names(data, matches), matches


def _theme_namer(db: Database, data: PeriodData) -> ThemeNamer:
    start = data.period.start
    earlier = papers.titles_announced_between(
        db, start - timedelta(days=NOVELTY_DAYS), start - timedelta(days=1)
    )
    ranked = {pick.paper.id: pick.paper for pick in data.ranked.picks}
    return ThemeNamer(ranked, data.ranked.tags, data.concepts, earlier)


def _with_topic_names(data: PeriodData, matches: TopicMatches) -> PeriodData:
    return replace(data, ranked=replace(data.ranked, clusters=matches.clusters))
