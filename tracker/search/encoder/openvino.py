"""An exported model: text to unit vectors without torch, for indexing and for searches.

Owns OpenVINO and `tokenizers`. A sentence-transformers model is exported once into a folder with
its graph (transformer, pooling, every later module), its tokenizer and a manifest. After that only
the folder is needed, so a search starts in 0.3 s instead of the 7 s that importing
sentence_transformers takes. The folder is used only if it matches its manifest, written last.

Public: `EncoderId`, `Encoder`, `Manifest`, `write_export`, `read_manifest`, `OpenVINOEncoder`,
`normalize_rows`, `fault`, `load_openvino`, `graph_from_torch`, `run_alone`.
"""

import importlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.files import file_sha256, fsync_path, replace_text

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

# Called with input_ids and attention_mask, both (n, tokens), it returns vectors (n, d).
Infer = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]

# Incremented when the layout of an export or its computation changes: older ones are not read.
EXPORT_FORMAT = 1
_GRAPH, _TOKENIZER, _MANIFEST = "model.xml", "tokenizer.json", "manifest.json"
_FILES = (_GRAPH, "model.bin", _TOKENIZER)
# Files up to this many bytes are hashed even in a quick check.
_SMALL = 4 << 20
# Tokens (with padding) per inference: 8 abstracts of 256. Between 4 and 32 speed varies by < 10 %.
_BATCH_TOKENS = 2048
_BATCH_ROWS = 64


@dataclass(frozen=True, slots=True)
class EncoderId:
    """The name of a vector space: only vectors of equal ids may be compared."""

    model: str
    revision: str
    dimension: int


class Encoder(Protocol):
    """Turns texts into unit vectors of one space."""

    @property
    def id(self) -> EncoderId:
        """Return the space of the vectors."""
        ...

    @property
    def runs_on(self) -> str:
        """Return what computes the vectors, in words for the user."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return rows of unit length in the order of `texts`, (len(texts), dimension)."""
        ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """The properties of an exported model; `files` maps a name to (bytes, SHA-256)."""

    id: EncoderId
    prompts: Mapping[str, str]
    max_tokens: int
    pad_id: int
    pad_left: bool
    files: Mapping[str, tuple[int, str]]


def normalize_rows(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Return `vectors` (n, d) as float32 rows of length 1; a zero row stays zero."""
    rows = np.asarray(vectors, np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), np.float32)


def write_export(folder: Path, graph: Any, tokenizer: "Tokenizer", facts: Manifest) -> Manifest:
    """Write graph, tokenizer and, last, the manifest into the empty `folder`; return the manifest.

    `graph` is an OpenVINO model from (input_ids, attention_mask), both (n, tokens), to vectors
    (n, d). `facts.files` is ignored and filled in.
    """
    # Weights as float16; computed in bfloat16 or more.
    load_openvino().save_model(graph, str(folder / _GRAPH), compress_to_fp16=True)
    tokenizer.save(str(folder / _TOKENIZER))
    for name in _FILES:
        fsync_path(folder / name)
    files = {name: ((folder / name).stat().st_size, file_sha256(folder / name)) for name in _FILES}
    manifest = replace(facts, files=files)
    replace_text(
        folder / _MANIFEST, json.dumps({"format": EXPORT_FORMAT, **asdict(manifest)}, indent=1)
    )
    return manifest


def read_manifest(folder: Path, *, thorough: bool) -> Manifest | None:
    """Return the manifest of an export, or None if there is none or its files do not match it.

    With `thorough`, every file is hashed. Otherwise, so that a search starts quickly, the small
    files are hashed, and the weights only if they are not the same file that was hashed before.
    """
    manifest = _parse_manifest(folder / _MANIFEST)
    if manifest is None or set(manifest.files) != set(_FILES):
        return None
    return None if _damaged(folder, manifest, thorough=thorough) else manifest


def fault(folder: Path) -> str:
    """What is wrong with the export in `folder`, for the user; empty when it is sound."""
    if not (folder / _MANIFEST).exists():
        return "is not prepared"
    manifest = _parse_manifest(folder / _MANIFEST)
    if manifest is None or set(manifest.files) != set(_FILES):
        return f"is damaged: {folder / _MANIFEST} cannot be used"
    name = _damaged(folder, manifest, thorough=True)
    return f"is damaged: {folder / name} is not as it was written" if name else ""


def _damaged(folder: Path, manifest: Manifest, *, thorough: bool) -> str:
    """The name of the first file that does not fit the manifest; empty when all do."""
    facts = manifest.files.items()
    unfit = (n for n, expected in facts if not _is_intact(folder / n, *expected, thorough=thorough))
    return next(unfit, "")


def _parse_manifest(path: Path) -> Manifest | None:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table.pop("format") != EXPORT_FORMAT:
            return None
        files = {name: (int(size), str(digest)) for name, (size, digest) in table["files"].items()}
        return Manifest(**table | {"id": EncoderId(**table["id"]), "files": files})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # missing, not JSON, or not a manifest: there is no usable export


def _is_intact(path: Path, size: int, digest: str, *, thorough: bool) -> bool:
    try:
        if path.stat().st_size != size:
            return False
        if size > _SMALL and not thorough and _known(path) == digest:
            return True
        sound = file_sha256(path) == digest
    except OSError:
        return False
    if sound and size > _SMALL:
        _remember(path, digest)
    return sound


def _known(path: Path) -> str:
    """The hash that the very file at `path` had when it was last taken; empty when it has changed.

    Whoever writes to a file or puts another in its place changes its number or one of its times,
    of which the system sets the second. Decay of the disk changes none: `thorough` finds that.
    """
    try:
        table = json.loads(_note(path).read_text(encoding="utf-8"))
        return str(table["sha256"]) if table["file"] == _identity(path) else ""
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def _remember(path: Path, digest: str) -> None:
    """Note the hash of the file at `path`; where that cannot be written it is taken every time."""
    if _is_writable(path.parent) and _known(path) != digest:
        with suppress(OSError):
            table = {"sha256": digest, "file": _identity(path)}
            replace_text(_note(path), json.dumps(table))


def _is_writable(folder: Path) -> bool:
    """Whether results may be stored with a model; a file `cache` forbids it, as in a replica."""
    return os.access(folder, os.W_OK) and not (folder / "cache").is_file()


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.checked")


def _identity(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]


# One inference at a time: a second one would compete for the same cores. Also, two threads that are
# the first to pass arrays to OpenVINO can deadlock, one waiting for Python's lock and the other for
# a lock of pybind11 (its `gil_safe_call_once_and_store`, observed with OpenVINO 2026.4).
_ALONE = threading.Lock()


class OpenVINOEncoder:
    """An exported model, ready to encode; `task` (document or query) selects its prompt.

    `infer` computes the graph: OpenVINO by default. Raises RuntimeError if it cannot read it.
    """

    runs_on = "openvino on CPU"

    def __init__(
        self, folder: Path, manifest: Manifest, task: str, infer: Infer | None = None
    ) -> None:
        self.id = manifest.id
        self._manifest = manifest
        self._prompt = manifest.prompts[task]
        self._tokenizer = _load_tokenizer(folder / _TOKENIZER, manifest.max_tokens)
        self._infer = infer or _open_graph(folder)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors (len(texts), d); texts are truncated to `max_tokens`."""
        vectors = np.zeros((len(texts), self.id.dimension), np.float32)
        tokens = self._tokenize(texts)
        for rows in _batch_rows([len(ids) for ids in tokens]):
            ids, mask = self._pad([tokens[row] for row in rows])
            vectors[rows] = self._infer(ids, mask)
        return normalize_rows(vectors)

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        # A lone surrogate (a broken byte on the command line) cannot be passed to the tokenizer.
        clean = [(self._prompt + text).encode("utf-8", "replace").decode() for text in texts]
        encodings = self._tokenizer.encode_batch_fast(clean)
        # Some tokenizers return no token for an empty text, but a row must not be empty.
        return [encoding.ids or [self._manifest.pad_id] for encoding in encodings]

    def _pad(self, batch: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        width = max(map(len, batch))
        ids = np.full((len(batch), width), self._manifest.pad_id, np.int64)
        mask = np.zeros((len(batch), width), np.int64)
        for row, tokens in enumerate(batch):
            place = (
                slice(width - len(tokens), width) if self._manifest.pad_left else slice(len(tokens))
            )
            ids[row, place], mask[row, place] = tokens, 1
        return ids, mask


def _open_graph(folder: Path) -> Infer:
    with _ALONE:
        request = _compile_model(folder).create_infer_request()

    def infer(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        return run_alone(request, [ids, mask])

    return infer


def run_alone(request: Any, inputs: Any) -> NDArray[np.float32]:
    """Return the first output of an inference, while no other one runs in this process."""
    with _ALONE:
        # A copy: the next inference writes to the same place.
        return np.array(request.infer(inputs)[0], np.float32)


def _batch_rows(lengths: list[int]) -> Iterator[list[int]]:
    """Yield rows in batches of about `_BATCH_TOKENS` tokens, longest first to reduce padding."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    start = 0
    while start < len(order):
        size = max(1, min(_BATCH_ROWS, _BATCH_TOKENS // max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size


def _load_tokenizer(path: Path, max_tokens: int) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def load_openvino() -> Any:
    """Import OpenVINO without its telemetry and return the package.

    `import openvino` reports to Google Analytics over the network and creates ~/intel if
    openvino_telemetry can be imported (openvino/tools/ovc/__init__.py). None in `sys.modules` makes
    that import fail, and OpenVINO then uses a stub.
    """
    if "openvino" not in sys.modules:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None is the documented way to forbid an import
    return importlib.import_module("openvino")


def _compile_model(folder: Path) -> Any:
    # Without a precision hint the fastest one is used: bf16 if the processor has it, else float32.
    options = {"PERFORMANCE_HINT": "LATENCY"}
    if _is_writable(folder):
        # Saves 0.1 s of a cold start. OpenVINO itself replaces an entry that is damaged or comes
        # from another release or processor.
        options |= {"CACHE_DIR": str(folder / "cache"), "CACHE_MODE": "OPTIMIZE_SIZE"}
    return load_openvino().Core().compile_model(str(folder / _GRAPH), "CPU", options)


def graph_from_torch(traced: "torch.jit.ScriptModule") -> Any:
    """Convert a traced module. Raises RuntimeError if OpenVINO cannot express it."""
    load_openvino()
    # openvino.convert_model does the same, but with telemetry.
    frontends = importlib.import_module("openvino.frontend")
    decoders = importlib.import_module("openvino.frontend.pytorch.ts_decoder")
    frontend = frontends.FrontEndManager().load_by_framework("pytorch")
    # A separate variable, because the front end does not keep it alive.
    decoder = decoders.TorchScriptPythonDecoder(traced)
    return frontend.convert(frontend.load(decoder))
