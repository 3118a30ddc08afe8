"""What a worker of any engine does with the rows of a block: rows of work in, rows of results out.

A worker has no database. It uses the very encoder of the machine that exported the work: its files
come along if they are not there already.

Public: `WorkerPlan`, `plan_workers`, `EmbedWorker`, `ExtractWorker`, `GenerateWorker`,
`prepare_home`, `grounded_columns`.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from summarizer import Summary
from summarizer.extractive.extract import extract_summary
from summarizer.llm.generate import GroundingModels, LanguageModel, generate_summaries
from summarizer.llm.prompt import Paper as Text
from summarizer.text.sentences import to_plain_text
from tracker.errors import TrackerError
from tracker.pipeline.bulk.recorded_answers import RecordingModel
from tracker.pipeline.bulk.summary_proof import sentences_to_json
from tracker.pipeline.bulk.work_files import SLICE_ROWS
from tracker.pipeline.summarize.llm import build_model, load_grounding_models
from tracker.search.encoder.openvino import Manifest, OpenVINOEncoder, read_manifest
from tracker.search.encoder.select import Encoder, find_export, load_document_encoder
from tracker.settings import Config
from tracker.sources.formats.parquet import Columns
from tracker.version import __version__

# What encoding and extracting raise for a row that cannot be processed.
_ROW_FAILURES = (RuntimeError, ValueError, MemoryError, LookupError, TypeError)
# Reads a file of the prepared model by name.
ReadFile = Callable[[str], bytes]


class Worker(Protocol):
    """Computes the results of rows of work."""

    def __call__(self, columns: Columns) -> dict[str, list[Any]]:
        """Return one row of results for each row of work."""
        ...


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """What a worker needs to know: settings, release, and the prepared model with its files.

    `gpu`: whether it embeds on a GPU of its machine, where the settings allow it.
    """

    config: Config
    release: str
    export: Path
    manifest: Manifest | None
    gpu: bool = False

    def check_release(self) -> None:
        """Raise TrackerError on a machine with another release of tracker."""
        if self.release != __version__:
            raise TrackerError(
                f"A worker has tracker {__version__}, the driver {self.release}; install the same"
                " release on all machines."
            )


def plan_workers(config: Config) -> WorkerPlan:
    """Return the plan for the workers of these settings."""
    export, manifest = find_export(config.embedding, config.models)
    return WorkerPlan(config, __version__, export, manifest)


def prepare_home(plan: WorkerPlan, read_file: ReadFile) -> Config:
    """Return the settings with a home that has the prepared model; its files are read if needed."""
    plan.check_release()
    expected = plan.manifest
    if expected is None or read_manifest(plan.export, thorough=False) == expected:
        return plan.config
    home = Path(tempfile.mkdtemp(prefix="tracker-worker-"))
    folder = home / "models" / plan.export.name
    folder.mkdir(parents=True)
    for name in (*expected.files, "manifest.json"):
        (folder / name).write_bytes(read_file(name))
    if read_manifest(folder, thorough=True) != expected:
        raise TrackerError("The files of the model that came with the work are damaged.")
    return replace(plan.config, home=home)


class EmbedWorker:
    """Embeds rows of texts, in the slices that `tracker index` would use."""

    def __init__(self, plan: WorkerPlan, read_file: ReadFile) -> None:
        self._encoder = _load_encoder(plan, prepare_home(plan, read_file))

    def __call__(self, columns: Columns) -> dict[str, list[Any]]:
        """Return rows of `VECTOR_SCHEMA`."""
        vectors: list[NDArray[np.float32] | None] = []
        errors: list[str] = []
        for rows in _slices(columns):
            encoded = _encode([columns["text"][row] for row in rows], self._encoder)
            vectors += [vector for vector, _ in encoded]
            errors += [error for _, error in encoded]
        kept = {name: list(columns[name]) for name in _VECTOR_KEY}
        return {**kept, "vector": vectors, "error": errors}


_VECTOR_KEY = ("block", "position", "content_hash", "model_hash")
_SUMMARY_KEY = ("block", "position", "content_hash", "model", "prompt_version", "language")


def _load_encoder(plan: WorkerPlan, config: Config) -> Encoder:
    """Return OpenVINO's encoder of the prepared model, or what the settings name on a GPU."""
    embedding = config.embedding
    if not plan.gpu and embedding.backend != "torch" and plan.manifest:
        folder = config.models / plan.export.name
        return OpenVINOEncoder(folder, plan.manifest, "document")
    return load_document_encoder(embedding, config.models, offline=config.http.offline)


def _slices(columns: Columns) -> Iterator[list[int]]:
    """Yield the rows of each slice, in their order; consecutive rows of a slice stay together."""
    rows: list[int] = []
    last = None
    for row, (block, position) in enumerate(
        zip(columns["block"], columns["position"], strict=True)
    ):
        place = (block, position // SLICE_ROWS)
        if rows and place != last:
            yield rows
            rows = []
        rows.append(row)
        last = place
    if rows:
        yield rows


def _encode(texts: Sequence[str], encoder: Encoder) -> list[tuple[NDArray[np.float32] | None, str]]:
    """Return (vector, "") or (None, reason) for each text; one bad text does not spoil others."""
    try:
        found = encoder.encode(texts)
    except _ROW_FAILURES as error:
        if len(texts) > 1:
            return [_encode([text], encoder)[0] for text in texts]
        return [(None, _reason(error))]
    finite = [bool(np.isfinite(vector).all()) for vector in found]
    return [
        (vector, "") if good else (None, "the model returned numbers that are not finite")
        for vector, good in zip(found, finite, strict=True)
    ]


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


class ExtractWorker:
    """Summarizes rows of papers without a language model."""

    def __init__(self, plan: WorkerPlan, read_file: ReadFile) -> None:  # noqa: ARG002
        plan.check_release()

    def __call__(self, columns: Columns) -> dict[str, list[Any]]:
        """Return rows of `SUMMARY_SCHEMA`."""
        made = [
            _extract(title, abstract)
            for title, abstract in zip(columns["title"], columns["abstract"], strict=True)
        ]
        return _summary_columns(columns, made, [""] * len(made))


def _extract(title: str, abstract: str) -> Summary | str:
    try:
        return extract_summary(title, abstract)
    except _ROW_FAILURES as error:
        return _reason(error)


class GenerateWorker:
    """Summarizes rows of papers with the language model of the settings, and grounds the result."""

    def __init__(self, plan: WorkerPlan, read_file: ReadFile) -> None:
        config = prepare_home(plan, read_file)
        self._model = build_model(config)
        self._grounding = load_grounding_models(config, self._model)

    def __call__(self, columns: Columns) -> dict[str, list[Any]]:
        """Return rows of `SUMMARY_SCHEMA` with the model's answers."""
        return grounded_columns(columns, lambda _: self._model, self._grounding)


def grounded_columns(
    columns: Columns,
    model_for: Callable[[Sequence[int]], LanguageModel],
    grounding: GroundingModels,
) -> dict[str, list[Any]]:
    """Return rows of `SUMMARY_SCHEMA` by a model that answers for the rows with an abstract."""
    texts = [
        Text(title, abstract)
        for title, abstract in zip(columns["title"], columns["abstract"], strict=True)
    ]
    made: list[Summary | str] = ["its paper has no abstract"] * len(texts)
    answers = [""] * len(texts)
    sent = [row for row, text in enumerate(texts) if to_plain_text(text.abstract)]
    model = RecordingModel(model_for(sent))
    chosen, language = [texts[row] for row in sent], next(iter(columns["language"]), "en")
    for index, summary in generate_summaries(chosen, model, language, grounding_models=grounding):
        made[sent[index]] = summary.note or summary
        answers[sent[index]] = json.dumps(dict(model.answers.get(index, {})))
    return _summary_columns(columns, made, answers)


def _summary_columns(
    columns: Columns, made: Sequence[Summary | str], answers: Sequence[str]
) -> dict[str, list[Any]]:
    """Return rows of results from summaries, or from the reasons why there are none."""
    kept = {name: list(columns[name]) for name in _SUMMARY_KEY}
    rows = [_summary_values(summary) for summary in made]
    results = {name: [row[name] for row in rows] for name in _summary_values("")}
    return {**kept, **results, "answer": list(answers)}


def _summary_values(made: Summary | str) -> Mapping[str, Any]:
    if isinstance(made, str):
        empty = {"method": "", "tldr": "", "sentences": "[]", "dropped": 0}
        return {**empty, "error": made}
    return {
        "method": made.method, "tldr": made.tldr, "sentences": sentences_to_json(made),
        "dropped": made.dropped, "error": "",
    }  # fmt: skip
