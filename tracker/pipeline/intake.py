"""What comes in as files: the metadata snapshot, saved leaderboards."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

from tracker.errors import SourceMalformed
from tracker.models import ImportReport, Paper, Rejected
from tracker.pipeline import Progress, silent
from tracker.sources import arxiv_snapshot
from tracker.sources import boards as board_files
from tracker.store import boards, papers
from tracker.store.database import Database

# Large batches make few and large segments of the full-text index, hence less merging: 8,000
# records at a time go in a quarter faster than 1,000 (docs/log.md, 2026-11-24).
_BATCH = 8000
_ERRORS_KEPT = 1000

Line = Paper | Rejected


def import_snapshot(db: Database, path: Path, progress: Progress = silent) -> ImportReport:
    """Take in the public metadata snapshot, a batch of lines per transaction.

    Raises SourceMalformed when the file breaks off; all before the break is in the store then.
    """
    report = ImportReport()
    lines = arxiv_snapshot.read(path)
    # The next batch is read while this one is written: SQLite lets go of the interpreter meanwhile.
    with ThreadPoolExecutor(max_workers=1) as reader:
        batch, fault = _batch(lines)
        while batch:
            following = reader.submit(_batch, lines) if not fault else None
            report = _taken(db, report, batch)
            progress("import", report.read)
            batch, fault = following.result() if following else ([], fault)
    if fault:
        kept = f"{fault.reason}; the {report.read:,} records before the damage were taken in"
        raise SourceMalformed("import", str(path), kept) from fault
    return report


def _batch(lines: Iterator[Line]) -> tuple[list[Line], SourceMalformed | None]:
    """The next lines, and the fault that ended them early, if one did."""
    batch: list[Line] = []
    try:
        for line in islice(lines, _BATCH):
            batch.append(line)
    except SourceMalformed as fault:
        return batch, fault
    return batch, None


def _taken(db: Database, report: ImportReport, batch: Iterable[Line]) -> ImportReport:
    good: list[Paper] = []
    bad: list[Rejected] = []
    for line in batch:
        if isinstance(line, Paper):
            good.append(line)
        else:
            bad.append(line)
    taken = papers.take(db, good)
    return ImportReport(
        read=report.read + len(good) + len(bad),
        added=report.added + taken.added,
        updated=report.updated + taken.updated,
        skipped=report.skipped + taken.skipped,
        rejected=report.rejected + len(bad),
        errors=[*report.errors, *bad][:_ERRORS_KEPT],
    )


def import_boards(
    db: Database, paths: Sequence[Path], *, board: str, day: date | None = None
) -> ImportReport:
    """Take in saved tables of a leaderboard and its categories; a day has one table at most.

    A file that cannot be read is an error, with its place in `paths` as line; the others go on.
    """
    files: dict[int, board_files.Saved] = {}
    report = ImportReport(read=len(paths))
    for place, path in enumerate(paths, start=1):
        try:
            files[place] = board_files.Saved(path.name, path.read_bytes())
        except OSError as error:
            report = _refused(report, place, f"{path.name}: {error.strerror}")
    read = board_files.parse_all(list(files.values()), board=board, day=day)
    for place, outcome in zip(files, read, strict=True):
        report = _boards_taken(db, report, place, outcome)
    return report


def _boards_taken(
    db: Database, report: ImportReport, place: int, outcome: board_files.Parsed | SourceMalformed
) -> ImportReport:
    if isinstance(outcome, SourceMalformed):
        return _refused(report, place, str(outcome))
    report = replace(report, warnings=[*report.warnings, *outcome.warnings])
    if not outcome.snapshots:  # it only served the others
        return replace(report, skipped=report.skipped + 1)
    if boards.take(db, outcome.snapshots):
        return replace(report, added=report.added + 1)
    return replace(report, updated=report.updated + 1)


def _refused(report: ImportReport, place: int, reason: str) -> ImportReport:
    errors = sorted([*report.errors, Rejected(place, reason)])
    return replace(report, rejected=report.rejected + 1, errors=errors)
