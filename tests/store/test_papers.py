"""Works in the store: one per paper in any order, loaded whole, with a consistent index."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.store.records import DAY, dump, paper
from tracker.models import Paper
from tracker.store import fts_search, papers
from tracker.store.database import Database, find_problems, write_transaction
from tracker.store.fts_query import QueryTerms, build_query
from tracker.store.paper_filters import Facets, Filter


def by_words(db: Database, *words: str, only: Filter | None = None) -> list[int]:
    parts = build_query(QueryTerms(words), {}).ranked
    return [n for ranked in fts_search.search(db, parts, 99, only or Filter()) for n in ranked]


def only(db: Database) -> Paper:
    (found,) = papers.load_by_number(db, range(100)).values()
    return found


def test_a_stored_work_is_loaded_field_by_field(db: Database) -> None:
    whole = paper(
        version=3, comments="c", journal_ref="j", doi="10.1/x", license="l", authors=("É. Ü", "李")
    )
    counts = papers.upsert(
        db, [whole, paper("hep-th/9901001", authors=(), categories=(), abstract="")]
    )
    assert (counts.added, counts.updated, counts.skipped) == (2, 0, 0)
    assert list(papers.load_by_key(db, ["2603.00001"]).values()) == [whole]
    assert papers.count_works(db) == 2


def test_storing_the_same_again_changes_nothing(db: Database) -> None:
    batch = [paper(), paper("2603.00002", version=2)]
    papers.upsert(db, batch)
    before = dump(db)
    (version,) = db.execute("PRAGMA data_version").fetchone()

    again = papers.upsert(db, [*batch, batch[0]])

    assert (again.added, again.updated, again.skipped) == (0, 0, 3)
    assert dump(db) == before
    assert db.execute("PRAGMA data_version").fetchone() == (version,)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
@pytest.mark.parametrize("size", [1, 2, 3])
def test_three_versions_are_one_work_in_any_order_and_any_batches(
    order: tuple[int, ...], size: int, db: Database
) -> None:
    versions = [replace(paper(version=n), versions=paper(version=n).versions[-1:]) for n in order]
    for start in range(0, 3, size):
        papers.upsert(db, versions[start : start + size])

    found = only(db)
    assert found.title == "An invented title, version 3"
    assert found.announced == DAY
    assert [(v.number, v.abstract) for v in found.versions] == [
        (1, "An invented abstract, version 1."),
        (2, "An invented abstract, version 2."),
        (3, None),
    ]


def test_a_newer_version_replaces_what_is_searched(db: Database) -> None:
    papers.upsert(db, [paper(title="Sparse giraffes", authors=("Ada Lovelace",))])
    papers.upsert(db, [paper(version=2, title="Dense elephants", authors=("Bo Diddley",))])

    def hits(*words: str) -> int:
        return len(by_words(db, *words))

    assert (hits("giraffes"), hits("lovelace")) == (0, 0)
    assert (hits("elephants"), hits("diddley")) == (1, 1)
    assert db.execute("SELECT name FROM authors").fetchall() == [("Bo Diddley",)]


def insert(db: Database, dice: random.Random) -> None:
    papers.upsert(db, [paper(f"2603.{dice.randrange(99):05}", title=f"Title {dice.random()}")])


def update(db: Database, dice: random.Random) -> None:
    key = f"2603.{dice.randrange(99):05}"
    papers.upsert(db, [paper(key, version=dice.randrange(1, 9), title=f"Title {dice.random()}")])


def delete(db: Database, dice: random.Random) -> None:
    with write_transaction(db):
        db.execute("DELETE FROM works WHERE id % 7 = ?", [dice.randrange(7)])


def rolled_back(db: Database, dice: random.Random) -> None:
    class Oops(Exception):
        pass

    def break_off() -> None:
        with write_transaction(db):
            db.execute("UPDATE works SET title = 'gone', abstract = ?", [str(dice.random())])
            db.execute("DELETE FROM works WHERE id % 2")
            raise Oops

    with pytest.raises(Oops):
        break_off()


def test_the_full_text_index_stays_consistent(db: Database) -> None:
    dice = random.Random(4)
    steps: list[Callable[[Database, random.Random], None]] = [insert, update, delete, rolled_back]
    for step in dice.choices(steps, weights=(6, 6, 1, 1), k=150):
        step(db, dice)
    assert find_problems(db) == []
    assert papers.count_works(db) > 5
    for number, work in papers.load_by_number(db, range(200)).items():
        word = work.title.split(".")[-1]
        assert number in by_words(db, word)


def test_a_batch_larger_than_any_statement_is_stored_completely(db: Database) -> None:
    many = [paper(f"2603.{n:05}") for n in range(7000)]
    assert papers.upsert(db, many).added == 7000
    assert papers.upsert(db, [replace(p, doi="10.1/y") for p in many]).updated == 7000
    assert len(papers.load_by_number(db, range(1, 7001))) == 7000


def test_an_empty_batch_stores_nothing(db: Database) -> None:
    assert papers.upsert(db, []).added == 0
    assert papers.announcement_span(db) is None


def test_days_are_counted_with_both_ends(db: Database) -> None:
    days = [DAY + timedelta(days=n) for n in (0, 0, 1, 5)]
    papers.upsert(db, [paper(f"2603.{n:05}", announced=day) for n, day in enumerate(days)])
    assert papers.announcement_span(db) == (days[0], days[-1])
    assert len(papers.announced_between(db, days[0], days[2])) == 3
    assert sum(papers.counts_by_day(db, date.min, date.max).values()) == 4


def test_a_paper_without_categories_counts_for_every_one(db: Database) -> None:
    papers.upsert(
        db,
        [paper(), paper("2603.00002", categories=()), paper("2603.00003", categories=("hep-th",))],
    )
    listed = papers.announced_between(db, DAY, DAY, ("cs.CL",)).values()
    assert [p.id for p in listed] == ["2603.00001", "2603.00002"]


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "a AND",
        "NEAR(a b)",
        "title: x*",
        "(",
        "'; DROP TABLE works; --",
        "^a",
        "\0",
        "-",
        "a:b",
    ],
)
def test_no_query_is_a_syntax_error(text: str, db: Database) -> None:
    papers.upsert(db, [paper()])
    by_words(db, text)
    by_words(db, "invented", only=Filter(author=text, only=Facets(categories=(text,))))
    assert papers.count_works(db) == 1


@pytest.mark.parametrize(
    ("only_", "number"),
    [
        (Filter(), 2),
        (Filter(since=DAY, until=DAY), 1),
        (Filter(since=DAY + timedelta(days=1)), 1),
        (Filter(only=Facets(categories=("stat.ML", "cs.CL"))), 1),
        (Filter(author="lovelace"), 1),
        (Filter(author="100%"), 0),
        (Filter(author="_da Lovelace"), 0),
    ],
)
def test_a_filter_selects_works_that_satisfy_it(only_: Any, number: int, db: Database) -> None:
    papers.upsert(
        db,
        [
            paper(authors=("Ada Lovelace",)),
            paper("2603.00002", announced=DAY + timedelta(days=1), categories=("hep-th",)),
        ],
    )
    assert len(by_words(db, "invented", only=only_)) == number
