"""Cross-encoders without torch: the score of a query and a text, computed by OpenVINO.

A folder with an exported graph runs as it is: `openvino_model.xml` or `model.onnx`, there or in
`openvino` and `onnx`, as sentence-transformers and optimum save them. For a plain BERT the graph is
built from its safetensors. Any other cross-encoder needs torch.

Public: `PairModel`, `open_pair_model`, `MOST_TOKENS`.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tracker.search.encoder.bert_graph import (
    ARCHITECTURE,
    BertGraph,
    Plain,
    load_weights,
    weight_names,
)
from tracker.search.encoder.openvino import load_openvino, run_alone

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Tokens of query and text that are read: the title and the first sentences.
MOST_TOKENS = 96
_GRAPHS = tuple(
    f"{folder}{name}" for folder in ("", "openvino/", "onnx/")
    for name in ("openvino_model.xml", "model.xml", "model.onnx")
)  # fmt: skip
_HEAD = {"pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias"}
# Pairs that are computed at a time, the longest first, so that little is padding.
_BATCH = 25
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class PairModel:
    """A cross-encoder with one score, ready to compare a query with texts."""

    def __init__(self, graph: Any, tokenizer: "Tokenizer", *, is_logit: bool) -> None:
        compiled = (
            load_openvino().Core().compile_model(graph, "CPU", {"PERFORMANCE_HINT": "LATENCY"})
        )
        self._names = [port.get_any_name() for port in compiled.inputs]
        self._request = compiled.create_infer_request()
        self._tokenizer, self._is_logit = tokenizer, is_logit

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the score of each text: 0 to 1, unless the model gives logits."""
        clean = [text.encode("utf-8", "replace").decode() for text in (query, *texts)]
        encodings = self._tokenizer.encode_batch([(clean[0], text) for text in clean[1:]])
        order = sorted(range(len(texts)), key=lambda row: -len(encodings[row].ids))
        scores = np.zeros(len(texts), np.float32)
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            scores[rows] = self._infer([encodings[row] for row in rows])
        plain = scores if self._is_logit else 1 / (1 + np.exp(-scores))
        return [float(score) for score in plain]

    def _infer(self, encodings: Sequence[Any]) -> NDArray[np.float32]:
        width = max(len(encoding.ids) for encoding in encodings)
        inputs = {name: np.zeros((len(encodings), width), np.int64) for name in _INPUTS}
        for row, encoding in enumerate(encodings):
            parts = (encoding.ids, encoding.attention_mask, encoding.type_ids)
            for name, values in zip(_INPUTS, parts, strict=True):
                inputs[name][row, : len(values)] = values
        found = run_alone(self._request, {name: inputs[name] for name in self._names})
        return found.reshape(len(encodings), -1)[:, 0]


def open_pair_model(folder: Path) -> PairModel | None:
    """Return the cross-encoder in a folder; None if it needs torch, or is another kind of model."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if len(config.get("id2label") or [0, 1]) != 1 or "colbert" in str(config).lower():
            return None
        graph = _find_graph(folder) or _build_graph(folder, config)
        if graph is None:
            return None
        return PairModel(graph, _load_tokenizer(folder, config), is_logit=_is_logit(config))
    except RuntimeError as error:
        logging.getLogger(__name__).warning("graph in %s cannot be used: %s", folder, error)
        return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # settings of another layout


def _find_graph(folder: Path) -> Any:
    """Return the exported graph with names that are known, or None."""
    file = next((folder / name for name in _GRAPHS if (folder / name).is_file()), None)
    if file is None:
        return None
    graph = load_openvino().Core().read_model(str(file))
    names = {name for port in graph.inputs for name in port.get_names()}
    return graph if names <= set(_INPUTS) else None


def _build_graph(folder: Path, config: Mapping[str, Any]) -> Any:
    """Return the graph of a plain BERT with a classifier, or None for anything else."""
    same = all(config.get(name, value) == value for name, value in ARCHITECTURE.items())
    if not same or config.get("architectures") != ["BertForSequenceClassification"]:
        return None
    loaded = load_weights(folder)
    weights = {name.removeprefix("bert."): rows for name, rows in loaded.items()}
    weights.pop("embeddings.position_ids", None)
    layers = config["num_hidden_layers"]
    if set(weights) != weight_names(layers) | _HEAD:
        return None
    plain = Plain(
        folder, layers, config["num_attention_heads"], config["hidden_size"],
        config["layer_norm_eps"], config["max_position_embeddings"], config["pad_token_id"], {},
    )  # fmt: skip
    return _PairGraph(plain, weights).model()


class _PairGraph(BertGraph):
    """BERT with a classifier over the vector of the first token."""

    def model(self) -> Any:
        """Return the model from the three inputs of `_INPUTS` to one score per row."""
        ops = self._ops
        ids, mask, kinds = map(self.input, _INPUTS)
        hidden = self.hidden(self._embedded(ids, kinds), ops.convert(mask, "f32"))
        first = ops.gather(hidden, [0], 1)
        pooled = ops.tanh(self._dense("pooler.dense", first))
        return self._openvino.Model(
            [self._dense("classifier", pooled)], [ids, mask, kinds], "pairs"
        )


def _load_tokenizer(folder: Path, config: Mapping[str, Any]) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(min(MOST_TOKENS, int(config["max_position_embeddings"])))
    return tokenizer


def _is_logit(config: Mapping[str, Any]) -> bool:
    """Whether the model's score is used as it is; else it is mapped to 0..1."""
    own = config.get("sentence_transformers") or {}
    names = (own.get("activation_fn"), config.get("sbert_ce_default_activation_function"))
    return any(str(name).endswith("Identity") for name in names)
