"""What references add: what a work builds on, what builds on it, and what is cited with it."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tracker.config import load
from tracker.pipeline.retrieval import hybrid_search
from tracker.records import CitedWorks
from tracker.settings import Config
from tracker.store import citation_links
from tracker.store.database import open_database

KEY, DAY = "2602.92029", date(2026, 3, 12)


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def store_references(config: Config, *links: tuple[str, tuple[str, ...]]) -> None:
    with open_database(config.database) as db:
        records = [CitedWorks(key, DAY, cited, len(cited)) for key, cited in links]
        citation_links.replace_cited_works(db, records)


def other_works(config: Config, count: int) -> list[str]:
    """Return works that are somewhat similar to the example."""
    with open_database(config.database) as db:
        hits = hybrid_search.find_similar(db, config, KEY, 200).hits
    return [hit.paper.id for hit in hits[20 : 20 + count]]


def test_show_lists_what_a_work_builds_on_and_what_builds_on_it(
    config: Config, home: Path, call: Call
) -> None:
    base, follower = other_works(config, 2)
    store_references(config, (KEY, (base, "1706.03762")), (follower, (KEY,)))
    shown = call("show", KEY, "--json", home=home).json
    assert [work["id"] for work in shown["builds_on"]] == [base]
    assert [work["id"] for work in shown["built_on_by"]] == [follower]
    text = call("show", KEY, home=home).out
    assert f"builds on: {base} {shown['builds_on'][0]['title'][:20]}" in text
    assert f"built on by: {follower} " in text


def test_without_references_show_lists_no_links(home: Path, call: Call) -> None:
    shown = json.loads(call("show", KEY, "--json", home=home).out)
    assert shown["builds_on"] == shown["built_on_by"] == []
    assert "build" not in call("show", KEY, home=home).out.partition("versions:")[2]


def test_works_cited_together_are_similar(config: Config, home: Path, call: Call) -> None:
    together, citing, *more = other_works(config, 5)
    before = call("similar", KEY, "--json", "-n", "5", home=home).json["hits"]
    store_references(config, *((key, (KEY, together)) for key in (citing, *more)))
    hits = call("similar", KEY, "--json", "-n", "5", home=home).json["hits"]
    assert together not in [hit["id"] for hit in before]
    why = {hit["id"]: hit["why"] for hit in hits}
    assert "cited together 4 times" in why[together]
    assert [hit["score"] for hit in hits] == sorted((h["score"] for h in hits), reverse=True)


def test_a_search_adds_what_several_of_its_best_results_cite(
    config: Config, home: Path, call: Call
) -> None:
    (other,) = other_works(config, 1)
    found = call("search", "speculative decoding", "--json", "-n", "50", home=home).json["hits"]
    ids = [hit["id"] for hit in found]
    cited = next(work for work in (other, ids[30]) if work not in ids[:20])
    store_references(config, *((key, (cited,)) for key in ids[:3]))
    hits = call("search", "speculative decoding", "--json", home=home).json["hits"]
    assert "cited by 3 of the best" in {hit["id"]: hit["why"] for hit in hits}[cited]
    assert hits == sorted(hits, key=lambda hit: -hit["score"])
    narrow = call("search", "speculative decoding cat:hep-th", "--json", home=home).json["hits"]
    assert cited not in [hit["id"] for hit in narrow]
