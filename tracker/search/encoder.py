"""An exported model: text -> unit vectors without torch, in the bulk run and in a single search.

Owns OpenVINO and `tokenizers`. A sentence-transformers model is turned once into a folder holding
its graph (transformer, pooling, every later module), its tokenizer and a manifest; from then on
that folder is all that is needed, so a search starts in 0.3 s instead of the 7 s that importing
sentence_transformers takes. The folder is trusted only when its manifest, written last, fits it.

Surface: `EncoderId`, `Encoder`, `Manifest`, `write`, `read`, `fault`, `Exported`, `unit`.
"""

import importlib
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.search.durable import replace_text, sha256, sync

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

# Raised when the layout of an export or the way it is computed changes: old ones are left unread.
FORMAT = 1
_GRAPH, _TOKENIZER, _MANIFEST = "model.xml", "tokenizer.json", "manifest.json"
_FILES = (_GRAPH, "model.bin", _TOKENIZER)
# Files up to this many bytes are hashed even when only a quick look is asked for.
_SMALL = 4 << 20
# Tokens (padding included) of one inference: 8 abstracts of 256; 4 to 32 differ by less than 10 %.
_BATCH_TOKENS = 2048
_BATCH_ROWS = 64


@dataclass(frozen=True, slots=True)
class EncoderId:
    """The name of a vector space: vectors of two ids are never compared."""

    model: str
    revision: str
    dimension: int


class Encoder(Protocol):
    """Turns texts into unit vectors of one space."""

    @property
    def id(self) -> EncoderId:
        """The space of its vectors."""
        ...

    @property
    def runs_on(self) -> str:
        """What computes them, in words for the user."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of unit length in the order of `texts`, shape (len(texts), dimension)."""
        ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """What must be known of an exported model; `files` maps a name to [bytes, SHA-256]."""

    id: EncoderId
    prompts: Mapping[str, str]
    max_tokens: int
    pad_id: int
    pad_left: bool
    files: Mapping[str, tuple[int, str]]


def unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """`vectors` (n, d) as float32 rows of length 1; a zero row stays zero."""
    rows = np.asarray(vectors, np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), np.float32)


def write(
    folder: Path, traced: "torch.jit.ScriptModule", tokenizer: "Tokenizer", facts: Manifest
) -> Manifest:
    """Export into the empty `folder`: graph, tokenizer and, last, the manifest, which is returned.

    `traced` maps (input_ids, attention_mask), both (n, tokens), to vectors (n, d). RuntimeError
    when OpenVINO cannot express it. `facts.files` is ignored and filled in.
    """
    _save_graph(traced, folder / _GRAPH)
    tokenizer.save(str(folder / _TOKENIZER))
    for name in _FILES:
        sync(folder / name)
    files = {name: ((folder / name).stat().st_size, sha256(folder / name)) for name in _FILES}
    manifest = replace(facts, files=files)
    replace_text(folder / _MANIFEST, json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1))
    return manifest


def read(folder: Path, *, thorough: bool) -> Manifest | None:
    """The manifest of an export whose files fit it; None when there is none, or it is damaged.

    `thorough` hashes every file. A search must start quickly: it hashes the small files, and the
    weights only when they are not the very file that was hashed before.
    """
    manifest = _manifest(folder / _MANIFEST)
    if manifest is None or set(manifest.files) != set(_FILES):
        return None
    return None if _damaged(folder, manifest, thorough=thorough) else manifest


def fault(folder: Path) -> str:
    """What is wrong with the export in `folder`, for the user; empty when it is sound."""
    if not (folder / _MANIFEST).exists():
        return "is not prepared"
    manifest = _manifest(folder / _MANIFEST)
    if manifest is None or set(manifest.files) != set(_FILES):
        return f"is damaged: {folder / _MANIFEST} cannot be used"
    name = _damaged(folder, manifest, thorough=True)
    return f"is damaged: {folder / name} is not as it was written" if name else ""


def _damaged(folder: Path, manifest: Manifest, *, thorough: bool) -> str:
    """The name of the first file that does not fit the manifest; empty when all do."""
    facts = manifest.files.items()
    unfit = (n for n, expected in facts if not _fits(folder / n, *expected, thorough=thorough))
    return next(unfit, "")


def _manifest(path: Path) -> Manifest | None:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table.pop("format") != FORMAT:
            return None
        files = {name: (int(size), str(digest)) for name, (size, digest) in table["files"].items()}
        return Manifest(**table | {"id": EncoderId(**table["id"]), "files": files})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # not there, not JSON, or not a manifest: all mean that there is no export


def _fits(path: Path, size: int, digest: str, *, thorough: bool) -> bool:
    try:
        if path.stat().st_size != size:
            return False
        if size > _SMALL and not thorough and _known(path) == digest:
            return True
        sound = sha256(path) == digest
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
    if _known(path) != digest:
        with suppress(OSError):
            table = {"sha256": digest, "file": _identity(path)}
            replace_text(_note(path), json.dumps(table))


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.checked")


def _identity(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]


# One at a time: a second inference would only fight for the same cores. And of two threads that are
# the first to hand arrays to OpenVINO, at times both wait for ever, one for Python's lock and one
# for a lock of pybind11's (its `gil_safe_call_once_and_store`, seen with OpenVINO 2026.4).
_ALONE = threading.Lock()


class Exported:
    """An exported model, ready to encode; `task` (document or query) picks its prompt.

    RuntimeError when OpenVINO cannot read the folder.
    """

    runs_on = "openvino on CPU"

    def __init__(self, folder: Path, manifest: Manifest, task: str) -> None:
        self.id = manifest.id
        self._manifest = manifest
        self._prompt = manifest.prompts[task]
        self._tokenizer = _tokenizer(folder / _TOKENIZER, manifest.max_tokens)
        with _ALONE:
            self._request = _compiled(folder).create_infer_request()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (len(texts), d) in the order of `texts`; texts are cut at `max_tokens`."""
        vectors = np.zeros((len(texts), self.id.dimension), np.float32)
        tokens = self._tokens(texts)
        for rows in _batches([len(ids) for ids in tokens]):
            ids, mask = self._padded([tokens[row] for row in rows])
            with _ALONE:
                vectors[rows] = self._request.infer([ids, mask])[0]
        return unit(vectors)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        # A lone surrogate (a broken byte on the command line) cannot be passed to the tokenizer.
        clean = [(self._prompt + text).encode("utf-8", "replace").decode() for text in texts]
        encodings = self._tokenizer.encode_batch_fast(clean)
        # An empty text is no token at all to some tokenizers, and no row may be empty.
        return [encoding.ids or [self._manifest.pad_id] for encoding in encodings]

    def _padded(self, batch: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        width = max(map(len, batch))
        ids = np.full((len(batch), width), self._manifest.pad_id, np.int64)
        mask = np.zeros((len(batch), width), np.int64)
        for row, tokens in enumerate(batch):
            place = (
                slice(width - len(tokens), width) if self._manifest.pad_left else slice(len(tokens))
            )
            ids[row, place], mask[row, place] = tokens, 1
        return ids, mask


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Rows in batches of about `_BATCH_TOKENS` tokens, longest first so that few are padding."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    start = 0
    while start < len(order):
        size = max(1, min(_BATCH_ROWS, _BATCH_TOKENS // max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size


def _tokenizer(path: Path, max_tokens: int) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _openvino() -> Any:
    """The package, without its telemetry.

    `import openvino` reports to Google Analytics over the network, and leaves ~/intel behind, when
    openvino_telemetry can be imported (openvino/tools/ovc/__init__.py). None in `sys.modules` makes
    that import fail, upon which OpenVINO takes its own stub.
    """
    if "openvino" not in sys.modules:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None is the documented way to forbid an import
    return importlib.import_module("openvino")


def _compiled(folder: Path) -> Any:
    # Without a precision hint the processor's fastest is used: bf16 where it has it, else float32.
    options = {"PERFORMANCE_HINT": "LATENCY"}
    if os.access(folder, os.W_OK):
        # Saves 0.1 s of a cold start; OpenVINO itself replaces an entry that is damaged or was made
        # by another release or for another processor.
        options |= {"CACHE_DIR": str(folder / "cache"), "CACHE_MODE": "OPTIMIZE_SIZE"}
    return _openvino().Core().compile_model(str(folder / _GRAPH), "CPU", options)


def _save_graph(traced: "torch.jit.ScriptModule", path: Path) -> None:
    """Save a traced module in OpenVINO's format, weights as float16 (computed in bf16 or more)."""
    openvino = _openvino()
    # Not openvino.convert_model, which is this and telemetry.
    frontends = importlib.import_module("openvino.frontend")
    decoders = importlib.import_module("openvino.frontend.pytorch.ts_decoder")
    frontend = frontends.FrontEndManager().load_by_framework("pytorch")
    # In a variable of its own, because the front end does not keep it alive.
    decoder = decoders.TorchScriptPythonDecoder(traced)
    graph = frontend.convert(frontend.load(decoder))
    openvino.save_model(graph, str(path), compress_to_fp16=True)
