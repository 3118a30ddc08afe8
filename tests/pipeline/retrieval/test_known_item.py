"""Queries that name one paper, and names that are written in several ways."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.store.records import paper
from tracker.config import load
from tracker.pipeline.retrieval import hybrid_search
from tracker.pipeline.retrieval.hybrid_search import SearchOptions, SearchResults
from tracker.settings import Config
from tracker.store import papers
from tracker.store.database import Database, open_database

TITLES = {
    "2603.00001": "Writing C++ with language models",
    "2603.00002": "Writing C# with language models",
    "2603.00003": "A C compiler in Lean",
    "2603.00004": "GPT-4o reads receipts",
    "2603.00005": "Multi-agent debate over $\\mathcal{O}(n)$ rounds",
    "2603.00006": "Qwen2.5 for code review",
    "2603.00007": "At the T junction: speech data of AT\\&T",
    "2603.00008": "Language models for the deaf: a mixture of experts",
    "2603.00009": "Mixture of experts",
    "2603.00010": "Mixtures of experts in speech",
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(tmp_path / "home", environ={})


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    with open_database(config.database) as database:
        works = [paper(key, title=title, abstract="We do.") for key, title in TITLES.items()]
        papers.upsert(database, works)
        yield database


def search(db: Database, config: Config, query: str) -> SearchResults:
    options = SearchOptions(10, mode="words")
    return hybrid_search.search_papers(db, config, query, options, today=date(2026, 3, 31))


def ids(found: SearchResults) -> list[str]:
    return [hit.paper.id for hit in found.hits]


@pytest.mark.parametrize(
    "query",
    ["2603.00004", "https://arxiv.org/abs/2603.00004v2", "papers like arXiv:2603.00004", "doi:"
     "10.48550/arXiv.2603.00004", "find 2603.00004 [cs.CL]"],
)  # fmt: skip
def test_a_pasted_id_finds_its_paper(query: str, db: Database, config: Config) -> None:
    assert ids(search(db, config, query)) == ["2603.00004"]


def test_several_ids_find_their_papers_in_that_order(db: Database, config: Config) -> None:
    assert ids(search(db, config, "2603.00009, 2603.00002")) == ["2603.00009", "2603.00002"]


def test_an_unknown_id_is_reported_with_the_command_that_fetches_it(
    db: Database, config: Config
) -> None:
    found = search(db, config, "2512.09999")
    assert found.hits == ()
    assert "2512.09999 is not in the store; `tracker crawl --ids 2512.09999`" in found.notes[0]


def test_a_reference_finds_its_paper_and_reports_an_unknown_id(
    db: Database, config: Config
) -> None:
    entry = "@misc{x, title={GPT-4o reads receipts}, eprint={2603.09999}, archivePrefix={arXiv}}"
    found = search(db, config, entry)
    assert ids(found)[0] == "2603.00004"
    assert found.notes[0].startswith("2603.09999 is not in the store")


def test_a_doi_finds_its_paper(db: Database, config: Config) -> None:
    papers.upsert(db, [paper("2603.00011", title="Published", doi="10.1145/123.456")])
    found = search(db, config, "https://doi.org/10.1145/123.456")
    assert ids(found) == ["2603.00011"]
    assert hybrid_search.find_work(db, "doi:10.1145/123.456")[1].id == "2603.00011"


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("Language models for the deaf: a mixture…", "2603.00008"),
        ("Language models for the deaf: a mixt…", "2603.00008"),
        ("Doe, A. (2026). Writing C++ with language models. Tests, 3(1).", "2603.00001"),
        ("Mixture of Experts", "2603.00009"),
        ("“Mixture of experts”", "2603.00009"),
        ("multi-agent debate over O(n) rounds", "2603.00005"),
        ("Writing C# with language models. A. Doe, 2026", "2603.00002"),
    ],
)
def test_a_pasted_title_finds_its_paper_first(
    query: str, key: str, db: Database, config: Config
) -> None:
    assert ids(search(db, config, query))[0] == key


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"C++"', {"2603.00001"}), ('title:"C#"', {"2603.00002"}), ('"AT&T"', {"2603.00007"}),
        ('"language models" -"C++"', {"2603.00002", "2603.00008"}),
    ],
)  # fmt: skip
def test_a_name_with_a_sign_is_not_its_letters(
    query: str, expected: set[str], db: Database, config: Config
) -> None:
    assert set(ids(search(db, config, query))) == expected


def test_a_free_name_with_a_sign_comes_first(db: Database, config: Config) -> None:
    assert ids(search(db, config, "C#"))[0] == "2603.00002"


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("gpt4o", "2603.00004"), ("GPT 4o", "2603.00004"), ("multiagent", "2603.00005"),
        ("multi agent", "2603.00005"), ("qwen 2.5", "2603.00006"), ("Qwen-2.5", "2603.00006"),
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_joined(
    query: str, key: str, db: Database, config: Config
) -> None:
    assert ids(search(db, config, query))[0] == key


def test_misspelt_words_are_corrected_and_the_correction_is_shown(
    db: Database, config: Config
) -> None:
    found = search(db, config, "mixure of exprts")
    assert ids(found)[0] == "2603.00009"
    assert "Searched for “mixture of experts”" in found.notes[0]


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("debtae multi-agent", "debate multi-agent"),
        ("experts for the daef", "experts for the deaf"),
        ("recipts read GPT-4o", "receipts read GPT-4o"),
    ],
)
def test_a_correction_goes_by_the_other_words(
    query: str, meant: str, db: Database, config: Config
) -> None:
    assert f"“{meant}”" in search(db, config, query).notes[0]


def test_a_name_in_capitals_is_not_corrected_to_something_else(
    db: Database, config: Config
) -> None:
    assert not any("Searched for" in note for note in search(db, config, "what is LEAM").notes)


def test_a_quoted_word_is_not_corrected(db: Database, config: Config) -> None:
    assert search(db, config, '"exprts"').hits == ()
