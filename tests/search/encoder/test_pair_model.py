"""A cross-encoder runs without torch and agrees with sentence-transformers."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.extras import needs_models
from tests.store.records import paper
from tracker.models import Hit
from tracker.search.encoder.openvino import load_openvino
from tracker.search.encoder.pair_model import open_pair_model
from tracker.search.reranking import Reranker

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "expert", "##s", "token", "model", "a")
TEXTS = ("an expert", "token model token", "experts " * 90, "", "unseen")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A two-layer cross-encoder with random weights."""
    needs_models()
    with warnings.catch_warnings(action="ignore"):
        import torch
        from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

        (tmp_path / "vocab.txt").write_text("\n".join(WORDS))
        BertTokenizerFast(vocab=str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
        torch.manual_seed(2)
        config = BertConfig(
            vocab_size=len(WORDS), hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
            intermediate_size=48, num_labels=1, max_position_embeddings=64, initializer_range=0.3,
        )  # fmt: skip
        BertForSequenceClassification(config).save_pretrained(tmp_path)
    return tmp_path


def test_scores_agree_with_torch(folder: Path) -> None:
    model = open_pair_model(folder)
    assert model is not None
    with warnings.catch_warnings(action="ignore"):
        from sentence_transformers import CrossEncoder

        original = CrossEncoder(str(folder), local_files_only=True, max_length=64)
        wanted = original.predict([("a model", t) for t in TEXTS], show_progress_bar=False)
    assert model.score("a model", TEXTS) == pytest.approx([float(w) for w in wanted], abs=0.02)
    assert model.score("a model", []) == []


def test_a_plain_model_is_not_loaded_with_torch(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    hits = [Hit(paper(f"2603.0000{n}", title=text or "a"), 1.0, ()) for n, text in enumerate(TEXTS)]
    reranked = Reranker(str(folder), offline=True).rerank("a model", hits)
    assert sorted(hit.paper.id for hit in reranked) == [hit.paper.id for hit in hits]
    assert [hit.score for hit in reranked] == sorted((h.score for h in reranked), reverse=True)


def test_an_exported_graph_is_preferred(folder: Path) -> None:
    ops = load_openvino().opset13
    ids = ops.parameter([-1, -1], np.int64, name="input_ids")
    longest = ops.reduce_max(ops.convert(ids, "f32"), [1], True)
    (folder / "openvino").mkdir()
    graph = load_openvino().Model([longest], [ids], "longest")
    load_openvino().save_model(graph, str(folder / "openvino" / "openvino_model.xml"))
    config = json.loads((folder / "config.json").read_text())
    identity = {"activation_fn": "torch.nn.modules.linear.Identity"}
    (folder / "config.json").write_text(json.dumps(config | {"sentence_transformers": identity}))
    model = open_pair_model(folder)
    assert model is not None
    assert model.score("expert", ["token", "a"]) == [WORDS.index("token"), WORDS.index("a")]


@pytest.mark.parametrize(
    "change",
    [{"model_type": "modernbert"}, {"id2label": {"0": "a", "1": "b"}}, {"num_hidden_layers": 3},
     {"architectures": ["HF_ColBERT"]}],
)  # fmt: skip
def test_any_other_model_is_left_to_torch(folder: Path, change: dict[str, object]) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    assert open_pair_model(folder) is None


def test_a_damaged_or_missing_model_is_left_to_torch(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"damaged")
    assert open_pair_model(folder) is None
    assert open_pair_model(tmp_path / "none") is None
