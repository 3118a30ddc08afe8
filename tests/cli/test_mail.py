"""Subscribers, sending, explaining and replaying on the command line."""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import time_machine

from tests.cli.conftest import Call
from tests.faults.smtp_server import Mailbox, served
from tracker.store import subscribers
from tracker.store.database import open_database, write_transaction

RELAY = ("--set", "smtp.security=none", "--set", "smtp.sender=weekly@x.example")


def test_subscribers_are_added_paused_and_removed(call: Call, home: Path) -> None:
    call("subscribers", "add", "b@x.example", "A@x.example", "--lang", "zh-TW", home=home)
    call("subscribers", "pause", "b@x.example", home=home)
    listed = json.loads(call("subscribers", "list", "--json", home=home).out)
    assert [(one["email"], one["language"], one["state"]) for one in listed] == [
        ("A@x.example", "zh-TW", "active"), ("b@x.example", "zh-TW", "paused"),
    ]  # fmt: skip
    call("subscribers", "add", "a@X.example", home=home)
    call("subscribers", "remove", "b@x.example", home=home)
    assert call("subscribers", "list", home=home).out == "A@x.example\tzh-TW\tactive\n"


def test_names_are_reduced_to_one_printable_line(call: Call, home: Path) -> None:
    call("subscribers", "add", "a@x.example", "--name", "Ann\r\nb@x.example\ten \u202e", home=home)
    assert (
        call("subscribers", "list", home=home).out
        == "a@x.example\ten\tactive\tAnn b@x.example en\n"
    )


def test_unsubscribed_addresses_are_added_only_on_request(call: Call, home: Path) -> None:
    call("subscribers", "add", "a@x.example", "--name", "Ada", "--lang", "zh-CN", home=home)
    with open_database(home / "tracker.db") as db:
        subscribers.set_state(db, "a@x.example", subscribers.UNSUBSCRIBED)
    done = call("subscribers", "add", "a@x.example", "b@x.example", home=home)
    assert (done.code, done.out) == (3, "b@x.example en active\n")
    assert "a@x.example has unsubscribed; use --again" in done.err
    done = call("subscribers", "add", "a@x.example", "--again", home=home)
    assert (done.code, done.out) == (0, "a@x.example zh-CN active\n")


def test_a_known_address_keeps_what_it_gets_until_it_is_changed(call: Call, home: Path) -> None:
    for options, kinds in (
        ((), ""),
        (("--monthly",), " weekly, monthly"),
        (("--name", "Ada"), " weekly, monthly"),
        (("--no-weekly",), " monthly"),
        (("--weekly", "--no-monthly"), ""),
    ):
        done = call("subscribers", "add", "a@x.example", *options, home=home)
        assert done.out == f"a@x.example en active{kinds}\n"
    done = call("subscribers", "add", "a@x.example", "--no-weekly", home=home)
    assert (done.code, done.out) == (2, "")
    assert "at least one kind of issue" in done.err
    listed = json.loads(call("subscribers", "list", "--json", home=home).out)
    assert listed[0]["kinds"] == ["weekly"]


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (("add", "nobody"), 2, "'nobody' is not a mail address"),
        (("add", "a@x.example", "--lang", "fr"), 2, "en, zh-TW, zh-CN"),
        (("remove", "a@x.example"), 1, "No subscriber 'a@x.example'"),
        (("pause", "a@x.example"), 1, "No subscriber 'a@x.example'"),
    ],
)
def test_an_invalid_subscriber_is_refused_with_one_sentence(
    args: tuple[str, ...], code: int, sentence: str, call: Call, home: Path
) -> None:
    done = call("subscribers", *args, home=home)
    assert (done.code, done.out) == (code, "")
    assert sentence in done.err


def test_send_composes_a_missing_issue_and_sends_it_once(call: Call, home: Path) -> None:
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
    assert [to for to, _ in box.delivered] == ["a@x.example"]
    assert json.loads(call("status", "--json", home=home).out)["outbox"] == {
        "pending": 0, "sending": 0, "sent": 1, "failed": 1, "unknown": 0,
    }  # fmt: skip


def test_sending_in_other_languages_keeps_the_pages_of_the_home(call: Call, home: Path) -> None:
    call("digest", "--week", "2026-W11", home=home)
    own = (home / "digests" / "weekly-2026-W11.md").read_bytes()
    call("subscribers", "add", "a@x.example", "--lang", "zh-TW", home=home)
    with served(Mailbox()) as port:
        call(*RELAY, "--set", f"smtp.port={port}", "--set", "smtp.host=127.0.0.1",
             "send", "--week", "2026-W11", home=home)  # fmt: skip
    assert (home / "digests" / "weekly-2026-W11.md").read_bytes() == own
    assert (home / "digests" / "web" / "weekly-2026-W11.zh-TW.html").is_file()


def test_a_dry_run_writes_mails_and_sends_nothing(call: Call, home: Path, tmp_path: Path) -> None:
    call("subscribers", "add", "a@x.example", "--lang", "zh-TW", "--monthly", home=home)
    done = call(
        *RELAY, "send", "--month", "2026-02", "--dry-run", "--out", str(tmp_path), home=home
    )
    assert done.out == f"{tmp_path / 'a@x.example.eml'}\n"
    mail = message_from_bytes((tmp_path / "a@x.example.eml").read_bytes(), policy=default)
    assert mail["Subject"].startswith("Tarnwick-210B-A18B")
    assert mail["Content-Language"] == "zh-TW"
    outbox = json.loads(call("status", "--json", home=home).out)["outbox"]
    assert set(outbox.values()) == {0}


def test_a_dry_run_prints_json_or_that_there_are_no_subscribers(
    call: Call, home: Path, tmp_path: Path
) -> None:
    dry = (*RELAY, "send", "--week", "2026-W11", "--dry-run", "--out", str(tmp_path))
    nobody = call(*dry, home=home)
    assert (nobody.code, nobody.out) == (0, "")
    assert "There is no active subscriber." in nobody.err
    call("subscribers", "add", "a@x.example", home=home)
    output = json.loads(call(*dry, "--json", home=home).out)
    assert output == {"files": [str(tmp_path / "a@x.example.eml")], "notes": []}


def test_addresses_cannot_escape_the_folder_of_a_dry_run(
    call: Call, home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mails"
    call("subscribers", "add", "/tmp/a@x.example", "b%2F/c@x.example", home=home)
    dry = call(*RELAY, "send", "--week", "2026-W11", "--dry-run", "--out", str(out), home=home)
    assert dry.code == 0
    assert len(list(out.iterdir())) == 2
    assert {path.suffix for path in out.iterdir()} == {".eml"}
    assert "b%252F%2Fc@x.example.eml" in dry.out


def test_a_dry_run_needs_neither_relay_nor_sender(call: Call, home: Path) -> None:
    call("subscribers", "add", "a@x.example", home=home)
    dry = call("send", "--week", "2026-W11", "--dry-run", home=home)
    assert dry.code == 0
    assert dry.out == f"{home / 'digests/mails/2026-W11/a@x.example.eml'}\n"
    assert "smtp.sender is not set" in dry.err
    mail = message_from_bytes(Path(dry.out.strip()).read_bytes(), policy=default)
    assert mail["From"] == "LLM Weekly <tracker@example.invalid>"


@pytest.mark.parametrize("options", [(), ("--out", "out")])
def test_dry_run_does_not_overwrite_an_earlier_one(
    options: tuple[str, ...],
    call: Call,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    call("subscribers", "add", "a@x.example", "--monthly", home=home)
    files: dict[Path, bytes] = {}
    for number, issue in enumerate(("--week=2026-W11", "--month=2026-02", "--week=2026-W11")):
        dry = call(*RELAY, "send", issue, "--dry-run", *options, home=home)
        assert {path: path.read_bytes() for path in files} == files
        assert (dry.code, dry.out.count("\n")) == (0, 1)
        files[Path(dry.out.strip())] = Path(dry.out.strip()).read_bytes()
        assert len(files) == number + 1
    if options:
        assert [str(path.parent) for path in files] == [
            "out", "out/monthly-2026-02", "out/weekly-2026-W11",
        ]  # fmt: skip


def _remove_papers(home: Path, day: str) -> None:
    """Remove the papers of some days, and all issues."""
    with open_database(home / "tracker.db") as db, write_transaction(db):
        db.execute("DELETE FROM issues")
        db.execute("UPDATE works SET announced = '2020-01-01' WHERE announced GLOB ?", [day])


def test_issue_without_papers_is_not_sent(call: Call, home: Path) -> None:
    box = Mailbox()
    call("subscribers", "add", "a@x.example", home=home)
    _remove_papers(home, "*")
    with served(box) as port:
        relay = (*RELAY, "--set", "smtp.host=127.0.0.1", "--set", f"smtp.port={port}")
        for options in ((), ("--due",), ("--incomplete",), ("--dry-run",)):
            done = call(*relay, "send", "--week", "2026-W11", *options, home=home)
            assert (done.code, done.out) == (1, "")
            assert "No paper has been collected for 2026-W11, so there is nothing to" in done.err
    assert box.delivered == []


def test_incomplete_issue_waits_unless_requested(call: Call, home: Path) -> None:
    box = Mailbox()
    call("subscribers", "add", "a@x.example", home=home)
    _remove_papers(home, "2026-03-11")
    monday = datetime(2026, 3, 16, 8, tzinfo=UTC)
    with served(box) as port, time_machine.travel(monday, tick=False):
        relay = (*RELAY, "--set", "smtp.host=127.0.0.1", "--set", f"smtp.port={port}")
        held = call(*relay, "send", "--week", "2026-W11", home=home)
        assert (held.code, held.out, box.delivered) == (3, "", [])
        assert "waits for its papers until 2026-03-17 12:00 UTC" in held.err
        assert "nothing has been collected for 2026-03-11" in held.err
        dry = call(*relay, "send", "--week", "2026-W11", "--dry-run", home=home)
        assert dry.code == 0
        assert "waits for its papers" in dry.err
        sent = call(*relay, "send", "--week", "2026-W11", "--incomplete", home=home)
        assert (sent.code, len(box.delivered)) == (3, 1)
        assert "was sent incomplete" in sent.err
        again = call(*relay, "send", "--week", "2026-W11", home=home)
        assert (again.code, len(box.delivered)) == (0, 1)


def test_internationalized_address_is_found(call: Call, home: Path) -> None:
    call("subscribers", "add", "ann@bücher.example", home=home)
    assert call("subscribers", "pause", "ann@Bücher.example", home=home).code == 0
    done = call("subscribers", "remove", "ann@bücher.example", home=home)
    assert (done.code, done.out) == (0, "ann@xn--bcher-kva.example removed\n")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--dry-run", "--due"), "have no effect with --dry-run"),
        (("--dry-run", "--resend", "unknown"), "have no effect with --dry-run"),
        (("--out", "mails"), "--out requires --dry-run."),
    ],
)
def test_options_without_effect_are_refused(
    args: tuple[str, ...], sentence: str, call: Call, home: Path
) -> None:
    done = call("send", *args, home=home)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err


def test_without_a_relay_the_missing_setting_is_named(call: Call, home: Path) -> None:
    done = call("send", "--week", "2026-W11", home=home)
    assert done.code == 4
    assert "smtp.host" in done.err
    assert call("send", "--week", "2026-W11", "--month", "2026-03", home=home).code == 2


def test_the_rank_of_a_paper_is_explained(call: Call, home: Path, tmp_path: Path) -> None:
    call("digest", "--week", "2026-W11", "--out", str(tmp_path), home=home)
    issue = json.loads((tmp_path / "weekly-2026-W11.json").read_text())
    first, last = issue["read_first"]["id"], issue["top"][-1]["id"]
    output = call("digest", "--week", "2026-W11", "--explain", first, home=home).out
    assert "read this one; rank" in output
    assert "No paper has a higher place." in output
    output = call("digest", "--week", "2026-W11", "--explain", last, home=home).out
    assert "of the list" in output
    assert "interest" in output
    assert "-0.0" not in output  # nothing is old in the week in which it appeared
    done = call("digest", "--week", "2026-W11", "--explain", "2602.92029", home=home)
    assert done.code == 1
    assert "not among the papers ranked for 2026-W11" in done.err


def test_replay_shows_the_effect_of_other_weights(call: Call, home: Path) -> None:
    same = call("replay", "--weeks", "2", "--until", "2026-W11", "--json", home=home)
    other = call(
        "--set", "ranking.interest=0", "--set", "ranking.novelty=1", "replay", "--weeks", "2",
        "--until", "2026-W11", "--json", home=home,
    )  # fmt: skip
    weeks = json.loads(same.out)
    assert [week["week"] for week in weeks] == ["2026-W10", "2026-W11"]
    assert sum(week["kept"] for week in weeks) > sum(w["kept"] for w in json.loads(other.out))
    assert "2026-W11: " in call("replay", "--weeks", "1", "--until", "2026-W11", home=home).out


def test_times_are_shown_in_the_configured_time_zone(
    call: Call, home: Path, tmp_path: Path
) -> None:
    zone = ("--set", "digest.timezone=Asia/Taipei")
    call(*zone, "digest", "--week", "2026-W11", "--out", str(tmp_path), home=home)
    assert " CST, tracker " in (tmp_path / "weekly-2026-W11.txt").read_text()
    done = call("--set", "digest.timezone=Mars", "digest", "--week", "2026-W11", home=home)
    assert done.code == 4
    assert "Europe/Berlin" in done.err


def test_a_size_budget_that_is_too_small_is_reported(call: Call, home: Path) -> None:
    done = call("--set", "digest.budget_kb=5", "digest", "--week", "2026-W11", home=home)
    assert done.code == 4
    assert "digest.budget_kb is too small" in done.err


def test_the_doctor_checks_custom_schedules_and_mail_links(call: Call, home: Path) -> None:
    def found(what: str, *options: str) -> tuple[str, str]:
        listed = call(*options, "doctor", "--json", home=home).json
        return next((one["state"], one["detail"]) for one in listed if one["what"] == what)

    assert found("links of mails")[0] == "note"
    https = ("--set", "web.public_url=https://digest.example.org")
    assert found("links of mails", *https) == ("ok", "https://digest.example.org")
    assert "not https" in found("links of mails", "--set", "web.public_url=http://x.example")[1]
    (home / "schedules").mkdir()
    assert found("schedules")[0] == "FAIL"
