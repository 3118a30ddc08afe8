"""Issues as feeds and as a list: Atom (RFC 4287), JSON Feed 1.1, and the front page of the archive.

These functions are pure. The id of an issue in the feeds is the same wherever it is published.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
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


def atom_feed(items: Sequence[FeedItem], base_url: str) -> bytes:
    """The Atom feed; an empty `base_url` (the address of the pages) gives relative links."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    add_element(feed, "title", _TITLE)
    add_element(feed, "id", "urn:tracker:issues")
    add_element(feed, "updated", _latest_update(items))
    add_element(ET.SubElement(feed, f"{{{ATOM}}}author"), "name", "tracker")
    if base_url:
        add_element(feed, "link", rel="self", href=_page_url(base_url, "feed.atom"))
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


def _latest_update(items: Sequence[FeedItem]) -> str:
    # RFC 4287 requires a date even for a feed without entries.
    dates = (item.created_at.isoformat() for item in items)
    return max(dates, default="1970-01-01T00:00:00+00:00")


def add_element(parent: ET.Element, name: str, text: str = "", **attributes: str) -> None:
    """Add an Atom element with a text to a parent."""
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text or None


def json_feed(items: Sequence[FeedItem], base_url: str) -> str:
    """The JSON Feed, version 1.1 (jsonfeed.org/version/1.1)."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _TITLE,
        **({"home_page_url": _page_url(base_url, "index.html"),
            "feed_url": _page_url(base_url, "feed.json")} if base_url else {}),
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


def index_page(items: Sequence[FeedItem]) -> str:
    """An HTML page that lists the issues, newest first."""
    rows = "\n".join(
        f'<li lang="{escape(item.language)}"><a href="{escape(item.page)}">{escape(item.subject)}'
        f"</a> <small>{item.created_at:%Y-%m-%d}</small></li>"
        for item in items
    )
    return _PAGE.format(title=escape(_TITLE), rows=rows)


# The page loads nothing from other hosts, and its policy forbids browsers to.
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<link rel="alternate" type="application/atom+xml" href="feed.atom" title="Atom">
<link rel="alternate" type="application/feed+json" href="feed.json" title="JSON Feed">
<style>
body {{ max-width: 600px; margin: 2em auto; padding: 0 16px; font: 16px/1.5 sans-serif; }}
li {{ padding: 4px 0; }}
</style>
</head>
<body>
<h1>{title}</h1>
<ul>
{rows}
</ul>
</body>
</html>
"""


def _page_url(base_url: str, page: str) -> str:
    return f"{base_url.rstrip('/')}/{page}" if base_url else page
