"""The demo: the whole pipeline on the bundled sample of invented papers, in a home of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tracker import sample
from tracker.calendar import Period
from tracker.config import Config
from tracker.pipeline import Progress, silent
from tracker.pipeline.composing import Composed, compose_period
from tracker.pipeline.indexing import IndexingReport, index
from tracker.pipeline.intake import import_boards, import_snapshot
from tracker.pipeline.lock import held
from tracker.store.database import opened

NOTICE = "Everything in this issue is invented: it was made from the bundled sample."
# The sample's last full week and month, and the Monday after them, when the digest would be sent.
WEEKS = ("2026-W10", "2026-W11")
MONTH = "2026-02"
MADE = datetime(2026, 3, 16, 8, tzinfo=UTC)


def home_of(config: Config) -> Config:
    """The same settings with a home apart, so that invented papers never mix with real ones."""
    return replace(config, home=config.home / "demo")


def demo(config: Config, *, out: Path | None = None, progress: Progress = silent) -> list[str]:
    """Run it all; gives the lines to tell the user. A second run only composes again."""
    config = home_of(config)
    with held(config.home / "run.lock", "demo"), opened(config.database) as db:
        import_snapshot(db, sample.papers(), progress)
        for board in sorted({path.name.partition(".")[0] for path in sample.boards()}):
            files = [path for path in sample.boards() if path.name.startswith(f"{board}.")]
            import_boards(db, files, board=board)
        report = index(db, config, progress=progress)
        periods = [*map(Period.parse_week, WEEKS), Period.parse_month(MONTH)]
        done = [
            compose_period(
                db, config, period, now=MADE, out=out, notices=(NOTICE,), progress=progress
            )
            for period in periods
        ]
    return list(_told(config, report, done))


def _told(config: Config, report: IndexingReport, done: list[Composed]) -> Iterator[str]:
    yield f"{report.indexed:,} invented papers indexed with {report.encoder} ({report.runs_on})."
    for composed in done[1:]:
        yield f"{composed.document.subject}"
        yield from (f"  {path}" for path in composed.files)
    yield "Next, try:"
    yield f'  tracker --home "{config.home}" search "MoE"'
    yield f'  tracker --home "{config.home}" show 2602.92029'
    yield "  tracker crawl && tracker index && tracker digest      # the real thing, from arXiv"
