"""Issues as feeds: Atom (RFC 4287) and JSON Feed 1.1.

These functions are pure. The id of an issue in the feeds is the same wherever it is published.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"
_TITLE = "tracker: LLM digests and reports"


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One issue in a feed: `page` is the file name of its page, `summary` is plain text."""

    page: str
    key: str
    language: str
    subject: str
    summary: str
    created_at: datetime

    @property
    def id(self) -> str:
        """An id that does not depend on the address of the pages."""
        return f"urn:tracker:{self.key}:{self.language}"


def atom_feed(items: Sequence[FeedItem], base_url: str, name: str = "feed") -> bytes:
    """The Atom feed; an empty `base_url` (the address of the pages) gives relative links.

    `name` is that of its file: "feed", or the kind of issues that it has.
    """
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    add_element(feed, "title", _feed_title(name))
    add_element(feed, "id", f"urn:tracker:issues{'' if name == 'feed' else f':{name}'}")
    add_element(feed, "updated", _latest_update(items))
    add_element(ET.SubElement(feed, f"{{{ATOM}}}author"), "name", "tracker")
    if base_url:
        add_element(feed, "link", rel="self", href=_page_url(base_url, f"{name}.atom"))
    for item in items:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        add_element(entry, "title", item.subject)
        add_element(entry, "id", item.id)
        add_element(entry, "updated", item.created_at.isoformat())
        add_element(
            entry, "link", rel="alternate", type="text/html", href=_page_url(base_url, item.page)
        )
        add_element(entry, "summary", item.summary)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _feed_title(name: str) -> str:
    return _TITLE if name == "feed" else f"{_TITLE} ({name})"


def _latest_update(items: Sequence[FeedItem]) -> str:
    # RFC 4287 requires a date even for a feed without entries.
    dates = (item.created_at.isoformat() for item in items)
    return max(dates, default="1970-01-01T00:00:00+00:00")


def add_element(parent: ET.Element, name: str, text: str = "", **attributes: str) -> None:
    """Add an Atom element with a text to a parent."""
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text or None


def json_feed(items: Sequence[FeedItem], base_url: str, name: str = "feed") -> str:
    """The JSON Feed, version 1.1 (jsonfeed.org/version/1.1); `name` is that of its file."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _feed_title(name),
        **({"home_page_url": _page_url(base_url, "index.html"),
            "feed_url": _page_url(base_url, f"{name}.json")} if base_url else {}),
        "items": [
            {
                "id": item.id,
                "url": _page_url(base_url, item.page),
                "title": item.subject,
                "content_text": item.summary,
                "date_published": item.created_at.isoformat(),
                "language": item.language,
            }
            for item in items
        ],
    }  # fmt: skip
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _page_url(base_url: str, page: str) -> str:
    return f"{base_url.rstrip('/')}/{page}" if base_url else page
