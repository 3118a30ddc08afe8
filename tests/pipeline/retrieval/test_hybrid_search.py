"""Any text is a valid query, ids are accepted in all usual forms, and topics are counted."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.config import load
from tracker.errors import IndexUnusable, NotFound, UsageError
from tracker.pipeline.learning import knowledge_map
from tracker.pipeline.retrieval import hybrid_search
from tracker.pipeline.retrieval.hybrid_search import SearchOptions
from tracker.search import engine
from tracker.settings import Config
from tracker.store.database import Database, open_database
from tracker.store.paper_filters import Filter
from tracker.topics import taxonomy

KEY = "2602.92029"
TODAY = date(2026, 3, 13)
# Pieces of query languages, between them any text at all.
SIGNS = st.sampled_from(
    ['"', "*", "AND", "OR", "NOT", "NEAR(", ")", ":", "^", "-", "+", "{", "}", "'", ";", "%", "\\"]
)
QUERIES = st.lists(SIGNS | st.text(max_size=20) | st.just("moe"), max_size=8).map(" ".join)


@pytest.fixture(scope="module")
def config(demo_home: Path) -> Config:
    return load(demo_home, environ={})


@pytest.fixture(scope="module")
def db(config: Config) -> Iterator[Database]:
    with open_database(config.database) as database:
        yield database


@given(query=QUERIES, by=st.sampled_from(["words", "meaning", "both"]))
@settings(max_examples=100, deadline=None, database=None)
def test_any_text_is_a_query(query: str, by: str, db: Database, config: Config) -> None:
    options = SearchOptions(5, mode=by)
    found = hybrid_search.search_papers(db, config, query, options, today=TODAY)
    assert not found.hits or not any("nearest" in note for note in found.notes)
    assert len(found.hits) <= 5
    assert len({hit.paper.id for hit in found.hits}) == len(found.hits)
    assert all(hit.why and hit.score > 0 for hit in found.hits)


@given(author=st.text(st.characters(exclude_categories=["Cs"]), max_size=10))
@settings(max_examples=30, deadline=None, database=None)
def test_any_text_is_an_author(author: str, db: Database, config: Config) -> None:
    options = SearchOptions(5, hybrid_search.build_filter(author=author), mode="words")
    hybrid_search.search_papers(db, config, "models", options, today=TODAY)


def test_a_higher_limit_only_adds(db: Database, config: Config) -> None:
    few, many = (
        hybrid_search.search_papers(
            db, config, "routing tokens to experts", SearchOptions(limit), today=TODAY
        ).hits
        for limit in (3, 30)
    )
    assert [hit.paper.id for hit in few] == [hit.paper.id for hit in many[:3]]


def test_every_hit_comes_with_a_sentence(db: Database, config: Config) -> None:
    hits = hybrid_search.search_papers(
        db, config, "long context", SearchOptions(10), today=TODAY
    ).hits
    assert all(hit.tldr for hit in hits)


def test_a_withdrawn_paper_is_found_and_marked(db: Database) -> None:
    assert hybrid_search.load_work(db, "2602.93225").withdrawn
    assert not hybrid_search.load_work(db, KEY).withdrawn


@pytest.mark.parametrize(
    "text",
    [KEY, f"{KEY}v1", f" {KEY} ", f"arXiv:{KEY}", f"https://arxiv.org/abs/{KEY}v2",
     f"http://www.arxiv.org/pdf/{KEY}.pdf"],
)  # fmt: skip
def test_a_work_is_found_by_all_forms_of_its_id(text: str, db: Database) -> None:
    assert hybrid_search.find_work(db, text)[1].id == KEY


@pytest.mark.parametrize(
    "text", ["", "nope", "2602", "2602.92029 2602.92030", "2403.99999", "\x00"]
)
def test_an_unknown_or_invalid_id_is_not_found(text: str, db: Database) -> None:
    with pytest.raises(NotFound):
        hybrid_search.find_work(db, text)


def test_similar_works_are_nearest_first(db: Database, config: Config) -> None:
    hits = hybrid_search.find_similar(db, config, KEY, 10).hits
    assert len(hits) == 10
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_without_an_index_nothing_is_similar(home: Path) -> None:
    (home / "index" / "manifest.json").unlink()
    config = load(home, environ={})
    with open_database(config.database) as db, pytest.raises(IndexUnusable, match="tracker index"):
        hybrid_search.find_similar(db, config, KEY, 3)


def test_a_search_by_meaning_alone_does_not_fall_back(home: Path) -> None:
    (home / "index" / "manifest.json").unlink()
    config = load(home, environ={})
    with open_database(config.database) as db:
        assert hybrid_search.search_papers(db, config, "moe", SearchOptions(3), today=TODAY).notes
        with pytest.raises(IndexUnusable, match="tracker index"):
            hybrid_search.search_papers(
                db, config, "moe", SearchOptions(3, mode="meaning"), today=TODAY
            )


def test_a_topic_must_be_on_the_map() -> None:
    assert hybrid_search.build_filter(topics=("MoE",)).only.topics == ("moe",)
    with pytest.raises(UsageError, match="long-context"):
        hybrid_search.build_filter(topics=("moe", "nope"))


def test_topics_count_the_papers_of_thirty_days(db: Database, config: Config) -> None:
    spring = knowledge_map.load_knowledge_map(db, config, date(2026, 3, 13)).concepts
    counts = {count.key: count.papers for count in spring}
    assert list(counts) == list(taxonomy.load_concepts())
    assert counts["moe"] >= 8
    assert all(count.papers >= max(count.by_dimension.values(), default=0) for count in spring)
    later = knowledge_map.load_knowledge_map(db, config, date(2027, 1, 1)).concepts
    assert not any(count.papers for count in later)


def test_the_map_counts_the_papers_read(db: Database, config: Config) -> None:
    read = ["2602.92029", "2603.99999"]
    concepts = knowledge_map.load_knowledge_map(db, config, date(2026, 3, 13), read).concepts
    assert {count.read for count in concepts} == {0, 1}


def test_an_empty_query_finds_nothing(db: Database) -> None:
    assert engine.search(db, "", limit=5, filters=Filter()) == []
