"""What a monthly report compares its month with, read from the store.

Public: `load_month_records`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from summarizer.grounding.names import is_order
from tracker.calendar import Period
from tracker.digest.document import BoardMoves
from tracker.digest.monthly.board_lines import build_board_lines
from tracker.digest.monthly.model_evidence import BoardSpan, TitledWork, find_model_evidence
from tracker.digest.monthly.month_lists import GroupedWork
from tracker.digest.monthly.month_parts import BoardLines, ModelEvidence, NewModel, Recipe
from tracker.digest.monthly.month_records import MonthRecords
from tracker.digest.monthly.new_models import choose_new_models
from tracker.digest.monthly.volume import DailyPapers
from tracker.digest.period.coverage import collected_days
from tracker.models import BoardSnapshot
from tracker.pipeline.issue.report.direction_history import load_direction_history
from tracker.pipeline.issue.report.earlier_report import load_last_month
from tracker.settings import Config
from tracker.store import boards, daily_counts, month_counts, number_recipes, papers, popularity
from tracker.store.database import Database

_MONTHS_BEFORE = 6
_BOARD_DAYS = timedelta(days=183)
# Models appear on boards some weeks after their papers, or before them.
_PAPER_DAYS = timedelta(days=92)


def load_month_records(
    db: Database, config: Config, period: Period, news: Sequence[BoardMoves]
) -> MonthRecords:
    """Return the records of a month; `news` are the boards with a snapshot in it."""
    history = load_direction_history(db, config, period)
    lines = (_load_lines(db, found.board, period) for found in news)
    return MonthRecords(
        history=history,
        daily=_load_daily_papers(db, config, period),
        pairs=daily_counts.count_tag_pairs(db, period.start, period.end),
        venues=month_counts.works_by_venue(db, period.start, period.end),
        boards=tuple(found for found in lines if found is not None),
        models=_find_models(db, period),
        new_models=_choose_models(db, period),
        last_month=load_last_month(db, config, period, history.trends),
        kinds=month_counts.count_kinds(db, period.start, period.end, config.categories),
        stars=month_counts.stars_of_works(db, period.start, period.end),
        grouped=_load_grouped(db, period),
        recipes=tuple(
            Recipe(*recipe)
            for recipe in number_recipes.list_recipes(
                period.previous().start, period.start, period.end, config.categories
            )
        ),
    )


def _load_grouped(db: Database, period: Period) -> tuple[GroupedWork, ...]:
    rows = month_counts.works_with_groups(db, period.start, period.end)
    return tuple(GroupedWork(*row) for row in rows)


def _find_models(db: Database, period: Period) -> tuple[ModelEvidence, ...]:
    """Return the models of the last three months' papers that a hub or board lists."""
    rows = month_counts.titles_with_models(db, period.end - _PAPER_DAYS, period.end)
    works = [TitledWork(*row) for row in rows]
    cards = {card.name: card for card in popularity.new_models(db, period.start, period.end)}
    cards |= {c.name: c for c in popularity.trending_models(db, period.start, period.end)}
    spans = [span for name in boards.list_names(db) if (span := _board_span(db, name, period))]
    shown = [card for card in cards.values() if not is_order(card.name)]
    return find_model_evidence(works, shown, spans)


def _choose_models(db: Database, period: Period) -> tuple[NewModel, ...]:
    """Return the open models of a month, with the papers of the month that their pages name."""
    cards = [c for c in popularity.new_models(db, period.start, period.end) if not is_order(c.name)]
    cited = {paper for card in cards for paper in card.arxiv}
    found = month_counts.works_among(db, cited, period.start, period.end)
    return choose_new_models(cards, found.__contains__)


def _board_span(db: Database, board: str, period: Period) -> BoardSpan | None:
    """Return the newest snapshot of a board and one of half a year before; None if it is old."""
    if "/" in board:  # a part of a board that is listed, too
        return None
    newest = boards.latest_snapshot(db, board, period.end)
    if newest is None or newest.day < period.end - _PAPER_DAYS:
        return None
    earlier = boards.latest_snapshot(db, board, period.previous().end)
    return BoardSpan(_without_orders(newest), earlier and _without_orders(earlier))


def _without_orders(found: BoardSnapshot) -> BoardSnapshot:
    """Return a snapshot without rows whose names read like an order to a model."""
    rows = (row for row in found.rows if not (is_order(row.model) or is_order(row.organization)))
    return replace(found, rows=tuple(rows))


def _load_daily_papers(db: Database, config: Config, period: Period) -> DailyPapers:
    """Return the papers by day and category from six months before the month on."""
    since = _start_of_baseline(period)
    totals = papers.counts_by_day(db, since, period.end, config.categories)
    counts = month_counts.count_by_category(db, since, period.end, config.categories)
    return DailyPapers(tuple(sorted(collected_days(totals))), {"": totals, **counts})


def _start_of_baseline(period: Period) -> date:
    for _ in range(_MONTHS_BEFORE):
        period = period.previous()
    return period.start


def _load_lines(db: Database, board: str, period: Period) -> BoardLines | None:
    since = period.end - _BOARD_DAYS
    found = boards.snapshots_between(db, board, since, period.end)
    return build_board_lines([_without_orders(one) for one in found if one.day >= since])
