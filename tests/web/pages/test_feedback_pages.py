"""One-click feedback: the links under the entries of a mail, and what the next issue does."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.web.browsing import Site
from tests.web.pages.test_subscription_pages import here, written
from tracker.store import interests, reading_lists, subscribers
from tracker.store.database import open_database

LINK = re.compile(r"https://digest\.example\.org/weekly/f/(\w+)/[\w.-]+/[\d.]+")


def page_of(mail: Any) -> str:
    """Return the HTML part of a mail."""
    return str(mail.get_body(("html",)).get_content())


def paths(html: str) -> dict[str, list[str]]:
    """Return the paths of the feedback links by action, in page order."""
    found: dict[str, list[str]] = {}
    for link in LINK.finditer(html):
        found.setdefault(link[1], []).append(here(link[0]))
    return found


def stored(site: Site, email: str) -> tuple[list[tuple[str, bool]], list[tuple[str, str]]]:
    """Return the opinions and the reading list of a subscriber, by paper id."""
    with open_database(site.home / "tracker.db") as db:
        number = subscribers.get_by_email(db, email).number
        opinions = interests.list_opinions(db, number)
        listed = reading_lists.list_works(db, number)
    return [(o.paper.id, o.liked) for o in opinions], [(w.paper.id, w.state) for w in listed]


def test_every_leading_entry_has_four_links_and_only_post_acts(site: Site, tmp_path: Path) -> None:
    site.subscribe("fay@x.example")
    mail = written(site, "fay@x.example", tmp_path)
    html = page_of(mail)
    assert len(html.encode()) <= 80_000
    found = paths(html)
    assert set(found) == {"more", "less", "read", "save"}
    assert len({len(links) for links in found.values()}) == 1
    for links in found.values():
        reply = site.ask(links[0])
        assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
        assert reply.page.elements.count("button") == 2  # its own, and that of the search
        site.ask(links[0], "HEAD")
    assert stored(site, "fay@x.example") == ([], [])

    paper = found["less"][1].rpartition("/")[2]
    for _ in range(2):  # a second click changes nothing
        assert "Saved." in site.post(found["less"][1], "feedback=less").page.text
    site.post(found["save"][1], "feedback=save")
    assert stored(site, "fay@x.example") == ([(paper, False)], [(paper, "saved")])
    site.post(found["less"][1], "undo=less")
    assert stored(site, "fay@x.example") == ([], [(paper, "saved")])


def test_the_text_of_a_mail_has_one_address_for_all_answers(site: Site, tmp_path: Path) -> None:
    site.subscribe("tex@x.example")
    mail = written(site, "tex@x.example", tmp_path)
    rate = paths(mail.get_body(("plain",)).get_content())["rate"][0]
    assert site.ask(rate).page.elements.count("button") == 5
    assert site.post(rate, "feedback=read").status == 200
    assert stored(site, "tex@x.example")[1] == [(rate.rpartition("/")[2], "read")]


def test_a_link_serves_one_reader_one_action_and_one_paper(site: Site, tmp_path: Path) -> None:
    own = site.subscribe("gus@x.example")
    found = paths(page_of(written(site, "gus@x.example", tmp_path)))
    first, second = found["more"][:2]
    token, paper = first.split("/")[-2:]
    other = second.rpartition("/")[2]
    preferences = own.preferences.rpartition("/")[2]
    wrong = [f"/f/less/{token}/{paper}", f"/f/more/{token}/{other}", f"/f/more/{token}/9999.00001",
             f"/f/more/{preferences}/{paper}", f"/f/more/1.x/{paper}", f"/f/love/{token}/{paper}",
             f"/f/more/{token}/{paper}v2", f"/f/more/{token}/arXiv:{paper}",
             f"/p/{token}"]  # fmt: skip
    replies = [site.post(path, "feedback=more") for path in wrong]
    assert {reply.status for reply in replies} == {404}
    assert len({reply.body for reply in replies}) <= 2  # relative links differ by depth
    for form in ("", "feedback=less", "feedback=more&paper=1", "undo=save"):
        assert site.post(first, form).status == 400
    assert stored(site, "gus@x.example") == ([], [])


def test_the_next_issue_says_what_changed(site: Site, tmp_path: Path) -> None:
    own = site.subscribe("ida@x.example")
    found = paths(page_of(written(site, "ida@x.example", tmp_path / "first")))
    for action, place in (("more", 1), ("less", 2), ("save", 3)):
        site.post(found[action][place], f"feedback={action}")
    mail = written(site, "ida@x.example", tmp_path / "second")
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "You want more like “" in text
    assert "as not for you: less of what is similar to it is recommended." in text
    assert "to your reading list." in text
    page = site.ask(own.preferences).page
    assert "Reading list" in page.text
    saved = found["save"][3].rpartition("/")[2]
    for state, shown in (("tried", "tried"), ("", "")):
        reply = site.post(own.preferences, f"paper={saved}&reading={state}")
        assert reply.status == 200
        assert stored(site, "ida@x.example")[1] == ([(saved, shown)] if shown else [])


def test_a_readers_copy_of_an_issue_has_buttons(site: Site) -> None:
    own = site.subscribe("joy@x.example")
    path = f"{own.preferences}/issue"
    text = site.ask(path).text
    paper = re.findall(r'name="paper" value="([^"]+)"', text)[0]
    assert 'aria-pressed="true"' not in text
    reply = site.post(path, f"paper={paper}&feedback=save")
    assert reply.text.count('aria-pressed="true"') == 1
    site.post(path, f"paper={paper}&undo=save")
    assert stored(site, "joy@x.example") == ([], [])
    assert site.post(path, "paper=9999.99999&feedback=save").status in (400, 404)
    assert site.ask(f"{path}?issue=weekly-1999-W01").status == 200
    assert site.ask("/p/1.x/issue").status == 404


@pytest.mark.parametrize("action", ["more", "less"])
def test_feedback_survives_an_unsubscription(action: str, site: Site, tmp_path: Path) -> None:
    own = site.subscribe("kim@x.example")
    found = paths(page_of(written(site, "kim@x.example", tmp_path)))
    site.post(own.unsubscribe, "List-Unsubscribe=One-Click")
    assert site.post(found[action][0], f"feedback={action}").status == 200
    assert site.state("kim@x.example") == "unsubscribed"
