"""Feeds of a query, a topic, an author and a theme."""

import json
from xml.etree import ElementTree as ET

import pytest

from tests.web.browsing import Site

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize(
    "address", ["query.{}?q=mixture+of+experts", "topic.{}?q=moe", "theme.{}?q=sparse+experts"]
)
def test_both_forms_of_a_feed_have_the_same_papers_newest_first(address: str, site: Site) -> None:
    atom = site.ask(f"/feeds/{address.format('atom')}")
    assert atom.headers["content-type"].startswith("application/atom+xml")
    root = ET.fromstring(atom.body)
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    days = [entry.findtext(f"{ATOM}updated") or "" for entry in root.iter(f"{ATOM}entry")]
    assert ids
    assert days == sorted(days, reverse=True)
    reply = site.ask(f"/feeds/{address.format('json')}")
    assert [item["id"] for item in json.loads(reply.text)["items"]] == ids
    again = site.ask(f"/feeds/{address.format('atom')}", If_None_Match=atom.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_a_feed_of_an_author_has_their_papers_only(site: Site) -> None:
    known = json.loads(site.ask("/feeds/topic.json?q=moe").text)["items"][0]["authors"][0]["name"]
    family = known.split()[-1]
    items = json.loads(site.ask(f"/feeds/author.json?q={family}").text)["items"]
    assert items
    assert all(family in " ".join(a["name"] for a in item["authors"]) for item in items)


@pytest.mark.parametrize(
    ("path", "status"),
    [("query.atom", 400), ("query.atom?q=", 400), ("topic.atom?q=nonsense", 404),
     ("author.atom?q=%22%22", 400), ("nonsense.atom?q=x", 404), ("query.xml?q=x", 404),
     ("query.json?q=" + "x" * 1001, 400), ("query.json?q=%00", 400)],
)  # fmt: skip
def test_an_invalid_feed_is_an_error_page(path: str, status: int, site: Site) -> None:
    assert site.ask(f"/feeds/{path}").status == status


def test_pages_link_to_their_feeds(site: Site) -> None:
    for path, feed in (("/search?q=moe", "feeds/query.atom?q=moe"),
                       ("/topic/moe", "feeds/topic.atom?q=moe")):  # fmt: skip
        links = [link for link in site.ask(path).page.links if link.endswith(feed)]
        assert links
