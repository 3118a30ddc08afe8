"""Preparing a sentence-transformers model: loading it, exporting it once, or running it on a GPU.

Owns sentence_transformers, and torch with it; both come with the extra `models`, and a plain BERT
is exported without them. Models are read from safetensors only, from a folder
on this machine, and never run code of their own. An export is built in a hidden folder and put in
place whole, so a killed process leaves nothing that is trusted and two at once do no harm; one that
does not agree with the original is refused (ModelRefused) rather than used.

Surface: `Origin`, `export`, `put`, `Original`, `cross_encoder`, `fetch`, `parts`, `contents`,
`has_gpu`.
"""

import hashlib
import importlib.util
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
from tracker.search import bert_graph, encoder
from tracker.search.durable import sha256, sync
from tracker.search.encoder import EncoderId, Exported, Manifest, unit

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer

# The files that make a model what it is; of a hub model nothing else is fetched.
_PARTS = ("*.json", "*.safetensors", "*.txt", "*.model")
# What loading and tracing raise for models they cannot take.
_FAILURES = (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ImportError)
# An export may differ from float32 torch by rounding (0.9999 in bf16), not by meaning.
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
class Origin:
    """A model's files: `setting` is what the user called it, (`name`, `revision`) what it is."""

    setting: str
    folder: Path
    name: str
    revision: str


class Original:
    """The model as sentence_transformers runs it; bfloat16 on a GPU that computes in it."""

    def __init__(self, origin: Origin, manifest: Manifest, *, gpu: bool) -> None:
        self.id = manifest.id
        self.runs_on = f"torch on {_cuda().get_device_name()}" if gpu else "torch on CPU"
        self._model = _load(origin, "cuda" if gpu else "cpu")
        if gpu and _cuda().is_bf16_supported(including_emulation=False):
            self._model = self._model.bfloat16()
        self._prompt = manifest.prompts["document"]
        self._batch = _GPU_BATCH if gpu else 32

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (len(texts), d) in the order of `texts`."""
        return _encode(self._model, texts, self._prompt, self._batch)


def export(origin: Origin, place: Path) -> Manifest:
    """Export a model into the folder `place`, atomically; its manifest."""
    place.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        _sweep(place, work)
        manifest = _write(origin, work)
        # The compiled form is keyed by path: made here, it would never be found again.
        shutil.rmtree(work / "cache", ignore_errors=True)
        return put(work, place, manifest)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(origin: Origin, work: Path) -> Manifest:
    try:
        plain = bert_graph.read(origin.folder)
    except RuntimeError as error:
        _refuse_export(origin, error)
    return _write_plain(plain, origin, work) if plain else _write_traced(origin, work)


def _write_plain(plain: bert_graph.Plain, origin: Origin, work: Path) -> Manifest:
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
        return encoder.write(work, bert_graph.build(plain), tokenizer, facts)
    except _FAILURES as error:
        _refuse_export(origin, error)


def _write_traced(origin: Origin, work: Path) -> Manifest:
    # Eager attention is made of plain operations, which is what an export can hold.
    model = _load(origin, "cpu", attn_implementation="eager")
    try:
        with _quiet():
            graph = encoder.graph_from_torch(_traced(model))
            tokenizer, facts = model.tokenizer.backend_tokenizer, _facts(model, origin)
            manifest = encoder.write(work, graph, tokenizer, facts)
            _check_agreement(model, Exported(work, manifest, "document"), manifest)
    except _FAILURES as error:
        _refuse_export(origin, error)
    return manifest


def _refuse_export(origin: Origin, error: BaseException) -> NoReturn:
    reason = f"it cannot be exported: {_first_line(error)}"
    raise ModelRefused(origin.setting, reason) from error


def _sweep(place: Path, work: Path) -> None:
    """Remove what killed exports left; `work`, made just now, tells the file system's time."""
    for other in place.parent.glob(f".{place.name}-*"):
        if work.stat().st_mtime - other.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(other, ignore_errors=True)


def put(work: Path, place: Path, manifest: Manifest) -> Manifest:
    """Move `work` to `place`. A sound export that came first stays; a damaged one gives way."""
    try:
        os.rename(work, place)
    except OSError:
        theirs = encoder.read(place, thorough=True)
        if theirs is None and place.exists():
            _discard(place)
            return put(work, place, manifest)
        if theirs is None:
            raise
        return theirs
    sync(place.parent)
    return manifest


def _discard(place: Path) -> None:
    # Moved aside first: nobody may find half a folder.
    aside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    os.rename(place, aside / "damaged")
    shutil.rmtree(aside, ignore_errors=True)


def cross_encoder(setting: str, folder: Path) -> "CrossEncoder":
    """A model in `folder` that scores pairs of texts, on the best device there is."""
    _refuse_pickles(setting, folder)
    require_models("search.reranker")
    with _quiet():
        from sentence_transformers import CrossEncoder

        try:
            model: CrossEncoder = CrossEncoder(
                str(folder), trust_remote_code=False, local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )  # fmt: skip
        except _FAILURES as error:
            reason = f"it cannot be loaded: {_first_line(error)}"
            raise ModelRefused(setting, reason) from error
    if model.num_labels != 1:
        raise ModelRefused(setting, f"it gives {model.num_labels} scores for a pair, not one")
    return model


def _load(origin: Origin, device: str, **options: str) -> "SentenceTransformer":
    """The model in float32; `options` go to transformers."""
    _refuse_pickles(origin.setting, origin.folder)
    require_models(f"The model {origin.setting!r}")
    with _quiet():
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
    """A pickle runs code when it is read; sentence_transformers would, for its smaller modules."""
    for pickle in folder.rglob("pytorch_model*.bin"):
        if not any(pickle.parent.glob("*.safetensors")):
            name = pickle.relative_to(folder)
            raise ModelRefused(setting, f"{name} is a pickle; only safetensors are read")


def _facts(model: "SentenceTransformer", origin: Origin) -> Manifest:
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
    """The model's prompts by task: the first it defines of each; most define none."""
    names = {"document": ("document", "passage", "corpus"), "query": ("query",)}
    return {
        task: next((prompt for name in known if (prompt := defined.get(name))), "")
        for task, known in names.items()
    }


def _traced(model: "SentenceTransformer") -> "torch.jit.ScriptModule":
    """All of the model's modules as one: (input_ids, attention_mask) -> sentence embedding."""
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

    # Padded, so that the trace cannot take the way that only full rows allow.
    ids = torch.full((3, 16), 5, dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    with torch.no_grad():
        traced: torch.jit.ScriptModule = torch.jit.trace(  # type: ignore[no-untyped-call]  # torch
            Graph().eval(), (ids, mask), strict=False, check_trace=False
        )
    return traced


def _check_agreement(model: "SentenceTransformer", exported: Exported, facts: Manifest) -> None:
    """Encode probes both ways: it shows whatever an export may lose (case, padding, pooling)."""
    wanted = _encode(model, _PROBES, facts.prompts["document"], len(_PROBES))
    agreement = float(np.sum(wanted * exported.encode(_PROBES), axis=1).min())
    if not agreement >= _AGREEMENT:
        raise ValueError(f"the export's vectors agree only to a cosine of {agreement:.4f}")


def _encode(
    model: "SentenceTransformer", texts: Sequence[str], prompt: str, batch: int
) -> NDArray[np.float32]:
    if not texts:
        return np.zeros((0, model.get_embedding_dimension() or 0), np.float32)
    rows = model.encode(list(texts), prompt=prompt, batch_size=batch, show_progress_bar=False)
    return unit(np.asarray(rows))


def fetch(name: str, revision: str, *, offline: bool) -> Path:
    """The folder of a hub model in the hub's own cache, downloaded unless `offline`."""
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


def parts(folder: Path) -> list[Path]:
    """The files of a model that decide about its vectors, sorted."""
    return sorted({path for pattern in _PARTS for path in folder.rglob(pattern) if path.is_file()})


def contents(folder: Path) -> str:
    """A revision for a folder: a hash over all its parts."""
    lines = [f"{path.relative_to(folder).as_posix()} {sha256(path)}\n" for path in parts(folder)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def has_gpu() -> bool:
    """Whether torch is installed and can compute on a GPU here; imports torch."""
    return bool(importlib.util.find_spec("torch") and _cuda().is_available())


def _cuda() -> Any:
    import torch

    return torch.cuda


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars, warnings or log lines: progress is the caller's to show."""
    import sentence_transformers
    from huggingface_hub.utils.tqdm import disable_progress_bars

    from summarizer.local import quiet

    disable_progress_bars()
    logger = logging.getLogger(sentence_transformers.__name__)
    level = logger.level
    with quiet():
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
