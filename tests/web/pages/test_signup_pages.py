"""Subscribing on the site: a form, a mail with a link, and the page behind the link."""

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.signer import HMACAlgorithm, Signer

from tests.faults.smtp_server import Mailbox, served
from tests.web.browsing import Site, serving
from tracker.config import load
from tracker.delivery.mail import tokens
from tracker.pipeline.mailing.confirmation import confirm_subscription
from tracker.store import subscribers
from tracker.store.database import open_database

PUBLIC = "https://digest.example.org"


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def signup(tmp_path: Path, box: Mailbox) -> Iterator[Site]:
    settings = (
        f"web.public_url={PUBLIC}", "web.subscribe=true", "smtp.host=127.0.0.1",
        "smtp.security=none", "smtp.sender=weekly@x.example",
    )  # fmt: skip
    with served(box) as port, serving(tmp_path, *settings, f"smtp.port={port}") as site:
        yield site


def mails(box: Mailbox, number: int) -> list[str]:
    """Return the texts of the mails, as soon as there are so many."""
    end = time.monotonic() + 20
    while len(box.delivered) < number and time.monotonic() < end:
        time.sleep(0.02)
    assert len(box.delivered) == number
    return [mail.get_body(("plain",)).get_content() for mail in box.mails().values()]  # type: ignore[union-attr]


def listed(site: Site) -> dict[str, str]:
    with open_database(site.home / "tracker.db") as db:
        return {one.email: one.state for one in subscribers.list_all(db)}


def link(text: str) -> str:
    found = re.search(rf"{PUBLIC}(/s/\S+)", text)
    assert found
    return urlsplit(found[1]).path


def test_an_address_is_subscribed_by_the_link_in_its_mail(signup: Site, box: Mailbox) -> None:
    assert "Subscribe" in signup.ask("/").page.text
    assert signup.ask("/subscribe").status == 200
    reply = signup.post("/subscribe", "email=ann@x.example&language=zh-TW")
    assert (reply.status, listed(signup)) == (200, {})
    path = link(mails(box, 1)[0])
    assert box.mails()["ann@x.example"]["Content-Language"] == "zh-TW"
    assert "ann@x.example" in signup.ask(path).page.text
    assert listed(signup) == {}
    assert signup.post(path, "confirm=no").status == 400
    for _ in range(2):
        assert signup.post(path, "confirm=yes").status == 200
        assert listed(signup) == {"ann@x.example": "active"}
    for wrong in (f"{path}x", path[:-1], path.replace(".zh-TW.", ".en."), "/s/1.2.3.4", "/s/x"):
        assert signup.post(wrong, "confirm=yes").status == 404


def test_the_answer_does_not_say_who_is_subscribed(signup: Site, box: Mailbox) -> None:
    signup.subscribe("old@x.example")
    signup.subscribe("gone@x.example")
    with open_database(signup.home / "tracker.db") as db:
        subscribers.set_state(db, "gone@x.example", "unsubscribed")
    replies = [
        signup.post("/subscribe", f"email={name}@x.example").body
        for name in ("old", "gone", "new", "new")
    ]
    assert len(set(replies)) == 1
    texts = mails(box, 3)  # one to each address within an hour
    assert len({re.sub(r"/s/\S+", "", " ".join(text.split())) for text in texts}) == 1
    assert listed(signup) == {"gone@x.example": "unsubscribed", "old@x.example": "active"}


def test_requests_are_limited_and_invalid_ones_refused(signup: Site) -> None:
    for form in ("", "email=", "email=nonsense", "email=a%0d%0ab@x.example"):
        assert signup.post("/subscribe", form).status == 400
    assert signup.post("/subscribe", "email=a@x.example&language=fr").status == 400
    states = [signup.post("/subscribe", f"email=a{n}@x.example").status for n in range(7)]
    assert states.count(200) == 5
    assert set(states) == {200, 429}


def test_visitors_cannot_subscribe_unless_it_is_allowed(site: Site) -> None:
    assert site.ask("/subscribe").status == 404
    assert site.ask("/s/x").status == 404
    assert 'href="./subscribe"' not in site.ask("/").text


def test_a_confirmation_expires_after_three_days(tmp_path: Path) -> None:
    key = tokens.load_or_create_signing_key(replace(load(tmp_path, environ={})))
    now = datetime(2026, 3, 16, tzinfo=UTC)
    wanted = tokens.Confirmation("ann@x.example", "en", ("weekly", "monthly"))
    token = tokens.sign_confirmation(key, wanted, now)
    for hours, valid in ((0, True), (71, True), (73, False), (-1, False)):
        read = tokens.read_confirmation(key, token, now + timedelta(hours=hours))
        assert (read == wanted) is valid


def kinds(site: Site, email: str) -> tuple[str, ...]:
    with open_database(site.home / "tracker.db") as db:
        return subscribers.get_by_email(db, email).kinds


def test_the_kinds_chosen_in_the_form_are_those_confirmed(signup: Site, box: Mailbox) -> None:
    form = signup.ask("/subscribe").text
    assert 'name="weekly" value="yes" checked' in form
    assert form.count(" checked") == 1
    signup.post("/subscribe", "kinds=chosen&monthly=yes&daily=yes&email=ann@x.example")
    (text,) = mails(box, 1)
    assert "Daily edition, Monthly report" in text
    assert "Weekly digest" not in text
    path = link(text)
    page = signup.ask(path).page.text
    assert "Monthly report" in page
    assert "Weekly digest" not in page
    signup.post(path, "confirm=yes")
    assert kinds(signup, "ann@x.example") == ("monthly", "daily")
    altered = path.replace("daily-monthly", "daily-weekly-monthly")
    assert altered != path
    assert signup.post(altered, "confirm=yes").status == 404


def test_a_form_without_any_kind_is_shown_again_as_it_was(signup: Site, box: Mailbox) -> None:
    reply = signup.post("/subscribe", "kinds=chosen&email=ann@x.example&language=zh-CN")
    assert reply.status == 400
    assert "Choose at least one kind of email." in reply.page.text
    assert 'value="ann@x.example"' in reply.text
    assert '<option lang="zh-CN" value="zh-CN" selected>' in reply.text
    assert " checked" not in reply.text
    assert not box.delivered


@pytest.mark.parametrize(
    ("state", "after"),
    [("active", ("weekly", "monthly")), ("paused", ("weekly", "monthly")),
     ("unsubscribed", ("monthly",))],
)  # fmt: skip
def test_who_is_subscribed_keeps_what_they_get(
    state: str, after: tuple[str, ...], tmp_path: Path
) -> None:
    now = datetime(2026, 3, 16, tzinfo=UTC)
    with open_database(tmp_path / "tracker.db") as db:
        subscribers.add(db, "ann@x.example", "", "en", now)
        subscribers.set_state(db, "ann@x.example", state)
        wanted = tokens.Confirmation("ann@x.example", "en", ("monthly",))
        confirmed = confirm_subscription(db, wanted, now)
    assert set(confirmed.kinds) == set(after)
    assert confirmed.state == "active"


def test_a_confirmation_sent_before_kinds_were_chosen_is_for_the_weekly_digest(
    signup: Site,
) -> None:
    key = tokens.load_or_create_signing_key(load(signup.home, environ={}))
    content = f"{int(time.time())}.en.{base64_encode(b'old@x.example').decode()}"
    signer = Signer(
        key, "confirm", key_derivation="hmac", digest_method=hashlib.sha256,
        algorithm=HMACAlgorithm(hashlib.sha256),
    )  # fmt: skip
    full = base64_decode(signer.get_signature(content))
    path = f"/s/{content}.{base64_encode(full[:16]).decode()}"
    assert signup.post(path, "confirm=yes").status == 200
    assert kinds(signup, "old@x.example") == ("weekly",)
