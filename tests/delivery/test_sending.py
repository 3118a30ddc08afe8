"""Every reachable reader gets one copy; what cannot be known is said and not sent again."""

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
from tests.delivery.conftest import NOW, WEEK, Time, states, subscribe, through
from tests.digest import documents
from tests.faults.smtp_server import Mailbox, encrypted, login, served
from tracker.delivery.outbox import MOST_IN_A_ROW, Clock
from tracker.digest.document import as_json
from tracker.errors import ConfigError, IssueEmpty, RelayError, UsageError
from tracker.pipeline.sending import Sent, send
from tracker.settings import Config
from tracker.store import issues, outbox, subscribers
from tracker.store.database import Database, opened


def run(db: Database, config: Config, time: Time, **more: Any) -> Sent:
    return send(db, config, WEEK, clock=time.clock, **more)


def copies(box: Mailbox) -> Counter[str]:
    return Counter(recipient for recipient, _ in box.taken)


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
    assert {told.email: told.state for told in first.told} == {
        "refuse-1@x.example": "failed", "after-1@x.example": "unknown",
    }  # fmt: skip
    second = run(db, config, time)
    assert copies(box) == {
        f"{name}@x.example": 1
        for name in (*(f"{fault}-1" for fault in FAULTS if fault != "refuse"), "plain")
    }
    assert second.counts == {"pending": 0, "sending": 0, "sent": 6, "failed": 1, "unknown": 1}
    assert not second.complete


def test_a_mail_in_doubt_is_sent_again_only_when_asked_and_is_the_same_mail(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "after-1@x.example")
    for _ in range(3):
        run(db, config, time)
    assert len(box.taken) == 1
    run(db, config, time, resend=["unknown"])
    (_, first), (_, second) = box.taken
    assert first == second
    assert box.mails()["after-1@x.example"]["Message-ID"]


def test_one_connection_serves_all(db: Database, config: Config, box: Mailbox, time: Time) -> None:
    subscribe(db, *(f"r{n}@x.example" for n in range(20)))
    assert run(db, config, time).complete
    assert box.connections == 1
    assert len(box.taken) == 20


def test_nobody_gets_an_issue_twice_whatever_changes(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example", "b@x.example")
    run(db, config, time)
    subscribers.put(db, "a@x.example", subscribers.PAUSED)
    subscribe(db, "A@X.example", "c@x.example")
    run(db, config, time)
    assert sorted(copies(box)) == ["a@x.example", "b@x.example", "c@x.example"]
    assert set(copies(box).values()) == {1}


def test_a_reader_who_changes_language_while_a_mail_waits_gets_one_in_the_new(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    chinese = replace(documents.weekly(), language="zh-TW")
    issues.keep(db, ("weekly", WEEK.key, "zh-TW"), as_json(chinese), (), NOW)
    subscribe(db, "grey-a@x.example")
    run(db, config, time)
    subscribe(db, "grey-a@x.example", language="zh-TW")
    assert run(db, config, time).complete
    assert len(box.taken) == 1
    assert box.mails()["grey-a@x.example"]["Content-Language"] == "zh-TW"


def test_whoever_is_paused_or_has_unsubscribed_gets_nothing(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "grey-a@x.example", "b@x.example")
    subscribers.put(db, "b@x.example", subscribers.PAUSED)
    run(db, config, time)
    subscribers.put(db, "grey-a@x.example", subscribers.UNSUBSCRIBED)
    last = run(db, config, time)
    assert box.taken == []
    assert set(last.counts.values()) == {0}, "nobody waits for what nobody will send"


def test_whoever_leaves_while_a_run_is_under_way_gets_nothing_more(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    first, paused, unsubscribed, removed, last = (f"r{n}@x.example" for n in range(5))
    subscribe(db, first, paused, unsubscribed, removed, last)

    def left(seconds: float) -> None:
        if not time.slept:  # between the first mail and the second, as by a link or a command
            with opened(config.database) as other:
                subscribers.put(other, paused, subscribers.PAUSED)
                subscribers.put(other, unsubscribed, subscribers.UNSUBSCRIBED)
                subscribers.remove(other, removed)
        time.sleep(seconds)

    slow = replace(config, smtp=replace(config.smtp, per_minute=60))
    sent = send(db, slow, WEEK, clock=Clock(time.clock.now, left))
    assert [to for to, _ in box.taken] == [first, last]
    assert sent.complete
    subscribers.put(db, paused, subscribers.ACTIVE)
    run(db, config, time)
    assert [to for to, _ in box.taken] == [first, last, paused]


def test_an_issue_is_not_sent_before_its_week_is_over(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example")
    time.now = NOW - timedelta(days=2)
    with pytest.raises(UsageError, match="2026-W11 is not over before 2026-03-15"):
        run(db, config, time)
    assert box.taken == []
    time.now = NOW
    assert run(db, config, time).counts["sent"] == 1


def test_what_was_composed_before_the_week_was_over_is_not_sent_when_its_papers_are_gone(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    early = NOW - timedelta(days=2)
    issues.keep(db, ("weekly", WEEK.key, "en"), as_json(documents.weekly()), (), early)
    subscribe(db, "a@x.example")
    with pytest.raises(IssueEmpty, match="No paper has been collected for 2026-W11"):
        run(db, config, time)
    found = issues.find(db, "weekly", WEEK.key, "en")
    assert found is not None
    assert found.created == early, "an issue with papers is not replaced by one without"
    assert (box.taken, states(db)) == ([], {})


def test_what_is_put_off_waits_longer_each_time_and_is_given_up_after_two_days(
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


def test_a_relay_that_takes_nothing_pauses_the_run(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, *(f"r{n}@x.example" for n in range(MOST_IN_A_ROW + 4)))
    box.deny = "450 4.2.0 busy"
    with pytest.raises(RelayError, match="in a row"):
        run(db, config, time)
    tried = [row for (row,) in db.execute("SELECT attempts FROM outbox") if row]
    assert len(tried) == MOST_IN_A_ROW
    assert set(states(db).values()) == {"pending"}
    box.deny = ""
    assert run(db, config, time).complete
    assert set(copies(box).values()) == {1}


def test_a_wrong_login_stops_the_run_and_is_not_repeated_anywhere(
    db: Database, config: Config, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(db, "a@x.example", "b@x.example")
    box = Mailbox()
    with served(box, **login("ann", "right")) as port:
        known = through(config, port, user="ann")
        monkeypatch.setenv("TRACKER_SMTP_PASSWORD", "wr0ng-s3cret")
        with pytest.raises(RelayError, match="login") as told:
            run(db, known, time)
        assert set(states(db).values()) == {"pending"}
        monkeypatch.setenv("TRACKER_SMTP_PASSWORD", "right")
        assert run(db, known, time).complete
    assert "s3cret" not in str(told.value)
    assert "s3cret" not in "".join(db.conn.iterdump())
    assert len(box.taken) == 2


def test_without_starttls_nothing_is_sent(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example")
    strict = replace(config, smtp=replace(config.smtp, security="starttls"))
    with pytest.raises(RelayError, match="STARTTLS"):
        run(db, strict, time)
    assert box.taken == []
    assert states(db) == {"a@x.example": "pending"}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody trusts but who is told to, and its key."""
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
        known = through(config, port, security="starttls")
        with pytest.raises(RelayError, match="certificate"):
            run(db, known, time)
        assert box.taken == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert run(db, known, time).complete


def test_a_relay_that_is_not_there_leaves_everything_waiting(
    db: Database, config: Config, time: Time
) -> None:
    subscribe(db, "a@x.example")
    with pytest.raises(RelayError, match="does not answer"):
        run(db, replace(config, smtp=replace(config.smtp, port=1)), time)
    assert states(db) == {"a@x.example": "pending"}
    assert run(db, config, time).complete


def test_without_a_relay_or_a_sender_a_setting_is_wrong(
    db: Database, config: Config, time: Time
) -> None:
    subscribe(db, "a@x.example")
    for wrong in ({"host": ""}, {"sender": "nobody"}):
        with pytest.raises(ConfigError, match=f"smtp.{next(iter(wrong))}"):
            run(db, replace(config, smtp=replace(config.smtp, **wrong)), time)


def test_the_rate_is_kept(db: Database, config: Config, time: Time) -> None:
    subscribe(db, *(f"r{n}@x.example" for n in range(5)))
    run(db, replace(config, smtp=replace(config.smtp, per_minute=30)), time)
    assert time.slept == pytest.approx(10, abs=0.1)


def test_an_interrupted_mail_is_pending_or_in_doubt_by_what_the_mark_says(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "a@x.example", "b@x.example")
    run(db, config, time)
    rows = [row for (row,) in db.execute("SELECT id FROM outbox ORDER BY id")]
    db.execute("UPDATE outbox SET state = 'sending'")
    db.conn.commit()
    mark = config.home / "outbox.mark"
    mark.write_text(mark.read_text().replace("+", "?"))
    run(db, config, time)  # the mark names b, the last that was handed over, without an answer
    assert states(db) == {"a@x.example": "sent", "b@x.example": "unknown"}
    assert copies(box) == {"a@x.example": 2, "b@x.example": 1}
    db.execute("UPDATE outbox SET state = 'sending' WHERE id = ?", [rows[0]])
    db.conn.commit()
    run(db, config, time)
    assert states(db)["a@x.example"] == "sent", "the relay had said that it took it"
    mark.write_text(f"{rows[0]:20}? another-boot")
    db.execute("UPDATE outbox SET state = 'sending'")
    db.conn.commit()
    run(db, config, time)
    assert set(states(db).values()) == {"unknown"}, "a mark of an earlier boot proves nothing"
    assert copies(box) == {"a@x.example": 2, "b@x.example": 1}


@contextmanager
def server_process(log: Path) -> Iterator[int]:
    """A relay that outlives the sender, and its port."""
    script = ROOT / "tests/faults/smtp_server.py"
    with subprocess.Popen(
        [sys.executable, script, log], stdout=subprocess.PIPE, text=True
    ) as relay:
        assert relay.stdout is not None
        yield int(relay.stdout.readline())
        relay.kill()


def kill_while_sending(home: Path, port: int, log: Path, seconds: float) -> None:
    """Start `tracker send`, wait for its first mail, and kill it so many seconds later."""
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


def audited(home: Path, log: Path) -> tuple[Counter[str], dict[str, str]]:
    """Copies by recipient as the relay took them, and the states by address."""
    lines = [line.split() for line in log.read_text().splitlines()]
    assert len({name for _, name in lines}) == len({to for to, _ in lines}), "one id per recipient"
    with opened(home / "tracker.db") as db:
        return Counter(to for to, _ in lines), states(db)


def test_a_sender_that_is_killed_sends_no_mail_twice_and_forgets_none(
    db: Database, config: Config, tmp_path: Path
) -> None:
    """`benchmarks/delivery.py` does this a hundred times with five hundred recipients."""
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
    got, known = audited(config.home, log)
    for email, state in known.items():
        assert (state == "failed") == email.startswith("refuse")
        # The relay may drop what it was still at work on when the line was cut: nobody can know.
        right = {"sent": {1}, "failed": {0}, "unknown": {0, 1}}
        assert got[email] in right[state], (email, state)
    doubted = [email for email, state in known.items() if state == outbox.UNKNOWN]
    assert len([email for email in doubted if not email.startswith("after")]) <= 3
