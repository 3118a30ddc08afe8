"""Indexing and summarizing with Ray: undone work is exported, computed in blocks and imported.

The results of a block are a file from the moment it is complete. A run that was killed leaves these
files; the next one computes the missing blocks only. Results are imported as those of any engine.

Public: `index_with_ray`, `summarize_all_with_ray`, `ray_options`.
"""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tracker.extras import require_ray
from tracker.models import ImportReport
from tracker.pipeline import Progress, silent
from tracker.pipeline.bulk import work_files
from tracker.pipeline.bulk.bulk_report import BulkReport
from tracker.pipeline.bulk.export_work import current_space, export_papers, export_texts
from tracker.pipeline.bulk.import_summaries import import_summary_files
from tracker.pipeline.bulk.import_vectors import import_vector_files
from tracker.pipeline.bulk.ray_engine import RayJob, RayOptions, run_blocks
from tracker.pipeline.bulk.workers import (
    EmbedWorker,
    ExtractWorker,
    GenerateWorker,
    plan_workers,
)
from tracker.pipeline.retrieval.index_refresh import IndexingReport, index_papers
from tracker.pipeline.summarize import llm
from tracker.pipeline.summarize.summaries import bulk_summary_key
from tracker.settings import Config
from tracker.sources.formats.parquet import Schema, write_table
from tracker.store import summaries_and_tags, vectors
from tracker.store.database import Database

# The first and the last announcement day of the works; None: no limit.
Span = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class _Dataset:
    """A dataset of work in a folder of the home, and how its results are computed and stored."""

    folder: Path
    work: str
    results: str
    schema: Schema
    job: RayJob
    key: Mapping[str, str]
    export: Callable[[Path], dict[str, Any]]
    load: Callable[[Iterable[Path]], ImportReport]

    @property
    def computed(self) -> Path:
        """The folder of results."""
        return self.folder / self.results

    def manifest(self) -> dict[str, Any]:
        """Return what the manifest says about the work; empty without complete work."""
        table = (work_files.read_manifest(self.folder) or {}).get(self.work)
        return table if isinstance(table, dict) else {}


def ray_options(
    config: Config, address: str | None, announce: Callable[[str], None] | None = None
) -> RayOptions:
    """Return the options of the settings; `address` replaces theirs. Raises ExtraMissing."""
    require_ray("`--engine ray`")
    options = RayOptions(address or config.ray.address, config.ray.object_store_mb)
    return replace(options, announce=announce) if announce else options


def index_with_ray(
    db: Database,
    config: Config,
    options: RayOptions,
    span: Span,
    progress: Progress = silent,
) -> tuple[IndexingReport, BulkReport]:
    """Do as `index_papers`, with the papers embedded by Ray. Raises as `run_blocks` does too."""
    reports: list[BulkReport] = []

    def embed(number: int, _: Sequence[int]) -> int:
        def undone() -> list[int]:
            return vectors.works_without_vector(db, number, *span)

        dataset = _texts(db, config, undone, progress)
        reports.append(_run(dataset, options, "embed", progress))
        return reports[0].added

    since, until = span
    indexed = index_papers(db, config, since=since, until=until, progress=progress, embed=embed)
    return indexed, reports[0]


def summarize_all_with_ray(
    db: Database,
    config: Config,
    options: RayOptions,
    language: str,
    span: Span,
    now: datetime,
    progress: Progress = silent,
) -> BulkReport:
    """Summarize the works of a span without a summary, and store what can be proven.

    Raises as `run_blocks` does, and as `bulk_summary_key` for settings and language.
    """
    key = bulk_summary_key(config, language)
    dataset = _Dataset(
        folder=config.home / "bulk" / "papers",
        work="papers",
        results="summaries",
        schema=work_files.SUMMARY_SCHEMA,
        job=_summary_job(config),
        key=asdict(key),
        export=lambda folder: export_papers(
            db, summaries_and_tags.works_without_summary(db, key, *span), key, folder, progress
        ),
        load=lambda files: import_summary_files(db, config, files, now, progress),
    )
    return _run(dataset, options, "summarise", progress)


def _texts(
    db: Database, config: Config, undone: Callable[[], Sequence[int]], progress: Progress
) -> _Dataset:
    """Return the dataset of the texts of the `undone` works."""
    space = current_space(config)
    gpus = 0.0 if config.embedding.device == "cpu" else config.ray.gpus_per_worker
    return _Dataset(
        folder=config.home / "bulk" / "texts",
        work="texts",
        results="vectors",
        schema=work_files.VECTOR_SCHEMA,
        job=RayJob(work_files.TEXT_SCHEMA, EmbedWorker, plan_workers(config), gpus=gpus),
        key={"model_hash": work_files.model_hash(space)},
        export=lambda folder: export_texts(db, undone(), space, folder, progress),
        load=lambda files: import_vector_files(db, space, files, progress),
    )


def _summary_job(config: Config) -> RayJob:
    plan = plan_workers(config)
    if not llm.model_name(config):
        return RayJob(work_files.PAPER_SCHEMA, ExtractWorker, plan, whole_node=False)
    local = config.llm.backend == "transformers"
    gpus = config.ray.gpus_per_worker if local else 0.0
    return RayJob(
        work_files.PAPER_SCHEMA, GenerateWorker, plan, whole_node=local, gpus=gpus, generates=local
    )


def _run(dataset: _Dataset, options: RayOptions, stage: str, progress: Progress) -> BulkReport:
    """Finish the work that an earlier run left, if any, and then what else is undone."""
    table, report = dataset.manifest(), BulkReport()
    if table and all(table.get(name) == value for name, value in dataset.key.items()):
        report = _finish(dataset, table, options, stage, progress)
    table = _begin(dataset)
    return report.plus(_finish(dataset, table, options, stage, progress))


def _finish(
    dataset: _Dataset, table: Mapping[str, Any], options: RayOptions, stage: str, progress: Progress
) -> BulkReport:
    """Compute what is missing of exported work, import the results and remove the files."""
    if not table["rows"]:
        shutil.rmtree(dataset.folder)
        return BulkReport()
    started, computed = time.monotonic(), _Computed(dataset, table)
    computed.run(options, stage, progress)
    seconds = time.monotonic() - started
    done = dataset.load(work_files.block_files(dataset.computed).values())
    shutil.rmtree(dataset.folder)
    return BulkReport(
        done.added, computed.rows, computed.resumed, seconds, done.rejected, list(done.warnings)
    )


def _begin(dataset: _Dataset) -> dict[str, Any]:
    """Export new work in place of work for other settings, whose results would not fit."""
    shutil.rmtree(dataset.folder, ignore_errors=True)
    work_files.prepare_work_folder(dataset.folder)
    table = dataset.export(dataset.folder)
    work_files.write_manifest(dataset.folder, {dataset.work: table})
    return table


@dataclass(slots=True)
class _Computed:
    """The results of a dataset: the blocks that are files, and rows of blocks not yet complete."""

    dataset: _Dataset
    table: Mapping[str, Any]
    rows: int = 0
    resumed: int = 0
    _pending: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    def run(self, options: RayOptions, stage: str, progress: Progress) -> None:
        """Compute the missing blocks; each becomes a file when its last row arrives."""
        self.dataset.computed.mkdir(parents=True, exist_ok=True)
        work = work_files.block_files(self.dataset.folder / self.dataset.work)
        done = work_files.block_files(self.dataset.computed)
        missing = {number: path for number, path in work.items() if number not in done}
        self.resumed = sum(self._size(number) for number in done)
        progress(stage, self.resumed, self.table["rows"])
        if not missing:
            return
        for columns in run_blocks(missing, self.dataset.job, options):
            self._add(columns)
            progress(stage, self.resumed + self.rows, self.table["rows"])
        assert not self._pending, "the engine ended without all rows"

    def _add(self, columns: Mapping[str, list[Any]]) -> None:
        for row in _rows(columns):
            self._pending.setdefault(row["block"], []).append(row)
            self.rows += 1
        complete = [n for n, rows in self._pending.items() if len(rows) == self._size(n)]
        for number in complete:
            self._write(number, self._pending.pop(number))

    def _write(self, number: int, rows: list[dict[str, Any]]) -> None:
        rows.sort(key=lambda row: row["position"])
        columns = {name: [row.get(name) for row in rows] for name in self.dataset.schema}
        path = self.dataset.computed / work_files.block_name(number)
        write_table(path, self.dataset.schema, columns, group_rows=work_files.SLICE_ROWS)

    def _size(self, number: int) -> int:
        """Return the rows of a block: all but the last one are full."""
        full, rows = int(self.table["rows_per_block"]), int(self.table["rows"])
        return min(full, rows - number * full)


def _rows(columns: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))
