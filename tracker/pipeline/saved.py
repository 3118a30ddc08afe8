"""Files of every kind that `tracker import --as KIND` takes: the reader of each, and its room."""

import gzip
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from tracker.errors import SourceMalformed, UsageError
from tracker.models import ImportReport, Rejected
from tracker.pipeline import Progress, intake, linking, silent
from tracker.pipeline.pages import take_page
from tracker.records import Page
from tracker.sources import huggingface, paperlists
from tracker.store.database import Database

BOARD = "board:"


def take_in(
    db: Database,
    files: Sequence[Path],
    *,
    kind: str,
    now: datetime,
    day: date | None = None,
    progress: Progress = silent,
) -> list[ImportReport]:
    """Take in files as "snapshot", "board:NAME" or one of `SAVED`. UsageError for another kind."""
    if day and kind in _DATED_BY_THEMSELVES:
        raise UsageError(f"--date is the day of a table or a daily list; {kind} has its own dates.")
    board = kind.removeprefix(BOARD).strip() if kind.startswith(BOARD) else ""
    if board:
        return [intake.import_boards(db, files, board=board, day=day)]
    if kind in SAVED:
        return [import_saved(db, files, kind=kind, day=day, now=now)]
    if kind != "snapshot":
        kinds = ", ".join(("snapshot", *SAVED))
        raise UsageError(f"--as takes {kinds} or board:NAME, not {kind!r}.")
    return [intake.import_snapshot(db, file, progress) for file in files]


class _Saved(NamedTuple):
    """A kind of saved answer: the source it belongs to, and what reads it."""

    source: str
    parse: Callable[[bytes, date | None, str], Page]


SAVED: Mapping[str, _Saved] = {
    "hf-daily": _Saved(
        "huggingface", lambda body, day, name: huggingface.parse_daily(body, day, url=name)
    ),
    "hf-models": _Saved("huggingface", huggingface.parse_models),
    "accepted": _Saved("openreview", lambda body, _, name: paperlists.parse(body, name)),
}
_DATED_BY_THEMSELVES = ("snapshot", "accepted")
# A day's papers are under 1 MB; this keeps a gzip bomb from filling the memory.
_SAVED_BYTES = 64 * 2**20


def import_saved(
    db: Database, paths: Sequence[Path], *, kind: str, now: datetime, day: date | None = None
) -> ImportReport:
    """Take in saved answers of one of the `SAVED` kinds, plain or gzipped.

    Each entry that cannot be read is an error with its file's place in `paths`; the others go on.
    """
    report = ImportReport()
    for place, path in enumerate(paths, start=1):
        try:
            page = SAVED[kind].parse(_unpacked(path), day, path.name)
        except (OSError, EOFError, zlib.error, SourceMalformed) as error:
            refused = [*report.errors, Rejected(place, f"{path.name}: {error}")]
            report = replace(report, rejected=report.rejected + 1, errors=refused)
            continue
        taken = take_page(db, SAVED[kind].source, page, now)
        report = replace(
            report,
            read=report.read + len(page.records) + len(page.skipped),
            added=report.added + taken.added,
            updated=report.updated + taken.updated,
            skipped=report.skipped + taken.skipped,
            rejected=report.rejected + len(page.skipped),
            errors=[
                *report.errors,
                *(Rejected(place, f"{path.name}: {why}") for why in page.skipped),
            ],
            warnings=[*report.warnings, *page.warnings],
        )
    linking.link(db)
    return report


def _unpacked(path: Path) -> bytes:
    """The file's bytes, unpacked when it is gzipped. Raises SourceMalformed for one too large."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    with gzip.open(path) if zipped else path.open("rb") as stream:
        body = stream.read(_SAVED_BYTES + 1)
    if len(body) > _SAVED_BYTES:
        raise SourceMalformed("import", path.name, f"it is over {_SAVED_BYTES:,} bytes")
    return body
