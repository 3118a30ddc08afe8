"""Papers as feeds: Atom (RFC 4287) and JSON Feed 1.1. Pure functions.

The id of a paper in a feed is its address at arXiv, the same in every feed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree as ET

from tracker.delivery.atom_feeds import ATOM, add_element


@dataclass(frozen=True, slots=True)
class FeedPaper:
    """A paper in a feed; `summary` is plain text."""

    url: str
    title: str
    authors: tuple[str, ...]
    announced: date
    summary: str


@dataclass(frozen=True, slots=True)
class PaperFeed:
    """A feed of papers, newest first, with its own address and that of its page, or ""."""

    title: str
    id: str
    papers: Sequence[FeedPaper]
    url: str = ""
    page: str = ""


def atom(feed: PaperFeed) -> bytes:
    """Return the Atom feed."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    add_element(root, "title", feed.title)
    add_element(root, "id", feed.id)
    add_element(root, "updated", max(map(_moment, feed.papers), default="1970-01-01T00:00:00Z"))
    for relation, address in (("self", feed.url), ("alternate", feed.page)):
        if address:
            add_element(root, "link", rel=relation, href=address)
    for paper in feed.papers:
        _add_entry(root, paper)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add_entry(root: ET.Element, paper: FeedPaper) -> None:
    entry = ET.SubElement(root, f"{{{ATOM}}}entry")
    add_element(entry, "title", paper.title)
    add_element(entry, "id", paper.url)
    add_element(entry, "updated", _moment(paper))
    add_element(entry, "link", rel="alternate", type="text/html", href=paper.url)
    for name in paper.authors or ("",):  # RFC 4287, 4.1.2, requires an author
        add_element(ET.SubElement(entry, f"{{{ATOM}}}author"), "name", name or "unknown")
    add_element(entry, "summary", paper.summary)


def _moment(paper: FeedPaper) -> str:
    return f"{paper.announced}T00:00:00Z"


def json_feed(feed: PaperFeed) -> bytes:
    """Return the JSON Feed."""
    addresses = {"home_page_url": feed.page, "feed_url": feed.url}
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        **{name: address for name, address in addresses.items() if address},
        "items": [
            {
                "id": paper.url,
                "url": paper.url,
                "title": paper.title,
                "content_text": paper.summary,
                "authors": [{"name": name} for name in paper.authors],
                "date_published": _moment(paper),
            }
            for paper in feed.papers
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
