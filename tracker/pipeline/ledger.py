"""The ledger: for every announcement day and category what was expected, got, late and missing.

A day is *complete* when a source has told all of it and all of that is in the store; *closed* when
arXiv lists nothing on it; *degraded* otherwise. The states follow from what is stored, so they are
never out of date. Public: `days`, `gaps`.
"""

from datetime import date, datetime, timedelta

from tracker.calendar import is_announcement_day, is_out
from tracker.records import LedgerDay
from tracker.settings import Config
from tracker.store import listings
from tracker.store.database import Database
from tracker.store.ledger import Ledger
from tracker.store.listings import Tally

# The API is no archive: what was missed longer ago comes from the metadata snapshot or from OAI.
FARTHEST_DAYS = 90
_DAY = timedelta(days=1)


def days(
    db: Database,
    config: Config,
    now: datetime,
    *,
    since: date | None = None,
    until: date | None = None,
) -> list[LedgerDay]:
    """Each day that is out, from the tracker's first one on, oldest first; none before a crawl."""
    span = _span(db, now)
    if span is None:
        return []
    first, last = max(span[0], since or date.min), min(span[1], until or date.max)
    tallies = listings.tallies(db, first, last, config.categories)
    found: list[LedgerDay] = []
    for n in range((last - first).days + 1):
        day = first + n * _DAY
        of_day = {name: tallies.get((day, name), Tally()) for name in config.categories}
        eventful = any(tally.got or tally.missing for tally in of_day.values())
        found += [_judged(day, name, tally, eventful=eventful) for name, tally in of_day.items()]
    return found


def _span(db: Database, now: datetime) -> tuple[date, date] | None:
    """From the first day asked for, or told, to the last one: today, unless an end was named."""
    rolled, asked = listings.rolled_span(db), Ledger(db).asked("crawl:arxiv_")
    known = [span for span in (rolled, asked) if span]
    if not known:
        return None
    last = min(max(until for _, until in known), now.date() + _DAY)
    while not is_out(last, now):
        last -= _DAY
    return min(since for since, _ in known), last


def _judged(day: date, category: str, tally: Tally, *, eventful: bool) -> LedgerDay:
    """`eventful` says whether anything at all was listed that day, in any category."""
    told = bool(tally.rolled)
    expected = tally.got + tally.missing if told else None
    if not told and not tally.missing and not is_announcement_day(day):
        state, expected = "closed", tally.got
    elif told and not eventful:
        state = "closed"  # a holiday that the calendar does not know
    else:
        state = "complete" if told and not tally.missing else "degraded"
    return LedgerDay(
        day, category, state, expected, tally.got, tally.late, tally.missing, tally.rolled
    )


def gaps(db: Database, config: Config, now: datetime) -> list[date]:
    """The days of the last ninety of which no source has told all, oldest first."""
    since = now.date() - timedelta(days=FARTHEST_DAYS)
    open_days = {
        entry.day
        for entry in days(db, config, now, since=since)
        if entry.state == "degraded" and entry.expected is None
    }
    return sorted(open_days)
