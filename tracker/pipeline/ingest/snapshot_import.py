"""Importing the arXiv metadata snapshot and saved leaderboards from files.

Public: `import_snapshot`, `import_boards`.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

from tracker.errors import SourceMalformed
from tracker.models import ImportReport, Paper, RejectedLine
from tracker.pipeline import Progress, silent
from tracker.sources import arxiv_snapshot
from tracker.sources.formats.boards import leaderboards as board_files
from tracker.store import boards, papers
from tracker.store.database import Database

# Large batches make few and large segments of the full-text index and hence less merging: with
# 8,000 records an import is a quarter faster than with 1,000 (docs/log.md, 2026-11-24).
_BATCH = 8000
_MAX_ERRORS = 1000

SnapshotRecord = Paper | RejectedLine


def import_snapshot(db: Database, path: Path, progress: Progress = silent) -> ImportReport:
    """Import the public metadata snapshot, one batch of lines per transaction.

    Raises SourceMalformed when the file is damaged or incomplete, after storing everything before
    the damage.
    """
    report = ImportReport()
    lines = arxiv_snapshot.read_papers(path)
    # The next batch is read while this one is written: SQLite releases the GIL while it writes.
    with ThreadPoolExecutor(max_workers=1) as reader:
        batch, error = _read_batch(lines)
        while batch:
            following = reader.submit(_read_batch, lines) if not error else None
            report = _store_records(db, report, batch)
            progress("import", report.read)
            batch, error = following.result() if following else ([], error)
    if error:
        reason = f"{error.reason}; the {report.read:,} records before the damage were imported"
        raise SourceMalformed("import", str(path), reason) from error
    return report


def _read_batch(
    lines: Iterator[SnapshotRecord],
) -> tuple[list[SnapshotRecord], SourceMalformed | None]:
    """Return the next batch of lines, and the error that ended it early, if any."""
    batch: list[SnapshotRecord] = []
    try:
        for line in islice(lines, _BATCH):
            batch.append(line)
    except SourceMalformed as error:
        return batch, error
    return batch, None


def _store_records(
    db: Database, report: ImportReport, batch: Iterable[SnapshotRecord]
) -> ImportReport:
    valid: list[Paper] = []
    rejected: list[RejectedLine] = []
    for line in batch:
        if isinstance(line, Paper):
            valid.append(line)
        else:
            rejected.append(line)
    counts = papers.upsert(db, valid)
    return ImportReport(
        read=report.read + len(valid) + len(rejected),
        added=report.added + counts.added,
        updated=report.updated + counts.updated,
        skipped=report.skipped + counts.skipped,
        rejected=report.rejected + len(rejected),
        errors=[*report.errors, *rejected][:_MAX_ERRORS],
    )


def import_boards(
    db: Database, paths: Sequence[Path], *, board: str, day: date | None = None
) -> ImportReport:
    """Import saved tables of a leaderboard and its categories, at most one table for each day.

    A file that cannot be read is reported as an error whose line is its number in `paths`; the
    others are imported.
    """
    files: dict[int, board_files.SavedFile] = {}
    report = ImportReport(read=len(paths))
    for number, path in enumerate(paths, start=1):
        try:
            files[number] = board_files.SavedFile(path.name, path.read_bytes())
        except OSError as error:
            report = _add_rejection(report, number, f"{path.name}: {error.strerror}")
    parsed = board_files.parse_files(list(files.values()), board=board, day=day)
    for number, outcome in zip(files, parsed, strict=True):
        report = _store_board_file(db, report, number, outcome)
    return report


def _store_board_file(
    db: Database,
    report: ImportReport,
    number: int,
    outcome: board_files.ParsedBoards | SourceMalformed,
) -> ImportReport:
    if isinstance(outcome, SourceMalformed):
        return _add_rejection(report, number, str(outcome))
    report = replace(report, warnings=[*report.warnings, *outcome.warnings])
    if not outcome.snapshots:  # it only describes the other files
        return replace(report, skipped=report.skipped + 1)
    if boards.store_snapshots(db, outcome.snapshots):
        return replace(report, added=report.added + 1)
    return replace(report, updated=report.updated + 1)


def _add_rejection(report: ImportReport, number: int, reason: str) -> ImportReport:
    errors = sorted([*report.errors, RejectedLine(number, reason)])
    return replace(report, rejected=report.rejected + 1, errors=errors)
