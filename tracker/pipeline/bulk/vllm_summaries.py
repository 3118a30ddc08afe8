"""Summaries by vLLM on the GPUs of a Ray cluster, through `ray.data.llm`.

vLLM only writes. What it wrote goes to `GroundWorker` in the same pipeline, which drops whatever
the abstract does not support, as the other paths do. The extra `ray` has neither vLLM nor what
`ray.data.llm` needs; `pip install 'ray[llm]'` has both.

Public: `why_not_vllm`, `processor_settings`, `pack_rows`, `chat_of_row`, `written_of_row`,
`GroundWorker`.
"""

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from summarizer.exceptions import ContextExceeded, GenerationError, ModelUnusable
from summarizer.llm.forms import summary_form
from tracker.pipeline.bulk.recorded_answers import RecordedAnswers
from tracker.pipeline.bulk.workers import ReadFile, WorkerPlan, grounded_columns, prepare_home
from tracker.pipeline.summarize.llm import load_grounding_models, model_name
from tracker.settings import Config
from tracker.sources.formats.parquet import Columns

# aiohttp: `ray.data.llm` imports it, and `ray[data]` does not install it.
_LIBRARIES = ("vllm", "aiohttp")
_ROWS_AT_ONCE = 64
# What vLLM may fill of the memory of a GPU that it has to itself.
_GPU_MEMORY = 0.9
_CUT = "The answer was cut off by the model's length limit."
# The column with a failure of `ray.data.llm`; it is absent when no row of a batch failed.
_ERROR = "__inference_error__"


def why_not_vllm(config: Config, gpus: float) -> str:
    """Return why the model of the settings cannot run with vLLM on a cluster; "" if it can."""
    if not all(importlib.util.find_spec(name) for name in _LIBRARIES):
        return "vLLM is not installed (`pip install 'ray[llm]'` on every machine)"
    if gpus < max(config.ray.gpus_per_worker, 1e-9):
        return "the cluster has too few GPUs for vLLM"
    if config.http.offline and not _folder(config).is_dir():
        return "http.offline is set and llm.model is no folder, so vLLM cannot load it"
    return ""


def _folder(config: Config) -> Path:
    return Path(config.llm.model).expanduser()


def processor_settings(config: Config, gpus: float) -> dict[str, Any]:
    """Return the arguments of `vLLMEngineProcessorConfig`: one model in each worker.

    A worker with several GPUs divides the layers among them; one with a part of a GPU shares it.
    """
    share = config.ray.gpus_per_worker
    engine = {
        "load_format": "safetensors", "trust_remote_code": False, "enable_prefix_caching": True,
        "disable_log_stats": True, "tensor_parallel_size": max(1, round(share)),
        "gpu_memory_utilization": round(_GPU_MEMORY * min(1.0, share), 3),
    }  # fmt: skip
    found = {
        "model_source": str(_folder(config)) if _folder(config).is_dir() else config.llm.model,
        "engine_kwargs": engine, "batch_size": _ROWS_AT_ONCE,
        "concurrency": (1, max(1, int(gpus / share))), "log_engine_metrics": False,
        # One paper that cannot be answered must not end the run.
        "should_continue_on_error": True,
        "runtime_env": {"env_vars": {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}},
    }  # fmt: skip
    if share < 1:
        found["placement_group_config"] = {"bundles": [{"CPU": 1, "GPU": share}]}
    return found


def pack_rows(batch: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return each row of work as a text beside its chat: a column `model` would select adapters."""
    columns = {name: content.tolist() for name, content in batch.items()}
    chats = columns.pop("messages")
    rows = zip(*columns.values(), strict=True)
    works = [json.dumps(dict(zip(columns, row, strict=True))) for row in rows]
    return {"work": works, "chat": chats}


def chat_of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request for a row: greedy, and held to the schema of a summary."""
    form = summary_form(json.loads(row["work"])["language"])
    return {
        "messages": json.loads(row["chat"]),
        "sampling_params": {
            "temperature": 0.0, "max_tokens": form.max_tokens,
            "structured_outputs": {"json": json.dumps(form.schema)},
        },
    }  # fmt: skip


def written_of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is grounded of a row that vLLM completed."""
    names = ("work", "generated_text", "num_generated_tokens")
    return {name: row[name] for name in names}


class GroundWorker:
    """Grounds what vLLM wrote for rows of papers."""

    def __init__(self, plan: WorkerPlan, read_file: ReadFile) -> None:
        config = prepare_home(plan, read_file)
        self._name, self._grounding = model_name(config), load_grounding_models(config)

    def __call__(self, columns: Columns) -> dict[str, list[Any]]:
        """Return rows of `SUMMARY_SCHEMA` with the model's answers."""
        rows = [json.loads(work) for work in columns["work"]]
        works = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
        answers = _answers(columns, works["language"][0] if rows else "en")
        return grounded_columns(
            works,
            lambda sent: RecordedAnswers(self._name, [answers[row] for row in sent]),
            self._grounding,
        )


def _answers(columns: Columns, language: str) -> list[str | GenerationError]:
    """Return what was written for each row, or why there is nothing."""
    most = summary_form(language).max_tokens
    errors = columns.get(_ERROR) or [""] * len(columns["work"])
    rows = zip(columns["generated_text"], columns["num_generated_tokens"], errors, strict=True)
    return [_answer(text, tokens, error, most) for text, tokens, error in rows]


def _answer(text: str, tokens: int, error: str | None, most: int) -> str | GenerationError:
    if error:
        return ModelUnusable(f"vLLM failed: {' '.join(error.split())[:200]}")
    return ContextExceeded(_CUT) if tokens >= most else text
