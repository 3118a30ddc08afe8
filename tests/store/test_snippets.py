"""Snippets: one sentence of a work, from its current text."""

from tests.store.records import paper
from tracker.store import papers, snippets
from tracker.store.database import Database


def test_a_snippet_belongs_to_the_current_text_and_its_method(db: Database) -> None:
    works = [paper("2603.00001"), paper("2603.00002")]
    papers.upsert(db, works)
    assert sorted(snippets.works_without_snippet(db, "a")) == [1, 2]
    snippets.store_snippets(
        db, "a", {1: (works[0].text_hash, "One."), 2: ("of another text", "Two.")}
    )
    assert snippets.works_without_snippet(db, "a") == [2]
    assert snippets.for_works(db, "a", [1, 2, 3]) == {1: "One."}
    assert snippets.for_works(db, "b", [1]) == {}
    assert sorted(snippets.works_without_snippet(db, "b")) == [1, 2]
