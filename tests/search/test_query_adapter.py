"""The adapter of questions: unit vectors, small numbers, and only for questions."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tracker.config import load
from tracker.pipeline.retrieval import hybrid_search
from tracker.pipeline.retrieval.hybrid_search import SearchOptions
from tracker.search import query_adapter
from tracker.search.query_adapter import QueryAdapter, load_adapter
from tracker.store.database import open_database

QUESTION = "which papers study the routing of tokens to sparse experts"


def test_an_adapted_query_has_unit_length() -> None:
    adapter = load_adapter()
    queries = np.eye(3, len(adapter.down), dtype=np.float32)
    adapted = adapter.adapt(queries)
    assert np.allclose(np.linalg.norm(adapted, axis=1), 1, atol=1e-5)
    assert (np.abs(adapted - queries).max(axis=1) > 0.01).all()


def test_a_correction_of_zero_changes_nothing() -> None:
    queries = np.eye(3, 8, dtype=np.float32)
    adapter = QueryAdapter(np.ones((8, 2), np.float32), np.zeros((2, 8), np.float32))
    assert (adapter.adapt(queries) == queries).all()


def test_the_numbers_are_few() -> None:
    file = Path(query_adapter.__file__).with_name("query_adapter.npz")
    assert file.stat().st_size < 1 << 20


@pytest.mark.parametrize(("query", "adapted"), [("MoE", False), (QUESTION, True)])
def test_only_questions_are_adapted(
    query: str, adapted: bool, demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load(demo_home, environ={})
    options = SearchOptions(20)
    with open_database(config.database) as db:
        found = hybrid_search.search_papers(db, config, query, options, today=date(2026, 3, 13))
        monkeypatch.setattr(hybrid_search, "load_adapter", lambda: None)
        plain = hybrid_search.search_papers(db, config, query, options, today=date(2026, 3, 13))
    cosines = [{hit.paper.id: hit.why[-1] for hit in result.hits} for result in (found, plain)]
    shared = cosines[0].keys() & cosines[1].keys()
    assert {cosines[0][key] for key in shared} == {cosines[1][key] for key in shared}
    assert (found.hits != plain.hits) == adapted
