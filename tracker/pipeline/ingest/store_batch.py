"""Storing a page from a source: each kind of record goes to the store module that owns it.

Public: `store_page`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tracker.models import BoardSnapshot, Paper
from tracker.records import (
    Acceptance,
    Citations,
    CitedWorks,
    Deadline,
    FeedItem,
    Listing,
    ListingComplete,
    ModelCard,
    Page,
    Popularity,
    Revision,
    SecondHandPaper,
    TrendingPaper,
)
from tracker.store import (
    acceptances,
    boards,
    citation_links,
    cursors,
    feed_items,
    listings,
    papers,
    popularity,
)
from tracker.store.database import Database, write_transaction
from tracker.store.upsert import UpsertCounts


def store_page(db: Database, source: str, page: Page, now: datetime) -> UpsertCounts:
    """Store the records of a page and the cursor of its source in one transaction."""
    total = UpsertCounts()
    with write_transaction(db):
        for kind, store in _STORE_FUNCTIONS.items():
            records = [record for record in page.records if isinstance(record, kind)]
            if records:
                counts = store(db, source, records, now)
                total.added += counts.added
                total.updated += counts.updated
                total.skipped += counts.skipped
        cursors.save_progress(db, source, page.cursor, page.cache_validators)
    return total


def _store_listings(db: Database, source: str, records: list[Listing], _: datetime) -> UpsertCounts:
    listings.store_listings(db, records, source)
    papers.refresh_announcement_days(db, {listing.id for listing in records})
    return UpsertCounts()


def _store_complete_listings(
    db: Database, source: str, records: list[ListingComplete], now: datetime
) -> UpsertCounts:
    listings.store_completions(db, source, records, now)
    return UpsertCounts()


def _store_boards(db: Database, _: str, records: list[BoardSnapshot], __: datetime) -> UpsertCounts:
    added = boards.store_snapshots(db, records)
    return UpsertCounts(added=added, updated=len(records) - added)


def _store_papers(db: Database, source: str, records: list[Paper], now: datetime) -> UpsertCounts:
    """Store papers; those with the hour of submission show which feeds were dated too early."""
    if source in _EXACT_SOURCES:
        earliest = {paper.id: paper.announced for paper in records}
        listings.postpone_listings(db, earliest)
    return papers.upsert(db, records, now)


def _store_second_hand(
    db: Database, source: str, records: list[SecondHandPaper], now: datetime
) -> UpsertCounts:
    return papers.upsert_second_hand(db, [record.paper for record in records], source, now)


# These sources know the hour of submission, before which no work was listed.
_EXACT_SOURCES = frozenset({"arxiv_api", "arxiv_oai"})
StoreFunction = Callable[[Database, str, list[Any], datetime], UpsertCounts]
# How each kind of record is stored. Listings come first: they determine the day of a paper.
_STORE_FUNCTIONS: Mapping[type, StoreFunction] = {
    Listing: _store_listings,
    Paper: _store_papers,
    Revision: lambda db, _, records, __: papers.upsert_revisions(
        db, [revision.paper for revision in records]
    ),
    SecondHandPaper: _store_second_hand,
    ListingComplete: _store_complete_listings,
    Acceptance: acceptances.upsert,
    Popularity: lambda db, _, records, __: popularity.upsert_upvotes(db, records),
    Citations: lambda db, _, records, __: popularity.upsert_citations(db, records),
    CitedWorks: lambda db, _, records, __: citation_links.replace_cited_works(db, records),
    ModelCard: lambda db, source, records, _: popularity.upsert_model_cards(db, source, records),
    TrendingPaper: lambda db, source, records, _: popularity.upsert_trends(db, source, records),
    BoardSnapshot: _store_boards,
    FeedItem: feed_items.upsert_items,
    Deadline: lambda db, _, records, __: feed_items.upsert_deadlines(db, records),
}
