"""Queries on a real store: filters select works that satisfy them, in English and Chinese."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from summarizer import Sentence, Summary
from tests.store.records import DAY, paper
from tracker.search.query.parser import parse
from tracker.store import fts_search, papers, schema, summaries_and_tags
from tracker.store.database import Database, find_problems, open_database, write_transaction
from tracker.store.fts_query import build_query
from tracker.store.paper_filters import Filter
from tracker.topics import topic_names

NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
WORKS = [
    paper("2603.00001", title="Sparse experts", comments="Accepted to ACL 2025 (Findings)",
          abstract="Project page: https://a.github.io. Model: https://huggingface.co/a/b"),
    paper("2603.00002", title="Dense experts", categories=("cs.CV",), comments="NAACL2025",
          abstract="Code: https://github.com/example/x", announced=DAY + timedelta(days=1)),
    paper("2603.00003", title="混合专家模型", abstract="关于路由。", categories=("hep-th",),
          journal_ref="Proc. ACL2024", authors=("Ana de Souza", "张三")),
]  # fmt: skip


def found(db: Database, text: str) -> str:
    """Return the last digits of the works that a query matches or, without words, lists."""
    query = parse(
        text, today=DAY, last_digest=date(2026, 3, 10), topics=topic_names.topics_by_name()
    )
    match = build_query(query.wanted, {})
    only = Filter(query.since, query.until, query.facets, query.excluded_facets, fts_query=match)
    lists = fts_search.search(db, match.ranked, 9, only)
    numbers: Iterable[int] = {number for ranked in lists for number in ranked}
    if not match.ranked:
        numbers = fts_search.newest_works(db, 9, only)
    return "".join(work.id[-1] for work in papers.load_by_number(db, numbers).values())


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("experts", "12"),
        ("experts -title:dense", "1"),
        ("-experts", "3"),
        ("cat:cs", "21"),
        ("cat:cs -cat:cs.cv", "1"),
        ("cat:cs.CL cat:hep-th", "31"),
        ("-cat:hep", "231"),
        ("venue:acl", "31"),
        ('venue:"acl 2025"', "1"),
        ("venue:naacl experts", "2"),
        ("has:code", "2"),
        ("-has:code", "31"),
        ("has:model", "1"),
        ("has:model has:code", "21"),
        ("id:2603.00002 id:2603.00009", "2"),
        ("author:souza", "3"),
        ("author:张三", "3"),
        ("author:张", "3"),
        ('author:"Souza, Ána"', "3"),
        ('author:"A. de Souza"', "3"),
        ("author:ana -author:souza", ""),
        ("before:2026-03-11", "31"),
        ("after:2026-03-11", "2"),
        ("since:last-digest", "2"),
        ("topic:moe", "1"),
        ("experts -topic:moe", "2"),
        ("专家", "3"),
        ("abs:专家", ""),
        ("“专家模型”", "3"),
        ("-专家", "21"),
        ("experts “路由”", "3"),
    ],
)
def test_a_query_finds_works_that_satisfy_it(text: str, works: str, db: Database) -> None:
    papers.upsert(db, WORKS)
    db.execute("INSERT INTO tags (work, name, score, why) VALUES (1, 'moe', 1, '')")
    assert found(db, text) == works


def summary(text: str) -> Summary:
    return Summary(text, (Sentence("tldr", text, 0), Sentence("result", "结果更好。", 1)), "m", "m",
                   "1", "zh", 0)  # fmt: skip


def test_a_chinese_summary_is_found_while_it_is_current(db: Database) -> None:
    papers.upsert(db, [paper()])
    assert found(db, "专家") == ""
    summaries_and_tags.store_summaries(db, {(1, 1): summary("一种专家混合模型。")}, NOW)
    assert found(db, "“专家混合”") == found(db, "更") == found(db, "abs:专家混合") == "1"
    summaries_and_tags.store_summaries(db, {(1, 1): summary("另一种模型。")}, NOW)
    assert (found(db, "“专家”"), found(db, "“另一种”")) == ("", "1")
    papers.upsert(db, [paper(version=2)])
    assert found(db, "“另一种”") == ""
    assert find_problems(db) == []


def test_a_chinese_title_is_found_while_it_is_current(db: Database) -> None:
    work = WORKS[2]
    papers.upsert(db, [work])
    papers.upsert(db, [replace(paper(work.id, version=2), title="稀疏模型")])
    assert (found(db, "“专家”"), found(db, "“稀疏”")) == ("", "3")
    with write_transaction(db):
        db.execute("DELETE FROM works")
    assert db.execute("SELECT count(*) FROM works_fts_cjk").fetchone() == (0,)


def test_an_older_file_is_indexed_when_it_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    old = Database(sqlite3.connect(file))
    schema.migrations.apply(old, stop_before="m009_bigrams")
    old.execute(
        "INSERT INTO works (id, key, title, abstract, byline, published, announced, updated,"
        " version, digest, text_digest) VALUES (1, '2603.00001', '混合专家', 'a', 'b',"
        " '2026-03-09', '2026-03-10', '2026-03-10', 1, 'x', 'y')"
    )
    old.close()
    with open_database(file) as db:
        assert found(db, "专家") == "1"
