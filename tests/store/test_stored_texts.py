"""Texts and names stored by earlier releases are brought to the form of new ones."""

from tests.store.records import dump, paper
from tracker.store import papers, stored_texts
from tracker.store.database import Database
from tracker.store.fts_query import QueryTerms, build_query
from tracker.store.fts_search import works_containing

OLD = paper(
    "2603.00001",
    title="Cafe\u0301 of e\ufb03cient \uff34okens",
    abstract="We to\u00adkenize x\u00b2.",
    comments="12\u00a0pages",
    authors=("Ada Doe (1", "2)", "Bo Roe (2) ((1) X", "(2) Lab Y)", ":", r"Cy D\'esir\'e"),
)
GOOD = paper(
    "2603.00002",
    title="R\u00e9sum\u00e9s: \u6df1\u5ea6\u5b66\u4e60\uff0c\u211d",
    authors=("the Alpha and Beta Lab", "Jan van der Berg Jr."),
)


def find(db: Database, word: str) -> list[str]:
    (part, *_) = build_query(QueryTerms(words=(word,)), {}).ranked
    return list(papers.keys_by_number(db, works_containing(db, part).tolist()).values())


def test_an_old_work_is_rewritten_and_found(db: Database) -> None:
    papers.upsert(db, [OLD, GOOD])
    with db.conn:
        stored_texts.normalize_all(db.conn)
    (work,) = papers.load_by_key(db, ["2603.00001"]).values()
    assert work.title == "Caf\u00e9 of efficient Tokens"
    assert (work.abstract, work.comments) == ("We tokenize x\u00b2.", "12 pages")
    assert work.authors == ("Ada Doe", "Bo Roe", "Cy D\u00e9sir\u00e9")
    for word in ("caf\u00e9", "efficient", "tokens", "tokenize", "D\u00e9sir\u00e9"):
        assert find(db, word) == ["2603.00001"], word
    (other,) = papers.load_by_key(db, ["2603.00002"]).values()
    assert other == GOOD


def test_a_second_run_changes_nothing(db: Database) -> None:
    papers.upsert(db, [OLD, GOOD])
    with db.conn:
        stored_texts.normalize_all(db.conn)
    before = dump(db)
    with db.conn:
        stored_texts.normalize_all(db.conn)
    assert dump(db) == before


def test_the_same_record_in_its_new_form_changes_nothing_afterwards(db: Database) -> None:
    papers.upsert(db, [OLD])
    with db.conn:
        stored_texts.normalize_all(db.conn)
    (work,) = papers.load_by_key(db, ["2603.00001"]).values()
    counts = papers.upsert(db, [work])
    assert (counts.added, counts.updated, counts.skipped) == (0, 0, 1)
