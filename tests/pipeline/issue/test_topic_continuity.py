"""Topics over real consecutive weeks: most keep their names."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

from tracker.calendar import Period
from tracker.config import load
from tracker.pipeline.ingest.snapshot_import import import_snapshot
from tracker.pipeline.issue.compose_issue import compose_period
from tracker.pipeline.retrieval.index_refresh import index_papers
from tracker.store import clusters
from tracker.store.database import open_database

W11, W12 = Period.parse_week("2026-W11"), Period.parse_week("2026-W12")
NOW = datetime(2026, 3, 23, 8, tzinfo=UTC)
LARGE = 15  # papers: smaller clusters change often


def test_real_topics_keep_their_names(home: Path, tmp_path: Path, shared_data: Path) -> None:
    """Uses about six hundred papers of two weeks of March 2026 with primary category cs.CL."""
    config = load(tmp_path / "real", environ={})
    config.home.mkdir()
    (config.home / "models").symlink_to(home / "models")
    with open_database(config.database) as db:
        import_snapshot(db, _two_weeks(shared_data, tmp_path))
        assert index_papers(db, config).embedded > 500
        for week in (W11, W12):
            compose_period(db, config, week, now=NOW)
        names = {cluster.label for cluster in clusters.for_period(db, W11.key)}
        large = [c for c in clusters.for_period(db, W12.key) if len(c.members) >= LARGE]
    continued = [cluster.label for cluster in large if cluster.label in names]
    assert len(large) > 8
    assert len(continued) >= 0.7 * len(large)


def _two_weeks(shared_data: Path, folder: Path) -> Path:
    name = "arxiv-metadata-2024-12_2026-03.jsonl.gz"
    days = {day.isoformat() for week in (W11, W12) for day in week.days}
    file = folder / "weeks.jsonl"
    with gzip.open(shared_data / "arxiv" / name, "rt", encoding="utf-8") as lines:
        rows = ((line, json.loads(line)) for line in lines if '"update_date": "2026-03' in line)
        file.write_text("".join(
            line for line, row in rows
            if row["update_date"] in days and row["categories"].startswith("cs.CL")
        ))  # fmt: skip
    return file
