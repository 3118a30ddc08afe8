"""Importing the kinds of files that `tracker import --as KIND` accepts.

Public: `import_files`, `import_saved_responses`, `SAVED_FORMATS`, `BOARD_PREFIX`.
"""

import gzip
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from tracker.errors import SourceMalformed, UsageError
from tracker.models import ImportReport, RejectedLine
from tracker.pipeline import Progress, silent
from tracker.pipeline.ingest import feed_subscriptions, link_acceptances, snapshot_import
from tracker.pipeline.ingest.store_batch import store_page
from tracker.records import Page
from tracker.sources import huggingface
from tracker.sources.formats import accepted_lists
from tracker.store.database import Database
from tracker.store.upsert import UpsertCounts

BOARD_PREFIX = "board:"


def import_files(
    db: Database,
    files: Sequence[Path],
    *,
    kind: str,
    now: datetime,
    day: date | None = None,
    progress: Progress = silent,
) -> list[ImportReport]:
    """Import files as "snapshot", "board:NAME" or one of `SAVED_FORMATS`.

    Raises UsageError for another kind, or a `day` with a kind that contains its own dates.
    """
    if day and kind in _KINDS_WITH_DATES:
        raise UsageError(f"--date is the day of a table or a daily list; {kind} has its own dates.")
    board = kind.removeprefix(BOARD_PREFIX).strip() if kind.startswith(BOARD_PREFIX) else ""
    if board:
        return [snapshot_import.import_boards(db, files, board=board, day=day)]
    if kind in SAVED_FORMATS:
        return [import_saved_responses(db, files, kind=kind, day=day, now=now)]
    if kind != "snapshot":
        kinds = ", ".join(("snapshot", *SAVED_FORMATS, feed_subscriptions.KIND))
        raise UsageError(f"--as takes {kinds} or board:NAME, not {kind!r}.")
    return [snapshot_import.import_snapshot(db, file, progress) for file in files]


class _SavedFormat(NamedTuple):
    """A kind of saved response: the source it belongs to, and its parser."""

    source: str
    parse: Callable[[bytes, date | None, str], Page]
    max_bytes: int = 64 * 2**20  # one day's papers take less than 1 MB


SAVED_FORMATS: Mapping[str, _SavedFormat] = {
    "hf-daily": _SavedFormat(
        "huggingface", lambda body, day, name: huggingface.parse_daily(body, day, url=name)
    ),
    "hf-models": _SavedFormat("huggingface", huggingface.parse_models),
    "accepted": _SavedFormat(
        "openreview",
        lambda body, _, name: accepted_lists.parse(body, name),
        max_bytes=192 * 2**20,  # a conference's list has up to 70 MB
    ),
}
_KINDS_WITH_DATES = ("snapshot", "accepted")


def import_saved_responses(
    db: Database, paths: Sequence[Path], *, kind: str, now: datetime, day: date | None = None
) -> ImportReport:
    """Import saved responses of one of the `SAVED_FORMATS` kinds, plain or gzipped.

    An entry that cannot be read is reported as an error whose line is the number of its file in
    `paths`; the others are imported.
    """
    saved_format = SAVED_FORMATS[kind]
    report = ImportReport()
    for number, path in enumerate(paths, start=1):
        try:
            page = saved_format.parse(
                _read_decompressed(path, saved_format.max_bytes), day, path.name
            )
        except (OSError, EOFError, zlib.error, SourceMalformed) as error:
            rejected = RejectedLine(number, f"{path.name}: {error}")
            report = replace(
                report, rejected=report.rejected + 1, errors=[*report.errors, rejected]
            )
            continue
        counts = store_page(db, saved_format.source, page, now)
        rejections = [RejectedLine(number, f"{path.name}: {reason}") for reason in page.skipped]
        report = _add_page(report, page, counts, rejections)
    link_acceptances.link_accepted_papers(db)
    return report


def _add_page(
    report: ImportReport, page: Page, counts: UpsertCounts, rejections: Sequence[RejectedLine]
) -> ImportReport:
    return replace(
        report,
        read=report.read + len(page.records) + len(page.skipped),
        added=report.added + counts.added,
        updated=report.updated + counts.updated,
        skipped=report.skipped + counts.skipped,
        rejected=report.rejected + len(page.skipped),
        errors=[*report.errors, *rejections],
        warnings=[*report.warnings, *page.warnings],
    )


def _read_decompressed(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a file, decompressed if gzipped. Raises SourceMalformed if too large."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    with gzip.open(path) if zipped else path.open("rb") as stream:
        body = stream.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise SourceMalformed("import", path.name, f"it is over {max_bytes:,} bytes")
    return body
