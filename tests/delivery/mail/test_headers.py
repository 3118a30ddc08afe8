"""External text is unchanged in message headers and cannot add or break any."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from typing import Any

import pytest

from tests.delivery.conftest import NOW, Time, states, subscribe
from tests.delivery.mail.test_send import run
from tests.faults.smtp_server import Mailbox
from tracker.delivery.mail.message import IssueHeaders, MailBody, build_message, parse_sender
from tracker.errors import UsageError
from tracker.settings import Config, Smtp
from tracker.store.database import Database

HEAD = IssueHeaders("weekly-2026-W11", "LLM Weekly", "LLM Weekly 2026-W11: experts", NOW, "en")
BODY = MailBody("hi\n", "<p>hi</p>", {})
ENCODED = (
    "=?utf-8?q?x=0D=0ABcc:_evil@x.example=0D=0A?=",
    "=?UTF-8?Q?x=0d=0aX-Evil:_1?=",
    "=?utf-8?b?eA0KQmNjOiBldmlsQHguZXhhbXBsZQ0K?=",
    "=?iso-8859-1?B?eA0KWC1FdmlsOiAx?=",
    "=?us-ascii*en?q?x=0AX-Evil:_1?=",
    "=?utf-16?b?AHgADQAKAFg=?=",
    "=?unknown?q?=00?=",
    "=?utf-8?q?x=0D?= =?utf-8?q?=0ABcc:_evil@x.example?=",
    "Mixture =?utf-8?q?of=0D=0AExperts?= and more",
    "=?utf-8?q?half",
    "a=?utf-8?q?b?=c",
)
TEXTS = (
    *ENCODED,
    "x\r\nBcc: evil@x.example", "x\u2028X-Evil: 1\u2029", "\x0bX-Evil: 1\x85", "\ud800\udfff x",
    "\u202egnp.exe\u2066", "混合專家：" * 30, "experts " * 40, "x" * 500, "Doe, Ann", 'A "B" \\ C',
    "Ann (at work)", "a@b.example", "<a@b.example>", "Group: a@b.example;", "Ann, Bob; Cy: <x>",
    "Department of Computational Linguistics, Language Technology (A; B), Example University",
    "José, Zoë & Łukasz: 混合 " * 4, "\U0001f468\u200d\U0001f469", "", " ", ",",
    '"', "\\", "=?=", "?=",
)  # fmt: skip


def build(subject: str = "x", name: str = "", source: str = "w@x.example", link: str = "") -> bytes:
    head = replace(HEAD, subject=subject)
    return build_message(
        head, BODY, parse_sender(Smtp(sender=source)), ("ann@x.example", name), link
    )


def header_block(content: bytes) -> bytes:
    return content.partition(b"\r\n\r\n")[0]


def parse(content: bytes) -> EmailMessage:
    message: Any = message_from_bytes(content, policy=default)
    return message


def printable(text: str) -> str:
    """The text that a reader should see: printable characters with single spaces."""
    printed = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printed.split())


def header_names(content: bytes) -> list[str]:
    return [line.partition(b":")[0].decode() for line in unfold(content)]


def unfold(content: bytes) -> Iterator[bytes]:
    yield from header_block(content).replace(b"\r\n ", b" ").split(b"\r\n")


PLAIN = header_names(build())


@pytest.mark.parametrize("text", TEXTS)
def test_subject_is_unchanged(text: str) -> None:
    content = build(subject=text)
    assert header_names(content) == PLAIN
    assert printable(text).startswith(parse(content)["Subject"])
    raw = message_from_bytes(content)["Subject"].replace("\r\n", "")
    assert printable(text)[:200].strip() == str(make_header(decode_header(raw)))


@pytest.mark.parametrize("text", TEXTS)
def test_name_is_unchanged_and_adds_no_address(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    content = build(name=text, source=f"{quoted} <w@x.example>")
    assert header_names(content) == PLAIN
    raw, mail = message_from_bytes(content), parse(content)
    for field, address in (("To", "ann@x.example"), ("From", "w@x.example")):
        ((name, found),) = getaddresses([raw[field]])
        assert found == address
        assert str(make_header(decode_header(name))) == printable(text)[:200].strip()
        (known,) = mail[field].addresses
        assert known.addr_spec == address
    assert max(map(len, header_block(content).split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "source",
    ["Research Group, Example University <w@x.example>", '"Group, Example" <w@x.example>',
     "<w@x.example>", "w@x.example", "w@x.example (LLM Weekly)", " Wöchentlich  <w@x.example> "],
)  # fmt: skip
def test_sender_may_be_written_in_any_common_form(source: str) -> None:
    ((_, address),) = getaddresses([message_from_bytes(build(source=source))["From"]])
    assert address == "w@x.example"


@pytest.mark.parametrize(
    ("source", "base"),
    [
        ("w@x.example", "https://digest.example.org"),
        ("w@x.example", f"https://{'sub.' * 40}example.org/{'path/' * 60}"),
        ("w@x.example", "https://x.example/100%25/a,b;c"),
        (f"{'l' * 64}@{'d' * 60}.{'e' * 60}.example", ""),
        ("a+b?c&d=e%f#g@x.example", "https://x.example"),
    ],
)
def test_unsubscribe_links_are_never_folded(source: str, base: str) -> None:
    link = base and f"{base}/u/7.aRQjVn5gVe5_yK160lfylQ"
    content = build(source=source, link=link)
    (found,) = [line for line in unfold(content) if line.startswith(b"List-Unsubscribe: ")]
    assert b"=?" not in found
    listed = found.decode().removeprefix("List-Unsubscribe: ").split(", <")
    assert listed[0] == f"<{link}>" or not link
    mailto = listed[-1].removeprefix("<").removesuffix(">")
    assert mailto.startswith("mailto:")
    assert mailto.count("?") == 1
    assert mailto.endswith("@x.example?subject=unsubscribe") or "l" * 64 in mailto


@pytest.mark.parametrize(
    ("link", "offered"),
    [("https://x.example/u/1", True), ("HTTPS://x.example/u/1", True),
     ("http://x.example/u/1", False), ("http://https.example/u/1", False), ("", False)],
)  # fmt: skip
def test_one_click_is_offered_over_https_only(link: str, offered: bool) -> None:
    assert (b"List-Unsubscribe-Post" in header_block(build(link=link))) is offered


@pytest.mark.parametrize(
    "bad", ["a@x.example\r\nBcc: b@x.example", "a b@x.example", "ü@x.example", "nobody", *ENCODED]
)
def test_invalid_address_is_refused(bad: str) -> None:
    with pytest.raises(UsageError, match="not a mail address"):
        build_message(HEAD, BODY, parse_sender(Smtp(sender="w@x.example")), (bad, ""), "")


def test_invalid_address_does_not_stop_other_messages(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    bad = ("ü@x.example", "a@x.example\r\nX: 1", "no-address", "=?utf-8?q?a=0D=0AX?=@x.example")
    subscribe(db, bad[0], "good-1@x.example", *bad[1:], "good-2@x.example", "ann@straße.example")
    sent = run(db, config, time)
    assert [to for to, _ in box.delivered] == [
        "good-1@x.example", "good-2@x.example", "ann@xn--strae-oqa.example",
    ]  # fmt: skip
    assert not sent.is_complete
    assert {mail.email: mail.detail for mail in sent.told} == {
        email: f"{email!r} is not a mail address." for email in bad
    }
    assert {email for email, state in states(db).items() if state == "failed"} == set(bad)
