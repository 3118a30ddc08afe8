"""What a mail is made of: two texts, headers that cannot be broken, links that only we can sign."""

import os
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
from tracker.delivery import keys, links
from tracker.delivery.email import Body, Head, address, message, sender
from tracker.errors import ConfigError, UsageError
from tracker.pipeline.sending import Post
from tracker.settings import Config, Smtp
from tracker.store import subscribers
from tracker.store.database import Database

HEAD = Head("weekly-2026-W11", "LLM Weekly", "LLM Weekly 2026-W11: experts", NOW, "en")
FROM = sender(Smtp(sender="LLM Wöchentlich <weekly@x.example>"))
LINK = "https://x.example/u/1.abc"
BODY = Body("Text ünd\n.\n..dots\n", "<p>混合專家</p>" + "x" * 3000, {"days@tracker": b"\x89PNG"})


def parsed(content: bytes) -> EmailMessage:
    made: Any = message_from_bytes(content, policy=default)
    return made


def written(**changes: Any) -> EmailMessage:
    given: dict[str, Any] = {"link": LINK, "to": ("a@x.example", "Ann"), **changes}
    head = given.pop("head", HEAD)
    return parsed(message(head, BODY, FROM, given["to"], given["link"]))


def test_the_plain_text_comes_first_and_both_texts_arrive_as_they_were() -> None:
    mail = written()
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    texts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    assert [part and part.get_content().replace("\r\n", "\n") for part in texts] == [
        BODY.text, BODY.html,
    ]  # fmt: skip


@pytest.mark.parametrize("long", ["", "N" * 5000, "混合" * 2500, "a b " * 1250, '"' * 5000])
def test_lines_are_short_enough_for_every_relay_and_end_as_they_must(long: str) -> None:
    head = replace(HEAD, subject=long)
    content = message(head, BODY, FROM, ("a@x.example", long), LINK)
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert content.isascii()


def test_the_headers_that_mail_services_ask_for() -> None:
    mail = written()
    assert mail["MIME-Version"] == "1.0", "else a mail is plain text to who keeps to RFC 2045"
    assert mail["List-Id"] == "LLM Weekly <weekly.x.example>"
    assert mail["List-Unsubscribe"].strip().startswith(f"<{LINK}>, <mailto:")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert "@x.example>" in mail["Message-ID"]
    assert "a@x.example" not in mail["Message-ID"], "an address is nobody else's business"


def test_without_an_address_for_it_there_is_no_one_click() -> None:
    mail = written(link="")
    assert mail["List-Unsubscribe"].strip().startswith("<mailto:")
    assert mail["List-Unsubscribe-Post"] is None


def test_the_id_is_of_issue_and_recipient() -> None:
    ids = {
        written(head=replace(HEAD, key=key), to=(to, name))["Message-ID"]
        for key in ("weekly-2026-W11", "weekly-2026-W12")
        for to, name in (("a@x.example", "Ann"), ("A@X.example", ""), ("b@x.example", ""))
    }
    assert len(ids) == 4


@pytest.mark.parametrize(
    "bad", [HOSTILE, "x\r\nBcc: evil@x.example", "\u202egnp.exe\u2066", "\x00\x1b[31m"]
)
def test_hostile_words_stay_in_their_header(bad: str) -> None:
    plain = set(written().keys())
    mail = written(head=replace(HEAD, subject=bad, list_name="LLM Weekly"), to=("a@x.example", bad))
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
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(UsageError, match="not a mail address"):
        address(bad)


def test_a_domain_may_have_letters_of_its_own_language() -> None:
    assert address(" ann.lee+x@bücher.example ") == "ann.lee+x@xn--bcher-kva.example"


def test_a_password_comes_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    known = Smtp(user="ann", password_file=str(file))
    with pytest.raises(ConfigError, match="chmod 600") as told:
        keys.password(known, {})
    assert "s3cret" not in str(told.value)
    file.chmod(0o600)
    assert keys.password(known, {}) == "s3cret"
    assert keys.password(known, {keys.PASSWORD_VARIABLE: "other"}) == "other"
    assert keys.password(Smtp(), {}) == ""
    with pytest.raises(ConfigError, match=keys.PASSWORD_VARIABLE):
        keys.password(Smtp(user="ann"), {})


def test_the_signing_key_is_made_once_for_its_owner_only(config: Config) -> None:
    key = keys.signing_key(config)
    assert key == keys.signing_key(config)
    assert stat.S_IMODE(os.stat(config.home / "signing.key").st_mode) == 0o600
    assert len(key) == 32


def test_a_mail_links_to_what_its_reader_can_change(db: Database, config: Config) -> None:
    subscribe(db, "a@x.example")
    reader = subscribers.named(db, "a@x.example")
    web = replace(config, web=replace(config.web, public_url="https://x.example/weekly/"))
    mail = parsed(Post(db, web, WEEK, [reader]).written(reader))
    own = links.links(keys.signing_key(config), "https://x.example/weekly", reader)
    assert mail["List-Unsubscribe"].startswith(f"<{own.unsubscribe}>, <mailto:")
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert own.unsubscribe in part.get_content()
        assert own.preferences in part.get_content()
        assert "https://x.example/weekly/weekly-2026-W11.html" in part.get_content()


def test_without_an_address_on_the_web_a_mail_names_its_senders(
    db: Database, config: Config
) -> None:
    subscribe(db, "a@x.example")
    reader = subscribers.named(db, "a@x.example")
    part = parsed(Post(db, config, WEEK, [reader]).written(reader)).get_body(("html",))
    assert part is not None
    assert "mailto:weekly@x.example?subject=unsubscribe" in part.get_content()
    assert "Preferences" not in part.get_content()


def test_a_link_is_good_for_its_reader_and_its_purpose_only(db: Database, config: Config) -> None:
    subscribe(db, "a@x.example", "b@x.example")
    key = keys.signing_key(config)
    reader = subscribers.named(db, "a@x.example")
    right = keys.token(key, links.UNSUBSCRIBE, reader.number, reader.email)
    assert links.reader_of(db, key, links.UNSUBSCRIBE, right) == reader
    assert links.reader_of(db, key, links.PREFERENCES, right) is None
    other = keys.token(b"x" * 32, links.UNSUBSCRIBE, reader.number, reader.email)
    for forged in ("", "1", "1.", other, f"2{right[1:]}", right[:-1], "9" * 40, "١.x", "1.\udcff"):
        assert links.reader_of(db, key, links.UNSUBSCRIBE, forged) is None
    subscribers.remove(db, "a@x.example")
    assert links.reader_of(db, key, links.UNSUBSCRIBE, right) is None


@pytest.mark.parametrize(
    "bad",
    ["digest.example.org", "ftp://x.example", "https://", "https://x.example/?a", "https://a@b.c",
     "https://x.example:port", "https://[x", "https://x.example/\n"],
)  # fmt: skip
def test_an_address_of_the_web_pages_that_cannot_be_meant_is_refused(
    bad: str, config: Config
) -> None:
    with pytest.raises(ConfigError, match=r"web\.public_url"):
        links.public_url(replace(config.web, public_url=bad))


def test_the_date_is_the_issues_and_not_the_attempts(db: Database, config: Config) -> None:
    subscribe(db, "a@x.example")
    reader = subscribers.named(db, "a@x.example")
    first, second = (Post(db, config, WEEK, [reader]).written(reader) for _ in range(2))
    assert first == second
    assert parsed(first)["Date"].datetime == datetime(2026, 3, 16, 6, tzinfo=UTC)
