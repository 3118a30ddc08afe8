"""What a monthly report compares its month with, read from the store.

Public: `load_month_records`.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from tracker.calendar import Period
from tracker.digest.coverage import collected_days
from tracker.digest.document import BoardMoves
from tracker.digest.monthly.board_lines import build_board_lines
from tracker.digest.monthly.month_parts import BoardLines
from tracker.digest.monthly.month_records import MonthRecords
from tracker.digest.monthly.volume import DailyPapers
from tracker.pipeline.issue.direction_history import load_direction_history
from tracker.settings import Config
from tracker.store import boards, daily_counts, month_counts, papers
from tracker.store.database import Database

_MONTHS_BEFORE = 6
_BOARD_DAYS = timedelta(days=183)


def load_month_records(
    db: Database, config: Config, period: Period, news: Sequence[BoardMoves]
) -> MonthRecords:
    """Return the records of a month; `news` are the boards with a snapshot in it."""
    return MonthRecords(
        history=load_direction_history(db, config, period),
        daily=_load_daily_papers(db, config, period),
        pairs=daily_counts.count_tag_pairs(db, period.start, period.end),
        venues=month_counts.works_by_venue(db, period.start, period.end),
        boards=tuple(
            lines for found in news if (lines := _load_lines(db, found.board, period)) is not None
        ),
    )


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
    return build_board_lines([snapshot for snapshot in found if snapshot.day >= since])
