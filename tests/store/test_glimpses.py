"""Glimpses: one sentence of a work, of the text it has now."""

from tests.store.records import paper
from tracker.store import glimpses, papers
from tracker.store.database import Database


def test_a_glimpse_is_of_the_present_text_and_of_its_method(db: Database) -> None:
    works = [paper("2603.00001"), paper("2603.00002")]
    papers.take(db, works)
    assert sorted(glimpses.missing(db, "a")) == [1, 2]
    glimpses.add(db, "a", {1: (works[0].text_digest, "One."), 2: ("of another text", "Two.")})
    assert glimpses.missing(db, "a") == [2]
    assert glimpses.of_works(db, "a", [1, 2, 3]) == {1: "One."}
    assert glimpses.of_works(db, "b", [1]) == {}
    assert sorted(glimpses.missing(db, "b")) == [1, 2]
