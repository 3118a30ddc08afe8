"""The issues on the web: `digests/web/` with a page for each, the list of all, and the feeds."""

import os
from pathlib import Path

from tracker import resources
from tracker.delivery import feeds
from tracker.delivery.feeds import Item
from tracker.delivery.links import public_url
from tracker.digest.document import Document
from tracker.digest.render import render
from tracker.errors import UsageError
from tracker.settings import Config
from tracker.store import issues
from tracker.store.database import Database

_NEWEST = 60


def publish(db: Database, config: Config, document: Document) -> None:
    """Write the page of an issue that was kept, and the list and the feeds of all anew.

    The page is for whoever comes by: what the home's reader follows and likes is not on it.
    """
    page = page_name(document.kind, document.period, document.language)
    items = [_item(issue) for issue in issues.newest(db, _NEWEST)]
    base = public_url(config.web)
    written = {
        page: render(document.for_all(), resources.templates())["html"].encode(),
        "index.html": feeds.front_page(items).encode(),
        "feed.atom": feeds.atom(items, base),
        "feed.json": feeds.json_feed(items, base).encode(),
    }
    for name, content in written.items():
        write_whole(config.web_pages / name, content)


def page_name(kind: str, period: str, language: str) -> str:
    """The file of an issue's page; English has the plain name."""
    return f"{kind}-{period}.html" if language == "en" else f"{kind}-{period}.{language}.html"


def _item(issue: issues.Issue) -> Item:
    return Item(
        page_name(issue.kind, issue.period, issue.language),
        f"{issue.kind}-{issue.period}",
        issue.language,
        issue.document.get("subject", ""),
        issue.document.get("preheader", ""),
        issue.created,
    )


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that it appears whole or not at all. Raises UsageError where it cannot be."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        raise UsageError(f"Cannot write to {path.parent}: {error.strerror}.") from error
    return path
