"""The links in mails: unsubscribing and preferences."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cli.commands import process
from tests.web.browsing import Site
from tests.web.conftest import PUBLIC
from tracker.config import load
from tracker.delivery.mail import links, tokens
from tracker.store import subscribers
from tracker.store.database import open_database

ONE_CLICK = "List-Unsubscribe=One-Click"


def written(site: Site, email: str, out: Path, *period: str) -> Any:
    """Return the mail that `tracker send` would send."""
    done = process(
        "--set", f"web.public_url={PUBLIC}", "--set", "smtp.sender=weekly@x.example",
        "send", *(period or ("--week", "2026-W11")), "--dry-run", "--out", str(out), home=site.home,
    )  # fmt: skip
    assert done.code == 0, done.err
    path = out / f"{email}.eml"
    return message_from_bytes(path.read_bytes(), policy=default) if path.exists() else None


def here(link: str) -> str:
    """Return the path of a public address as a proxy passes it on."""
    assert link.startswith(f"{PUBLIC}/")
    return urlsplit(link.removeprefix(PUBLIC)).path


def test_one_click_unsubscribes(site: Site, tmp_path: Path) -> None:
    site.subscribe("one@x.example")
    site.subscribe("other@x.example")
    mail = written(site, "one@x.example", tmp_path / "before")
    assert mail["List-Unsubscribe-Post"] == ONE_CLICK
    path = here(mail["List-Unsubscribe"].strip().partition(">")[0][1:])
    # What scanners do, before a person has seen the mail.
    for method in ("GET", "HEAD", "GET", "OPTIONS", "PUT"):
        site.ask(path, method)
    assert site.state("one@x.example") == "active"
    # What a mail service does: no cookies, no referrer, and as often as it likes.
    for _ in range(3):
        assert site.post(path, ONE_CLICK).status == 200
        assert site.state("one@x.example") == "unsubscribed"
    assert written(site, "one@x.example", tmp_path / "after") is None
    assert written(site, "other@x.example", tmp_path / "after") is not None


def old_link(site: Site, email: str) -> str:
    """Return the link in mails that were sent before each kind of issue had its own."""
    key = tokens.load_or_create_signing_key(load(site.home, environ={}))
    with open_database(site.home / "tracker.db") as db:
        number = subscribers.get_by_email(db, email).number
    return f"/u/{tokens.sign_token(key, links.UNSUBSCRIBE, number, email)}"


def kinds(site: Site, email: str) -> tuple[str, tuple[str, ...]]:
    with open_database(site.home / "tracker.db") as db:
        known = subscribers.get_by_email(db, email)
    return known.state, known.kinds


def test_one_click_stops_the_kind_of_the_mail_only(site: Site) -> None:
    own = {
        kind: site.subscribe("three@x.example", kinds=("weekly", "monthly", "daily"), kind=kind)
        for kind in ("weekly", "monthly", "daily")
    }
    page = site.ask(own["monthly"].unsubscribe).page.text
    assert "Stop sending the monthly report to three@x.example?" in page
    assert "This address also receives: Weekly digest, Daily edition." in page
    for _ in range(2):
        page = site.post(own["monthly"].unsubscribe, ONE_CLICK).page.text
        assert "The monthly report will not be sent to three@x.example again." in page
        assert kinds(site, "three@x.example") == ("active", ("weekly", "daily"))
    assert "Monthly report not subscribed" in site.ask(own["daily"].preferences).page.text
    site.post(own["weekly"].unsubscribe, ONE_CLICK)
    assert kinds(site, "three@x.example") == ("active", ("daily",))
    page = site.post(own["daily"].unsubscribe, ONE_CLICK).page.text
    assert "No more emails will be sent" in page
    assert kinds(site, "three@x.example") == ("unsubscribed", ("daily",))
    # A link is for its own kind; the others stay as they are.
    token = own["weekly"].unsubscribe.rpartition("/")[2]
    for path in (f"/u/daily/{token}", f"/u/hourly/{token}", f"/u/{token}", f"/u//{token}"):
        assert site.post(path, ONE_CLICK).status == 404


def test_a_person_can_stop_everything_from_the_page_of_one_kind(site: Site) -> None:
    own = site.subscribe("all@x.example", kinds=("weekly", "monthly"))
    assert site.post(own.unsubscribe, "stop=some").status == 400
    page = site.post(own.unsubscribe, "stop=all").page.text
    assert "No more emails will be sent to all@x.example." in page
    assert kinds(site, "all@x.example") == ("unsubscribed", ("weekly", "monthly"))
    site.post(own.unsubscribe, ONE_CLICK)
    site.post(own.preferences, "state=active")
    assert kinds(site, "all@x.example") == ("active", ("weekly", "monthly"))


def test_links_of_earlier_mails_stop_everything_as_they_did(site: Site) -> None:
    site.subscribe("early@x.example", kinds=("weekly", "monthly", "daily"))
    path = old_link(site, "early@x.example")
    assert "Stop sending emails to early@x.example?" in site.ask(path).page.text
    assert "No more emails" in site.post(path, ONE_CLICK).page.text
    assert site.state("early@x.example") == "unsubscribed"


@pytest.mark.parametrize("flags", [("--month", "2026-03"), ("--day", "2026-03-13")])
def test_each_kind_of_mail_has_the_link_of_its_kind(
    flags: tuple[str, str], site: Site, tmp_path: Path
) -> None:
    kind = {"--month": "monthly", "--day": "daily"}[flags[0]]
    email = f"{kind}@x.example"
    site.subscribe(email, kinds=("weekly", kind))
    mail = written(site, email, tmp_path, *flags)
    path = here(mail["List-Unsubscribe"].strip().partition(">")[0][1:])
    assert path.startswith(f"/u/{kind}/")
    assert f"{PUBLIC}{path}" in mail.get_body(("plain",)).get_content()
    site.post(path, ONE_CLICK)
    assert kinds(site, email) == ("active", ("weekly",))
    assert written(site, email, tmp_path / "after", *flags) is None


def test_a_multipart_form_unsubscribes(site: Site) -> None:
    """RFC 8058, section 3.2: mail services may send either."""
    own = site.subscribe("parts@x.example")
    head = 'Content-Disposition: form-data; name="List-Unsubscribe"'
    body = f"--b\r\n{head}\r\n\r\nOne-Click\r\n--b--\r\n"
    reply = site.post(own.unsubscribe, body, Content_Type="multipart/form-data; boundary=b")
    assert (reply.status, site.state("parts@x.example")) == (200, "unsubscribed")


@pytest.mark.parametrize(
    ("body", "status"),
    [("", 400), ("List-Unsubscribe=No", 400), ("x" * 20_000, 413), ("\x00\xff&&&=;", 400)],
)
def test_a_post_without_one_click_changes_nothing(body: str, status: int, site: Site) -> None:
    own = site.subscribe("silent@x.example")
    assert site.post(own.unsubscribe, body).status == status
    for kind in ("", "text/plain", "multipart/form-data", "multipart/form-data; boundary="):
        assert site.post(own.unsubscribe, ONE_CLICK, Content_Type=kind).status == 400
    assert site.state("silent@x.example") == "active"


def test_private_pages_use_the_subscribers_language_and_are_not_cached(site: Site) -> None:
    own = site.subscribe("lin@x.example", "zh-TW")
    for path, text in ((own.unsubscribe, "取消訂閱？"), (own.preferences, "偏好設定")):
        reply = site.ask(path, Accept_Language="en")
        assert text in reply.page.text
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert reply.headers["x-robots-tag"] == "noindex"
        assert not [link for link in reply.page.links if "://" in link]
        assert "set-cookie" not in reply.headers


def test_all_invalid_links_get_the_same_response(site: Site) -> None:
    own = site.subscribe("secret@x.example")
    token = own.unsubscribe.rpartition("/")[2]
    wrong = ["1.x", "1", "0.x", "99999.x", "nonsense", "%00", "%F0%9F%98%80", token[:-1],
             f"{token}A", own.preferences.rpartition("/")[2]]  # fmt: skip
    replies = [site.ask(f"/u/{one}") for one in wrong]
    replies += [site.post(f"/u/{one}", ONE_CLICK) for one in wrong]
    replies += [site.ask(f"/p/{token}"), site.post(f"/p/{token}", "state=paused")]
    assert {reply.status for reply in replies} == {404}
    assert len({reply.body for reply in replies}) == 1
    assert b"secret@" not in replies[0].body
    assert site.state("secret@x.example") == "active"


def test_preferences_are_changed_by_post_only(site: Site, tmp_path: Path) -> None:
    own = site.subscribe("pia@x.example")
    assert site.ask(f"{own.preferences}?state=unsubscribed&language=zh-CN").status == 200
    assert site.state("pia@x.example") == "active"
    saved = site.post(own.preferences, "language=zh-CN")
    assert "已保存。" in saved.page.text
    assert written(site, "pia@x.example", tmp_path)["Content-Language"] == "zh-CN"
    for state in ("paused", "active", "unsubscribed", "active"):
        assert site.post(own.preferences, f"state={state}").status == 200
        assert site.state("pia@x.example") == state


def test_a_reader_chooses_which_issues_they_get(site: Site) -> None:
    links = site.subscribe("a@x.example")
    page = site.post(links.preferences, "kind=monthly&wanted=yes").text
    assert 'Monthly report <span class="size">subscribed' in page
    page = site.post(links.preferences, "kind=weekly&wanted=no").text
    assert 'Weekly digest <span class="size">not subscribed' in page
    refused = site.post(links.preferences, "kind=monthly&wanted=no")
    assert refused.status == 400
    assert "at least one kind of issue" in refused.text
    assert site.post(links.preferences, "kind=hourly&wanted=yes").status == 400


def test_changed_interests_appear_in_the_next_mail(site: Site, tmp_path: Path) -> None:
    own = site.subscribe("eve@x.example")
    site.post(own.preferences, "follow=topic:rag")
    page = site.post(own.preferences, "paper=2602.92029&opinion=like").page
    assert "topic:rag" in page.text
    assert "Tarnwick-210B-A18B" in page.text
    text = written(site, "eve@x.example", tmp_path).get_body(("plain",)).get_content()
    assert "You follow the topic Retrieval" in " ".join(text.split())
    site.post(own.preferences, "paper=2602.92029&opinion=forget")
    page = site.post(own.preferences, "unfollow=topic:rag").page
    assert "topic:rag" not in page.text
    assert "Tarnwick-210B-A18B" not in page.text


def test_input_is_escaped_and_invalid_input_is_reported(site: Site) -> None:
    own = site.subscribe("mal@x.example")
    page = site.post(own.preferences, "follow=%3Cscript%3Ealert%3C/script%3E%0D%0A+moe")
    assert page.status == 200
    assert "script" not in page.page.elements
    assert "<script>alert</script> moe" in page.page.text
    for form, text in (("follow=topic:nonsense", "There is no topic"), ("follow=", "to look for"),
                       ("paper=nonsense&opinion=like", "An id looks like"),
                       ("unfollow=nothing", "No saved search")):  # fmt: skip
        reply = site.post(own.preferences, form)
        assert reply.status == 400
        assert text in reply.page.text


@pytest.mark.parametrize(
    "form",
    [
        "",
        "state=king",
        "paper=2602.92029&opinion=love",
        "paper=2602.92029",
        "language=fr",
        "state=paused&language=en",
        "email=a@b.c",
        "state",
    ],
)
def test_invalid_changes_are_refused(form: str, site: Site) -> None:
    own = site.subscribe("stay@x.example")
    assert site.post(own.preferences, form).status == 400
    assert site.state("stay@x.example") == "active"


def test_readers_set_their_level_and_minutes(site: Site) -> None:
    own = site.subscribe("lea@x.example")
    saved = site.post(own.preferences, "level=beginner&minutes=20")
    assert saved.status == 200
    assert b'value="beginner" selected' in saved.body
    assert b'value="20"' in saved.body
    for wrong in ("level=expert&minutes=20", "level=&minutes=0", "level=&minutes=9999"):
        assert site.post(own.preferences, wrong).status == 400
    assert b'value="beginner" selected' in site.ask(own.preferences).body
    assert site.post(own.preferences, "level=&minutes=").status == 200
