"""Running workers on Ray: blocks of work stream through a pool of actors, one model in each.

Owns ray, which the extra `ray` installs. Blocks are read where the driver runs and results return
to it through Ray's object store, so that the machines of a cluster need no common file system.

Public: `RayJob`, `RayOptions`, `run_blocks`, `require_ray`.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tracker.errors import TrackerError, UsageError
from tracker.extras import require_ray
from tracker.pipeline.bulk import vllm_summaries
from tracker.pipeline.bulk.workers import ReadFile, Worker, WorkerPlan
from tracker.sources.formats.parquet import Columns, Schema, read_table_batches

if TYPE_CHECKING:
    from ray.data import Dataset

_MIB = 2**20
# The rows of a block and its results take at most 4 MB; the rest is for blocks that wait.
_READERS = 2
_CONTINUE = "What is done is kept; the same command continues."


@dataclass(frozen=True, slots=True)
class RayJob:
    """What to run on blocks: rows of `schema` in, and a worker that turns them into results.

    `whole_node`: the worker uses all processors of its machine, else one. `gpus`: how many a
    worker uses where the cluster has them. `generates`: it runs a language model, so vLLM writes
    the summaries where it can.
    """

    schema: Schema
    build: Callable[[WorkerPlan, ReadFile], Worker]
    plan: WorkerPlan
    whole_node: bool = True
    gpus: float = 0.0
    generates: bool = False


def _announce_nothing(sentence: str) -> None:
    """Say nothing about what runs the language model."""


@dataclass(frozen=True, slots=True)
class RayOptions:
    """Where to run: the address of a cluster, or "" to start one on this machine meanwhile.

    `announce` is called with a sentence about what runs the language model, if one does.
    """

    address: str = ""
    object_store_mb: int = 512
    announce: Callable[[str], None] = _announce_nothing


def run_blocks(
    files: Mapping[int, Path], job: RayJob, options: RayOptions
) -> Iterator[dict[str, list[Any]]]:
    """Yield rows of results as they arrive, those of a block in any order and number of parts.

    A worker that dies is replaced, and its blocks are computed again. Raises TrackerError if Ray or
    a worker cannot be used.
    """
    require_ray("`--engine ray`")
    with _connect(options), _translate_errors():
        dataset = _build_pipeline(files, job, options)
        # A result that waits for the next one would be lost with the driver.
        for batch in dataset.iter_batches(
            batch_size=None, batch_format="numpy", prefetch_batches=0
        ):
            yield _restore_columns(batch)


@contextmanager
def _connect(options: RayOptions) -> Iterator[None]:
    """Connect to the cluster, or start one without dashboard and without usage statistics."""
    if options.address.startswith("ray://"):
        raise UsageError(
            "Run the command on a machine of the cluster, with --address auto or its address;"
            " ray:// is for clients outside of it."
        )
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    logging.getLogger("ray").setLevel(logging.ERROR)
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if options.address:
            ray.init(address=options.address, **quiet)
        else:
            ray.init(
                address="local", include_dashboard=False, _node_ip_address="127.0.0.1",
                object_store_memory=options.object_store_mb * _MIB, **quiet,
            )  # fmt: skip
    except (ConnectionError, OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise TrackerError(f"Ray cannot be used: {reason}") from error
    try:
        # It prints warnings of its processes, which are no data.
        with redirect_stdout(sys.stderr):
            yield
    finally:
        ray.shutdown()


@contextmanager
def _translate_errors() -> Iterator[None]:
    from ray.exceptions import RayError

    try:
        yield
    except RayError as error:
        cause = getattr(error, "cause", None) or error
        if isinstance(cause, TrackerError):
            raise TrackerError(f"A worker could not start: {cause}") from error
        reason = (str(cause).strip() or type(cause).__name__).splitlines()[0][:300]
        raise TrackerError(f"Ray stopped: {reason}. {_CONTINUE}") from error


def _build_pipeline(files: Mapping[int, Path], job: RayJob, options: RayOptions) -> "Dataset":
    import ray
    from ray.data import ActorPoolStrategy, TaskPoolStrategy

    _configure(options)
    here = {"ray.io/node-id": ray.get_runtime_context().get_node_id()}
    rows = [{"path": str(path)} for path in files.values()]
    # One block of Ray for each file: that is what can be lost with a worker.
    dataset = ray.data.from_items(rows, override_num_blocks=len(rows))
    blocks = dataset.map_batches(
        partial(_read_block, schema=dict(job.schema)), batch_size=1, batch_format="numpy",
        compute=TaskPoolStrategy(size=_READERS), num_cpus=0, label_selector=here,
    )  # fmt: skip
    if job.generates:
        blocks, job = _choose_engine(blocks, job, options)
    cpus, gpus, workers = _divide_cluster(job)
    plan = replace(job.plan, gpu=gpus > 0)
    return blocks.map_batches(
        _Actor,
        fn_constructor_args=(job.build, plan, _put_model(plan)),
        batch_size=None,
        batch_format="numpy",
        compute=ActorPoolStrategy(min_size=1, max_size=min(workers, len(rows))),
        num_cpus=cpus,
        num_gpus=gpus,
    )


def _choose_engine(blocks: "Dataset", job: RayJob, options: RayOptions) -> tuple["Dataset", RayJob]:
    """Return the blocks as vLLM completes them and the job of grounding them, if it can run."""
    total = sum(node.get("GPU", 0.0) for node in _live_nodes())
    if reason := vllm_summaries.why_not_vllm(job.plan.config, total):
        options.announce(f"The model runs with transformers: {reason}.")
        return blocks, job
    options.announce(f"The model runs with vLLM, on {total:g} GPUs.")
    settings = vllm_summaries.processor_settings(job.plan.config, total)
    written = _write_with_vllm(blocks, settings)
    return written, replace(job, build=vllm_summaries.GroundWorker, whole_node=False, gpus=0.0)


def _write_with_vllm(blocks: "Dataset", settings: dict[str, Any]) -> "Dataset":
    """Return rows of work with what the model wrote for each."""
    from ray.data.llm import build_processor, vLLMEngineProcessorConfig

    processor = build_processor(
        vLLMEngineProcessorConfig(**settings),
        preprocess=vllm_summaries.chat_of_row,
        postprocess=vllm_summaries.written_of_row,
        # Templates of reasoning models read `enable_thinking`; others ignore it.
        builder_kwargs={"chat_template_kwargs": {"enable_thinking": False}},
    )
    packed = blocks.map_batches(
        vllm_summaries.pack_rows, batch_size=None, batch_format="numpy", num_cpus=0
    )
    written: Dataset = processor(packed)
    return written


def _configure(options: RayOptions) -> None:
    """Set the limits of this execution, and print neither progress bars nor plans."""
    from ray.data import DataContext, ExecutionResources

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context.execution_options.resource_limits = ExecutionResources(
        object_store_memory=options.object_store_mb * _MIB / 2
    )


def _divide_cluster(job: RayJob) -> tuple[float, float, int]:
    """Return the processors and GPUs of a worker, and how many workers the cluster has room for."""
    nodes = _live_nodes()
    if job.gpus and (total := sum(node.get("GPU", 0.0) for node in nodes)):
        return 1, job.gpus, max(1, int(total / job.gpus))
    counts = [int(node["CPU"]) for node in nodes if node.get("CPU", 0) >= 1]
    cpus = min(counts, default=1) if job.whole_node else 1
    return cpus, 0, max(1, sum(count // cpus for count in counts))


def _live_nodes() -> list[dict[str, float]]:
    """Return the resources of each machine of the cluster."""
    import ray

    return [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]  # no annotations


def _put_model(plan: WorkerPlan) -> dict[str, Any]:
    """Return references to the files of the prepared model, for workers that lack them."""
    import ray

    if plan.manifest is None:
        return {}
    names = (*plan.manifest.files, "manifest.json")
    return {name: ray.put((plan.export / name).read_bytes()) for name in names}


def _read_block(batch: dict[str, Any], schema: Schema) -> dict[str, list[Any]]:
    """Return the rows of the file of a block."""
    (path,) = batch["path"].tolist()
    columns: dict[str, list[Any]] = {name: [] for name in schema}
    for part in read_table_batches(Path(path), schema):
        for name, content in part.items():
            columns[name] += content
    return columns


class _Actor:
    """A worker in a process of Ray."""

    def __init__(
        self,
        build: Callable[[WorkerPlan, ReadFile], Worker],
        plan: WorkerPlan,
        model: Mapping[str, Any],
    ) -> None:
        import ray

        self._worker = build(plan, lambda name: bytes(ray.get(model[name])))

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Return the results of a batch, vectors as bytes, which Ray need not interpret."""
        columns: Columns = {name: content.tolist() for name, content in batch.items()}
        results = self._worker(columns)
        if "vector" in results:
            vectors = results.pop("vector")
            results["packed"] = [b"" if v is None else v.tobytes() for v in vectors]
        return results


def _restore_columns(batch: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return a batch of results as the worker made it."""
    columns: dict[str, list[Any]] = {name: content.tolist() for name, content in batch.items()}
    if "packed" in columns:
        packed = columns.pop("packed")
        columns["vector"] = [np.frombuffer(p, np.float32) if p else None for p in packed]
    return columns
