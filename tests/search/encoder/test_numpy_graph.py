"""A single query is embedded without OpenVINO, and gets the same vector."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tracker.search.encoder import numpy_graph
from tracker.search.encoder.select import load_query_encoder
from tracker.settings import Embedding

QUERIES = [
    "MoE",
    "",
    "how do mixture of experts models balance the load without an auxiliary loss?",
    "naïve café 专家混合模型 — C++",
    "a much too long text " * 100,
]


def test_a_query_gets_the_vector_that_openvino_computes(models: Path) -> None:
    single = load_query_encoder(Embedding(), models, single=True)
    usual = load_query_encoder(Embedding(), models)
    for query in QUERIES:
        cosine = float(single.encode([query])[0] @ usual.encode([query])[0])
        assert cosine > 0.9999, query


def test_queries_of_different_lengths_do_not_disturb_each_other(models: Path) -> None:
    single = load_query_encoder(Embedding(), models, single=True)
    alone = np.vstack([single.encode([query]) for query in QUERIES])
    assert np.allclose(single.encode(QUERIES), alone, atol=1e-5)


def test_a_single_query_does_not_import_openvino(models: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from tracker.search.encoder.select import load_query_encoder
from tracker.settings import Embedding
encoder = load_query_encoder(Embedding(), Path({str(models)!r}), single=True)
print(encoder.encode(["MoE"]).shape, "openvino" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "(1, 384) False\n"


@pytest.mark.parametrize(("known", "other"), [('type="Gelu"', 'type="Swish"'), ('"ERF"', '"TANH"')])
def test_a_graph_that_is_no_plain_bert_is_left_to_openvino(
    known: str, other: str, models: Path, tmp_path: Path
) -> None:
    (export,) = models.glob("bundled-*")
    folder = Path(shutil.copytree(export, tmp_path / export.name))
    graph = folder / "model.xml"
    graph.write_text(graph.read_text(encoding="utf-8").replace(known, other), encoding="utf-8")
    assert numpy_graph.open_graph(folder) is None


def test_a_damaged_graph_is_an_error(models: Path, tmp_path: Path) -> None:
    (export,) = models.glob("bundled-*")
    folder = Path(shutil.copytree(export, tmp_path / export.name))
    (folder / "model.xml").write_text("<net>", encoding="utf-8")
    with pytest.raises(RuntimeError, match="cannot be read"):
        numpy_graph.open_graph(folder)
