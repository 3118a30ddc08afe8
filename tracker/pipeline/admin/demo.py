"""The demo: runs the whole pipeline on the bundled sample of invented papers, in a separate home.

Public: `run_demo`, `DemoResult`, `demo_config`, `import_sample`, `compose_sample_issues`.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tracker import sample
from tracker.calendar import Period
from tracker.locking import hold_lock
from tracker.pipeline import Progress, silent
from tracker.pipeline.ingest.snapshot_import import import_boards, import_snapshot
from tracker.pipeline.issue.compose_issue import ComposedIssue, IssueOptions, compose_period
from tracker.pipeline.retrieval.index_refresh import IndexingReport, index_papers
from tracker.settings import Config
from tracker.store.database import Database, open_database

NOTICE = "Everything in this issue is invented: it was made from the bundled sample."
# The last full weeks and month of the sample, and the Monday on which the digest would be sent.
WEEKS = ("2026-W10", "2026-W11")
MONTH = "2026-02"
COMPOSED_AT = datetime(2026, 3, 16, 8, tzinfo=UTC)


def demo_config(config: Config) -> Config:
    """Return the settings with a separate home, which keeps invented papers from real ones."""
    return replace(config, home=config.home / "demo")


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The result of the demo: its home, the indexing report and the issues, newest last."""

    home: Path
    index_report: IndexingReport
    issues: tuple[ComposedIssue, ...]


def run_demo(config: Config, *, out: Path | None = None, progress: Progress = silent) -> DemoResult:
    """Import, index and compose. A second run finds everything embedded and only composes again."""
    config = demo_config(config)
    with hold_lock(config.home / "run.lock", "demo"), open_database(config.database) as db:
        import_sample(db, progress)
        report = index_papers(db, config, progress=progress)
        issues = compose_sample_issues(db, config, out=out, progress=progress)
    return DemoResult(config.home, report, issues)


def import_sample(db: Database, progress: Progress = silent) -> None:
    """Import the sample's papers and leaderboards."""
    import_snapshot(db, sample.papers_file(), progress)
    for board in sorted({path.name.partition(".")[0] for path in sample.board_files()}):
        files = [path for path in sample.board_files() if path.name.startswith(f"{board}.")]
        import_boards(db, files, board=board)


def compose_sample_issues(
    db: Database, config: Config, *, out: Path | None = None, progress: Progress = silent
) -> tuple[ComposedIssue, ...]:
    """Compose the issues of the sample as of a fixed time and return them, oldest first."""
    options = IssueOptions(out=out, notices=(NOTICE,))
    periods = [*map(Period.parse_week, WEEKS), Period.parse_month(MONTH)]
    return tuple(
        compose_period(db, config, period, now=COMPOSED_AT, options=options, progress=progress)
        for period in periods
    )
