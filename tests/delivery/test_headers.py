"""Text from outside stays what it is in the headers of a mail, and nothing in them is broken."""

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
from tests.delivery.test_sending import run
from tests.faults.smtp_server import Mailbox
from tracker.delivery.email import Body, Head, message, sender
from tracker.errors import UsageError
from tracker.settings import Config, Smtp
from tracker.store.database import Database

HEAD = Head("weekly-2026-W11", "LLM Weekly", "LLM Weekly 2026-W11: experts", NOW, "en")
BODY = Body("hi\n", "<p>hi</p>", {})
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


def written(
    subject: str = "x", name: str = "", source: str = "w@x.example", link: str = ""
) -> bytes:
    head = replace(HEAD, subject=subject)
    return message(head, BODY, sender(Smtp(sender=source)), ("ann@x.example", name), link)


def head_of(content: bytes) -> bytes:
    return content.partition(b"\r\n\r\n")[0]


def parsed(content: bytes) -> EmailMessage:
    made: Any = message_from_bytes(content, policy=default)
    return made


def shown(text: str) -> str:
    """What a reader should see of a text: all that prints, with single blanks."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(kept.split())


def names(content: bytes) -> list[str]:
    return [line.partition(b":")[0].decode() for line in unfolded(content)]


def unfolded(content: bytes) -> Iterator[bytes]:
    yield from head_of(content).replace(b"\r\n ", b" ").split(b"\r\n")


PLAIN = names(written())


@pytest.mark.parametrize("text", TEXTS)
def test_a_subject_is_shown_as_it_is(text: str) -> None:
    content = written(subject=text)
    assert names(content) == PLAIN
    assert shown(text).startswith(parsed(content)["Subject"])
    raw = message_from_bytes(content)["Subject"].replace("\r\n", "")
    assert shown(text)[:200].strip() == str(make_header(decode_header(raw)))


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_is_shown_as_it_is_and_parts_no_addresses(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    content = written(name=text, source=f"{quoted} <w@x.example>")
    assert names(content) == PLAIN
    raw, mail = message_from_bytes(content), parsed(content)
    for field, address in (("To", "ann@x.example"), ("From", "w@x.example")):
        ((name, found),) = getaddresses([raw[field]])
        assert found == address
        assert str(make_header(decode_header(name))) == shown(text)[:200].strip()
        (known,) = mail[field].addresses
        assert known.addr_spec == address
    assert max(map(len, head_of(content).split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "source",
    ["Research Group, Example University <w@x.example>", '"Group, Example" <w@x.example>',
     "<w@x.example>", "w@x.example", "w@x.example (LLM Weekly)", " Wöchentlich  <w@x.example> "],
)  # fmt: skip
def test_a_sender_may_be_written_as_people_do(source: str) -> None:
    ((_, address),) = getaddresses([message_from_bytes(written(source=source))["From"]])
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
def test_links_that_unsubscribe_are_never_broken(source: str, base: str) -> None:
    link = base and f"{base}/u/7.aRQjVn5gVe5_yK160lfylQ"
    content = written(source=source, link=link)
    (found,) = [line for line in unfolded(content) if line.startswith(b"List-Unsubscribe: ")]
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
    assert (b"List-Unsubscribe-Post" in head_of(written(link=link))) is offered


@pytest.mark.parametrize(
    "bad", ["a@x.example\r\nBcc: b@x.example", "a b@x.example", "ü@x.example", "nobody", *ENCODED]
)
def test_a_mail_to_what_is_no_address_is_not_written(bad: str) -> None:
    with pytest.raises(UsageError, match="not a mail address"):
        message(HEAD, BODY, sender(Smtp(sender="w@x.example")), (bad, ""), "")


def test_a_reader_who_cannot_be_reached_stops_nobody_else_s_mail(
    db: Database, config: Config, box: Mailbox, time: Time
) -> None:
    bad = ("ü@x.example", "a@x.example\r\nX: 1", "no-address", "=?utf-8?q?a=0D=0AX?=@x.example")
    subscribe(db, bad[0], "good-1@x.example", *bad[1:], "good-2@x.example", "ann@straße.example")
    sent = run(db, config, time)
    assert [to for to, _ in box.taken] == [
        "good-1@x.example", "good-2@x.example", "ann@xn--strae-oqa.example",
    ]  # fmt: skip
    assert not sent.complete
    assert {told.email: told.detail for told in sent.told} == {
        email: f"{email!r} is not a mail address." for email in bad
    }
    assert {email for email, state in states(db).items() if state == "failed"} == set(bad)
