"""The parts of a message: two texts, safe headers, and signed links."""

import os
import re
import stat
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.conftest import NOW, WEEK, subscribe
from tests.digest.documents import HOSTILE
from tracker.delivery.mail import links, tokens
from tracker.delivery.mail.message import (
    IssueHeaders,
    MailBody,
    build_message,
    parse_address,
    parse_sender,
)
from tracker.digest.document import from_json
from tracker.errors import ConfigError, UsageError
from tracker.pipeline.mailing.mail_builder import MailBuilder
from tracker.pipeline.mailing.prepare_issue import find_finished_issue
from tracker.settings import Config, Smtp
from tracker.store import subscribers
from tracker.store.database import Database
from tracker.store.subscribers import Subscriber

HEAD = IssueHeaders("weekly-2026-W11", "LLM Weekly", "LLM Weekly 2026-W11: experts", NOW, "en")
FROM = parse_sender(Smtp(sender="LLM Wöchentlich <weekly@x.example>"))
LINK = "https://x.example/u/1.abc"
BODY = MailBody(
    "Text ünd\n.\n..dots\n", "<p>混合專家</p>" + "x" * 3000, {"days@tracker": b"\x89PNG"}
)


def parse(content: bytes) -> EmailMessage:
    message: Any = message_from_bytes(content, policy=default)
    return message


def build(**changes: Any) -> EmailMessage:
    given: dict[str, Any] = {"link": LINK, "to": ("a@x.example", "Ann"), **changes}
    head = given.pop("head", HEAD)
    return parse(build_message(head, BODY, FROM, given["to"], given["link"]))


def _build_mail(db: Database, config: Config, reader: Subscriber) -> bytes:
    """The email of one reader about the stored issue."""
    issue = find_finished_issue(db, WEEK, reader.language)
    assert issue is not None
    documents = {reader.language: from_json(issue.document)}
    return MailBuilder(db, config, WEEK, [reader], documents=documents).build_mail(reader)


def test_plain_text_comes_first_and_both_texts_are_unchanged() -> None:
    mail = build()
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    texts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    assert [part and part.get_content().replace("\r\n", "\n") for part in texts] == [
        BODY.text, BODY.html,
    ]  # fmt: skip


@pytest.mark.parametrize("long", ["", "N" * 5000, "混合" * 2500, "a b " * 1250, '"' * 5000])
def test_lines_have_a_valid_length_and_end_with_crlf(long: str) -> None:
    head = replace(HEAD, subject=long)
    content = build_message(head, BODY, FROM, ("a@x.example", long), LINK)
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert content.isascii()


def test_message_has_the_headers_that_mail_services_require() -> None:
    mail = build()
    assert mail["MIME-Version"] == "1.0", "required by RFC 2045"
    assert mail["List-Id"] == "LLM Weekly <weekly.x.example>"
    assert mail["List-Unsubscribe"].strip().startswith(f"<{LINK}>, <mailto:")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert "@x.example>" in mail["Message-ID"]
    assert "a@x.example" not in mail["Message-ID"], "the address must not be revealed"


def test_list_headers_name_the_kind_of_issue() -> None:
    for kind in ("daily", "weekly", "monthly"):
        mail = build(head=replace(HEAD, key=f"{kind}-2026", kind=kind))
        assert f"?subject=unsubscribe%20{kind}>" in mail["List-Unsubscribe"]
        assert mail["List-Id"].endswith(f"<{kind}.x.example>")


def test_without_a_link_there_is_no_one_click_header() -> None:
    mail = build(link="")
    assert mail["List-Unsubscribe"].strip().startswith("<mailto:")
    assert mail["List-Unsubscribe-Post"] is None


def test_message_id_depends_on_issue_and_address_only() -> None:
    ids = {
        build(head=replace(HEAD, key=key), to=(to, name))["Message-ID"]
        for key in ("weekly-2026-W11", "weekly-2026-W12")
        for to, name in (("a@x.example", "Ann"), ("A@X.example", ""), ("b@x.example", ""))
    }
    assert len(ids) == 4


@pytest.mark.parametrize(
    "bad", [HOSTILE, "x\r\nBcc: evil@x.example", "\u202egnp.exe\u2066", "\x00\x1b[31m"]
)
def test_hostile_text_stays_in_its_header(bad: str) -> None:
    plain = set(build().keys())
    mail = build(head=replace(HEAD, subject=bad, list_name="LLM Weekly"), to=("a@x.example", bad))
    assert set(mail.keys()) == plain
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) <= 200
    assert not {"\u202e", "\u2066", "\x00", "\x1b", "\r", "\n"} & set(
        mail["Subject"] + str(mail["To"])
    )


@pytest.mark.parametrize(
    "bad",
    ["", "a", "a@b", "@x.example", "a b@x.example", "<a@x.example>", "a@x.example\r\nBcc: b@c.de",
     "ü@x.example", "a@b@x.example", "a..b@x.example", "a@x..example", "a@x.example,b@x.example",
     f"{'l' * 65}@x.example", f"a@{'d.' * 125}example"],
)  # fmt: skip
def test_invalid_address_is_refused(bad: str) -> None:
    with pytest.raises(UsageError, match="not a mail address"):
        parse_address(bad)


def test_domain_may_be_internationalized() -> None:
    assert parse_address(" ann.lee+x@bücher.example ") == "ann.lee+x@xn--bcher-kva.example"


def test_password_is_read_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    known = Smtp(user="ann", password_file=str(file))
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        tokens.load_password(known, {})
    assert "s3cret" not in str(caught.value)
    file.chmod(0o600)
    assert tokens.load_password(known, {}) == "s3cret"
    assert tokens.load_password(known, {tokens.PASSWORD_VARIABLE: "other"}) == "other"
    assert tokens.load_password(Smtp(), {}) == ""
    with pytest.raises(ConfigError, match=tokens.PASSWORD_VARIABLE):
        tokens.load_password(Smtp(user="ann"), {})


def test_signing_key_is_created_once_and_private(config: Config) -> None:
    key = tokens.load_or_create_signing_key(config)
    assert key == tokens.load_or_create_signing_key(config)
    assert stat.S_IMODE(os.stat(config.home / "signing.key").st_mode) == 0o600


@pytest.mark.parametrize(
    "left", [f".signing.key.{os.getpid()}", "signing.key"], ids=["part", "empty"]
)
def test_what_a_killed_process_left_of_a_signing_key_does_not_block(
    left: str, config: Config
) -> None:
    """In a container the next process has the same number."""
    config.home.mkdir(exist_ok=True)
    (config.home / left).write_bytes(b"")
    key = tokens.load_or_create_signing_key(config)
    assert len(key) == 32
    assert key == tokens.load_or_create_signing_key(config)
    assert len(key) == 32


def test_message_links_to_preferences_and_unsubscribing(db: Database, config: Config) -> None:
    subscribe(db, "a@x.example")
    reader = subscribers.get_by_email(db, "a@x.example")
    web = replace(config, web=replace(config.web, public_url="https://x.example/weekly/"))
    mail = parse(_build_mail(db, web, reader))
    own = links.build_links(
        tokens.load_or_create_signing_key(config), "https://x.example/weekly", reader, "weekly"
    )
    assert mail["List-Unsubscribe"].startswith(f"<{own.unsubscribe}>, <mailto:")
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert own.unsubscribe in part.get_content()
        assert own.preferences in part.get_content()
        assert "https://x.example/weekly/weekly-2026-W11.html" in part.get_content()


def test_without_a_public_url_a_message_unsubscribes_by_mail(db: Database, config: Config) -> None:
    subscribe(db, "a@x.example")
    reader = subscribers.get_by_email(db, "a@x.example")
    part = parse(_build_mail(db, config, reader)).get_body(("html",))
    assert part is not None
    assert "mailto:weekly@x.example?subject=unsubscribe%20weekly" in part.get_content()
    assert "Preferences" not in part.get_content()


def test_token_is_valid_for_one_reader_and_purpose_only(db: Database, config: Config) -> None:
    subscribe(db, "a@x.example", "b@x.example")
    key = tokens.load_or_create_signing_key(config)
    reader = subscribers.get_by_email(db, "a@x.example")
    right = tokens.sign_token(key, links.UNSUBSCRIBE, reader.number, reader.email)
    assert links.find_subscriber(db, key, links.UNSUBSCRIBE, right) == reader
    assert links.find_subscriber(db, key, links.PREFERENCES, right) is None
    other = tokens.sign_token(b"x" * 32, links.UNSUBSCRIBE, reader.number, reader.email)
    for forged in ("", "1", "1.", other, f"2{right[1:]}", right[:-1], "9" * 40, "١.x", "1.\udcff"):
        assert links.find_subscriber(db, key, links.UNSUBSCRIBE, forged) is None
    subscribers.delete(db, "a@x.example")
    assert links.find_subscriber(db, key, links.UNSUBSCRIBE, right) is None


# Tokens of the first subscriber, as they are in emails that were sent by version 0.2.0.
SENT_KEY = bytes(range(32))
SENT = {
    links.UNSUBSCRIBE: "1.42OiN0vmeTrH9BnE3OUrrA",
    links.PREFERENCES: "1.uOO2Q9ksOFisF88fyF7pPA",
}


def _current_and_sent_tokens(email: str) -> list[tuple[str, str]]:
    """The purposes and tokens of the first subscriber, in the current and the old format."""
    current = [(purpose, tokens.sign_token(SENT_KEY, purpose, 1, email)) for purpose in SENT]
    return [*current, *SENT.items()]


def test_links_in_sent_emails_keep_working(db: Database) -> None:
    subscribe(db, "Ann@x.example", "b@x.example")
    ann = subscribers.get_by_email(db, "Ann@x.example")
    for purpose, token in _current_and_sent_tokens("Ann@x.example"):
        (other,) = SENT.keys() - {purpose}
        assert links.find_subscriber(db, SENT_KEY, purpose, token) == ann
        assert links.find_subscriber(db, SENT_KEY, other, token) is None
        assert links.find_subscriber(db, SENT_KEY, purpose, f"2{token[1:]}") is None
        assert links.find_subscriber(db, b"x" * 32, purpose, token) is None


def test_token_is_invalid_after_a_change_of_address_or_number() -> None:
    for purpose, token in _current_and_sent_tokens("ann@x.example"):
        assert tokens.is_valid_token(SENT_KEY, purpose, token, 1, "ANN@x.example")
        assert not tokens.is_valid_token(SENT_KEY, purpose, token, 1, "bob@x.example")
        assert not tokens.is_valid_token(SENT_KEY, purpose, token, 2, "ann@x.example")


def test_altered_tokens_are_refused(db: Database) -> None:
    """Also where lenient base64 decoding would yield the same signature."""
    subscribe(db, "ann@x.example")
    for purpose, token in _current_and_sent_tokens("ann@x.example"):
        places = range(len(token))
        flipped = [
            f"{token[:at]}{chr(ord(token[at]) ^ 1 << bit)}{token[at + 1 :]}"
            for at in places
            for bit in range(8)
        ]
        inserted = [f"{token[:at]}{extra}{token[at:]}" for at in places for extra in "=!\n é\udcff"]
        longer = [token + extra for extra in ("=", "==", "A", ".", "\n", "é", "A" * 100_000)]
        for altered in (*flipped, *inserted, *longer, *(token[:at] for at in places), f"0{token}"):
            assert links.find_subscriber(db, SENT_KEY, purpose, altered) is None


def test_token_is_short_and_ends_in_a_letter_or_digit() -> None:
    """Mail programs take punctuation after an address for the end of the sentence."""
    for number in range(1, 200):
        token = tokens.sign_token(SENT_KEY, links.UNSUBSCRIBE, number, "ünï@x.example")
        assert re.fullmatch(rf"{number}\.[A-Za-z0-9_-]{{21}}[A-Za-z0-9]", token)


@pytest.mark.parametrize(
    "bad",
    ["digest.example.org", "ftp://x.example", "https://", "https://x.example/?a", "https://a@b.c",
     "https://x.example:port", "https://[x", "https://x.example/\n"],
)  # fmt: skip
def test_invalid_public_url_is_refused(bad: str, config: Config) -> None:
    with pytest.raises(ConfigError, match=r"web\.public_url"):
        links.public_url(replace(config.web, public_url=bad))


def test_date_is_that_of_the_issue(db: Database, config: Config) -> None:
    subscribe(db, "a@x.example")
    reader = subscribers.get_by_email(db, "a@x.example")
    first, second = (_build_mail(db, config, reader) for _ in range(2))
    assert first == second
    assert parse(first)["Date"].datetime == datetime(2026, 3, 16, 6, tzinfo=UTC)
