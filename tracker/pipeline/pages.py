"""A page of what a source gives, into the store: each kind of record to the room that keeps it.

Public: `take_page`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tracker.models import BoardSnapshot, Paper
from tracker.records import (
    Acceptance,
    Attention,
    Citations,
    Deadline,
    Item,
    Listing,
    ModelCard,
    Page,
    Revision,
    Roll,
)
from tracker.store import acceptances, attention, boards, bookmarks, items, listings, papers
from tracker.store.database import Database, writing
from tracker.store.rows import Taken


def take_page(db: Database, source: str, page: Page, now: datetime) -> Taken:
    """Store a page and where to go on, all or nothing."""
    total = Taken()
    with writing(db):
        for kind, take in _TAKERS.items():
            records = [record for record in page.records if isinstance(record, kind)]
            if records:
                taken = take(db, source, records, now)
                total.added += taken.added
                total.updated += taken.updated
                total.skipped += taken.skipped
        bookmarks.advance(db, source, page.cursor, page.copies)
    return total


def _take_listings(db: Database, _: str, records: list[Listing], __: datetime) -> Taken:
    listings.take(db, records)
    papers.settle(db, {listing.id for listing in records})
    return Taken()


def _take_rolls(db: Database, source: str, records: list[Roll], now: datetime) -> Taken:
    listings.take_rolls(db, source, records, now)
    return Taken()


def _take_boards(db: Database, _: str, records: list[BoardSnapshot], __: datetime) -> Taken:
    added = boards.take(db, records)
    return Taken(added=added, updated=len(records) - added)


Take = Callable[[Database, str, list[Any], datetime], Taken]
# How each kind of record is stored; listings come first, for they decide the day of a paper.
_TAKERS: Mapping[type, Take] = {
    Listing: _take_listings,
    Paper: lambda db, _, records, now: papers.take(db, records, now),
    Revision: lambda db, _, records, __: papers.revise(db, [told.paper for told in records]),
    Roll: _take_rolls,
    Acceptance: acceptances.take,
    Attention: lambda db, _, records, __: attention.take(db, records),
    Citations: lambda db, _, records, __: attention.take_citations(db, records),
    ModelCard: lambda db, source, records, _: attention.take_models(db, source, records),
    BoardSnapshot: _take_boards,
    Item: items.take,
    Deadline: lambda db, _, records, __: items.take_deadlines(db, records),
}
