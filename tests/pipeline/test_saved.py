"""Saved answers of other sources: what can be read goes in, the rest is counted with its reason."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tracker.errors import UsageError
from tracker.pipeline import saved
from tracker.settings import Config
from tracker.store import attention
from tracker.store.database import opened

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)


def entry(key: str, upvotes: int) -> dict[str, object]:
    return {"paper": {"id": key, "upvotes": upvotes}, "numComments": 2}


def test_a_saved_day_goes_in_as_far_as_it_can_be_read(config: Config, tmp_path: Path) -> None:
    whole = json.dumps([entry("2603.00001", 41), {"paper": None}, entry("2603.00002", 7)])
    good, cut = tmp_path / "2026-03-10.json.gz", tmp_path / "2026-03-11.json"
    good.write_bytes(gzip.compress(whole.encode()))
    cut.write_text(whole[: whole.rindex("paper")])
    with opened(config.database) as db:
        (report,) = saved.take_in(db, [good, cut, tmp_path / "none"], kind="hf-daily", now=NOW)
        assert (report.added, report.rejected, report.read) == (3, 4, 6)
        told = " ".join(error.reason for error in report.errors)
        assert "2026-03-10.json.gz: entry 2: it holds no paper" in told
        upvotes = attention.upvotes(db, date(2026, 3, 1), date(2026, 3, 31))
        assert {key: told.upvotes for key, told in upvotes.items()} == {
            "2603.00001": 41, "2603.00002": 7
        }  # fmt: skip
        assert saved.take_in(db, [good], kind="hf-daily", now=NOW)[0].added == 0


def test_a_bomb_and_a_kind_that_is_none_are_refused(config: Config, tmp_path: Path) -> None:
    bomb = tmp_path / "2026-03-10.json.gz"
    bomb.write_bytes(gzip.compress(bytes(65 * 2**20)))
    with opened(config.database) as db:
        (report,) = saved.take_in(db, [bomb], kind="hf-daily", now=NOW)
        assert "over 67,108,864 bytes" in report.errors[0].reason
        with pytest.raises(UsageError, match="not 'moon'"):
            saved.take_in(db, [bomb], kind="moon", now=NOW)


def test_the_real_days_go_in_and_the_two_malformed_ones_are_read_as_far_as_they_can_be(
    config: Config, shared_data: Path
) -> None:
    days = sorted((shared_data / "hf_daily").glob("*.json.gz"))
    malformed = [day for day in days if day.name.startswith("2024-12")]
    with opened(config.database) as db:
        (bad,) = saved.take_in(db, malformed, kind="hf-daily", now=NOW)
        (all_of_them,) = saved.take_in(db, days, kind="hf-daily", now=NOW)
    assert bad.added > 30
    assert all_of_them.added + all_of_them.skipped > 1200
