"""Issues as feeds and as a list: Atom (RFC 4287), JSON Feed 1.1, and the front page of the archive.

Pure: from issues to texts. An issue's id in the feeds is the same in every place it is published.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from xml.etree import ElementTree as ET

_ATOM = "http://www.w3.org/2005/Atom"
_TITLE = "tracker: LLM digests and reports"


@dataclass(frozen=True, slots=True)
class Item:
    """One issue as feeds know it: `page` is the file of its page, `summary` plain text."""

    page: str
    key: str
    language: str
    subject: str
    summary: str
    made: datetime

    @property
    def id(self) -> str:
        """A name that no move of the pages changes."""
        return f"urn:tracker:{self.key}:{self.language}"


def atom(items: Sequence[Item], base: str) -> bytes:
    """The Atom feed; `base` is the address of the pages and may be empty, for relative links."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    _add(feed, "title", _TITLE)
    _add(feed, "id", "urn:tracker:issues")
    _add(feed, "updated", _newest(items))
    _add(ET.SubElement(feed, f"{{{_ATOM}}}author"), "name", "tracker")
    if base:
        _add(feed, "link", rel="self", href=_address(base, "feed.atom"))
    for item in items:
        entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        _add(entry, "title", item.subject)
        _add(entry, "id", item.id)
        _add(entry, "updated", item.made.isoformat())
        _add(entry, "link", rel="alternate", type="text/html", href=_address(base, item.page))
        _add(entry, "summary", item.summary)
    made: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return made


def _newest(items: Sequence[Item]) -> str:
    # RFC 4287 wants a date even of a feed without entries.
    made = (item.made.isoformat() for item in items)
    return max(made, default="1970-01-01T00:00:00+00:00")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> None:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text or None


def json_feed(items: Sequence[Item], base: str) -> str:
    """The JSON Feed, version 1.1 (jsonfeed.org/version/1.1)."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _TITLE,
        **({"home_page_url": _address(base, "index.html"), "feed_url": _address(base, "feed.json")}
           if base else {}),
        "items": [
            {
                "id": item.id,
                "url": _address(base, item.page),
                "title": item.subject,
                "content_text": item.summary,
                "date_published": item.made.isoformat(),
                "language": item.language,
            }
            for item in items
        ],
    }  # fmt: skip
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def front_page(items: Sequence[Item]) -> str:
    """An HTML page that lists the issues, the newest first."""
    rows = "\n".join(
        f'<li lang="{escape(item.language)}"><a href="{escape(item.page)}">{escape(item.subject)}'
        f"</a> <small>{item.made:%Y-%m-%d}</small></li>"
        for item in items
    )
    return _PAGE.format(title=escape(_TITLE), rows=rows)


# Nothing is fetched from anywhere: the policy says so to the browser, too.
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


def _address(base: str, page: str) -> str:
    return f"{base.rstrip('/')}/{page}" if base else page
