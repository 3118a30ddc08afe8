"""The stored facts of works: current after every write, and in files of older releases."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from tests.store.records import paper
from tracker.store import papers, schema
from tracker.store.database import Database, find_problems, open_database


def test_stored_facts_follow_the_text_of_a_work(db: Database) -> None:
    first = paper(comments="Code: https://github.com/a/b")
    papers.upsert(db, [first])
    later = replace(paper(version=2), comments="Withdrawn by the authors; ICML 2026 accepted")
    (before,) = papers.load_by_key(db, [first.id]).values()
    papers.upsert(db, [later])
    (after,) = papers.load_by_key(db, [first.id]).values()
    assert (before.facts, after.facts) == (first.facts, later.facts)
    assert db.execute("SELECT code_link FROM paper_facts").fetchall() == [("",)]


def test_the_works_of_an_older_file_have_their_facts_after_opening(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    old = Database(sqlite3.connect(file))
    schema.migrations.apply(old, stop_before="m023_paper_facts")
    row = (
        "INSERT INTO works (id, key, title, abstract, byline, comments, published, announced,"
        " updated, version, digest, text_digest, withdrawn) VALUES (?, ?, 'A Survey', ?, 'Ada', ?,"
        " '2026-03-09', '2026-03-10', '2026-03-10', 1, 'x', 'y', 1)"
    )
    old.execute(row, [1, "2603.00001", "Our code is at github.com/a/b.", "Accepted at ACL 2026"])
    old.execute(row, [7, "2603.00007", "An abstract.", "This paper has been withdrawn"])
    old.close()

    with open_database(file) as db:
        stored = db.execute("SELECT * FROM paper_facts ORDER BY work").fetchall()
        withdrawn = db.execute("SELECT withdrawn FROM works ORDER BY id").fetchall()
        assert find_problems(db) == []
    assert stored == [
        (1, "https://github.com/a/b", "", "ACL 2026", "survey"), (7, "", "", "", "survey"),
    ]  # fmt: skip
    assert withdrawn == [(0,), (1,)]
