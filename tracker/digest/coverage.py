"""How much of a period was collected: only a period that was collected is compared with.

A few stray papers of an earlier month, an imported list of references say, are no month: against
them any number of papers would be a rise of thousands of per cent.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import date

from tracker.calendar import Period, announcement_days
from tracker.store import listings, papers
from tracker.store.database import Database

# A period counts as collected when so much of its announcement days was, and as indexed when so
# much of its papers was.
LEAST = 0.8
# A day with less than this share of the papers of the busiest day was not collected. arXiv's
# quietest days around holidays have about a quarter.
_LEAST_OF_A_DAY = 0.05


class Coverage:
    """The days from `start` to `end` on which the store holds what arXiv listed."""

    def __init__(self, db: Database, start: date, end: date, categories: Sequence[str]) -> None:
        self._by_day = papers.counts_by_day(db, start, end, categories)
        told = listings.days_without_papers(db, start, end, categories)
        self._days = collected_days(self._by_day) | told

    def collected(self, period: Period) -> bool:
        """Whether enough of the period's announcement days was collected to compare with it."""
        due = announcement_days(period.start, period.end)
        here = sum(day in self._days for day in due)
        return bool(due) and here >= LEAST * len(due)

    def papers(self, period: Period) -> int:
        """How many papers of the period are in the store."""
        return sum(self._by_day.get(day, 0) for day in period.days)


def collected_days(by_day: Mapping[date, int]) -> Set[date]:
    """The days that have more than a few stray papers, by the numbers of all of them."""
    least = max(1.0, _LEAST_OF_A_DAY * max(by_day.values(), default=0))
    return {day for day, number in by_day.items() if number >= least}


def indexed(here: int, papers_of_period: int) -> bool:
    """Whether so many of a period's papers were looked at that they speak for all of them."""
    return here > 0 and here >= LEAST * papers_of_period
