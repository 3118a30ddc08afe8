"""Uses of acronyms: counted once for each work, whatever is repeated, changed or cut short."""

import sqlite3

import pytest

from tests.store.records import dump, paper
from tracker.store import acronyms, papers
from tracker.store.acronyms import Sense, Use
from tracker.store.database import Database, writing

MOE = Use("moe", "mixtureofexpert", "MoE", "mixture of experts")
MARGIN = Use("moe", "marginoferror", "MoE", "margin of error")


def scan(db: Database, *uses: Use, finder: str = "f") -> int:
    """Give every work that is waiting these uses; how many waited."""
    texts = acronyms.texts(db, acronyms.unscanned(db, finder))
    acronyms.add(db, finder, {work: (text.digest, uses) for work, text in texts.items()})
    return len(texts)


def papers_of(db: Database) -> dict[str, int]:
    return {sense.long: sense.papers for sense in acronyms.senses(db, ["moe"]).get("moe", [])}


def test_a_work_is_scanned_once_and_counts_once(db: Database) -> None:
    papers.take(db, [paper("2603.00001"), paper("2603.00002")])
    assert scan(db, MOE) == 2
    assert scan(db, MOE) == 0
    assert papers_of(db) == {"mixtureofexpert": 2}
    assert acronyms.totals(db) == (2, 2, 1)


def test_nothing_found_is_an_answer_too(db: Database) -> None:
    papers.take(db, [paper()])
    assert scan(db) == 1
    assert scan(db) == 0
    assert acronyms.totals(db) == (1, 0, 0)


def test_a_changed_text_takes_its_old_pairs_back(db: Database) -> None:
    papers.take(db, [paper("2603.00001"), paper("2603.00002")])
    scan(db, MOE)
    papers.take(db, [paper("2603.00001", version=2)])
    assert scan(db, MARGIN) == 1
    assert papers_of(db) == {"marginoferror": 1, "mixtureofexpert": 1}


def test_another_finder_starts_anew(db: Database) -> None:
    papers.take(db, [paper()])
    scan(db, MOE)
    assert scan(db, MARGIN, finder="g") == 1
    assert papers_of(db) == {"marginoferror": 1}


def test_a_text_that_changed_while_it_was_read_is_read_again(db: Database) -> None:
    papers.take(db, [paper()])
    read = acronyms.texts(db, acronyms.unscanned(db, "f"))
    papers.take(db, [paper(version=2)])
    acronyms.add(db, "f", {work: (text.digest, [MOE]) for work, text in read.items()})
    assert acronyms.unscanned(db, "f") == list(read)


def test_what_is_cut_short_leaves_no_count_behind(db: Database) -> None:
    papers.take(db, [paper("2603.00001"), paper("2603.00002")])
    before = dump(db)
    with pytest.raises(sqlite3.IntegrityError):
        acronyms.add(db, "f", {1: ("x", [MOE]), 2: ("y", [MOE, MOE])})
    assert dump(db) == before
    scan(db, MOE)
    assert papers_of(db) == {"mixtureofexpert": 2}


def test_a_work_that_goes_takes_its_uses_along(db: Database) -> None:
    papers.take(db, [paper("2603.00001"), paper("2603.00002")])
    scan(db, MOE)
    with writing(db):
        db.execute("DELETE FROM works WHERE id = 1")
    assert papers_of(db) == {"mixtureofexpert": 1}
    acronyms.add(db, "f", {1: ("x", [MOE])})
    assert papers_of(db) == {"mixtureofexpert": 1}
    with writing(db):
        db.execute("DELETE FROM works")
    assert papers_of(db) == {}


def test_spellings_count_together_and_the_usual_one_is_told(db: Database) -> None:
    other = MOE._replace(written_short="MoEs", written_long="Mixtures of Experts")
    for key, use in (("2603.00001", MOE), ("2603.00002", other), ("2603.00003", other)):
        papers.take(db, [paper(key)])
        scan(db, use)
    told = Sense("moe", "mixtureofexpert", "MoEs", "Mixtures of Experts", 3)
    assert acronyms.senses(db, ["moe", "rag"]) == {"moe": [told]}
    assert acronyms.shorts_of(db, ["mixtureofexpert"]) == {"mixtureofexpert": [told]}
    assert acronyms.senses(db, []) == {}


def test_papers_with_a_word_are_told_the_newest_first(db: Database) -> None:
    for number, title in enumerate(("An MoE", "No such", "A moe", "The moes")):
        papers.take(db, [paper(f"2603.{number:05}", title=title, abstract=".")])
    assert acronyms.newest_with(db, "moe", 2) == ["The moes\n.", "A moe\n."]
