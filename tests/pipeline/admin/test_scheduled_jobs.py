"""The scheduled jobs on a real home: due jobs run once, and a failure does not stop the others."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.arxiv_server import ArxivServer, invented
from tests.faults.smtp_server import Mailbox, served
from tracker.calendar import Period
from tracker.config import load
from tracker.errors import ConfigError, LockHeld
from tracker.locking import hold_lock
from tracker.pipeline.admin.scheduled_jobs import build_tick
from tracker.pipeline.issue.compose_issue import compose_period
from tracker.scheduling.scheduler import JobOutcome
from tracker.settings import ArxivSource, ChannelSettings, Config, Smtp
from tracker.store import issues, subscribers
from tracker.store.database import open_database, write_transaction

MONDAY = datetime(2026, 3, 16, 8, 20, tzinfo=UTC)
LISTINGS = {f"2026-03-{day:02}" for day in (3, 4, 5, 6, 9, 10, 11, 12, 13, 16)}


@pytest.fixture
def config(home: Path) -> Config:
    """The demo's home, without the network."""
    return load(home, environ={"TRACKER_HTTP__OFFLINE": "true"})


def _online(config: Config, server: ArxivServer) -> Config:
    source = ArxivSource(url=server.url, pace_seconds=0)
    http = replace(config.http, offline=False, allow_private=("127.0.0.1",))
    return replace(config, http=http, sources={"arxiv_api": source})


def _tick(config: Config, now: datetime) -> dict[tuple[str, str], JobOutcome]:
    return {(outcome.job, outcome.key): outcome for outcome in build_tick(config)(now)}


def _states(ran: Mapping[tuple[str, str], JobOutcome], job: str) -> dict[str, str]:
    return {key: outcome.state for (name, key), outcome in ran.items() if name == job}


def test_offline_the_crawl_fails_and_the_digests_are_composed(config: Config) -> None:
    ran = _tick(config, MONDAY)
    assert _states(ran, "crawl") == dict.fromkeys(sorted(LISTINGS), "failed")
    assert all(
        "http.offline" in outcome.detail for (job, _), outcome in ran.items() if job == "crawl"
    )
    assert _states(ran, "weekly") == {"2026-W10": "ok", "2026-W11": "ok"}
    assert set(_states(ran, "monthly")) == {"2026-02"}
    assert (config.digests / "weekly-2026-W11.html").is_file()
    assert _tick(config, MONDAY + timedelta(seconds=30)) == {}, "completed jobs are not repeated"
    later = _tick(config, MONDAY + timedelta(hours=1))
    assert {job for job, _ in later} == {"crawl"}, "only failed jobs are retried"


def test_one_crawl_serves_all_days_that_are_due(config: Config) -> None:
    with ArxivServer(invented(200, MONDAY - timedelta(days=16))) as server:
        online = _online(config, server)
        ran = _tick(online, MONDAY)
        requests = len(server.log)
        again = _tick(online, MONDAY + timedelta(hours=5))
    assert _states(ran, "crawl") == {"2026-03-03": "ok"}
    assert again == {}
    assert len(server.log) == requests


def test_two_runs_at_once_are_refused(config: Config) -> None:
    with hold_lock(config.home / "run.lock", "index"), pytest.raises(LockHeld):
        list(build_tick(config)(MONDAY))


def test_schedules_in_the_home_replace_the_bundled_ones(config: Config) -> None:
    folder = config.home / "schedules"
    folder.mkdir()
    with pytest.raises(ConfigError, match="no schedule"):
        build_tick(config)
    (folder / "mine.toml").write_text(
        'name = "mine"\nverb = "digest"\nevery = "week"\non = "mon"\nat = "08:00"\n'
        'timezone = "UTC"\n'
    )
    assert set(_tick(config, MONDAY)) == {("mine", "2026-W11")}


def _subscribe(config: Config, *readers: tuple[str, str]) -> None:
    with open_database(config.database) as db:
        for email, language in readers:
            subscribers.add(db, email, "", language, MONDAY, ("weekly", "monthly"))


def _mailing(config: Config, port: int) -> Config:
    relay = Smtp(host="127.0.0.1", port=port, security="none", sender="weekly@x.example")
    return replace(config, smtp=relay, digest=replace(config.digest, pdf_kb=0))


def test_issues_are_sent_once_to_each_subscriber_in_their_language(config: Config) -> None:
    box = Mailbox()
    _subscribe(config, ("a@x.example", "en"), ("b@x.example", "zh-TW"))
    with open_database(config.database) as db:
        subscribers.add(db, "digest-only@x.example", "", "en", MONDAY)
    with served(box) as port:
        ran = _tick(_mailing(config, port), MONDAY)
        again = _tick(_mailing(config, port), MONDAY + timedelta(hours=1))
    assert _states(ran, "weekly-send") == {"2026-W11": "ok"}, "no older issue is sent"
    assert _states(ran, "monthly-send") == {"2026-02": "degraded"}, (
        "the sample begins in its middle"
    )
    assert {job for job, _ in again} == {"crawl"}
    languages = [(to, message["Content-Language"]) for to, message in box.mails().items()]
    assert sorted(languages) == [
        ("a@x.example", "en"), ("b@x.example", "zh-TW"), ("digest-only@x.example", "en"),
    ]  # fmt: skip
    assert len(box.delivered) == 5, "a digest each, and a report to those who get it"
    for name in ("weekly-2026-W11", "monthly-2026-02"):
        own = (config.digests / f"{name}.html").read_text(encoding="utf-8")
        assert '<html lang="en"' in own, "the pages in the home are not those of a reader"


def test_the_daily_edition_is_sent_once_to_those_who_chose_it(config: Config) -> None:
    box = Mailbox()
    friday = datetime(2026, 3, 13, 7, 20, tzinfo=UTC)
    with open_database(config.database) as db:
        subscribers.add(db, "daily@x.example", "", "en", MONDAY, ("daily",))
        subscribers.add(db, "weekly@x.example", "", "en", MONDAY)
    with served(box) as port:
        early = _tick(_mailing(config, port), friday.replace(hour=3))
        ran = _tick(_mailing(config, port), friday)
        _tick(_mailing(config, port), friday + timedelta(hours=1))
    assert "2026-03-13" not in _states(early, "daily-send")
    assert _states(ran, "daily-send")["2026-03-13"] in ("ok", "degraded")
    daily = [message for to, message in box.mails().items() if to == "daily@x.example"]
    assert [to for to, _ in box.delivered].count("daily@x.example") == len(daily) + 1
    assert "2026-03-13" in str(daily[0]["List-ID"]) + str(daily[0]["Message-ID"])
    assert "Daily edition" in daily[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_home_whose_channels_take_no_daily_edition_needs_no_relay(config: Config) -> None:
    channel = ChannelSettings(kind="slack", url="https://hooks.example/x", issues=("weekly",))
    config = replace(config, channels={"team": channel})
    friday = datetime(2026, 3, 13, 7, 20, tzinfo=UTC)
    assert _states(_tick(config, friday), "daily-send") == {"2026-03-13": "ok"}


def test_a_deferred_mail_is_retried_until_it_is_accepted(config: Config) -> None:
    box = Mailbox()
    _subscribe(config, ("grey-a@x.example", "en"), ("b@x.example", "en"))
    with served(box) as port:
        ran = _tick(_mailing(config, port), MONDAY)
        assert ran["monthly-send", "2026-02"].detail == "mails that wait for a later try: 1"
        with open_database(config.database) as db:
            db.execute("UPDATE outbox SET due = ''")
        later = _tick(_mailing(config, port), MONDAY + timedelta(minutes=5))
    assert _states(later, "monthly-send") == {"2026-02": "ok"}
    assert sorted(to for to, mail in box.delivered if b"LLM Monthly Report" in mail) == [
        "b@x.example", "grey-a@x.example",
    ]  # fmt: skip


def test_a_missing_relay_is_reported_when_there_are_subscribers(config: Config) -> None:
    _subscribe(config, ("a@x.example", "en"))
    ran = _tick(config, MONDAY)
    assert ran["weekly-send", "2026-W11"].state == "failed"
    assert "smtp.host is not set" in ran["weekly-send", "2026-W11"].detail


def test_an_issue_that_was_composed_before_its_week_was_over_is_composed_again(
    config: Config,
) -> None:
    box = Mailbox()
    _subscribe(config, ("a@x.example", "en"))
    folder = config.home / "schedules"
    folder.mkdir()
    job = 'verb = "{}"\nevery = "week"\non = "{}"\nat = "08:00"\ntimezone = "UTC"\n'
    (folder / "early.toml").write_text('name = "early"\n' + job.format("send", "mon"))
    with open_database(config.database) as db:
        compose_period(db, config, Period.parse_week("2026-W11"), now=MONDAY - timedelta(days=4))
    with served(box) as port:
        _tick(_mailing(config, port), MONDAY)
    text = box.mails()["a@x.example"].get_body(("plain",))
    assert text is not None
    assert "more papers are expected" not in text.get_content()


def test_a_schedule_east_of_greenwich_sends_the_week_once_and_as_over(config: Config) -> None:
    box = Mailbox()
    _subscribe(config, ("a@x.example", "en"))
    folder = config.home / "schedules"
    folder.mkdir()
    job = 'name = "{0}"\nverb = "{0}"\nevery = "week"\non = "mon"\nat = "06:00"\ntimezone = "{1}"\n'
    for verb in ("digest", "send"):
        (folder / f"{verb}.toml").write_text(job.format(verb, "Asia/Taipei"))
    sunday = datetime(2026, 3, 15, 22, 5, tzinfo=UTC)
    with served(box) as port:
        ran = _tick(_mailing(config, port), sunday)
        assert _tick(_mailing(config, port), sunday + timedelta(hours=12)) == {}
    assert _states(ran, "send") == {"2026-W11": "ok"}
    text = box.mails()["a@x.example"].get_body(("plain",))
    assert text is not None
    assert "more papers are expected" not in text.get_content()


def _remove_days(config: Config, first: str, last: str) -> None:
    """Move the papers of some days out of their week, and delete all issues."""
    shutil.rmtree(config.digests, ignore_errors=True)
    with open_database(config.database) as db, write_transaction(db):
        db.execute("DELETE FROM issues")
        db.execute(
            "UPDATE works SET announced = date(announced, '+364 days')"
            " WHERE announced BETWEEN ? AND ?",
            [first, last],
        )


def _restore_days(config: Config) -> None:
    with open_database(config.database) as db, write_transaction(db):
        db.execute(
            "UPDATE works SET announced = date(announced, '-364 days') WHERE announced > '2027'"
        )


def _weekly(box: Mailbox) -> list[str]:
    return [to for to, mail in box.delivered if b"LLM Weekly" in mail]


def test_an_issue_without_papers_is_held_until_they_arrive(config: Config) -> None:
    box = Mailbox()
    _subscribe(config, ("a@x.example", "en"), ("b@x.example", "zh-TW"))
    _remove_days(config, "2026-03-09", "2026-03-15")
    with served(box) as port:
        mailing = _mailing(config, port)
        for late in (0, 1, 3):
            ran = _tick(mailing, MONDAY + timedelta(minutes=late))
            for job in ("weekly", "weekly-send"):
                assert ran[job, "2026-W11"].state == "held"
                assert "No paper has been collected for 2026-W11" in ran[job, "2026-W11"].detail
        assert _weekly(box) == []
        assert not list(config.digests.glob("**/weekly-2026-W11*.html"))
        _restore_days(config)
        ran = _tick(mailing, MONDAY + timedelta(hours=6))
        assert (ran["weekly", "2026-W11"].state, ran["weekly-send", "2026-W11"].state) == (
            "ok", "ok",
        )  # fmt: skip
        assert {job for job, _ in _tick(mailing, MONDAY + timedelta(hours=12))} == {"crawl"}
    assert sorted(_weekly(box)) == ["a@x.example", "b@x.example"]


def test_an_incomplete_issue_waits_and_then_names_the_missing_day(config: Config) -> None:
    box = Mailbox()
    _subscribe(config, ("a@x.example", "en"))
    _remove_days(config, "2026-03-11", "2026-03-11")
    with served(box) as port:
        mailing = _mailing(config, port)
        ran = _tick(mailing, MONDAY)
        assert ran["weekly-send", "2026-W11"].state == "held"
        assert ran["weekly-send", "2026-W11"].detail == (
            "The issue of 2026-W11 waits for its papers until 2026-03-17 12:00 UTC: nothing has"
            " been collected for 2026-03-11. `tracker send --incomplete` sends it as it is."
        )
        assert ran["weekly", "2026-W11"].state == "held"
        ran = _tick(mailing, MONDAY.replace(day=17, hour=11, minute=59))
        assert (ran["weekly-send", "2026-W11"].state, _weekly(box)) == ("held", [])
        ran = _tick(mailing, MONDAY.replace(day=17, hour=13, minute=1))
    assert ran["weekly-send", "2026-W11"].state == "degraded"
    assert ran["weekly", "2026-W11"].state == "degraded"
    assert _weekly(box) == ["a@x.example"]
    weekly = next(mail for _, mail in box.delivered if b"LLM Weekly" in mail)
    assert b"Incomplete: nothing has been collected for 1 announcement day" in weekly


def test_an_issue_that_was_mailed_incomplete_is_corrected_when_its_papers_come(
    config: Config,
) -> None:
    box = Mailbox()
    _subscribe(config, ("a@x.example", "en"), ("b@x.example", "zh-TW"))
    _remove_days(config, "2026-03-11", "2026-03-11")
    late = MONDAY.replace(day=17, hour=13, minute=1)
    with served(box) as port:
        mailing = _mailing(config, port)
        _tick(mailing, late)
        with open_database(config.database) as db:
            mailed = set(issues.pick_ids(db, "weekly", "2026-W11"))
        _restore_days(config)
        ran = _tick(mailing, late + timedelta(hours=1))
        again = _tick(mailing, late + timedelta(hours=5))
    assert ran["correction", "2026-W11"].state == "ok"
    assert "correction" not in {job for job, _ in again}
    assert sorted(_weekly(box)) == ["a@x.example", "b@x.example"], "nobody is mailed twice"
    page = (config.web_pages / "weekly-2026-W11.html").read_text(encoding="utf-8")
    assert "papers arrived after this issue was mailed" in page
    assert "nothing has been collected" not in page
    chinese = (config.web_pages / "weekly-2026-W11.zh-TW.html").read_text(encoding="utf-8")
    assert "更正" in chinese
    with open_database(config.database) as db:
        assert mailed <= set(issues.pick_ids(db, "weekly", "2026-W11")), "no later issue repeats"


def test_an_incomplete_issue_that_nobody_received_is_composed_again(config: Config) -> None:
    _remove_days(config, "2026-03-11", "2026-03-11")
    late = MONDAY.replace(day=17, hour=13, minute=1)
    assert _tick(config, late)["weekly", "2026-W11"].state == "degraded"
    _restore_days(config)
    assert _tick(config, late + timedelta(hours=1))["correction", "2026-W11"].state == "ok"
    page = (config.digests / "weekly-2026-W11.html").read_text(encoding="utf-8")
    assert "nothing has been collected" not in page
    assert "Corrected" not in page


def test_an_incomplete_issue_goes_out_as_soon_as_it_is_complete(config: Config) -> None:
    box = Mailbox()
    _subscribe(config, ("a@x.example", "en"))
    _remove_days(config, "2026-03-11", "2026-03-11")
    with served(box) as port:
        mailing = _mailing(config, port)
        _tick(mailing, MONDAY)
        _restore_days(config)
        ran = _tick(mailing, MONDAY + timedelta(minutes=5))
    assert ran["weekly-send", "2026-W11"].state == "ok"
    assert _weekly(box) == ["a@x.example"]


def test_without_a_wait_an_incomplete_issue_goes_out_at_once(config: Config) -> None:
    box = Mailbox()
    _subscribe(config, ("a@x.example", "en"))
    _remove_days(config, "2026-03-11", "2026-03-11")
    at_once = replace(config, digest=replace(config.digest, wait_hours=0.0))
    with served(box) as port:
        ran = _tick(_mailing(at_once, port), MONDAY)
    assert ran["weekly-send", "2026-W11"].state == "degraded"
    assert _weekly(box) == ["a@x.example"]


def test_a_fresh_home_mails_nobody(tmp_path: Path, demo_home: Path) -> None:
    fresh = load(tmp_path / "fresh", environ={"TRACKER_HTTP__OFFLINE": "true"})
    fresh.home.mkdir()
    fresh.models.symlink_to(demo_home / "models")
    box = Mailbox()
    _subscribe(fresh, ("a@x.example", "en"))
    with served(box) as port:
        ran = _tick(_mailing(fresh, port), MONDAY)
    assert box.delivered == []
    others = ("crawl", "backup", "cleanup", "daily", "daily-send")  # nobody gets a daily edition
    assert {ran[job, key].state for job, key in ran if job not in others} == {"held"}
