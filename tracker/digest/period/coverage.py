"""How much of a period was collected; comparisons use only periods that were collected.

A few stray papers of an earlier month, for example from an imported list of references, are not a
baseline: compared with them, any month would have grown by thousands of per cent.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import date

from tracker.calendar import Period, announcement_days
from tracker.store import listings, papers
from tracker.store.database import Database

# A period counts as collected if at least this share of its announcement days was, and as indexed
# if at least this share of its papers was.
LEAST = 0.8
# A day with less than this share of the papers of the busiest day was not collected. Even arXiv's
# quietest days around holidays have about a quarter.
_MIN_SHARE_OF_BUSIEST_DAY = 0.05


class Coverage:
    """The days from `start` to `end` whose arXiv listings are in the database."""

    def __init__(self, db: Database, start: date, end: date, categories: Sequence[str]) -> None:
        self._by_day = papers.counts_by_day(db, start, end, categories)
        empty = listings.days_without_papers(db, start, end, categories)
        self._days = collected_days(self._by_day) | empty

    def collected(self, period: Period) -> bool:
        """Return whether enough of the announcement days were collected for a comparison."""
        days = announcement_days(period.start, period.end)
        collected = sum(day in self._days for day in days)
        return bool(days) and collected >= LEAST * len(days)

    def papers(self, period: Period) -> int:
        """Return how many papers of the period are in the database."""
        return sum(self._by_day.get(day, 0) for day in period.days)


def collected_days(by_day: Mapping[date, int]) -> Set[date]:
    """Return the days with more than a few stray papers, given the number of papers per day."""
    minimum = max(1.0, _MIN_SHARE_OF_BUSIEST_DAY * max(by_day.values(), default=0))
    return {day for day, number in by_day.items() if number >= minimum}


def indexed(processed: int, papers_of_period: int) -> bool:
    """Return whether enough of a period's papers were processed to represent all of them."""
    return processed > 0 and processed >= LEAST * papers_of_period
