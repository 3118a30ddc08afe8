"""Interests: saved searches by name, opinions by work, each once."""

from datetime import UTC, datetime, timedelta

from tests.store.records import paper
from tracker.store import interests, papers
from tracker.store.database import Database, writing
from tracker.store.interests import Followed

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_a_search_is_kept_by_its_name_in_any_case(db: Database) -> None:
    assert interests.follow(db, Followed("MoE", "moe", NOW))
    assert not interests.follow(db, Followed("moe", "moe -vision", NOW))
    assert interests.followed_queries(db) == [Followed("moe", "moe -vision", NOW)]
    assert interests.unfollow(db, "MOE")
    assert not interests.unfollow(db, "MOE")
    assert interests.followed_queries(db) == []


def test_the_last_opinion_counts_and_goes_with_its_work(db: Database) -> None:
    papers.take(db, [paper("2603.00001"), paper("2603.00002")])
    interests.judge(db, 1, liked=True, now=NOW)
    interests.judge(db, 2, liked=True, now=NOW + timedelta(1))
    interests.judge(db, 1, liked=False, now=NOW + timedelta(2))
    found = [(one.paper.id, one.liked) for one in interests.opinions(db)]
    assert found == [("2603.00001", False), ("2603.00002", True)]
    assert interests.forget(db, 1)
    assert not interests.forget(db, 1)
    with writing(db):
        db.execute("DELETE FROM works")
    assert interests.opinions(db) == []
