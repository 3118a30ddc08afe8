"""Issues on the web: `digests/web/` has a page for each, the list of all, and the feeds.

Public: `publish_issue`, `page_name`, `write_atomically`.
"""

from pathlib import Path

from tracker import resources
from tracker.delivery import atom_feeds
from tracker.delivery.atom_feeds import FeedItem
from tracker.delivery.mail.links import public_url
from tracker.digest.document import Document
from tracker.digest.render.pages import render_pages
from tracker.digest.writing.phrasing import issue_name
from tracker.errors import UsageError
from tracker.files import replace_bytes
from tracker.language import get_language
from tracker.pipeline.issue.report.chart_files import page_charts
from tracker.settings import Config
from tracker.store import issues
from tracker.store.database import Database

_NEWEST = 60


def publish_issue(db: Database, config: Config, document: Document) -> None:
    """Write the page of a stored issue, and rewrite the list and the feeds of all issues.

    The page is public: it does not show what the reader of this installation follows and likes.
    """
    page = page_name(document.kind, document.period, document.language)
    items = [_feed_item(issue) for issue in issues.list_newest(db, _NEWEST)]
    base = public_url(config.web)
    contents = {
        page: render_pages(
            document.without_personal_parts(), resources.templates_folder(), page_charts(document)
        )["html"].encode(),
        "index.html": atom_feeds.index_page(items).encode(),
        "feed.atom": atom_feeds.atom_feed(items, base),
        "feed.json": atom_feeds.json_feed(items, base).encode(),
    }
    for name, content in contents.items():
        write_atomically(config.web_pages / name, content)


def page_name(kind: str, period: str, language: str) -> str:
    """Return the file name of an issue's page; in English without a language code."""
    return f"{kind}-{period}.html" if language == "en" else f"{kind}-{period}.{language}.html"


def _feed_item(issue: issues.Issue) -> FeedItem:
    return FeedItem(
        page_name(issue.kind, issue.period, issue.language),
        f"{issue.kind}-{issue.period}",
        issue.language,
        _title(issue),
        issue.document.get("preheader", ""),
        issue.created,
    )


def _title(issue: issues.Issue) -> str:
    """Return the subject of an issue under the issue's name, which a list of issues needs."""
    language = get_language(issue.language)
    name, subject = (
        issue_name(issue.kind, issue.period, language),
        issue.document.get("subject", ""),
    )
    if name in subject:
        return str(subject)
    return language.gettext("{issue}: {finding}", issue=name, finding=subject)


def write_atomically(path: Path, content: bytes) -> Path:
    """Write a file so that it appears whole or not at all. Raises UsageError if it cannot."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(path, content)
    except OSError as error:
        raise UsageError(f"Cannot write to {path.parent}: {error.strerror}.") from error
    return path
