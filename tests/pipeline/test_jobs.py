"""The scheduled jobs on a real home: what is due is done once, and a failure stops nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.arxiv_server import ArxivServer, invented
from tracker.cli.jobs import ticking
from tracker.config import load
from tracker.errors import ConfigError, LockHeld
from tracker.pipeline.lock import held
from tracker.service import Ran
from tracker.settings import ArxivSource, Config

MONDAY = datetime(2026, 3, 16, 8, 5, tzinfo=UTC)
LISTINGS = {f"2026-03-{day:02}" for day in (3, 4, 5, 6, 9, 10, 11, 12, 13, 16)}


@pytest.fixture
def config(home: Path) -> Config:
    """The demo's home, without the network."""
    return load(home, environ={"TRACKER_HTTP__OFFLINE": "true"})


def _online(config: Config, server: ArxivServer) -> Config:
    source = ArxivSource(url=server.url, pace_seconds=0)
    http = replace(config.http, offline=False, allow_private=("127.0.0.1",))
    return replace(config, http=http, sources={"arxiv_api": source})


def _tick(config: Config, now: datetime) -> dict[tuple[str, str], Ran]:
    return {(ran.job, ran.key): ran for ran in ticking(config)(now)}


def _states(ran: Mapping[tuple[str, str], Ran], job: str) -> dict[str, str]:
    return {key: outcome.state for (name, key), outcome in ran.items() if name == job}


def test_offline_the_crawl_fails_and_the_digests_are_made_all_the_same(config: Config) -> None:
    ran = _tick(config, MONDAY)
    assert _states(ran, "crawl") == dict.fromkeys(sorted(LISTINGS), "failed")
    assert all(
        "http.offline" in outcome.detail for (job, _), outcome in ran.items() if job == "crawl"
    )
    assert _states(ran, "weekly") == {"2026-W10": "ok", "2026-W11": "ok"}
    assert set(_states(ran, "monthly")) == {"2026-02"}
    assert (config.digests / "weekly-2026-W11.html").is_file()
    assert _tick(config, MONDAY + timedelta(seconds=30)) == {}, "what is done is done"
    later = _tick(config, MONDAY + timedelta(hours=1))
    assert {job for job, _ in later} == {"crawl"}, "only what failed is tried again"


def test_one_crawl_serves_all_days_that_are_due(config: Config) -> None:
    with ArxivServer(invented(200, MONDAY - timedelta(days=16))) as server:
        online = _online(config, server)
        ran = _tick(online, MONDAY)
        asked = len(server.log)
        again = _tick(online, MONDAY + timedelta(hours=5))
    assert _states(ran, "crawl") == {"2026-03-03": "ok"}
    assert again == {}
    assert len(server.log) == asked


def test_two_runs_at_once_are_refused(config: Config) -> None:
    with held(config.home / "run.lock", "index"), pytest.raises(LockHeld):
        list(ticking(config)(MONDAY))


def test_own_schedules_stand_in_for_those_that_come_along(config: Config) -> None:
    folder = config.home / "schedules"
    folder.mkdir()
    with pytest.raises(ConfigError, match="no schedule"):
        ticking(config)
    (folder / "mine.toml").write_text(
        'name = "mine"\nverb = "digest"\nevery = "week"\non = "mon"\nat = "08:00"\n'
        'timezone = "UTC"\n'
    )
    assert set(_tick(config, MONDAY)) == {("mine", "2026-W11")}
