"""Uses of acronyms: counted once per work, also after repeated, changed or interrupted scans."""

import sqlite3

import pytest

from tests.store.records import dump, paper
from tracker.store import acronyms, papers
from tracker.store.acronyms import AcronymUse, Sense
from tracker.store.database import Database, write_transaction

MOE = AcronymUse("moe", "mixtureofexpert", "MoE", "mixture of experts")
MARGIN = AcronymUse("moe", "marginoferror", "MoE", "margin of error")


def scan(db: Database, *uses: AcronymUse, finder: str = "f") -> int:
    """Store these uses for every unscanned work; return the number of works."""
    texts = acronyms.load_texts(db, acronyms.list_unscanned_works(db, finder))
    acronyms.store_uses(db, finder, {work: (text.digest, uses) for work, text in texts.items()})
    return len(texts)


def papers_of(db: Database) -> dict[str, int]:
    return {
        sense.long: sense.papers
        for sense in acronyms.senses_by_short_form(db, ["moe"]).get("moe", [])
    }


def test_a_work_is_scanned_once_and_counts_once(db: Database) -> None:
    papers.upsert(db, [paper("2603.00001"), paper("2603.00002")])
    assert scan(db, MOE) == 2
    assert scan(db, MOE) == 0
    assert papers_of(db) == {"mixtureofexpert": 2}
    assert acronyms.count_scans_uses_senses(db) == (2, 2, 1)


def test_a_scan_without_uses_is_stored(db: Database) -> None:
    papers.upsert(db, [paper()])
    assert scan(db) == 1
    assert scan(db) == 0
    assert acronyms.count_scans_uses_senses(db) == (1, 0, 0)


def test_a_changed_text_removes_its_old_uses(db: Database) -> None:
    papers.upsert(db, [paper("2603.00001"), paper("2603.00002")])
    scan(db, MOE)
    papers.upsert(db, [paper("2603.00001", version=2)])
    assert scan(db, MARGIN) == 1
    assert papers_of(db) == {"marginoferror": 1, "mixtureofexpert": 1}


def test_another_finder_scans_again(db: Database) -> None:
    papers.upsert(db, [paper()])
    scan(db, MOE)
    assert scan(db, MARGIN, finder="g") == 1
    assert papers_of(db) == {"marginoferror": 1}


def test_a_text_that_changed_while_it_was_read_is_read_again(db: Database) -> None:
    papers.upsert(db, [paper()])
    read = acronyms.load_texts(db, acronyms.list_unscanned_works(db, "f"))
    papers.upsert(db, [paper(version=2)])
    acronyms.store_uses(db, "f", {work: (text.digest, [MOE]) for work, text in read.items()})
    assert acronyms.list_unscanned_works(db, "f") == list(read)


def test_an_interrupted_scan_leaves_no_count(db: Database) -> None:
    papers.upsert(db, [paper("2603.00001"), paper("2603.00002")])
    before = dump(db)
    with pytest.raises(sqlite3.IntegrityError):
        acronyms.store_uses(db, "f", {1: ("x", [MOE]), 2: ("y", [MOE, MOE])})
    assert dump(db) == before
    scan(db, MOE)
    assert papers_of(db) == {"mixtureofexpert": 2}


def test_deleting_a_work_deletes_its_uses(db: Database) -> None:
    papers.upsert(db, [paper("2603.00001"), paper("2603.00002")])
    scan(db, MOE)
    with write_transaction(db):
        db.execute("DELETE FROM works WHERE id = 1")
    assert papers_of(db) == {"mixtureofexpert": 1}
    acronyms.store_uses(db, "f", {1: ("x", [MOE])})
    assert papers_of(db) == {"mixtureofexpert": 1}
    with write_transaction(db):
        db.execute("DELETE FROM works")
    assert papers_of(db) == {}


def test_spellings_count_together_under_the_most_frequent_one(db: Database) -> None:
    other = MOE._replace(written_short="MoEs", written_long="Mixtures of Experts")
    for key, use in (("2603.00001", MOE), ("2603.00002", other), ("2603.00003", other)):
        papers.upsert(db, [paper(key)])
        scan(db, use)
    sense = Sense("moe", "mixtureofexpert", "MoEs", "Mixtures of Experts", 3)
    assert acronyms.senses_by_short_form(db, ["moe", "rag"]) == {"moe": [sense]}
    assert acronyms.senses_by_long_form(db, ["mixtureofexpert"]) == {"mixtureofexpert": [sense]}
    assert acronyms.senses_by_short_form(db, []) == {}


def test_papers_with_a_word_are_returned_newest_first(db: Database) -> None:
    for number, title in enumerate(("An MoE", "No such", "A moe", "The moes")):
        papers.upsert(db, [paper(f"2603.{number:05}", title=title, abstract=".")])
    assert acronyms.newest_texts_containing(db, "moe", 2) == ["The moes\n.", "A moe\n."]
