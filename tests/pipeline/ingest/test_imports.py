"""Saved responses: valid entries are imported, the others are counted with a reason."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tracker.errors import UsageError
from tracker.pipeline.ingest import imports
from tracker.settings import Config
from tracker.store import popularity
from tracker.store.database import open_database

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)


def entry(key: str, upvotes: int) -> dict[str, object]:
    return {"paper": {"id": key, "upvotes": upvotes}, "numComments": 2}


def test_the_valid_entries_of_a_saved_day_are_imported(config: Config, tmp_path: Path) -> None:
    whole = json.dumps([entry("2603.00001", 41), {"paper": None}, entry("2603.00002", 7)])
    good, cut = tmp_path / "2026-03-10.json.gz", tmp_path / "2026-03-11.json"
    good.write_bytes(gzip.compress(whole.encode()))
    cut.write_text(whole[: whole.rindex("paper")])
    with open_database(config.database) as db:
        (report,) = imports.import_files(
            db, [good, cut, tmp_path / "none"], kind="hf-daily", now=NOW
        )
        assert (report.added, report.rejected, report.read) == (3, 4, 6)
        reasons = " ".join(error.reason for error in report.errors)
        assert "2026-03-10.json.gz: entry 2: it has no paper" in reasons
        upvotes = popularity.upvotes_by_work(db, date(2026, 3, 1), date(2026, 3, 31))
        assert {key: found.upvotes for key, found in upvotes.items()} == {
            "2603.00001": 41, "2603.00002": 7
        }  # fmt: skip
        assert imports.import_files(db, [good], kind="hf-daily", now=NOW)[0].added == 0


def test_a_gzip_bomb_and_an_unknown_kind_are_refused(config: Config, tmp_path: Path) -> None:
    bomb = tmp_path / "2026-03-10.json.gz"
    bomb.write_bytes(gzip.compress(bytes(65 * 2**20)))
    with open_database(config.database) as db:
        (report,) = imports.import_files(db, [bomb], kind="hf-daily", now=NOW)
        assert "over 67,108,864 bytes" in report.errors[0].reason
        with pytest.raises(UsageError, match="not 'moon'"):
            imports.import_files(db, [bomb], kind="moon", now=NOW)


def test_real_days_are_imported_and_malformed_ones_as_far_as_possible(
    config: Config, shared_data: Path
) -> None:
    days = sorted((shared_data / "hf_daily").glob("*.json.gz"))
    malformed = [day for day in days if day.name.startswith("2024-12")]
    with open_database(config.database) as db:
        (bad,) = imports.import_files(db, malformed, kind="hf-daily", now=NOW)
        (all_of_them,) = imports.import_files(db, days, kind="hf-daily", now=NOW)
    assert bad.added > 30
    assert all_of_them.added + all_of_them.skipped > 1200
