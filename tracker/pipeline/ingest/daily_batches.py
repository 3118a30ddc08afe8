"""Checks a batch of the daily feed against the batches before it, before it is stored.

On arXiv's bad days the feed repeats the last batch under today's date, for all categories or for
one of them, or it has today's batch under an earlier date. A batch is compared with what the store
has: a work is listed as new only once in a category, and works are numbered in order.

Listing pages are checked in the same way: a cache may have the last page under today's date.

Public: `check_batch`, `check_listing`, `group_new_works`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tracker.calendar import is_announcement_day, is_listing_published
from tracker.models import Paper
from tracker.records import Listing, ListingComplete, Page, Record
from tracker.store import listings
from tracker.store.database import Database

_DAY = timedelta(days=1)
_NEIGHBOURS = 9  # of so many preceding works the median day counts: a few are announced late
_LONGEST_LAG = 7  # days
_REPEATED_SHARE = 0.5  # of a page's new works; a work may move between days, a batch may not


def check_batch(db: Database, page: Page, categories: Sequence[str], now: datetime) -> Page:
    """Return the page of the daily feed without the listings that it repeats.

    Listings of a lagging feed get the day on which they were announced. A category is delivered
    only if its batch is not empty and repeats nothing.
    """
    entries = [record for record in page.records if isinstance(record, Listing)]
    if not entries:
        return page
    batch = _examine(db, entries, categories, now)
    records = tuple(_checked_records(page.records, batch))
    notes = tuple(f"{name} repeats an earlier batch" for name in sorted(batch.stale))
    return replace(page, records=records, warnings=(*page.warnings, *notes))


@dataclass(frozen=True, slots=True)
class _Batch:
    """What was found: repeated (work, category) pairs, stale categories, the day of each day.

    `delivered` are the categories with a fresh batch, by its day.
    """

    repeated: frozenset[tuple[str, str]]
    stale: frozenset[str]
    days: dict[date, date]
    delivered: dict[date, frozenset[str]]


def _examine(
    db: Database, entries: Sequence[Listing], categories: Sequence[str], now: datetime
) -> _Batch:
    repeated: set[tuple[str, str]] = set()
    stale: set[str] = set()
    fresh: dict[str, list[Listing]] = {}
    for category in categories:
        own = [entry for entry in entries if category in entry.categories]
        known = listings.days_listed_as_new(db, category, [entry.id for entry in own])
        again = [entry for entry in own if known.get(entry.id, entry.day) < entry.day]
        repeated |= {(entry.id, category) for entry in again}
        if any(entry.kind == "new" for entry in again) or (again and len(again) == len(own)):
            stale.add(category)
        else:
            fresh[category] = own
    days = _announced_days(db, fresh, now)
    delivered = _delivered_categories(fresh, days)
    return _Batch(frozenset(repeated), frozenset(stale), days, delivered)


def _announced_days(
    db: Database, fresh: dict[str, list[Listing]], now: datetime
) -> dict[date, date]:
    """Return the day of announcement for each day that the fresh listings of a feed have."""
    days: dict[date, date] = {}
    for day in {entry.day for own in fresh.values() for entry in own}:
        batches = {
            category: {entry.id for entry in own if entry.day == day and entry.kind == "new"}
            for category, own in fresh.items()
        }
        days[day] = _announced_day(db, day, batches, now)
    return days


def _announced_day(db: Database, day: date, batches: dict[str, set[str]], now: datetime) -> date:
    """Return the day on which a batch dated `day` was announced.

    It is a later one when `day` has no announcement, when another batch is known for it, or when
    works numbered before it were announced later.
    """
    latest = _latest_listing(now)
    earliest = max([day, *_floors(db, batches)])
    found = earliest
    while found < latest and (
        not is_announcement_day(found) or _has_other_batch(db, found, batches)
    ):
        found += _DAY
    return found if is_announcement_day(found) and found - day <= _LONGEST_LAG * _DAY else day


def _latest_listing(now: datetime) -> date:
    day = now.date() + _DAY
    while not (is_announcement_day(day) and is_listing_published(day, now)):
        day -= _DAY
    return day


def _has_other_batch(db: Database, day: date, batches: dict[str, set[str]]) -> bool:
    """Whether a category has a batch of `day` without any of these works."""
    for category, ids in batches.items():
        known = listings.ids_listed_as_new(db, category, day)
        if ids and known and not ids & known:
            return True
    return False


def _floors(db: Database, batches: dict[str, set[str]]) -> Iterator[date]:
    """Yield the day on which the works numbered just before the batch were announced."""
    ids = sorted(set().union(*batches.values()))
    if ids:
        days = sorted(listings.days_of_preceding_ids(db, ids[len(ids) // 2], _NEIGHBOURS))
        yield from days[len(days) // 2 :][:1]


def _delivered_categories(
    fresh: dict[str, list[Listing]], days: dict[date, date]
) -> dict[date, frozenset[str]]:
    found: defaultdict[date, set[str]] = defaultdict(set)
    for category, own in fresh.items():
        for entry in own:
            found[days[entry.day]].add(category)
    return {day: frozenset(names) for day, names in found.items()}


def _checked_records(records: Sequence[Record], batch: _Batch) -> Iterator[Record]:
    for record in records:
        if isinstance(record, Listing):
            yield from _checked_listing(record, batch)
        elif isinstance(record, ListingComplete):
            day = batch.days.get(record.day, record.day)
            names = batch.delivered.get(day, frozenset())
            if delivered := tuple(name for name in record.categories if name in names):
                yield ListingComplete(day, delivered)
        elif isinstance(record, Paper) and record.announced in batch.days:
            yield replace(record, announced=batch.days[record.announced])
        else:
            yield record


def _checked_listing(entry: Listing, batch: _Batch) -> Iterator[Listing]:
    names = tuple(name for name in entry.categories if (entry.id, name) not in batch.repeated)
    if names:
        yield replace(entry, day=batch.days.get(entry.day, entry.day), categories=names)


def check_listing(db: Database, page: Page) -> Page:
    """Return a listing page without what repeats an earlier batch under a later date.

    A work is new in a category on one day only. Where pages or OAI have most of the new works of a
    page under an earlier day, the page is that of the earlier day with a later date.
    """
    batches = group_new_works(record for record in page.records if isinstance(record, Listing))
    repeated = [
        (day, category) for (day, category), keys in batches.items()
        if _is_repeated(db, day, category, keys)
    ]  # fmt: skip
    if not repeated:
        return page
    days = {day for day, _ in repeated}
    records = tuple(r for r in page.records if getattr(r, "day", None) not in days)
    reasons = tuple(
        f"{category} {day}: its page repeats an earlier day" for day, category in repeated
    )
    return replace(page, records=records, skipped=(*page.skipped, *reasons))


def group_new_works(records: Iterable[Listing]) -> dict[tuple[date, str], list[str]]:
    """Return the works that are listed as new, by day and category."""
    batches: dict[tuple[date, str], list[str]] = {}
    for record in records:
        for category in record.categories if record.kind == "new" else ():
            batches.setdefault((record.day, category), []).append(record.id)
    return batches


def _is_repeated(db: Database, day: date, category: str, keys: Sequence[str]) -> bool:
    known = listings.days_counted_as_new(db, category, keys)
    earlier = sum(first < day for first in known.values())
    return earlier > _REPEATED_SHARE * len(keys)
