"""Interests: saved searches by name, opinions by work, each once."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.store.records import paper
from tracker.store import interests, papers, schema, subscribers
from tracker.store.database import Database, open_database, write_transaction
from tracker.store.interests import SavedSearch

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_a_saved_search_has_a_case_insensitive_name(db: Database) -> None:
    assert interests.follow(db, SavedSearch("MoE", "moe", NOW))
    assert not interests.follow(db, SavedSearch("moe", "moe -vision", NOW))
    assert interests.list_saved_searches(db) == [SavedSearch("moe", "moe -vision", NOW)]
    assert interests.unfollow(db, "MOE")
    assert not interests.unfollow(db, "MOE")
    assert interests.list_saved_searches(db) == []


def test_the_last_opinion_counts_and_is_deleted_with_its_work(db: Database) -> None:
    papers.upsert(db, [paper("2603.00001"), paper("2603.00002")])
    interests.store_opinion(db, 1, liked=True, now=NOW)
    interests.store_opinion(db, 2, liked=True, now=NOW + timedelta(1))
    interests.store_opinion(db, 1, liked=False, now=NOW + timedelta(2))
    found = [(one.paper.id, one.liked) for one in interests.list_opinions(db)]
    assert found == [("2603.00001", False), ("2603.00002", True)]
    assert interests.delete_opinion(db, 1)
    assert not interests.delete_opinion(db, 1)
    with write_transaction(db):
        db.execute("DELETE FROM works")
    assert interests.list_opinions(db) == []


def test_interests_belong_to_a_subscriber_and_are_deleted_with_them(db: Database) -> None:
    papers.upsert(db, [paper("2603.00001"), paper("2603.00002")])
    ann, bea = (subscribers.add(db, f"{n}@x.example", "", "en", NOW).number for n in ("a", "b"))
    for owner, query in ((None, "home"), (ann, "ann"), (bea, "bea")):
        assert interests.follow(db, SavedSearch("mine", query, NOW), owner)
        interests.store_opinion(db, 1, liked=owner != bea, now=NOW, owner=owner)
    interests.store_opinion(db, 2, liked=True, now=NOW, owner=ann)
    found = interests.saved_searches_by_owner(db, [None, ann, bea])
    assert {owner: one.query for owner, (one,) in found.items()} == {
        None: "home", ann: "ann", bea: "bea"
    }  # fmt: skip
    assert [len(one) for one in interests.opinions_by_owner(db, [None, ann, bea]).values()] == [
        1,
        2,
        1,
    ]
    assert interests.count_interests(db) == {
        ann: interests.InterestCounts(1, 2, 0), bea: interests.InterestCounts(1, 0, 1)
    }  # fmt: skip
    subscribers.delete(db, "a@x.example")
    assert set(interests.count_interests(db)) == {bea}
    assert interests.list_saved_searches(db, ann) == interests.list_opinions(db, ann) == []
    assert interests.unfollow(db, "MINE")
    assert [one.query for one in interests.list_saved_searches(db, bea)] == ["bea"]
    assert len(interests.list_opinions(db)) == 1


def test_interests_of_older_files_belong_to_the_owner_of_the_home(
    tmp_path: Path,
) -> None:
    path = tmp_path / "old.db"
    old = Database(sqlite3.connect(path))
    schema.migrations.apply(old, stop_before="m021_interests_of_subscribers")
    old.execute("INSERT INTO followed VALUES ('moe', 'moe -vision', ?)", [NOW.isoformat()])
    old.conn.commit()
    old.close()
    with open_database(path) as db:
        assert interests.list_saved_searches(db) == [SavedSearch("moe", "moe -vision", NOW)]
