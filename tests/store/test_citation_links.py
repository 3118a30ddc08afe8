"""Citation links: replaced as a whole, looked up again in time, and counted."""

from datetime import date, timedelta

import pytest

from tests.store.records import paper
from tracker.records import CitedWorks
from tracker.store import citation_links, papers
from tracker.store.database import Database

DAY = date(2026, 3, 12)
A, B, C, D = (f"2603.0000{n}" for n in range(1, 5))


@pytest.fixture(autouse=True)
def works(db: Database) -> None:
    papers.upsert(db, [paper(key) for key in (A, B, C, D)])


def number(db: Database, key: str) -> int:
    return papers.numbers_by_key(db, [key])[key]


def cites(db: Database, key: str, *cited: str, day: date = DAY, total: int | None = None) -> None:
    record = CitedWorks(key, day, cited, len(cited) if total is None else total)
    citation_links.replace_cited_works(db, [record])


def test_a_later_lookup_replaces_the_links(db: Database) -> None:
    cites(db, A, B, C)
    cites(db, A, C, D, "1706.03762")
    assert set(citation_links.cited_by(db, A)) == {number(db, C), number(db, D)}
    assert citation_links.citing(db, B) == []
    assert citation_links.citing(db, C) == [number(db, A)]


def test_a_lookup_without_references_keeps_what_is_known(db: Database) -> None:
    cites(db, A, B)
    cites(db, A, day=DAY + timedelta(days=200), total=0)
    assert citation_links.cited_by(db, A) == [number(db, B)]


def test_works_are_looked_up_again_in_time(db: Database) -> None:
    cites(db, A, B)
    cites(db, B, total=0)
    later = {days: DAY + timedelta(days=days) for days in (13, 14, 180)}
    due = {days: citation_links.works_due_for_references(db, day, 9) for days, day in later.items()}
    assert due == {13: [C, D], 14: [C, D, B], 180: [C, D, A, B]}
    assert citation_links.works_due_for_references(db, DAY, 1) == [C]


def test_works_cited_together_are_counted(db: Database) -> None:
    cites(db, C, A, B)
    cites(db, D, A, B)
    cites(db, B, A)
    assert citation_links.count_shared(db, A) == {number(db, B): 2}
    assert citation_links.count_citing(db, [number(db, A), number(db, D)]) == {number(db, A): 3}
    found = citation_links.count_links(db, [number(db, C), number(db, D)])
    assert found == {number(db, A): 2, number(db, B): 2}
