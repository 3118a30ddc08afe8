"""Works in the store: one per paper whatever the order, whole when read, the index in step."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.store.records import DAY, dump, paper
from tracker.models import Paper
from tracker.store import fulltext, papers
from tracker.store.database import Database, problems, writing
from tracker.store.expressions import Wanted, matching
from tracker.store.filters import Facets, Filter


def by_words(db: Database, *words: str, only: Filter | None = None) -> list[int]:
    parts = matching(Wanted(words), {}).ranked
    return [n for ranked in fulltext.search(db, parts, 99, only or Filter()) for n in ranked]


def only(db: Database) -> Paper:
    (found,) = papers.by_number(db, range(100)).values()
    return found


def test_what_was_taken_comes_back_field_by_field(db: Database) -> None:
    whole = paper(
        version=3, comments="c", journal_ref="j", doi="10.1/x", license="l", authors=("É. Ü", "李")
    )
    taken = papers.take(
        db, [whole, paper("hep-th/9901001", authors=(), categories=(), abstract="")]
    )
    assert (taken.added, taken.updated, taken.skipped) == (2, 0, 0)
    assert list(papers.by_key(db, ["2603.00001"]).values()) == [whole]
    assert papers.count(db) == 2


def test_taking_the_same_again_changes_nothing(db: Database) -> None:
    batch = [paper(), paper("2603.00002", version=2)]
    papers.take(db, batch)
    before = dump(db)
    (version,) = db.execute("PRAGMA data_version").fetchone()

    again = papers.take(db, [*batch, batch[0]])

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
        papers.take(db, versions[start : start + size])

    found = only(db)
    assert found.title == "An invented title, version 3"
    assert found.announced == DAY
    assert [(v.number, v.abstract) for v in found.versions] == [
        (1, "An invented abstract, version 1."),
        (2, "An invented abstract, version 2."),
        (3, None),
    ]


def test_a_newer_version_replaces_what_is_searched(db: Database) -> None:
    papers.take(db, [paper(title="Sparse giraffes", authors=("Ada Lovelace",))])
    papers.take(db, [paper(version=2, title="Dense elephants", authors=("Bo Diddley",))])

    def hits(*words: str) -> int:
        return len(by_words(db, *words))

    assert (hits("giraffes"), hits("lovelace")) == (0, 0)
    assert (hits("elephants"), hits("diddley")) == (1, 1)
    assert db.execute("SELECT name FROM authors").fetchall() == [("Bo Diddley",)]


def insert(db: Database, dice: random.Random) -> None:
    papers.take(db, [paper(f"2603.{dice.randrange(99):05}", title=f"Title {dice.random()}")])


def update(db: Database, dice: random.Random) -> None:
    key = f"2603.{dice.randrange(99):05}"
    papers.take(db, [paper(key, version=dice.randrange(1, 9), title=f"Title {dice.random()}")])


def delete(db: Database, dice: random.Random) -> None:
    with writing(db):
        db.execute("DELETE FROM works WHERE id % 7 = ?", [dice.randrange(7)])


def rolled_back(db: Database, dice: random.Random) -> None:
    class Oops(Exception):
        pass

    def break_off() -> None:
        with writing(db):
            db.execute("UPDATE works SET title = 'gone', abstract = ?", [str(dice.random())])
            db.execute("DELETE FROM works WHERE id % 2")
            raise Oops

    with pytest.raises(Oops):
        break_off()


def test_the_full_text_index_stays_in_step_whatever_happens(db: Database) -> None:
    dice = random.Random(4)
    steps: list[Callable[[Database, random.Random], None]] = [insert, update, delete, rolled_back]
    for step in dice.choices(steps, weights=(6, 6, 1, 1), k=150):
        step(db, dice)
    assert problems(db) == []
    assert papers.count(db) > 5
    for number, work in papers.by_number(db, range(200)).items():
        word = work.title.split(".")[-1]
        assert number in by_words(db, word)


def test_a_batch_larger_than_any_statement_is_taken_whole(db: Database) -> None:
    many = [paper(f"2603.{n:05}") for n in range(7000)]
    assert papers.take(db, many).added == 7000
    assert papers.take(db, [replace(p, doi="10.1/y") for p in many]).updated == 7000
    assert len(papers.by_number(db, range(1, 7001))) == 7000


def test_an_empty_batch_is_no_work(db: Database) -> None:
    assert papers.take(db, []).added == 0
    assert papers.span(db) is None


def test_days_are_counted_with_both_ends(db: Database) -> None:
    days = [DAY + timedelta(days=n) for n in (0, 0, 1, 5)]
    papers.take(db, [paper(f"2603.{n:05}", announced=day) for n, day in enumerate(days)])
    assert papers.span(db) == (days[0], days[-1])
    assert len(papers.announced(db, days[0], days[2])) == 3
    assert sum(papers.counts_by_day(db, date.min, date.max).values()) == 4


def test_a_paper_without_categories_counts_for_every_one(db: Database) -> None:
    papers.take(
        db,
        [paper(), paper("2603.00002", categories=()), paper("2603.00003", categories=("hep-th",))],
    )
    listed = papers.announced(db, DAY, DAY, ("cs.CL",)).values()
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
    papers.take(db, [paper()])
    by_words(db, text)
    by_words(db, "invented", only=Filter(author=text, only=Facets(categories=(text,))))
    assert papers.count(db) == 1


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
def test_a_filter_keeps_what_fulfils_it(only_: Any, number: int, db: Database) -> None:
    papers.take(
        db,
        [
            paper(authors=("Ada Lovelace",)),
            paper("2603.00002", announced=DAY + timedelta(days=1), categories=("hep-th",)),
        ],
    )
    assert len(by_words(db, "invented", only=only_)) == number
