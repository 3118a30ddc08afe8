"""Importing vectors that another engine computed: each row is checked before it is stored.

Public: `import_vectors`, `import_vector_files`.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tracker.errors import SourceMalformed
from tracker.models import ImportReport
from tracker.pipeline import Progress, silent
from tracker.pipeline.bulk import work_files
from tracker.pipeline.bulk.export_work import current_space
from tracker.pipeline.bulk.import_counts import ImportCounts, ResultRow, result_rows
from tracker.search.encoder.select import EncoderId
from tracker.settings import Config
from tracker.sources.formats.parquet import read_table_batches
from tracker.store import vectors
from tracker.store.database import Database, write_transaction

# A unit vector in float16 is off by up to 0.0005 a number; one that was never normalized by more.
_LENGTH_TOLERANCE = 0.01


def import_vectors(
    db: Database, config: Config, folder: Path, progress: Progress = silent
) -> ImportReport:
    """Import the vectors in `folder`, which may be repeated: what is stored already is skipped.

    A row is refused if it is of another model, has another dimension, is not finite or not of
    length 1, or if no paper has its text. A file that cannot be read is refused as a whole.
    """
    files = work_files.result_files(folder, "vectors")
    return import_vector_files(db, current_space(config), files, progress)


def import_vector_files(
    db: Database, space: EncoderId, files: Iterable[Path], progress: Progress = silent
) -> ImportReport:
    """Do as `import_vectors` with the given files."""
    number = vectors.get_or_create_encoder(db, space.model, space.revision, space.dimension)
    counts = ImportCounts()
    for path in files:
        try:
            for batch in read_table_batches(path, work_files.VECTOR_SCHEMA):
                _import_batch(db, number, space, result_rows(batch, path, counts), counts)
                progress("import vectors", counts.read)
        except SourceMalformed as error:
            counts.refuse_file(path, error)
    return counts.report()


def _import_batch(
    db: Database, number: int, space: EncoderId, rows: Sequence[ResultRow], counts: ImportCounts
) -> None:
    valid = list(_valid_rows(rows, space, counts))
    with write_transaction(db):
        known = vectors.works_by_text_hash(db, number, [row.content_hash for row in valid])
        vectors.store_computed_vectors(db, number, _new_rows(valid, known, counts))


def _valid_rows(
    rows: Sequence[ResultRow], space: EncoderId, counts: ImportCounts
) -> Iterator[ResultRow]:
    for row in rows:
        if reason := row.fault() or _fault(row, space):
            counts.refuse(row, reason)
        else:
            yield row


def _fault(row: ResultRow, space: EncoderId) -> str:
    """Return why the vector of a row cannot be used; empty when it can."""
    named, vector = row.values["model_hash"], row.values["vector"]
    if named != work_files.model_hash(space):
        return f"it is of the model {named!r}, not of {space.model}" if named else "it has no model"
    if vector is None:
        return "it has no vector"
    if len(vector) != space.dimension:
        return f"it has {len(vector)} numbers, not {space.dimension}"
    if not np.isfinite(vector).all():
        return "its numbers are not all finite"
    length = float(np.linalg.norm(vector.astype(np.float64)))
    return "" if abs(length - 1) <= _LENGTH_TOLERANCE else f"its length is {length:.3g}, not 1"


def _new_rows(
    rows: Sequence[ResultRow], known: dict[str, list[tuple[int, bool]]], counts: ImportCounts
) -> list[tuple[int, str, Any]]:
    """Return (work, text hash, vector) of works that lack the vector, and count all rows."""
    new: dict[int, tuple[int, str, Any]] = {}
    for row in rows:
        works = known.get(row.content_hash, [])
        missing = [work for work, has_vector in works if not has_vector and work not in new]
        if not works:
            counts.refuse(row, "no paper has its text, or has it any more")
        elif missing:
            counts.added += 1
            new |= {work: (work, row.content_hash, row.values["vector"]) for work in missing}
        else:
            counts.skipped += 1
    return list(new.values())
