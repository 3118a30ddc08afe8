"""A query in another script does not show works whose translated words match by chance."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.store.records import paper
from tracker.search import engine
from tracker.search.encoder.select import EncoderId
from tracker.search.engine import SemanticSearch
from tracker.search.index.faiss_index import FaissStore
from tracker.store import papers
from tracker.store.database import open_database
from tracker.store.fts_query import FtsQuery, phrase_clause
from tracker.store.paper_filters import Filter

VECTORS = {"Generation of music": (1.0, 0.0), "Generation of heat": (0.1, 0.995)}


class FixedEncoder:
    """An encoder for which every query means music."""

    id = EncoderId("fixed", "1", 2)
    runs_on = "nothing"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([(1.0, 0.0)] * len(texts), np.float32)


@pytest.mark.parametrize(
    ("kind", "query", "titles"),
    [
        ("name", "音楽の生成", ["Generation of music"]),
        ("word", "generation", ["Generation of music", "Generation of heat"]),
    ],
)
def test_a_translated_word_alone_is_no_reason(
    kind: str, query: str, titles: list[str], tmp_path: Path
) -> None:
    parts = (
        phrase_clause(query),
        phrase_clause("generation", "name" if kind == "name" else "word"),
    )
    index = FaissStore.build(2)
    with open_database(tmp_path / "tracker.db") as db:
        papers.upsert(db, [paper(f"2603.0000{n}", title=t) for n, t in enumerate(VECTORS, 1)])
        keys = papers.numbers_by_key(db, ["2603.00001", "2603.00002"])
        rows = np.array([*VECTORS.values()], np.float32)
        index.add(np.array([keys["2603.00001"], keys["2603.00002"]]), rows)
        hits = engine.search(
            db, query, limit=5, filters=Filter(fts_query=FtsQuery(ranked=parts)),
            semantic=SemanticSearch(index, FixedEncoder(), 0.28),
        )  # fmt: skip
    assert [hit.paper.title for hit in hits] == titles
