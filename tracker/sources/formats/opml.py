"""Lists of feeds as feed readers export them: OPML with folders in folders.

Public: `parse_feeds`, `ListedFeed`.
Source: opml.org/spec2.opml.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tracker.errors import SourceMalformed
from tracker.sources.formats.fields import clean_line
from tracker.sources.formats.xml import parse_xml

NAME = "opml"
_LONGEST_NAME = 40
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed of a list: its title, and its http or https address."""

    title: str
    url: str

    @property
    def name(self) -> str:
        """A name for the settings, made from the title, or from the host without one."""
        plain = unicodedata.normalize("NFKD", self.title).encode("ascii", "ignore").decode().lower()
        host = urlsplit(self.url).hostname or ""
        named = _NOT_IN_NAMES.sub("-", plain).strip("-") or _NOT_IN_NAMES.sub("-", host).strip("-")
        return named[:_LONGEST_NAME].strip("-")


def parse_feeds(body: bytes, file_name: str) -> tuple[list[ListedFeed], list[str]]:
    """Return the feeds of a list in order, each address once, and why others are refused.

    Raises SourceMalformed for anything but OPML, and for a list without feeds.
    """
    root = parse_xml(body, NAME, file_name)
    if str(root.tag).lower() != "opml":
        raise SourceMalformed(NAME, file_name, f"not OPML but {str(root.tag)[:80]!r}")
    feeds: dict[str, ListedFeed] = {}
    refused = []
    for outline in _outlines(root):
        address = outline["xmlurl"]
        feed = _parse_feed(outline)
        if feed is None:
            refused.append(f"{address[:80]!r} is not an address of a feed")
        else:
            feeds.setdefault(feed.url, feed)
    if not feeds and not refused:
        raise SourceMalformed(NAME, file_name, "it has no outline with an xmlUrl")
    return list(feeds.values()), refused


def _outlines(root: Any) -> Iterator[dict[str, str]]:
    """Yield the attributes of all outlines that name a feed; readers differ in their case."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.lower() == "outline":
            found = {str(name).lower(): clean_line(text) for name, text in element.attrib.items()}
            if found.get("xmlurl"):
                yield found


def _parse_feed(outline: dict[str, str]) -> ListedFeed | None:
    url = outline["xmlurl"]
    if url.lower().startswith("feed:"):  # feed://host/path and feed:https://host/path
        url = url[len("feed:") :]
        url = f"https:{url}" if url.startswith("//") else url
    try:
        parts = urlsplit(url)
        valid = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    valid = valid and not parts.username and " " not in url
    titles: Iterable[str | None] = (outline.get("title"), outline.get("text"))
    return ListedFeed(next(filter(None, titles), ""), url) if valid else None
