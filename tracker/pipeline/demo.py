"""The demo: the whole pipeline on the bundled sample of invented papers, in a home of its own."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tracker import sample
from tracker.calendar import Period
from tracker.pipeline import Progress, silent
from tracker.pipeline.composing import Composed, compose_period
from tracker.pipeline.indexing import IndexingReport, index
from tracker.pipeline.intake import import_boards, import_snapshot
from tracker.pipeline.lock import held
from tracker.settings import Config
from tracker.store.database import Database, opened

NOTICE = "Everything in this issue is invented: it was made from the bundled sample."
# The sample's last full week and month, and the Monday after them, when the digest would be sent.
WEEKS = ("2026-W10", "2026-W11")
MONTH = "2026-02"
MADE = datetime(2026, 3, 16, 8, tzinfo=UTC)


def home_of(config: Config) -> Config:
    """The same settings with a home apart, so that invented papers never mix with real ones."""
    return replace(config, home=config.home / "demo")


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """What the demo did: its home, the indexing, and what was composed, the newest last."""

    home: Path
    indexed: IndexingReport
    composed: tuple[Composed, ...]


def demo(config: Config, *, out: Path | None = None, progress: Progress = silent) -> Demonstrated:
    """Run it all. A second run finds everything embedded and only composes again."""
    config = home_of(config)
    with held(config.home / "run.lock", "demo"), opened(config.database) as db:
        take_in(db, progress)
        report = index(db, config, progress=progress)
        composed = compose_all(db, config, out=out, progress=progress)
    return Demonstrated(config.home, report, composed)


def take_in(db: Database, progress: Progress = silent) -> None:
    """Import the sample's papers and leaderboards."""
    import_snapshot(db, sample.papers(), progress)
    for board in sorted({path.name.partition(".")[0] for path in sample.boards()}):
        files = [path for path in sample.boards() if path.name.startswith(f"{board}.")]
        import_boards(db, files, board=board)


def compose_all(
    db: Database, config: Config, *, out: Path | None = None, progress: Progress = silent
) -> tuple[Composed, ...]:
    """The sample's issues, the oldest first, as of a fixed time."""
    periods = [*map(Period.parse_week, WEEKS), Period.parse_month(MONTH)]
    return tuple(
        compose_period(db, config, period, now=MADE, out=out, notices=(NOTICE,), progress=progress)
        for period in periods
    )
