"""Importing summaries that another engine made: each is grounded again before it is stored.

Public: `import_summaries`, `import_summary_files`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from summarizer import Summary
from summarizer.llm.generate import GroundingModels
from summarizer.llm.prompt import Paper as Text
from tracker.errors import SourceMalformed
from tracker.models import ImportReport, Paper
from tracker.pipeline import Progress, silent
from tracker.pipeline.bulk import work_files
from tracker.pipeline.bulk.import_counts import ImportCounts, ResultRow, result_rows
from tracker.pipeline.bulk.summary_proof import check_summary
from tracker.pipeline.summarize.llm import load_grounding_models
from tracker.settings import Config
from tracker.sources.formats.parquet import read_table_batches
from tracker.store import papers, summaries_and_tags
from tracker.store.database import Database
from tracker.store.summaries_and_tags import SummaryKey

_KeyParts = tuple[str, str, str]


def import_summaries(
    db: Database, config: Config, folder: Path, now: datetime, progress: Progress = silent
) -> ImportReport:
    """Import the summaries in `folder`, which may be repeated: what is stored already is skipped.

    A row is refused if its key is not one that this release uses, no paper has its text, or the
    abstract does not support its main sentence; of the others, unsupported sentences are dropped.
    """
    files = work_files.result_files(folder, "summaries")
    return import_summary_files(db, config, files, now, progress)


def import_summary_files(
    db: Database, config: Config, files: Iterable[Path], now: datetime, progress: Progress = silent
) -> ImportReport:
    """Do as `import_summaries` with the given files."""
    counts, models = ImportCounts(), load_grounding_models(config)
    for path in files:
        try:
            for batch in read_table_batches(path, work_files.SUMMARY_SCHEMA):
                rows = result_rows(batch, path, counts)
                for key, part in groupby(_sound_rows(rows, counts), _key_parts):
                    _import_rows(db, key, list(part), models, counts, now)
                progress("import summaries", counts.read)
        except SourceMalformed as error:
            counts.refuse_file(path, error)
    return counts.report()


def _sound_rows(rows: Sequence[ResultRow], counts: ImportCounts) -> list[ResultRow]:
    """Return the rows with a result, those with one key together; the others are refused."""
    sound = []
    for row in rows:
        if reason := row.fault():
            counts.refuse(row, reason)
        else:
            sound.append(row)
    return sorted(sound, key=_key_parts)


def _key_parts(row: ResultRow) -> _KeyParts:
    values = row.values
    return values["model"] or "", values["prompt_version"] or "", values["language"] or ""


def _import_rows(
    db: Database,
    key: _KeyParts,
    rows: Sequence[ResultRow],
    models: GroundingModels,
    counts: ImportCounts,
    now: datetime,
) -> None:
    hashes = [row.content_hash for row in rows]
    known = summaries_and_tags.works_by_text_hash(db, SummaryKey(*key), hashes)
    numbers = [work for works in known.values() for work, _ in works]
    texts = papers.load_by_number(db, numbers)
    new: dict[tuple[int, int], Summary] = {}
    for row in rows:
        works = known.get(row.content_hash, [])
        stored = {work for work, _ in new}
        missing = {work: texts[work] for work, done in works if not done and work not in stored}
        if not works:
            counts.refuse(row, "no paper has its text, or has it any more")
        elif missing:
            new |= _checked(row, missing, models, counts)
        else:
            counts.skipped += 1
    summaries_and_tags.store_summaries(db, new, now)


def _checked(
    row: ResultRow, works: Mapping[int, Paper], models: GroundingModels, counts: ImportCounts
) -> dict[tuple[int, int], Summary]:
    """Return the summary of a row for the works with its text; none if it is refused."""
    paper = next(iter(works.values()))
    summary, reason = check_summary(row.values, Text(paper.title, paper.abstract), models)
    if summary is None:
        counts.refuse(row, reason)
        return {}
    counts.added += 1
    return {(number, work.version): summary for number, work in works.items()}
