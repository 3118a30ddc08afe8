"""A period is read from the store once; everything after that is computed."""

from pathlib import Path

import pytest

from tracker.calendar import Period
from tracker.config import load
from tracker.digest.period.period_data import build_period_data
from tracker.digest.period.period_records import load_period_records
from tracker.digest.selection.ranked_papers import RankingContext
from tracker.pipeline.issue.load_period import load_period, ranking_scope
from tracker.settings import Config
from tracker.store.database import Database
from tracker.topics import taxonomy

W11 = Period.parse_week("2026-W11")


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def test_ranking_and_counting_do_not_read_the_store(db: Database, config: Config) -> None:
    records = load_period_records(db, W11, ranking_scope(db, config))
    statements: list[str] = []
    db.conn.set_trace_callback(statements.append)
    data = build_period_data(records, RankingContext(), taxonomy.load_concepts())
    db.conn.set_trace_callback(None)
    assert statements == []
    assert len(data.ranked.picks) > 20
    assert data.counts.papers == len(records.span.listed)


def test_papers_tags_and_vectors_of_a_period_are_read_once(db: Database, config: Config) -> None:
    statements: list[str] = []
    db.conn.set_trace_callback(statements.append)
    load_period(db, config, W11)
    db.conn.set_trace_callback(None)
    of_the_week = [s for s in statements if f"'{W11.start}' AND '{W11.end}'" in s]
    assert len([s for s in of_the_week if "FROM tags" in s]) == 1
    assert len(of_the_week) == len(set(of_the_week))
