"""Indexing processes only new papers and changed texts, and resumes after an interruption."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.store.records import paper
from tracker.config import load
from tracker.models import Version
from tracker.pipeline.retrieval.index_refresh import (
    continue_reembedding,
    current_encoder,
    index_papers,
    tag_text,
)
from tracker.search.index import index_files
from tracker.settings import Config
from tracker.store import papers, summaries_and_tags, vectors
from tracker.store.database import Database, open_database, write_transaction


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


@pytest.fixture
def empty(config: Config) -> Iterator[Database]:
    """A store without papers, in a home with a prepared model."""
    config.database.unlink()
    for folder in (config.index, config.postings, config.digests):
        shutil.rmtree(folder, ignore_errors=True)
    with open_database(config.database) as database:
        yield database


def _number(db: Database, key: str) -> int:
    (number,) = papers.load_by_key(db, [key])
    return number


def test_only_what_is_new_is_embedded(db: Database, config: Config) -> None:
    papers.upsert(db, [paper("2603.80001"), paper("2603.80002")])
    report = index_papers(db, config)
    assert (report.embedded, report.tagged, report.indexed) == (2, 2, 165)
    again = index_papers(db, config)
    assert (again.embedded, again.tagged, again.indexed) == (0, 0, 165)


def test_a_new_version_with_the_same_text_needs_no_new_vector(db: Database, config: Config) -> None:
    known = next(iter(papers.load_by_key(db, ["2602.92029"]).values()))
    later = Version(known.version + 1, datetime(2026, 3, 20, tzinfo=UTC))
    papers.upsert(
        db, [replace(known, versions=(*known.versions, later), updated=date(2026, 3, 21))]
    )
    assert index_papers(db, config).embedded == 0


def test_a_changed_text_is_embedded_and_tagged_again(db: Database, config: Config) -> None:
    papers.upsert(db, [paper("2603.80001", abstract="Nothing but lemurs in their trees.")])
    index_papers(db, config)
    assert "moe" not in _tags(db, "2603.80001")
    newer = paper(
        "2603.80001", version=2, title="Sparse mixture of experts with expert routing",
        abstract="A mixture of experts with load balancing of its routing.",
    )  # fmt: skip
    papers.upsert(db, [newer])
    space = current_encoder(db, config)
    assert space is not None
    assert vectors.coverage(db, space[1]).stale == 1
    report = index_papers(db, config)
    assert (report.embedded, report.tagged) == (1, 1)
    assert vectors.coverage(db, space[1]).stale == 0
    assert "moe" in _tags(db, "2603.80001")


def _tags(db: Database, key: str) -> set[str]:
    found = summaries_and_tags.tags_between(db, date(2026, 1, 1), date(2026, 12, 31))
    return {tag.name for tag in found.get(_number(db, key), [])}


def test_a_span_of_days_limits_what_is_embedded(empty: Database, config: Config) -> None:
    days = [date(2026, 3, day) for day in (9, 10, 11)]
    papers.upsert(empty, [paper(f"2603.8000{n}", announced=day) for n, day in enumerate(days)])
    assert index_papers(empty, config, since=days[1], until=days[1]).embedded == 1
    assert index_papers(empty, config, since=days[1]).embedded == 1
    assert index_papers(empty, config).embedded == 1


def test_an_interrupted_indexing_run_is_resumed(
    empty: Database, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.pipeline.retrieval.index_refresh.SLICE", 4)
    papers.upsert(empty, [paper(f"2603.8000{n}") for n in range(10)])

    def interrupted(stage: str, done: int, total: int | None = None) -> None:
        assert (stage, total) == ("embed", 10)
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_papers(empty, config, progress=interrupted)
    report = index_papers(empty, config)
    assert (report.embedded, report.tagged, report.indexed) == (2, 10, 10)


def test_nothing_to_index_is_no_error(empty: Database, config: Config) -> None:
    assert current_encoder(empty, config) is None
    report = index_papers(empty, config)
    assert (report.embedded, report.tagged, report.indexed) == (0, 0, 0)


def test_the_report_names_model_and_machine(empty: Database, config: Config) -> None:
    report = index_papers(empty, config)
    assert report.encoder == "all-MiniLM-L6-v2"
    assert "FAISS on" in report.runs_on


def test_a_text_is_tagged_as_the_same_paper_in_the_store(db: Database, config: Config) -> None:
    number, known = next(iter(papers.load_by_key(db, ["2602.92029"]).items()))
    stored = summaries_and_tags.tags_between(db, known.announced, known.announced)[number]
    tags = tag_text(config, known.title, known.abstract)
    assert [tag.name for tag in tags] == [tag.name for tag in stored]
    assert [tag.score for tag in tags] == pytest.approx([tag.score for tag in stored], abs=0.01)


def _indexed_model(config: Config) -> str:
    return index_files.read_generation(config.index).id.model


def _pretend_an_earlier_model_indexed(db: Database, config: Config) -> None:
    manifest = config.index / "manifest.json"
    table = json.loads(manifest.read_text())
    table["id"]["model"] = "an earlier model"
    manifest.write_text(json.dumps(table))
    with write_transaction(db):
        db.execute("DELETE FROM vectors")


def test_the_index_of_an_earlier_model_stays_until_a_new_one_is_complete(
    empty: Database, config: Config
) -> None:
    days = [date(2026, 3, 9 + n) for n in range(8)]
    papers.upsert(
        empty,
        [paper(f"2603.8000{n}", announced=day, published=day) for n, day in enumerate(days)],
    )
    index_papers(empty, config)
    assert continue_reembedding(empty, config) == 0
    _pretend_an_earlier_model_indexed(empty, config)
    assert index_papers(empty, config, since=days[-2]).embedded == 2
    assert _indexed_model(config) == "an earlier model"
    embedded = [continue_reembedding(empty, config, most=4) for _ in range(3)]
    assert embedded == [4, 2, 0]
    assert _indexed_model(config) == "all-MiniLM-L6-v2"
    assert index_papers(empty, config).indexed == len(days)
