"""Posting issues to webhooks and chat services: once each, signed, retried, listed."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.conftest import NOW, WEEK, Time, subscribe
from tests.digest import documents
from tests.faults.smtp_server import Mailbox
from tracker.delivery.chat_formats import FORMATS, PostContent
from tracker.errors import ConfigError
from tracker.pipeline.mailing.send import SendOptions, SendReport, send_issue
from tracker.settings import ChannelSettings, Config
from tracker.store import outbox
from tracker.store.database import Database

KEY = "a-key-of-a-webhook"


@dataclass
class Receiver:
    """A chat service on loopback: answers in turn, the last one for ever after."""

    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=lambda: [(200, "", {})])
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    drop: bool = False


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if state.drop:
                return
            status, text, headers = state.answers[min(len(state.posts), len(state.answers)) - 1]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield state
        server.shutdown()
        thread.join()


@pytest.fixture
def home(config: Config, receiver: Receiver, tmp_path: Path) -> Config:
    """Settings with one webhook, whose key is in a file."""
    secret = tmp_path / "key"
    secret.write_text(f"{KEY}\n")
    secret.chmod(0o600)
    return with_channel(config, receiver, kind="webhook", secret_file=str(secret))


def with_channel(config: Config, receiver: Receiver, **settings: Any) -> Config:
    url = f"http://127.0.0.1:{receiver.port}/hooks/team?token=hidden"
    own = ChannelSettings(**{"url": url, **settings})
    http = replace(config.http, allow_private=("127.0.0.1",))
    return replace(config, channels={"team": own}, http=http)


def run(db: Database, config: Config, time: Time, **more: Any) -> SendReport:
    return send_issue(db, config, WEEK, SendOptions(clock=time.clock, **more))


def test_an_issue_is_posted_once_and_signed(
    db: Database, home: Config, receiver: Receiver, time: Time
) -> None:
    reports = [run(db, home, time) for _ in range(3)]
    assert reports[-1].counts["sent"] == 1
    assert reports[-1].is_complete
    ((path, headers, body),) = receiver.posts
    assert path == "/hooks/team?token=hidden"
    assert headers["webhook-id"] == "weekly-2026-W11-channels.team"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(KEY.encode(), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    data = json.loads(body)["data"]
    assert (data["kind"], data["period"]) == ("weekly", "2026-W11")
    assert next(one["id"] for one in data["papers"]) == documents.picked().id


def test_a_busy_receiver_is_tried_again_when_it_allows_that(
    db: Database, home: Config, receiver: Receiver, time: Time
) -> None:
    receiver.answers = [(429, "slow down", {"Retry-After": "600"}), (500, "", {}), (204, "", {})]
    assert run(db, home, time).waiting == 1
    assert run(db, home, time, due_only=True).waiting == 1
    assert len(receiver.posts) == 1
    time.now += timedelta(minutes=11)
    assert run(db, home, time, due_only=True).waiting == 1
    time.now += timedelta(hours=1)
    report = run(db, home, time, due_only=True)
    assert (report.waiting, report.counts["sent"]) == (0, 1)
    assert len({body for _, _, body in receiver.posts}) == 1
    assert len({headers["webhook-id"] for _, headers, _ in receiver.posts}) == 1


@pytest.mark.parametrize(("status", "state"), [(404, "failed"), (301, "failed"), (410, "failed")])
def test_a_refusal_is_final_and_listed_without_the_address(
    status: int, state: str, db: Database, home: Config, receiver: Receiver, time: Time
) -> None:
    receiver.answers = [(status, "no hook /hooks/team token=hidden", {"Location": "/x"})]
    for _ in range(2):
        report = run(db, home, time)
    (row,) = report.told
    assert (row.email, row.state, len(receiver.posts)) == ("channels.team", state, 1)
    assert "hidden" not in row.detail
    assert "/hooks/team" not in row.detail


def test_a_post_without_an_answer_is_unknown_and_only_repeated_on_request(
    db: Database, home: Config, receiver: Receiver, time: Time
) -> None:
    receiver.drop = True
    for _ in range(2):
        assert run(db, home, time).counts["unknown"] == 1
    receiver.drop = False
    assert run(db, home, time, resend=["unknown"]).counts["sent"] == 1
    first, second = receiver.posts
    assert first[2] == second[2]


def test_an_unreachable_channel_waits_and_mails_are_sent(
    db: Database, home: Config, box: Mailbox, time: Time
) -> None:
    subscribe(db, "ann@x.example")
    gone = replace(home.channels["team"], url="http://127.0.0.1:9/hidden")
    report = run(db, replace(home, channels={"team": gone}), time)
    assert (report.counts["sent"], report.waiting, len(box.delivered)) == (1, 1, 1)
    details = outbox.list_mails(db, [1], ["pending"])
    assert "hidden" not in details[0].detail


@pytest.mark.parametrize(
    ("kind", "reply", "state"),
    [
        ("slack", "ok", "sent"),
        ("discord", "", "sent"),
        ("telegram", '{"ok": true}', "sent"),
        ("telegram", '{"ok": false, "description": "chat not found"}', "failed"),
        ("feishu", '{"code": 0}', "sent"),
        ("feishu", '{"code": 19021, "msg": "sign match fail"}', "failed"),
        ("feishu", '{"code": 9499, "msg": "too many request"}', "pending"),
    ],
)
def test_each_service_gets_its_format(
    kind: str, reply: str, state: str, db: Database, home: Config, receiver: Receiver, time: Time
) -> None:
    secret = home.channels["team"].secret_file
    base = f"http://127.0.0.1:{receiver.port}" if kind == "telegram" else "/hooks"
    url = base if kind == "telegram" else home.channels["team"].url
    receiver.answers = [(200, reply, {})]
    config = with_channel(home, receiver, kind=kind, url=url, secret_file=secret, chat="@team")
    assert run(db, config, time).counts[state] == 1
    path, _, body = receiver.posts[0]
    post = json.loads(body)
    if kind == "telegram":
        assert path == f"/bot{KEY}/sendMessage"
        assert post["chat_id"] == "@team"
    if kind == "feishu":
        signed = hmac.new(f"{post['timestamp']}\n{KEY}".encode(), b"", hashlib.sha256).digest()
        assert post["sign"] == base64.b64encode(signed).decode()
    key = {"slack": "blocks", "discord": "embeds", "telegram": "text", "feishu": "content"}[kind]
    assert post[key]


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_titles_cannot_mention_people_or_break_a_format(kind: str) -> None:
    week = documents.weekly()
    assert week.read_first
    title = "<@U1> @everyone *x* [a](javascript:x) </b> & " + "long " * 200
    hostile = replace(week.read_first, title=title, tldr="`<!channel>` " + "x" * 9000)
    document = replace(week, read_first=hostile, top=(replace(hostile, id="2603.1"),) * 30)
    body = FORMATS[kind](PostContent(document, "https://x.example/w.html", "1"))
    text = json.dumps(body, ensure_ascii=False)
    assert kind == "webhook" or len(text) < 30_000
    if kind == "slack":
        assert "<@U1>" not in text
        assert "<!channel>" not in text
        assert len(body["blocks"]) <= 50
    if kind == "discord":
        assert body["allowed_mentions"] == {"parse": []}
        assert "[a](" not in body["embeds"][0]["description"]
        assert len(body["embeds"][0]["description"]) <= 4096
    if kind == "telegram":
        assert "<@U1>" not in text
        assert len(body["text"]) <= 4096


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"url": ""}, "set url_file"),
        ({"url": "http://example.org/x"}, "https://"),
        ({"url": "ftp://127.0.0.1/x"}, "https://"),
        ({"url": "https://exa mple.org"}, "https://"),
        ({"url": "https://[::1"}, "not the address"),
        ({"kind": "telegram", "chat": "1"}, "bot's token"),
        ({"issues": ("yearly",)}, "yearly"),
        ({"url_file": "/nonexistent/url"}, "cannot be read"),
    ],
)
def test_an_invalid_channel_is_refused_before_anything_is_sent(
    settings: dict[str, Any], problem: str, db: Database, home: Config, receiver: Receiver,
    box: Mailbox, time: Time,
) -> None:  # fmt: skip
    subscribe(db, "ann@x.example")
    with pytest.raises(ConfigError, match=problem):
        run(db, with_channel(home, receiver, **settings), time)
    assert (box.delivered, receiver.posts) == ([], [])


def test_a_channel_gets_only_the_kinds_that_it_wants(
    db: Database, home: Config, receiver: Receiver, time: Time
) -> None:
    subscribe(db, "ann@x.example")
    assert run(db, with_channel(home, receiver, issues=("monthly",)), time).counts["sent"] == 1
    assert receiver.posts == []
    assert time.clock.now() == NOW
