"""Preparing a sentence-transformers model: loading it, exporting it once, or running it on a GPU.

Owns sentence_transformers, and with it torch; both come with the extra `models`, and a plain BERT
is exported without them. Models are read from safetensors only, from a local folder, and their own
code is never run. An export is built in a hidden folder and installed as a whole, so a killed
process leaves nothing that is trusted, and two at once do no harm. An export that does not agree
with the original is refused (ModelRefused).

Public: `ModelSource`, `export_model`, `install_export`, `TorchEncoder`, `load_reranker`,
`fetch_model`, `list_model_files`, `content_hash`, `has_gpu`.
"""

import hashlib
import importlib.util
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from tracker.errors import ModelRefused
from tracker.extras import require_models
from tracker.files import file_sha256, fsync_path
from tracker.search.encoder import bert_graph, openvino
from tracker.search.encoder.openvino import EncoderId, Manifest, OpenVINOEncoder, normalize_rows

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer

# The files that determine the vectors of a model; nothing else of a hub model is downloaded.
_PARTS = ("*.json", "*.safetensors", "*.txt", "*.model")
_SENTENCE_CONFIG = "config_sentence_transformers.json"
# What loading and tracing raise for models that are not supported.
_FAILURES = (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ImportError)
# Least cosine between a vector of an export and of float32 torch; rounding gives 0.9999 in bf16.
_AGREEMENT = 0.995
_PROBES = (
    "Attention",
    "Sparse Routing for Mixtures of Experts\nWe show that 8 of 64 experts suffice.",
    "naïve Bayes, 专家混合, $\\mathcal{O}(n \\log n)$ -- odd characters & MIXED Case " * 4,
    "The limit of length must cut both alike. " * 400,
)
_GPU_BATCH = 128
_ABANDONED_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A local model: `setting` as the user named it, and the (`name`, `revision`) of its space."""

    setting: str
    folder: Path
    name: str
    revision: str


class TorchEncoder:
    """The model as sentence_transformers runs it; in bfloat16 on a GPU that supports it."""

    def __init__(self, origin: ModelSource, manifest: Manifest, *, gpu: bool) -> None:
        self.id = manifest.id
        self.runs_on = f"torch on {_torch_cuda().get_device_name()}" if gpu else "torch on CPU"
        self._model = _load_model(origin, "cuda" if gpu else "cpu")
        if gpu and _torch_cuda().is_bf16_supported(including_emulation=False):
            self._model = self._model.bfloat16()
        self._prompt = manifest.prompts["document"]
        self._batch = _GPU_BATCH if gpu else 32

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors (len(texts), d) in the order of `texts`."""
        return _encode_texts(self._model, texts, self._prompt, self._batch)


def export_model(origin: ModelSource, place: Path) -> Manifest:
    """Export a model into the folder `place`, atomically, and return its manifest."""
    place.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        _remove_abandoned(place, work)
        manifest = _write_export(origin, work)
        # The compiled model is cached by path, so one made here would never be found again.
        shutil.rmtree(work / "cache", ignore_errors=True)
        return install_export(work, place, manifest)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_export(origin: ModelSource, work: Path) -> Manifest:
    try:
        plain = bert_graph.read(origin.folder)
    except RuntimeError as error:
        _refuse_export(origin, error)
    return _write_plain(plain, origin, work) if plain else _write_traced(origin, work)


def _write_plain(plain: bert_graph.Plain, origin: ModelSource, work: Path) -> Manifest:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(plain.folder / "tokenizer.json"))
        facts = Manifest(
            id=EncoderId(origin.name, origin.revision, plain.dimension),
            prompts=_prompts(plain.prompts),
            max_tokens=plain.max_tokens,
            pad_id=plain.pad_id,
            pad_left=False,
            files={},
        )
        return openvino.write_export(work, bert_graph.build(plain), tokenizer, facts)
    except _FAILURES as error:
        _refuse_export(origin, error)


def _write_traced(origin: ModelSource, work: Path) -> Manifest:
    # Eager attention consists of plain operations, which can be exported.
    model = _load_model(origin, "cpu", attn_implementation="eager")
    try:
        with _suppress_output():
            graph = openvino.graph_from_torch(_trace_model(model))
            tokenizer, facts = model.tokenizer.backend_tokenizer, _build_manifest(model, origin)
            manifest = openvino.write_export(work, graph, tokenizer, facts)
            _check_agreement(model, OpenVINOEncoder(work, manifest, "document"), manifest)
    except _FAILURES as error:
        _refuse_export(origin, error)
    return manifest


def _refuse_export(origin: ModelSource, error: BaseException) -> NoReturn:
    reason = f"it cannot be exported: {_first_line(error)}"
    raise ModelRefused(origin.setting, reason) from error


def _remove_abandoned(place: Path, work: Path) -> None:
    """Remove what killed exports left behind; `work` is new and has the time of the file system."""
    for other in place.parent.glob(f".{place.name}-*"):
        if work.stat().st_mtime - other.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(other, ignore_errors=True)


def install_export(work: Path, place: Path, manifest: Manifest) -> Manifest:
    """Move `work` to `place` and return the manifest there.

    An intact export that is there already stays; a damaged one is replaced.
    """
    try:
        os.rename(work, place)
    except OSError:
        theirs = openvino.read_manifest(place, thorough=True)
        if theirs is None and place.exists():
            _remove_damaged(place)
            return install_export(work, place, manifest)
        if theirs is None:
            raise
        return theirs
    fsync_path(place.parent)
    return manifest


def _remove_damaged(place: Path) -> None:
    # Moved aside first, so that no process finds a partly deleted folder.
    aside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    os.rename(place, aside / "damaged")
    shutil.rmtree(aside, ignore_errors=True)


def load_reranker(setting: str, folder: Path) -> "CrossEncoder | MultiVectorEncoder":
    """Load a model from `folder` that scores a query and a text, on the best available device.

    It is a cross-encoder, or a late-interaction model, whose folder says so.
    """
    _refuse_pickles(setting, folder)
    require_models("search.reranker")
    with _suppress_output():
        from sentence_transformers import CrossEncoder, MultiVectorEncoder

        kind = MultiVectorEncoder if _is_late_interaction(folder) else CrossEncoder
        try:
            model: CrossEncoder | MultiVectorEncoder = kind(
                str(folder), trust_remote_code=False, local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )  # fmt: skip
        except _FAILURES as error:
            reason = f"it cannot be loaded: {_first_line(error)}"
            raise ModelRefused(setting, reason) from error
    if isinstance(model, CrossEncoder) and model.num_labels != 1:
        raise ModelRefused(setting, f"it gives {model.num_labels} scores for a pair, not one")
    return model


def _is_late_interaction(folder: Path) -> bool:
    """Whether a folder holds a model with a vector per token, saved by any of three programs."""
    ours, stanford = (_read_json(folder / name) for name in (_SENTENCE_CONFIG, "config.json"))
    kinds = {ours.get("model_type"), *(stanford.get("architectures") or [])}
    return not kinds.isdisjoint({"MultiVectorEncoder", "ColBERT", "HF_ColBERT"})


def _read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file; an empty one if there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _load_model(origin: ModelSource, device: str, **options: str) -> "SentenceTransformer":
    """Load the model in float32; `options` are passed to transformers."""
    _refuse_pickles(origin.setting, origin.folder)
    require_models(f"The model {origin.setting!r}")
    with _suppress_output():
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(
                str(origin.folder),
                device=device,
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True, "dtype": "float32", **options},
            )
        except _FAILURES as error:
            reason = f"it cannot be loaded: {_first_line(error)}"
            raise ModelRefused(origin.setting, reason) from error
    return model.eval()


def _refuse_pickles(setting: str, folder: Path) -> None:
    """Raise ModelRefused for pickles, which run code when read.

    sentence_transformers would read them for its smaller modules.
    """
    for pickle in folder.rglob("pytorch_model*.bin"):
        if not any(pickle.parent.glob("*.safetensors")):
            name = pickle.relative_to(folder)
            raise ModelRefused(setting, f"{name} is a pickle; only safetensors are read")


def _build_manifest(model: "SentenceTransformer", origin: ModelSource) -> Manifest:
    dimension, tokenizer = model.get_embedding_dimension(), model.tokenizer
    if dimension is None or not getattr(tokenizer, "is_fast", False):
        raise ValueError("it has no fixed dimension or no fast tokenizer")
    return Manifest(
        id=EncoderId(origin.name, origin.revision, dimension),
        prompts=_prompts(model.prompts),
        max_tokens=model.max_seq_length or tokenizer.model_max_length,
        pad_id=tokenizer.pad_token_id or 0,
        pad_left=tokenizer.padding_side == "left",
        files={},
    )


def _prompts(defined: Mapping[str, str | None]) -> dict[str, str]:
    """Return the prompts by task: the first that the model defines of each; most define none."""
    names = {"document": ("document", "passage", "corpus"), "query": ("query",)}
    return {
        task: next((prompt for name in known if (prompt := defined.get(name))), "")
        for task, known in names.items()
    }


def _trace_model(model: "SentenceTransformer") -> "torch.jit.ScriptModule":
    """Trace all modules as one: (input_ids, attention_mask) to sentence embedding."""
    import torch

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.steps = torch.nn.ModuleList(model)

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            features: Any = {"input_ids": input_ids, "attention_mask": attention_mask}
            for step in self.steps:
                features = step(features)
            return features["sentence_embedding"]

    # With padding, so that the trace does not follow a shortcut for full rows.
    ids = torch.full((3, 16), 5, dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    with torch.no_grad():
        traced: torch.jit.ScriptModule = torch.jit.trace(  # type: ignore[no-untyped-call]  # torch
            Graph().eval(), (ids, mask), strict=False, check_trace=False
        )
    return traced


def _check_agreement(
    model: "SentenceTransformer", exported: OpenVINOEncoder, facts: Manifest
) -> None:
    """Raise ValueError unless both encode the probes alike (case, padding, pooling)."""
    wanted = _encode_texts(model, _PROBES, facts.prompts["document"], len(_PROBES))
    agreement = float(np.sum(wanted * exported.encode(_PROBES), axis=1).min())
    if not agreement >= _AGREEMENT:
        raise ValueError(f"the export's vectors agree only to a cosine of {agreement:.4f}")


def _encode_texts(
    model: "SentenceTransformer", texts: Sequence[str], prompt: str, batch: int
) -> NDArray[np.float32]:
    if not texts:
        return np.zeros((0, model.get_embedding_dimension() or 0), np.float32)
    rows = model.encode(list(texts), prompt=prompt, batch_size=batch, show_progress_bar=False)
    return normalize_rows(np.asarray(rows))


def fetch_model(name: str, revision: str, *, offline: bool) -> Path:
    """Return the folder of a hub model in the hub's cache; download it unless `offline`."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    try:
        with warnings.catch_warnings(action="ignore"):
            folder = snapshot_download(
                name,
                revision=revision or None,
                allow_patterns=list(_PARTS),
                ignore_patterns=["onnx/*", "openvino/*"],
                local_files_only=offline,
            )
    except _FAILURES as error:
        raise ModelRefused(name, f"it cannot be fetched: {_first_line(error)}") from error
    return Path(folder)


def list_model_files(folder: Path) -> list[Path]:
    """Return the files that determine the vectors of a model, sorted."""
    return sorted({path for pattern in _PARTS for path in folder.rglob(pattern) if path.is_file()})


def content_hash(folder: Path) -> str:
    """Return a hash of all files of a model, which serves as its revision."""
    lines = [
        f"{path.relative_to(folder).as_posix()} {file_sha256(path)}\n"
        for path in list_model_files(folder)
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def has_gpu() -> bool:
    """Whether torch is installed and can compute on a GPU here; imports torch."""
    return bool(importlib.util.find_spec("torch") and _torch_cuda().is_available())


def _torch_cuda() -> Any:
    import torch

    return torch.cuda


@contextmanager
def _suppress_output() -> Iterator[None]:
    """Suppress progress bars, warnings and log lines; the caller shows progress."""
    import sentence_transformers
    from huggingface_hub.utils.tqdm import disable_progress_bars

    from summarizer.llm.transformers import silence_transformers

    disable_progress_bars()
    logger = logging.getLogger(sentence_transformers.__name__)
    level = logger.level
    with silence_transformers():
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
