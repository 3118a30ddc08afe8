"""Interests: saved searches by name, opinions by work, each once."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.store.records import paper
from tracker.store import interests, papers, schema, subscribers
from tracker.store.database import Database, opened, writing
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


def test_what_a_subscriber_cares_for_is_theirs_and_goes_with_them(db: Database) -> None:
    papers.take(db, [paper("2603.00001"), paper("2603.00002")])
    ann, bea = (subscribers.add(db, f"{n}@x.example", "", "en", NOW).number for n in ("a", "b"))
    for owner, query in ((None, "home"), (ann, "ann"), (bea, "bea")):
        assert interests.follow(db, Followed("mine", query, NOW), owner)
        interests.judge(db, 1, liked=owner != bea, now=NOW, owner=owner)
    interests.judge(db, 2, liked=True, now=NOW, owner=ann)
    found = interests.followed(db, [None, ann, bea])
    assert {owner: one.query for owner, (one,) in found.items()} == {
        None: "home", ann: "ann", bea: "bea"
    }  # fmt: skip
    assert [len(one) for one in interests.judged(db, [None, ann, bea]).values()] == [1, 2, 1]
    assert interests.numbers(db) == {
        ann: interests.Numbers(1, 2, 0), bea: interests.Numbers(1, 0, 1)
    }  # fmt: skip
    subscribers.remove(db, "a@x.example")
    assert set(interests.numbers(db)) == {bea}
    assert interests.followed_queries(db, ann) == interests.opinions(db, ann) == []
    assert interests.unfollow(db, "MINE")
    assert [one.query for one in interests.followed_queries(db, bea)] == ["bea"]
    assert len(interests.opinions(db)) == 1


def test_what_the_home_followed_before_subscribers_could_is_still_the_homes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "old.db"
    old = Database(sqlite3.connect(path), execute_plugins=False)
    schema.migrations.apply(old, stop_before="m021_interests_of_subscribers")
    old.execute("INSERT INTO followed VALUES ('moe', 'moe -vision', ?)", [NOW.isoformat()])
    old.conn.commit()
    old.close()
    with opened(path) as db:
        assert interests.followed_queries(db) == [Followed("moe", "moe -vision", NOW)]
