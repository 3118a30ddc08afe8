"""An exported BERT computed by numpy: one query is embedded before OpenVINO would be imported.

Importing OpenVINO and opening a model take 0.3 s, and numpy is there anyway: for the one query of a
`tracker search` it is ten times faster, for many texts several times slower. The graph is read from
the files of the export, in OpenVINO's IR: https://docs.openvino.ai (Operation Set). Only operations
that a plain BERT uses are known; every other graph is refused.

Public: `open_graph`.
"""

import mmap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from tracker.search.encoder.openvino import Infer

Value = NDArray[Any]
Attributes = Mapping[str, str]
Operation = Callable[[Sequence[Value], Attributes], Value]

_TYPES = {"f16": np.float16, "f32": np.float32, "i64": np.int64, "i32": np.int32}
# Attributes that change the computation, each with the only supported value.
_SUPPORTED = {
    "auto_broadcast": "numpy", "batch_dims": "0", "normalize_variance": "true",
    "eps_mode": "INSIDE_SQRT", "approximation_mode": "ERF", "special_zero": "true",
}  # fmt: skip
_SOURCES = {"Parameter", "Const", "Result"}


@dataclass(frozen=True, slots=True)
class _Layer:
    """One operation: `inputs` are the numbers of the layers whose values it takes."""

    number: str
    kind: str
    attributes: Attributes
    inputs: tuple[str, ...]


def open_graph(folder: Path) -> Infer | None:
    """Return the function of the export in `folder`: input_ids, attention_mask to vectors (n, d).

    None for a graph with other operations than those of a plain BERT. Raises RuntimeError if the
    files cannot be read.
    """
    try:
        layers = _read_layers(folder / "model.xml")
        if not all(map(_is_known, layers)):
            return None
        weights = _map_file(folder / "model.bin")
        constants = {
            layer.number: _constant(layer.attributes, weights)
            for layer in layers
            if layer.kind == "Const"
        }
    except (OSError, ValueError, LookupError, ET.ParseError) as error:
        raise RuntimeError(f"{folder} cannot be read: {error}") from error
    return lambda ids, mask: _evaluate(layers, constants, ids, mask)


def _read_layers(path: Path) -> list[_Layer]:
    """Return the layers, each after those that it takes values from."""
    # The file is our own export, and its hash was compared.
    root = ET.parse(path).getroot()  # noqa: S314
    sources = {
        (edge.attrib["to-layer"], edge.attrib["to-port"]): edge.attrib["from-layer"]
        for edge in root.iterfind("edges/edge")
    }
    return [_layer(element, sources) for element in root.iterfind("layers/layer")]


def _layer(element: ET.Element, sources: Mapping[tuple[str, str], str]) -> _Layer:
    number, data = element.attrib["id"], element.find("data")
    ports = [port.attrib["id"] for port in element.iterfind("input/port")]
    name = {"name": element.attrib["name"]}
    return _Layer(
        number,
        element.attrib["type"],
        name | (data.attrib if data is not None else {}),
        tuple(sources[number, port] for port in ports),
    )


def _is_known(layer: _Layer) -> bool:
    supported = all(layer.attributes.get(key, value) == value for key, value in _SUPPORTED.items())
    return supported and (layer.kind in _SOURCES or layer.kind in _OPERATIONS)


def _map_file(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _constant(attributes: Attributes, weights: mmap.mmap) -> Value:
    kind = np.dtype(_TYPES[attributes["element_type"]])
    shape = [int(size) for size in attributes["shape"].split(",") if size.strip()]
    count = int(attributes["size"]) // kind.itemsize
    return np.frombuffer(weights, kind, count, int(attributes["offset"])).reshape(shape)


def _evaluate(
    layers: Sequence[_Layer],
    constants: Mapping[str, Value],
    ids: NDArray[np.int64],
    mask: NDArray[np.int64],
) -> NDArray[np.float32]:
    given = {"input_ids": ids, "attention_mask": mask}
    values = dict(constants)
    for layer in layers:
        inputs = [values[number] for number in layer.inputs]
        if layer.kind == "Parameter":
            values[layer.number] = given[layer.attributes["name"]]
        elif layer.kind == "Result":
            return np.asarray(inputs[0], np.float32)
        elif layer.kind != "Const":
            values[layer.number] = _OPERATIONS[layer.kind](inputs, layer.attributes)
    raise RuntimeError("the graph has no result")


def _wide(value: Value) -> Value:
    """Return float16, the type of stored weights, as float32: numpy computes in it much faster."""
    return value.astype(np.float32) if value.dtype == np.float16 else value


def _convert(inputs: Sequence[Value], attributes: Attributes) -> Value:
    # Weights stay float16 until they are used: few rows of the largest table are.
    (value,) = inputs
    if value.dtype == np.float16:
        return value
    return value.astype(_TYPES[attributes["destination_type"]])


def _gather(inputs: Sequence[Value], _: Attributes) -> Value:
    table, rows, axis = inputs
    return _wide(np.take(table, rows, int(axis)))


def _slice(inputs: Sequence[Value], _: Attributes) -> Value:
    table, *bounds, axes = inputs
    cuts = [slice(None)] * table.ndim
    for start, stop, step, axis in zip(*bounds, axes, strict=True):
        cuts[int(axis)] = slice(int(start), int(stop), int(step))
    return _wide(table[tuple(cuts)])


def _matmul(inputs: Sequence[Value], attributes: Attributes) -> Value:
    one, other = map(_wide, inputs)
    if attributes["transpose_a"] == "true":
        one = one.swapaxes(-1, -2)
    if attributes["transpose_b"] == "true":
        other = other.swapaxes(-1, -2)
    return one @ other


def _normalize(inputs: Sequence[Value], attributes: Attributes) -> Value:
    rows, axes = inputs[0], tuple(inputs[1].tolist())
    centred = rows - rows.mean(axes, keepdims=True)
    variance = np.square(centred).mean(axes, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + np.float32(attributes["eps"])))


def _reshape(inputs: Sequence[Value], _: Attributes) -> Value:
    rows, shape = inputs
    sizes = [rows.shape[axis] if size == 0 else size for axis, size in enumerate(shape.tolist())]
    return rows.reshape(sizes)


def _softmax(inputs: Sequence[Value], attributes: Attributes) -> Value:
    axis = int(attributes["axis"])
    powers = np.exp(inputs[0] - inputs[0].max(axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis, keepdims=True))


def _sum(inputs: Sequence[Value], attributes: Attributes) -> Value:
    keep = attributes["keep_dims"] == "true"
    return np.asarray(inputs[0].sum(tuple(inputs[1].tolist()), keepdims=keep))


# Abramowitz and Stegun, 7.1.26: an approximation of erf with an error of at most 1.5e-7.
_ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
_ERF_SCALE = np.float32(0.3275911)


def _gelu(inputs: Sequence[Value], _: Attributes) -> Value:
    (rows,) = inputs
    half = rows * np.float32(0.5**0.5)
    size = np.abs(half)
    step = np.float32(1) / (np.float32(1) + _ERF_SCALE * size)
    series = np.zeros_like(step)
    for factor in reversed(_ERF):
        series = (series + np.float32(factor)) * step
    erf = np.copysign(np.float32(1) - series * np.exp(-half * half), half)
    return np.asarray(np.float32(0.5) * rows * (np.float32(1) + erf))


_OPERATIONS: Mapping[str, Operation] = {
    "Add": lambda inputs, _: np.add(*map(_wide, inputs)),
    "Convert": _convert,
    "Divide": lambda inputs, _: np.divide(*map(_wide, inputs)),
    "Gather": _gather,
    "Gelu": _gelu,
    "MVN": _normalize,
    "MatMul": _matmul,
    "Multiply": lambda inputs, _: np.multiply(*map(_wide, inputs)),
    "ReduceSum": _sum,
    "Reshape": _reshape,
    "ShapeOf": lambda inputs, _: np.array(inputs[0].shape, np.int64),
    "Slice": _slice,
    "SoftMax": _softmax,
    "Subtract": lambda inputs, _: np.subtract(*map(_wide, inputs)),
    "Transpose": lambda inputs, _: inputs[0].transpose(inputs[1].tolist()),
    "Unsqueeze": lambda inputs, _: np.expand_dims(inputs[0], tuple(inputs[1].tolist())),
}
