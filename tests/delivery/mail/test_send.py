"""Every reachable reader gets one copy; unknown outcomes are reported and not sent again."""

import random
import shutil
import signal
import subprocess
import sys
import time as clock
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import ROOT, command, environment
from tests.delivery.conftest import NOW, WEEK, Time, states, subscribe, with_relay
from tests.digest import documents
from tests.faults.smtp_server import Mailbox, encrypted, login, served
from tracker.delivery.mail.drain_outbox import MAX_CONSECUTIVE_FAILURES, Clock
from tracker.digest.document import as_json
from tracker.errors import ConfigError, IssueEmpty, RelayError, UsageError
from tracker.pipeline.mailing.send import SendOptions, SendReport, send_issue
from tracker.settings import Config
from tracker.store import issues, outbox, subscribers
from tracker.store.database import Database, open_database


def run(db: Database, config: Config, time: Time, **more: Any) -> SendReport:
    return send_issue(db, config, WEEK, SendOptions(clock=time.clock, **more))


def copies(box: Mailbox) -> Counter[str]:
    return Counter(recipient for recipient, _ in box.delivered)


FAULTS = ("refuse", "grey", "before", "during", "after", "later", "slow")


def test_every_fault_ends_in_the_right_state(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, *(f"{fault}-1@x.example" for fault in FAULTS), "plain@x.example")
    first = run(db, config, time)
    assert {email.partition("-")[0]: state for email, state in states(db).items()} == {
        "refuse": "failed", "grey": "pending", "before": "sent", "during": "sent",
        "after": "unknown", "later": "pending", "slow": "sent", "plain@x.example": "sent",
    }  # fmt: skip
    assert {mail.email: mail.state for mail in first.told} == {
        "refuse-1@x.example": "failed", "after-1@x.example": "unknown",
    }  # fmt: skip
    second = run(db, config, time)
    assert copies(box) == {
        f"{name}@x.example": 1
        for name in (*(f"{fault}-1" for fault in FAULTS if fault != "refuse"), "plain")
    }
    assert second.counts == {"pending": 0, "sending": 0, "sent": 6, "failed": 1, "unknown": 1}
    assert not second.is_complete


def test_unknown_message_is_only_resent_on_request_and_unchanged(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "after-1@x.example")
    for _ in range(3):
        run(db, config, time)
    assert len(box.delivered) == 1
    run(db, config, time, resend=["unknown"])
    (_, first), (_, second) = box.delivered
    assert first == second
    assert box.mails()["after-1@x.example"]["Message-ID"]


def test_a_message_of_another_channel_does_not_replace_the_email(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example")
    (issue,) = issues.issue_numbers(db, "weekly", WEEK.key)
    (reader,) = subscribers.list_active(db, "weekly")
    assert outbox.enqueue(db, issue, [reader.number], NOW, channel="chat") == 1
    assert outbox.enqueue(db, issue, [reader.number], NOW, channel="chat") == 0
    run(db, config, time)
    assert copies(box) == {"a@x.example": 1}
    (waiting,) = outbox.list_pending(db, [issue], None, channel="chat")
    assert waiting.attempts == 0


def test_one_connection_serves_all(db: Database, config: Config, box: Mailbox, time: Time) -> None:
    subscribe(db, *(f"r{n}@x.example" for n in range(20)))
    assert run(db, config, time).is_complete
    assert box.connections == 1
    assert len(box.delivered) == 20


def test_nobody_receives_an_issue_twice(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example", "b@x.example")
    run(db, config, time)
    subscribers.set_state(db, "a@x.example", subscribers.PAUSED)
    subscribe(db, "A@X.example", "c@x.example")
    run(db, config, time)
    assert sorted(copies(box)) == ["a@x.example", "b@x.example", "c@x.example"]
    assert set(copies(box).values()) == {1}


def test_waiting_message_follows_a_change_of_language(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    chinese = replace(documents.weekly(), language="zh-TW")
    issues.store_issue(db, ("weekly", WEEK.key, "zh-TW"), as_json(chinese), (), NOW)
    subscribe(db, "grey-a@x.example")
    run(db, config, time)
    subscribe(db, "grey-a@x.example", language="zh-TW")
    assert run(db, config, time).is_complete
    assert len(box.delivered) == 1
    assert box.mails()["grey-a@x.example"]["Content-Language"] == "zh-TW"


def test_inactive_subscribers_receive_nothing(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "grey-a@x.example", "b@x.example")
    subscribers.set_state(db, "b@x.example", subscribers.PAUSED)
    run(db, config, time)
    subscribers.set_state(db, "grey-a@x.example", subscribers.UNSUBSCRIBED)
    last = run(db, config, time)
    assert box.delivered == []
    assert set(last.counts.values()) == {0}, "messages that will not be sent are not counted"


def test_unsubscribing_during_a_run_takes_effect_at_once(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    first, paused, unsubscribed, removed, last = (f"r{n}@x.example" for n in range(5))
    subscribe(db, first, paused, unsubscribed, removed, last)

    def unsubscribe_others(seconds: float) -> None:
        if not time.slept:  # between the first mail and the second, as by a link or a command
            with open_database(config.database) as other:
                subscribers.set_state(other, paused, subscribers.PAUSED)
                subscribers.set_state(other, unsubscribed, subscribers.UNSUBSCRIBED)
                subscribers.delete(other, removed)
        time.sleep(seconds)

    slow = replace(config, smtp=replace(config.smtp, per_minute=60))
    sent = send_issue(db, slow, WEEK, SendOptions(clock=Clock(time.clock.now, unsubscribe_others)))
    assert [to for to, _ in box.delivered] == [first, last]
    assert sent.is_complete
    subscribers.set_state(db, paused, subscribers.ACTIVE)
    run(db, config, time)
    assert [to for to, _ in box.delivered] == [first, last, paused]


def test_an_issue_is_not_sent_before_its_week_is_over(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example")
    time.now = NOW - timedelta(days=2)
    with pytest.raises(UsageError, match="2026-W11 is not over before 2026-03-15"):
        run(db, config, time)
    assert box.delivered == []
    time.now = NOW
    assert run(db, config, time).counts["sent"] == 1


def test_early_issue_is_not_sent_when_its_papers_are_gone(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    early = NOW - timedelta(days=2)
    issues.store_issue(db, ("weekly", WEEK.key, "en"), as_json(documents.weekly()), (), early)
    subscribe(db, "a@x.example")
    with pytest.raises(IssueEmpty, match="No paper has been collected for 2026-W11"):
        run(db, config, time)
    found = issues.find(db, "weekly", WEEK.key, "en")
    assert found is not None
    assert found.created == early, "an issue with papers is not replaced by one without"
    assert (box.delivered, states(db)) == ([], {})


def test_deferred_message_is_retried_with_growing_delays_for_two_days(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example")
    box.deny = "451 4.7.1 not yet"
    waits = []
    while states(db).get("a@x.example", "pending") == "pending":
        before = time.now
        run(db, config, time, due_only=True)
        due = db.execute("SELECT due FROM outbox").fetchone()[0]
        if due:
            waits.append(type(NOW).fromisoformat(due) - before)
            time.now = type(NOW).fromisoformat(due)
            run(db, config, replace_clock(time, -timedelta(seconds=1)), due_only=True)
    assert waits[:4] == [timedelta(minutes=m) for m in (5, 10, 20, 40)]
    assert waits[-1] == timedelta(hours=6)
    assert timedelta(hours=48) <= time.now - NOW < timedelta(hours=54)
    assert states(db) == {"a@x.example": "failed"}
    assert db.execute("SELECT attempts FROM outbox").fetchone()[0] == len(waits) + 1


def replace_clock(time: Time, by: timedelta) -> Time:
    other = Time()
    other.now = time.now + by
    return other


def test_relay_that_accepts_nothing_stops_the_run(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, *(f"r{n}@x.example" for n in range(MAX_CONSECUTIVE_FAILURES + 4)))
    box.deny = "450 4.2.0 busy"
    with pytest.raises(RelayError, match="in a row"):
        run(db, config, time)
    tried = [row for (row,) in db.execute("SELECT attempts FROM outbox") if row]
    assert len(tried) == MAX_CONSECUTIVE_FAILURES
    assert set(states(db).values()) == {"pending"}
    box.deny = ""
    assert run(db, config, time).is_complete
    assert set(copies(box).values()) == {1}


def test_wrong_login_stops_the_run_and_is_not_revealed(
    db: Database, config: Config, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(db, "a@x.example", "b@x.example")
    box = Mailbox()
    with served(box, **login("ann", "right")) as port:
        known = with_relay(config, port, user="ann")
        monkeypatch.setenv("TRACKER_SMTP_PASSWORD", "wr0ng-s3cret")
        with pytest.raises(RelayError, match="login") as caught:
            run(db, known, time)
        assert set(states(db).values()) == {"pending"}
        monkeypatch.setenv("TRACKER_SMTP_PASSWORD", "right")
        assert run(db, known, time).is_complete
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in "".join(db.conn.iterdump())
    assert len(box.delivered) == 2


def test_without_starttls_nothing_is_sent(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example")
    strict = replace(config, smtp=replace(config.smtp, security="starttls"))
    with pytest.raises(RelayError, match="STARTTLS"):
        run(db, strict, time)
    assert box.delivered == []
    assert states(db) == {"a@x.example": "pending"}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
         "-out", cert, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


def test_certificates_are_checked(
    db: Database,
    config: Config,
    time: Time,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subscribe(db, "a@x.example")
    box = Mailbox()
    with served(box, **encrypted(*certificate)) as port:
        known = with_relay(config, port, security="starttls")
        with pytest.raises(RelayError, match="certificate"):
            run(db, known, time)
        assert box.delivered == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert run(db, known, time).is_complete


def test_unreachable_relay_leaves_everything_pending(
    db: Database, config: Config, time: Time
) -> None:
    subscribe(db, "a@x.example")
    with pytest.raises(RelayError, match="does not answer"):
        run(db, replace(config, smtp=replace(config.smtp, port=1)), time)
    assert states(db) == {"a@x.example": "pending"}
    assert run(db, config, time).is_complete


def test_missing_relay_or_sender_is_a_configuration_error(
    db: Database, config: Config, time: Time
) -> None:
    subscribe(db, "a@x.example")
    for wrong in ({"host": ""}, {"sender": "nobody"}):
        with pytest.raises(ConfigError, match=f"smtp.{next(iter(wrong))}"):
            run(db, replace(config, smtp=replace(config.smtp, **wrong)), time)


def test_rate_limit_is_respected(db: Database, config: Config, time: Time) -> None:
    subscribe(db, *(f"r{n}@x.example" for n in range(5)))
    run(db, replace(config, smtp=replace(config.smtp, per_minute=30)), time)
    assert time.slept == pytest.approx(10, abs=0.1)


def test_interrupted_message_is_recovered_from_the_handover_file(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example", "b@x.example")
    run(db, config, time)
    rows = [row for (row,) in db.execute("SELECT id FROM outbox ORDER BY id")]
    db.execute("UPDATE outbox SET state = 'sending'")
    db.conn.commit()
    mark = config.home / "outbox.mark"
    mark.write_text(mark.read_text().replace("+", "?"))
    run(db, config, time)  # the record names b, which was handed over last, without an answer
    assert states(db) == {"a@x.example": "sent", "b@x.example": "unknown"}
    assert copies(box) == {"a@x.example": 2, "b@x.example": 1}
    db.execute("UPDATE outbox SET state = 'sending' WHERE id = ?", [rows[0]])
    db.conn.commit()
    run(db, config, time)
    assert states(db)["a@x.example"] == "sent", "the relay had accepted it"
    mark.write_text(f"{rows[0]:20}? another-boot")
    db.execute("UPDATE outbox SET state = 'sending'")
    db.conn.commit()
    run(db, config, time)
    assert set(states(db).values()) == {"unknown"}, "a record of an earlier boot is ignored"
    assert copies(box) == {"a@x.example": 2, "b@x.example": 1}


@contextmanager
def server_process(log: Path) -> Iterator[int]:
    """Run a relay that outlives the sender, and return its port."""
    script = ROOT / "tests/faults/smtp_server.py"
    with subprocess.Popen(
        [sys.executable, script, log], stdout=subprocess.PIPE, text=True
    ) as relay:
        assert relay.stdout is not None
        yield int(relay.stdout.readline())
        relay.kill()


def kill_while_sending(home: Path, port: int, log: Path, seconds: float) -> None:
    """Start `tracker send`, wait for its first message, and kill it after some seconds."""
    before = log.stat().st_size
    args = ("send", "--week", WEEK.key)
    with subprocess.Popen(
        command(*args), env=environment(home, **settings(port)), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as sender:  # fmt: skip
        while log.stat().st_size == before and sender.poll() is None:
            clock.sleep(0.002)
        clock.sleep(seconds)
        sender.send_signal(signal.SIGKILL)


def settings(port: int) -> dict[str, str]:
    return {
        "TRACKER_SMTP__HOST": "127.0.0.1", "TRACKER_SMTP__PORT": str(port),
        "TRACKER_SMTP__SECURITY": "none", "TRACKER_SMTP__SENDER": "weekly@x.example",
    }  # fmt: skip


def read_deliveries(home: Path, log: Path) -> tuple[Counter[str], dict[str, str]]:
    """The copies that the relay accepted by recipient, and the states by address."""
    lines = [line.split() for line in log.read_text().splitlines()]
    assert len({name for _, name in lines}) == len({to for to, _ in lines}), "one id per recipient"
    with open_database(home / "tracker.db") as db:
        return Counter(to for to, _ in lines), states(db)


def test_killed_sender_neither_repeats_nor_loses_messages(
    db: Database, config: Config, tmp_path: Path
) -> None:
    """`benchmarks/delivery.py` repeats this a hundred times with five hundred recipients."""
    subscribe(db, *(f"{['plain', *FAULTS][n % 8]}-{n}@x.example" for n in range(64)))
    db.close()
    log, chance = tmp_path / "log", random.Random(7)
    log.touch()
    with server_process(log) as port:
        for _ in range(3):
            kill_while_sending(config.home, port, log, chance.uniform(0, 0.3))
        for _ in range(2):
            done = subprocess.run(
                command("send", "--week", WEEK.key), env=environment(config.home, **settings(port)),
                capture_output=True, check=False,
            )  # fmt: skip
    assert done.returncode == 3, done.stderr
    got, known = read_deliveries(config.home, log)
    for email, state in known.items():
        assert (state == "failed") == email.startswith("refuse")
        # The relay may drop a message that it was processing when the connection was lost.
        right = {"sent": {1}, "failed": {0}, "unknown": {0, 1}}
        assert got[email] in right[state], (email, state)
    unknown = [email for email, state in known.items() if state == outbox.UNKNOWN]
    assert len([email for email in unknown if not email.startswith("after")]) <= 3
