"""Subscribers and sending, explaining and replaying, as they are typed."""

import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.faults.smtp_server import Mailbox, served
from tracker.store import subscribers
from tracker.store.database import opened

RELAY = ("--set", "smtp.security=none", "--set", "smtp.sender=weekly@x.example")


def test_subscribers_come_and_go(call: Call, home: Path) -> None:
    call("subscribers", "add", "b@x.example", "A@x.example", "--lang", "zh-TW", home=home)
    call("subscribers", "pause", "b@x.example", home=home)
    listed = json.loads(call("subscribers", "list", "--json", home=home).out)
    assert [(one["email"], one["language"], one["state"]) for one in listed] == [
        ("A@x.example", "zh-TW", "active"), ("b@x.example", "zh-TW", "paused"),
    ]  # fmt: skip
    call("subscribers", "add", "a@X.example", home=home)
    call("subscribers", "remove", "b@x.example", home=home)
    assert call("subscribers", "list", home=home).out == "A@x.example\tzh-TW\tactive\n"


def test_a_name_is_one_line_whatever_it_holds(call: Call, home: Path) -> None:
    call("subscribers", "add", "a@x.example", "--name", "Ann\r\nb@x.example\ten \u202e", home=home)
    assert (
        call("subscribers", "list", home=home).out
        == "a@x.example\ten\tactive\tAnn b@x.example en\n"
    )


def test_who_has_unsubscribed_is_not_brought_back_by_an_old_list(call: Call, home: Path) -> None:
    call("subscribers", "add", "a@x.example", "--name", "Ada", "--lang", "zh-CN", home=home)
    with opened(home / "tracker.db") as db:
        subscribers.put(db, "a@x.example", subscribers.UNSUBSCRIBED)
    done = call("subscribers", "add", "a@x.example", "b@x.example", home=home)
    assert (done.code, done.out) == (3, "b@x.example en active\n")
    assert "a@x.example has unsubscribed; --again" in done.err
    done = call("subscribers", "add", "a@x.example", "--again", home=home)
    assert (done.code, done.out) == (0, "a@x.example zh-CN active\n")


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("add", "nobody"), 2, "'nobody' is not a mail address"),
        (("add", "a@x.example", "--lang", "fr"), 2, "en, zh-TW, zh-CN"),
        (("remove", "a@x.example"), 1, "No subscriber 'a@x.example'"),
        (("pause", "a@x.example"), 1, "No subscriber 'a@x.example'"),
    ],
)
def test_a_wrong_subscriber_is_one_sentence(
    args: tuple[str, ...], code: int, said: str, call: Call, home: Path
) -> None:
    done = call("subscribers", *args, home=home)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_send_composes_what_is_missing_and_sends_it_once(call: Call, home: Path) -> None:
    box = Mailbox()
    call("subscribers", "add", "a@x.example", home=home)
    call("subscribers", "add", "refuse-b@x.example", "--lang", "zh-CN", home=home)
    with served(box) as port:
        relay = (*RELAY, "--set", "smtp.host=127.0.0.1", "--set", f"smtp.port={port}")
        for _ in range(2):
            done = call(*relay, "send", "--week", "2026-W11", home=home)
            assert done.code == 3
            assert "weekly-2026-W11: 1 sent, 1 failed" in done.out
            assert "failed\trefuse-b@x.example\t550" in done.out
    assert [to for to, _ in box.taken] == ["a@x.example"]
    assert json.loads(call("status", "--json", home=home).out)["outbox"] == {
        "pending": 0, "sending": 0, "sent": 1, "failed": 1, "unknown": 0,
    }  # fmt: skip


def test_sending_in_other_languages_leaves_the_pages_of_the_home_alone(
    call: Call, home: Path
) -> None:
    call("digest", "--week", "2026-W11", home=home)
    own = (home / "digests" / "weekly-2026-W11.md").read_bytes()
    call("subscribers", "add", "a@x.example", "--lang", "zh-TW", home=home)
    with served(Mailbox()) as port:
        call(*RELAY, "--set", f"smtp.port={port}", "--set", "smtp.host=127.0.0.1",
             "send", "--week", "2026-W11", home=home)  # fmt: skip
    assert (home / "digests" / "weekly-2026-W11.md").read_bytes() == own
    assert (home / "digests" / "web" / "weekly-2026-W11.zh-TW.html").is_file()


def test_a_dry_run_writes_mails_and_sends_nothing(call: Call, home: Path, tmp_path: Path) -> None:
    call("subscribers", "add", "a@x.example", "--lang", "zh-TW", home=home)
    done = call(
        *RELAY, "send", "--month", "2026-02", "--dry-run", "--out", str(tmp_path), home=home
    )
    assert done.out == f"{tmp_path / 'a@x.example.eml'}\n"
    mail = message_from_bytes((tmp_path / "a@x.example.eml").read_bytes(), policy=default)
    assert mail["Subject"].startswith("LLM 月報 2026-02：")
    assert mail["Content-Language"] == "zh-TW"
    outbox = json.loads(call("status", "--json", home=home).out)["outbox"]
    assert set(outbox.values()) == {0}


def test_a_dry_run_is_told_as_json_and_without_readers_by_a_message(
    call: Call, home: Path, tmp_path: Path
) -> None:
    dry = (*RELAY, "send", "--week", "2026-W11", "--dry-run", "--out", str(tmp_path))
    nobody = call(*dry, home=home)
    assert (nobody.code, nobody.out) == (0, "")
    assert "There is no active subscriber." in nobody.err
    call("subscribers", "add", "a@x.example", home=home)
    told = json.loads(call(*dry, "--json", home=home).out)
    assert told == {"files": [str(tmp_path / "a@x.example.eml")], "notes": []}


def test_no_address_leads_out_of_the_folder_of_a_dry_run(
    call: Call, home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mails"
    call("subscribers", "add", "/tmp/a@x.example", "b%2F/c@x.example", home=home)
    dry = call(*RELAY, "send", "--week", "2026-W11", "--dry-run", "--out", str(out), home=home)
    assert dry.code == 0
    assert len(list(out.iterdir())) == 2
    assert {path.suffix for path in out.iterdir()} == {".eml"}
    assert "b%252F%2Fc@x.example.eml" in dry.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--dry-run", "--due"), "With --dry-run nothing is sent"),
        (("--dry-run", "--resend", "unknown"), "With --dry-run nothing is sent"),
        (("--out", "mails"), "--out is the folder of --dry-run's files."),
    ],
)
def test_options_that_would_do_nothing_are_refused(
    args: tuple[str, ...], said: str, call: Call, home: Path
) -> None:
    done = call("send", *args, home=home)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_without_a_relay_it_says_what_to_set(call: Call, home: Path) -> None:
    done = call("send", "--week", "2026-W11", home=home)
    assert done.code == 4
    assert "smtp.host" in done.err
    assert call("send", "--week", "2026-W11", "--month", "2026-03", home=home).code == 2


def test_a_paper_can_be_asked_why_and_why_not_higher(
    call: Call, home: Path, tmp_path: Path
) -> None:
    call("digest", "--week", "2026-W11", "--out", str(tmp_path), home=home)
    issue = json.loads((tmp_path / "weekly-2026-W11.json").read_text())
    first, last = issue["read_first"]["id"], issue["top"][-1]["id"]
    told = call("digest", "--week", "2026-W11", "--explain", first, home=home).out
    assert "read this one; place" in told
    assert "Nothing stands higher." in told
    told = call("digest", "--week", "2026-W11", "--explain", last, home=home).out
    assert "of the list" in told
    assert "interest" in told
    assert "-0.0" not in told  # nothing in a week of its own is old
    done = call("digest", "--week", "2026-W11", "--explain", "2602.92029", home=home)
    assert done.code == 1
    assert "not among the papers ranked for 2026-W11" in done.err


def test_replay_shows_what_other_weights_would_pick(call: Call, home: Path) -> None:
    same = call("replay", "--weeks", "2", "--until", "2026-W11", "--json", home=home)
    other = call(
        "--set", "ranking.interest=0", "--set", "ranking.novelty=1", "replay", "--weeks", "2",
        "--until", "2026-W11", "--json", home=home,
    )  # fmt: skip
    weeks = json.loads(same.out)
    assert [week["week"] for week in weeks] == ["2026-W10", "2026-W11"]
    assert sum(week["kept"] for week in weeks) > sum(w["kept"] for w in json.loads(other.out))
    assert "2026-W11: " in call("replay", "--weeks", "1", "--until", "2026-W11", home=home).out


def test_the_time_is_told_in_the_zone_that_is_set(call: Call, home: Path, tmp_path: Path) -> None:
    zone = ("--set", "digest.timezone=Asia/Taipei")
    call(*zone, "digest", "--week", "2026-W11", "--out", str(tmp_path), home=home)
    assert " CST, by tracker" in (tmp_path / "weekly-2026-W11.txt").read_text()
    done = call("--set", "digest.timezone=Mars", "digest", "--week", "2026-W11", home=home)
    assert done.code == 4
    assert "Europe/Berlin" in done.err


def test_a_budget_that_no_page_can_keep_is_said(call: Call, home: Path) -> None:
    done = call("--set", "digest.budget_kb=5", "digest", "--week", "2026-W11", home=home)
    assert done.code == 4
    assert "digest.budget_kb is too small" in done.err


def test_the_doctor_looks_at_own_schedules_and_at_the_links_of_mails(
    call: Call, home: Path
) -> None:
    def found(what: str, *options: str) -> tuple[str, str]:
        listed = call(*options, "doctor", "--json", home=home).json
        return next((one["state"], one["detail"]) for one in listed if one["what"] == what)

    assert found("links of mails")[0] == "note"
    https = ("--set", "web.public_url=https://digest.example.org")
    assert found("links of mails", *https) == ("ok", "https://digest.example.org")
    assert "not https" in found("links of mails", "--set", "web.public_url=http://x.example")[1]
    (home / "schedules").mkdir()
    assert found("schedules")[0] == "FAIL"
