"""OpenVINO graph of a plain BERT sentence encoder, built directly from its safetensors file.

The bundled model and most small sentence encoders are BERT with mean pooling; they are exported
here without torch or transformers. A model counts as plain only if this module implements every
setting in its folder; all others are exported with sentence-transformers (see
`tracker.search.encoder.openvino_export`).

Public: `Plain`, `read`, `build`, `BertGraph`, `ARCHITECTURE`,
`weight_names`, `load_weights`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.search.encoder.openvino import load_openvino

# Settings of config.json that change the computation, each with the only supported value.
ARCHITECTURE = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "add_cross_attention": False,
}
# The same for sentence_bert_config.json, in the layouts of sentence-transformers 2 to 6.
_INPUT = {
    "do_lower_case": False,
    "transformer_task": "feature-extraction",
    "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
    "module_output_name": "token_embeddings",
}
# Settings of Pooling for the mean over all tokens, including those of a prompt.
_MEAN = {"pooling_mode": "mean", "pooling_mode_mean_tokens": True, "include_prompt": True}
_MODULES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
# Settings of the normalizer in tokenizer.json -> the tokenizer_config.json setting that can
# override them.
_NORMALIZER = {
    "lowercase": "do_lower_case",
    "strip_accents": "strip_accents",
    "handle_chinese_chars": "tokenize_chinese_chars",
}
# Weights of a BERT that do not contribute to a sentence embedding.
_UNUSED = ("pooler.", "embeddings.position_ids")

Weights = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Plain:
    """A folder with a plain BERT sentence encoder, and the values of its settings."""

    folder: Path
    layers: int
    heads: int
    dimension: int
    epsilon: float
    max_tokens: int
    pad_id: int
    prompts: Mapping[str, str]


def read(folder: Path) -> Plain | None:
    """Return the encoder in `folder`; None if it is not plain or its settings are missing.

    Raises RuntimeError if its weights are damaged.
    """
    try:
        config = _json(folder / "config.json")
        tokens = _json(folder / "tokenizer_config.json")
        inputs = _json(folder / "sentence_bert_config.json")
        plain = (
            _agrees(config, ARCHITECTURE)
            and _agrees(inputs, _INPUT)
            and _pools_the_mean(folder)
            and _tokenizes_as_written(folder, tokens)
        )
        return _plain(folder, config, tokens, inputs) if plain else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # settings in another layout: another kind of model


def _plain(
    folder: Path, config: Mapping[str, Any], tokens: Mapping[str, Any], inputs: Mapping[str, Any]
) -> Plain | None:
    limits = (inputs.get("max_seq_length"), tokens.get("model_max_length"))
    limit = next((limit for limit in limits if limit), config["max_position_embeddings"])
    plain = Plain(
        folder,
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        dimension=config["hidden_size"],
        epsilon=config["layer_norm_eps"],
        max_tokens=min(int(limit), config["max_position_embeddings"]),
        pad_id=config.get("pad_token_id") or 0,
        prompts=_prompts(folder),
    )
    return plain if _has_all_weights(plain) else None


def _json(path: Path) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return table


def _agrees(settings: Mapping[str, Any], supported: Mapping[str, Any]) -> bool:
    """Return whether each setting is absent or has its supported value."""
    return all(settings.get(name, value) == value for name, value in supported.items())


def _pools_the_mean(folder: Path) -> bool:
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    if [module["type"].rpartition(".")[2] for module in modules] not in _MODULES:
        return False
    if modules[0]["path"]:
        return False
    pooling = _json(folder / modules[1]["path"] / "config.json")
    others = [name for name in pooling if name.startswith("pooling_mode_") and name not in _MEAN]
    named = "pooling_mode" in pooling or "pooling_mode_mean_tokens" in pooling
    return named and _agrees(pooling, _MEAN) and not any(pooling[name] for name in others)


def _tokenizes_as_written(folder: Path, tokens: Mapping[str, Any]) -> bool:
    """Return whether tokenizer.json alone defines the tokenization, with no setting overridden."""
    tokenizer = _json(folder / "tokenizer.json")
    normalizer = tokenizer["normalizer"]
    same = all(normalizer[name] == tokens.get(override, normalizer[name])
               for name, override in _NORMALIZER.items())  # fmt: skip
    right = {"padding_side": "right", "truncation_side": "right"}
    return (
        (tokenizer["model"]["type"], normalizer["type"]) == ("WordPiece", "BertNormalizer")
        and tokens["tokenizer_class"] in {"BertTokenizer", "BertTokenizerFast"}
        and same
        and _agrees(tokens, right)
    )


def _prompts(folder: Path) -> dict[str, str]:
    file = folder / "config_sentence_transformers.json"
    return dict(_json(file).get("prompts") or {}) if file.is_file() else {}


def _has_all_weights(plain: Plain) -> bool:
    """Return whether the weights are exactly those of a BERT of this size."""
    from safetensors import SafetensorError, safe_open

    weights = plain.folder / "model.safetensors"
    try:
        with safe_open(weights, framework="numpy") as file:
            names = {name for name in file.keys() if not name.startswith(_UNUSED)}  # noqa: SIM118  safe_open is not a mapping
            types = {file.get_slice(name).get_dtype() for name in names}
    except SafetensorError as error:
        raise RuntimeError(f"{weights.name} is damaged: {error}") from error
    return names == weight_names(plain.layers) and types <= {"F32", "F16"}


def weight_names(layers: int) -> set[str]:
    """Return the names of the weights of a BERT with so many layers."""
    inner = ("attention.self.query", "attention.self.key", "attention.self.value",
             "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense",
             "output.dense", "output.LayerNorm")  # fmt: skip
    modules = [f"encoder.layer.{layer}.{name}" for layer in range(layers) for name in inner]
    modules.append("embeddings.LayerNorm")
    tables = ("word_embeddings", "position_embeddings", "token_type_embeddings")
    return {
        *(f"embeddings.{table}.weight" for table in tables),
        *(f"{module}.{part}" for module in modules for part in ("weight", "bias")),
    }


def build(plain: Plain) -> Any:
    """Return an OpenVINO model: input_ids and attention_mask (n, tokens) -> token means (n, d).

    The module Normalize is omitted: all vectors are normalized to unit length after the graph.
    """
    return BertGraph(plain, load_weights(plain.folder)).model()


def load_weights(folder: Path) -> dict[str, NDArray[Any]]:
    """Return the weights of a folder by name. Raises RuntimeError if they are damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(folder / "model.safetensors")
    except SafetensorError as error:
        raise RuntimeError(f"model.safetensors is damaged: {error}") from error


class BertGraph:
    """BERT as OpenVINO operations; the weights are named as in the safetensors file."""

    def __init__(self, plain: Plain, weights: Weights) -> None:
        self._plain, self._weights = plain, weights
        self._openvino = load_openvino()
        self._ops = self._openvino.opset13

    def model(self) -> Any:
        """Return the model from token ids and mask to the means of the tokens' vectors."""
        ids, mask = self.input("input_ids"), self.input("attention_mask")
        weights = self._ops.convert(mask, "f32")
        hidden = self.hidden(self._embedded(ids), weights)
        return self._openvino.Model([self._mean(hidden, weights)], [ids, mask], "bert")

    def input(self, name: str) -> Any:
        """Return an input of whole numbers (n, tokens)."""
        return self._ops.parameter([-1, -1], np.int64, name=name)

    def hidden(self, embedded: Any, weights: Any) -> Any:
        """Return the vectors of the tokens after all layers; `weights` are 0 for padding."""
        ops = self._ops
        # Added to the attention scores of padding, so that no token attends to it.
        bias = ops.multiply(ops.subtract(self._number(1), weights), self._number(-1e9))
        bias = ops.unsqueeze(bias, [1, 2])
        hidden = embedded
        for layer in range(self._plain.layers):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, bias)
        return hidden

    def _number(self, value: float) -> Any:
        return self._ops.constant(np.float32(value))

    def _weight(self, name: str) -> NDArray[np.float32]:
        return np.asarray(self._weights[name], np.float32)

    def _embedded(self, ids: Any, kinds: Any = None) -> Any:
        ops = self._ops
        words = ops.constant(self._weight("embeddings.word_embeddings.weight"))
        types = self._weight("embeddings.token_type_embeddings.weight")
        positions = self._weight("embeddings.position_embeddings.weight")
        # Without `kinds` all tokens have type 0: it is added to the position table once.
        table = ops.constant(positions if kinds is not None else positions + types[0])
        length = ops.gather(ops.shape_of(ids), [1], 0)
        embedded = ops.add(ops.gather(words, ids, 0), ops.slice(table, [0], length, [1], [0]))
        if kinds is not None:
            embedded = ops.add(embedded, ops.gather(ops.constant(types), kinds, 0))
        return self._layer_norm("embeddings.LayerNorm", embedded)

    def _layer(self, name: str, hidden: Any, bias: Any) -> Any:
        ops = self._ops
        context = self._attention(name, hidden, bias)
        attended = self._dense(f"{name}.attention.output.dense", context)
        hidden = self._layer_norm(f"{name}.attention.output.LayerNorm", ops.add(attended, hidden))
        inner = ops.gelu(self._dense(f"{name}.intermediate.dense", hidden), "erf")
        outer = self._dense(f"{name}.output.dense", inner)
        return self._layer_norm(f"{name}.output.LayerNorm", ops.add(outer, hidden))

    def _attention(self, name: str, hidden: Any, bias: Any) -> Any:
        ops, plain = self._ops, self._plain
        query, key, value = (
            self._heads(self._dense(f"{name}.attention.self.{part}", hidden))
            for part in ("query", "key", "value")
        )
        scale = self._number((plain.dimension / plain.heads) ** -0.5)
        scores = ops.multiply(ops.matmul(query, key, False, True), scale)
        context = ops.matmul(ops.softmax(ops.add(scores, bias), -1), value, False, False)
        return ops.reshape(ops.transpose(context, [0, 2, 1, 3]), [0, 0, plain.dimension], True)

    def _heads(self, rows: Any) -> Any:
        """Split the rows by attention head: (n, tokens, d) -> (n, heads, tokens, d / heads)."""
        ops, plain = self._ops, self._plain
        size = plain.dimension // plain.heads
        return ops.transpose(ops.reshape(rows, [0, 0, plain.heads, size], True), [0, 2, 1, 3])

    def _dense(self, name: str, rows: Any) -> Any:
        ops = self._ops
        product = ops.matmul(rows, ops.constant(self._weight(f"{name}.weight")), False, True)
        return ops.add(product, ops.constant(self._weight(f"{name}.bias")))

    def _layer_norm(self, name: str, rows: Any) -> Any:
        ops = self._ops
        normal = ops.mvn(rows, [-1], True, self._plain.epsilon, "inside_sqrt")
        scaled = ops.multiply(normal, ops.constant(self._weight(f"{name}.weight")))
        return ops.add(scaled, ops.constant(self._weight(f"{name}.bias")))

    def _mean(self, hidden: Any, weights: Any) -> Any:
        ops = self._ops
        weights = ops.unsqueeze(weights, [2])
        total = ops.reduce_sum(ops.multiply(hidden, weights), [1], False)
        return ops.divide(total, ops.reduce_sum(weights, [1], False))
