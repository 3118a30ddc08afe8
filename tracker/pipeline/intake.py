"""What comes in: the metadata snapshot, the crawl of the sources, saved leaderboards."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

from tracker.config import Config
from tracker.errors import SourceError, SourceMalformed, UsageError
from tracker.models import ImportReport, Paper, Rejected, SourceReport
from tracker.pipeline import Progress, silent
from tracker.sources import arxiv_snapshot
from tracker.sources import boards as board_files
from tracker.sources.http import Client
from tracker.sources.registry import READERS
from tracker.store import boards, papers
from tracker.store.database import Database
from tracker.store.ledger import Ledger

# Large batches make few and large segments of the full-text index, hence less merging: 8,000
# records at a time go in a quarter faster than 1,000 (docs/log.md, 2026-11-24).
_BATCH = 8000
_ERRORS_KEPT = 1000
# Papers are announced one to four days after submission, later when they are held in moderation
# (info.arxiv.org/help/availability.html): a window this long finds them.
WINDOW_DAYS = 10
# The API is no archive: what is older comes from the metadata snapshot.
_FARTHEST_DAYS = 90

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
    """Take in saved tables of one leaderboard.

    A file that cannot be read is an error, with its place in `paths` as line; the others go on.
    """
    good, bad = [], []
    for place, path in enumerate(paths, start=1):
        try:
            good.append(
                board_files.parse(path.read_bytes(), board=board, file_name=path.name, day=day)
            )
        except (OSError, SourceMalformed) as error:
            bad.append(Rejected(place, f"{path.name}: {error}"))
    added = boards.take(db, good)
    return ImportReport(
        read=len(paths), added=added, updated=len(good) - added, rejected=len(bad), errors=bad
    )


@dataclass(frozen=True, slots=True)
class Window:
    """The days a crawl asks for, both included."""

    since: date
    until: date


def crawl_window(db: Database, now: datetime, since: date | None, until: date | None) -> Window:
    """What to ask for: ten days back, or as far back as the last good crawl leaves a gap."""
    last = until or now.date()
    if since is None:
        done = Ledger(db).last_good("crawl:")
        gap = min(done, last) if done else last
        since = max(gap - timedelta(days=WINDOW_DAYS), last - timedelta(days=_FARTHEST_DAYS))
    if since > last:
        raise UsageError(f"The crawl would end before it starts: {since} is after {last}.")
    return Window(since, last)


def crawl(
    db: Database,
    config: Config,
    window: Window,
    *,
    now: datetime,
    only: Sequence[str] = (),
    progress: Progress = silent,
) -> list[SourceReport]:
    """Read the enabled sources, or just those named; one that fails does not stop the others."""
    names = _names(config, only)
    ledger = Ledger(db)
    reached = _reached(ledger.last_good("crawl:"), window)
    with Client(config.http, config.home / "state") as client:
        reports = [_read(db, client, config, name, window, progress) for name in names]
    for report in reports:
        ledger.record(
            f"crawl:{report.source}", reached.isoformat(), report.state,
            detail=report.detail, at=now,
        )  # fmt: skip
    return reports


def _reached(done: date | None, window: Window) -> date:
    """The day up to which nothing is missing once `window` has been read."""
    return window.until if done is None or window.since <= done else min(done, window.until)


def _names(config: Config, only: Sequence[str]) -> list[str]:
    unknown = [name for name in only if name not in READERS]
    if unknown:
        known = ", ".join(sorted(READERS))
        raise UsageError(f"There is no source {unknown[0]!r} to crawl; there are: {known}.")
    names = list(dict.fromkeys(only)) or [name for name in READERS if config.sources[name].enabled]
    if not names:
        raise UsageError("No source is enabled, and none was named.")
    return names


def _read(
    db: Database, client: Client, config: Config, name: str, window: Window, progress: Progress
) -> SourceReport:
    """Take in a source page by page; what came before a failure is kept."""
    report = SourceReport(name, "ok")
    try:
        for page in READERS[name](client, config.sources[name], window.since, window.until):
            taken = papers.take(db, page.papers)
            report = replace(
                report,
                read=report.read + len(page.papers),
                added=report.added + taken.added,
                updated=report.updated + taken.updated,
                detail="; ".join(filter(None, (report.detail, *page.skipped))),
            )
            progress(name, report.read, page.total)
    except SourceError as error:
        state = "degraded" if report.read else "failed"
        return replace(report, state=state, detail=str(error))
    return report
