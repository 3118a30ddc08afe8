"""Exporting what is undone: texts without a vector and papers without a summary.

Public: `export_work`, `export_texts`, `export_papers`, `ExportedWork`, `WorkSpan`.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from summarizer.llm.prompt import Paper as Text
from summarizer.llm.prompt import build_messages
from tracker.pipeline import Progress, silent
from tracker.pipeline.bulk import work_files
from tracker.pipeline.bulk.work_files import BlockWriter
from tracker.pipeline.summarize.summaries import bulk_summary_key
from tracker.search.encoder.select import EncoderId, find_encoder_id, load_document_encoder
from tracker.settings import Config
from tracker.store import papers, summaries_and_tags, vectors
from tracker.store.database import Database
from tracker.store.summaries_and_tags import SummaryKey

TEXTS_PER_BLOCK = 4 * work_files.SLICE_ROWS
# A model takes seconds for a paper: a block that is lost with its worker is a few minutes of work.
PAPERS_PER_BLOCK = 64


@dataclass(frozen=True, slots=True)
class WorkSpan:
    """The announcement days of the works to export, both included; None: no limit."""

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ExportedWork:
    """How many texts lack a vector and how many papers a summary."""

    texts: int
    papers: int


def export_work(
    db: Database,
    config: Config,
    folder: Path,
    span: WorkSpan = WorkSpan(),
    language: str = "en",
    progress: Progress = silent,
) -> ExportedWork:
    """Write all undone work to `folder`; earlier work there is replaced, its results are kept.

    Raises UsageError for a folder with other files, ConfigError for settings of a model.
    """
    key, space = bulk_summary_key(config, language), current_space(config)
    work_files.prepare_work_folder(folder)
    number = vectors.find_encoder(db, space.model, space.revision, space.dimension)
    works = vectors.works_without_vector(db, -1 if number is None else number, *_days(span))
    texts = export_texts(db, works, space, folder, progress)
    undone = summaries_and_tags.works_without_summary(db, key, *_days(span))
    summaries = export_papers(db, undone, key, folder, progress)
    work_files.write_manifest(folder, {"texts": texts, "papers": summaries})
    return ExportedWork(texts["rows"], summaries["rows"])


def _days(span: WorkSpan) -> tuple[date | None, date | None]:
    return span.since, span.until


def current_space(config: Config) -> EncoderId:
    """Return the vector space of the settings; the first use of a model prepares it."""
    known = find_encoder_id(config.embedding, config.models)
    if known:
        return known
    return load_document_encoder(config.embedding, config.models, offline=config.http.offline).id


def export_texts(
    db: Database, works: Sequence[int], space: EncoderId, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Write the texts of `works`, in this order; return their part of the manifest."""
    named = work_files.model_hash(space)
    writer = BlockWriter(folder / "texts", work_files.TEXT_SCHEMA, TEXTS_PER_BLOCK)
    for start in range(0, len(works), TEXTS_PER_BLOCK):
        found = papers.load_by_number(db, works[start : start + TEXTS_PER_BLOCK])
        for paper in found.values():
            row = {"content_hash": paper.text_hash, "id": paper.id, "text": paper.text}
            writer.add({**row, "model_hash": named})
        progress("export texts", writer.rows, len(works))
    writer.flush()
    return {**writer.counts(), "model_hash": named, **asdict(space)}


def export_papers(
    db: Database, works: Sequence[int], key: SummaryKey, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Write `works` with the chats that request their summaries; return the manifest's part."""
    writer = BlockWriter(folder / "papers", work_files.PAPER_SCHEMA, PAPERS_PER_BLOCK)
    for start in range(0, len(works), TEXTS_PER_BLOCK):
        found = papers.load_by_number(db, works[start : start + TEXTS_PER_BLOCK])
        for paper in found.values():
            chat = build_messages(Text(paper.title, paper.abstract), key.language)
            row = {
                "content_hash": paper.text_hash, "id": paper.id, "title": paper.title,
                "abstract": paper.abstract, "messages": json.dumps(chat, ensure_ascii=False),
            }  # fmt: skip
            writer.add(row | asdict(key))
        progress("export papers", writer.rows, len(works))
    writer.flush()
    return {**writer.counts(), **asdict(key)}
