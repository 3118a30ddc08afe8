"""Where vLLM is installed it writes the summaries of the Ray path; grounding decides on them."""

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from summarizer.llm.forms import summary_form
from summarizer.llm.generate import GroundingModels, generate_summaries
from summarizer.llm.prompt import VERSION, Paper, build_messages
from tracker.config import load
from tracker.pipeline.bulk import vllm_summaries
from tracker.pipeline.bulk.recorded_answers import RecordedAnswers
from tracker.pipeline.bulk.vllm_summaries import GroundWorker, processor_settings, why_not_vllm
from tracker.pipeline.bulk.workers import plan_workers
from tracker.settings import Config

TITLE = "Sparse routing for experts"
ABSTRACT = (
    "Mixtures of experts are costly to serve. We propose Sparse Routing, which selects two of"
    " eight experts for each token. On three benchmarks it reduces latency by 40% without loss of"
    " quality."
)
SUPPORTED = json.dumps(
    {
        "tldr": "We propose Sparse Routing, which selects two of eight experts for each token.",
        "result": "It reduces latency by 90%.",
    }
)
MODEL = "example/Writer-8B"


@pytest.fixture
def config(home: Path) -> Config:
    found = load(home, environ={})
    return replace(found, llm=replace(found.llm, backend="transformers", model=MODEL))


def with_gpus(config: Config, share: float, *, offline: bool = False) -> Config:
    """Return settings with a share of GPUs for each worker."""
    http = replace(config.http, offline=offline)
    return replace(config, ray=replace(config.ray, gpus_per_worker=share), http=http)


def install(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make libraries look installed, and those of vLLM not named look absent."""
    find = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        if name in ("vllm", "aiohttp"):
            return ModuleSpec(name, None) if name in names else None
        return find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)


def work_row(abstract: str = ABSTRACT, block: int = 3, position: int = 0) -> dict[str, Any]:
    """Return a row of work without its chat."""
    return {
        "block": block, "position": position, "content_hash": "0" * 24, "model": MODEL,
        "prompt_version": VERSION, "language": "en", "id": "2603.80001", "title": TITLE,
        "abstract": abstract,
    }  # fmt: skip


def ground(config: Config, rows: Sequence[dict[str, Any]], **written: Any) -> dict[str, list[Any]]:
    """Ground what an engine returned for rows of work."""
    columns = {
        "work": [json.dumps(row) for row in rows],
        "generated_text": [SUPPORTED] * len(rows),
        "num_generated_tokens": [50] * len(rows),
    }
    return GroundWorker(plan_workers(config), lambda _: b"")(columns | written)


@pytest.mark.parametrize(
    ("installed", "gpus", "share", "offline", "reason"),
    [
        (["vllm", "aiohttp"], 2.0, 1.0, False, ""),
        (["vllm", "aiohttp"], 1.0, 0.5, False, ""),
        ([], 2.0, 1.0, False, "pip install 'ray[llm]'"),
        (["vllm"], 2.0, 1.0, False, "pip install 'ray[llm]'"),
        (["vllm", "aiohttp"], 0.0, 1.0, False, "too few GPUs"),
        (["vllm", "aiohttp"], 1.0, 2.0, False, "too few GPUs"),
        (["vllm", "aiohttp"], 0.0, 0.0, False, "too few GPUs"),
        (["vllm", "aiohttp"], 2.0, 1.0, True, "http.offline"),
    ],
)
def test_what_is_installed_decides_the_engine(
    config: Config, monkeypatch: pytest.MonkeyPatch,
    installed: list[str], gpus: float, share: float, offline: bool, reason: str,
) -> None:  # fmt: skip
    install(monkeypatch, *installed)
    found = why_not_vllm(with_gpus(config, share, offline=offline), gpus)
    assert reason in found
    assert bool(reason) == bool(found)


@pytest.mark.parametrize(
    ("gpus", "share", "workers", "tensors", "memory", "bundles"),
    [
        (4, 1.0, 4, 1, 0.9, None),
        (4, 2.0, 2, 2, 0.9, None),
        (1, 0.5, 2, 1, 0.45, [{"CPU": 1, "GPU": 0.5}]),
    ],
)
def test_workers_divide_the_gpus(
    config: Config, gpus: float, share: float, workers: int, tensors: int, memory: float,
    bundles: list[dict[str, float]] | None,
) -> None:  # fmt: skip
    found = processor_settings(with_gpus(config, share), gpus)
    assert found["model_source"] == MODEL
    assert found["concurrency"] == (1, workers)
    assert found["engine_kwargs"]["tensor_parallel_size"] == tensors
    assert found["engine_kwargs"]["gpu_memory_utilization"] == memory
    assert found.get("placement_group_config", {}).get("bundles") == bundles
    assert found["engine_kwargs"]["trust_remote_code"] is False
    assert found["engine_kwargs"]["load_format"] == "safetensors"
    assert found["runtime_env"]["env_vars"]["VLLM_NO_USAGE_STATS"] == "1"


@pytest.mark.filterwarnings("ignore")  # `ray.data.llm` uses what pydantic deprecates
@pytest.mark.parametrize("share", [0.5, 1.0, 2.0])
def test_ray_accepts_the_settings(config: Config, share: float) -> None:
    pytest.importorskip("ray", reason="needs the extra ray")
    pytest.importorskip("aiohttp", reason="ray.data.llm needs aiohttp")
    from ray.data.llm import vLLMEngineProcessorConfig

    given = processor_settings(with_gpus(config, share), 4)
    known = vLLMEngineProcessorConfig.model_fields
    assert set(given) <= set(known)
    made = vLLMEngineProcessorConfig(**given)
    assert made.get_concurrency() == {"min_size": 1, "max_size": int(4 / share)}
    assert made.should_continue_on_error


def test_a_request_is_greedy_and_held_to_the_schema() -> None:
    chat = build_messages(Paper(TITLE, ABSTRACT), "en")
    row = work_row() | {"messages": json.dumps(chat)}
    packed = vllm_summaries.pack_rows(
        {name: np.array([value], dtype=object) for name, value in row.items()}
    )
    assert set(packed) == {"work", "chat"}
    request = vllm_summaries.chat_of_row({name: column[0] for name, column in packed.items()})
    assert request["messages"] == chat
    sampling = request["sampling_params"]
    assert sampling["temperature"] == 0
    assert sampling["max_tokens"] == summary_form("en").max_tokens
    assert json.loads(sampling["structured_outputs"]["json"]) == summary_form("en").schema


def test_what_vllm_writes_is_grounded_as_anywhere_else(config: Config) -> None:
    results = ground(config, [work_row(), work_row(position=1)])
    model = RecordedAnswers(MODEL, [SUPPORTED])
    ((_, expected),) = generate_summaries(
        [Paper(TITLE, ABSTRACT)], model, "en", grounding_models=GroundingModels()
    )
    assert results["tldr"] == [expected.tldr] * 2
    assert results["dropped"] == [1, 1]
    assert results["error"] == ["", ""]
    assert results["method"] == ["generated"] * 2
    assert (results["block"], results["position"]) == ([3, 3], [0, 1])
    assert "90%" not in "".join(results["sentences"])


@pytest.mark.parametrize(
    ("row", "written", "error"),
    [
        ({}, {"generated_text": ["Dolphins sleep."]}, "is not JSON"),
        ({}, {"generated_text": ['{"tldr": "Dolphins sleep at night."}']}, "did not bear out"),
        ({}, {"num_generated_tokens": [2048]}, "cut off"),
        ({}, {"__inference_error__": ["ValueError: too\nlong"]}, "vLLM failed: ValueError: too l"),
        ({"abstract": ""}, {}, "no abstract"),
    ],
)
def test_a_failed_answer_is_a_failed_row_with_its_reason(
    config: Config, row: dict[str, Any], written: dict[str, Any], error: str
) -> None:
    results = ground(config, [work_row(**row)], **written)
    assert error in results["error"][0]
    assert results["tldr"] == [""]


def test_one_failed_row_leaves_the_others(config: Config) -> None:
    rows = [work_row(), work_row("", position=1), work_row(position=2)]
    errors = ["EngineError: out of memory", "", None]
    results = ground(config, rows, __inference_error__=errors)
    assert [bool(error) for error in results["error"]] == [True, True, False]
    assert results["tldr"][2].startswith("We propose Sparse Routing")
