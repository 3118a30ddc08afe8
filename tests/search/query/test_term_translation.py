"""Chinese queries in English: by a table of terms, and by the Chinese summaries of the store."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from summarizer import Sentence, Summary
from tests.store.records import paper
from tracker.pipeline.retrieval import query_plan
from tracker.search import lexical
from tracker.search.index import postings
from tracker.search.index.postings import Postings
from tracker.search.query.corpus_translation import find_english_names
from tracker.search.query.term_translation import translate
from tracker.store import papers, summaries_and_tags
from tracker.store.database import Database, open_database
from tracker.store.fts_query import phrase_clause
from tracker.store.paper_filters import Filter

NOW = datetime(2026, 3, 12, tzinfo=UTC)
ABSTRACTS = (
    "We study grokking of small networks.",
    "Grokking appears late in training.",
    "A theory of grokking for modular sums.",
    "We train networks on images.",
)


@pytest.mark.parametrize(
    ("query", "english", "unknown"),
    [
        ("专家路由", "expert routing", ()),
        ("混合專家的負載均衡", "mixture of experts load balancing", ()),
        ("如何降低大模型的推理成本", "large language model inference cost", ()),
        ("用强化学习训练 LLM", "reinforcement learning training LLM", ()),
        ("顿悟现象 in networks", "顿悟现象 in networks", ("顿悟现象",)),
        ("sparse attention", "sparse attention", ()),
        ("大規模言語モデルの幻覚", "large language model hallucination", ()),
        ("検索拡張生成", "retrieval-augmented generation", ()),
        ("強化学習による推論", "reinforcement learning inference", ()),
        ("日本語の固有表現抽出", "Japanese named entity recognition", ()),
    ],
)
def test_known_terms_are_translated(query: str, english: str, unknown: tuple[str, ...]) -> None:
    found = translate(query)
    assert (found.text, found.unknown) == (english, unknown)


def summary(text: str) -> Summary:
    return Summary(text, (Sentence("tldr", text, ""),), "generated", "m", "1", "zh", 0)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "tracker.db") as database:
        works = [
            paper(f"2603.0000{n}", title=text.split()[-1], abstract=text)
            for n, text in enumerate(ABSTRACTS, 1)
        ]
        papers.upsert(database, works)
        for n in range(5, 40):
            papers.upsert(database, [paper(f"2603.{n:05}", abstract="Something else.")])
        yield database


def store(db: Database, *texts: str) -> None:
    rows = {(n, 1): summary(text) for n, text in enumerate(texts, 1)}
    summaries_and_tags.store_summaries(db, rows, NOW)


def test_a_name_in_parentheses_is_the_translation(db: Database) -> None:
    store(db, "小网络的顿悟（grokking）。", "顿悟(grokking)很晚出现。", "顿悟的理论。")
    assert find_english_names(db, "顿悟") == ("grokking",)


def test_words_that_the_works_have_in_common_are_the_translation(db: Database) -> None:
    store(db, "研究小网络的顿悟。", "顿悟很晚出现。", "顿悟的理论。", "图像。")
    assert find_english_names(db, "顿悟") == ("grokking",)
    query = query_plan.parse_query(db, "顿悟与训练", NOW.date(), {})
    plan = query_plan.plan_query(db, Filter(), query)
    assert plan.text == "grokking training"
    names = [part.label for part in plan.filters.fts_query.ranked if part.kind == "name"]
    assert names == ["training", "grokking"]


def test_one_work_alone_translates_nothing(db: Database) -> None:
    store(db, "研究小网络的顿悟（grokking）。")
    assert find_english_names(db, "顿悟") == ()


def test_chinese_words_are_reasons_with_postings(db: Database, tmp_path: Path) -> None:
    store(db, "研究小网络的顿悟。")
    folder = tmp_path / "words"
    postings.refresh(
        folder, papers.content_hashes(db), lambda works: papers.text_batches(db, works)
    )
    parts = [phrase_clause("顿悟"), phrase_clause("networks")]
    found = lexical.WordSearch(db, parts, Postings.open(folder)).matched_parts([1, 2, 4])
    labels = {work: [part.label for part in matched] for work, matched in found.items()}
    assert labels == {1: ["顿悟", "networks"], 2: [], 4: ["networks"]}
