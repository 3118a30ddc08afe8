"""Issues on the web: `digests/web/` has a page for each, the list of all, and the feeds.

Public: `publish_issue`, `page_name`, `write_atomically`.
"""

from pathlib import Path

from tracker import resources
from tracker.delivery import atom_feeds
from tracker.delivery.atom_feeds import FeedItem
from tracker.delivery.mail.links import public_url
from tracker.digest.document import Document
from tracker.digest.render.archive import KINDS, IssueCard, build_shelves
from tracker.digest.render.pages import render_pages, render_web_page
from tracker.digest.writing.phrasing import issue_name
from tracker.errors import UsageError
from tracker.files import replace_bytes
from tracker.language import get_language
from tracker.pipeline.issue.report.chart_files import page_charts
from tracker.settings import Config
from tracker.store import issues
from tracker.store.database import Database

_NEWEST = 60
# The feeds by name, with the kinds of issues in them: daily editions are only in their own.
_FEEDS = {"feed": ("weekly", "monthly"), **{kind: (kind,) for kind in KINDS.values()}}


def publish_issue(db: Database, config: Config, document: Document) -> None:
    """Write the page of a stored issue, and rewrite the list and the feeds of all issues.

    The page is public: it does not show what the reader of this installation follows and likes.
    """
    page = page_name(document.kind, document.period, document.language)
    contents = {
        page: render_pages(
            document.without_personal_parts(), resources.templates_folder(), page_charts(document)
        )["html"].encode(),
        "index.html": _index_page(db, config).encode(),
    }
    for name, kinds in _FEEDS.items():
        if name == "feed" or document.kind in kinds:
            contents |= _feed_files(db, config, name, kinds)
    for name, content in contents.items():
        write_atomically(config.web_pages / name, content)


def _feed_files(
    db: Database, config: Config, name: str, kinds: tuple[str, ...]
) -> dict[str, bytes]:
    items = [_feed_item(issue) for issue in issues.list_newest(db, _NEWEST, kinds)]
    base = public_url(config.web)
    return {
        f"{name}.atom": atom_feeds.atom_feed(items, base, name),
        f"{name}.json": atom_feeds.json_feed(items, base, name).encode(),
    }


def _index_page(db: Database, config: Config) -> str:
    """Return the list of the newest issues of each kind."""
    cards = [
        IssueCard(
            one.kind, one.period, one.language, one.subject, one.papers, one.contents,
            page_name(one.kind, one.period, one.language),
        )
        for kind in KINDS.values()
        for one in issues.list_headings(db, _NEWEST, kind)
    ]  # fmt: skip
    shelves = build_shelves(cards, _NEWEST)
    feeds = ["feed", *(KINDS[shelf.period_kind] for shelf in shelves)]
    return render_web_page(
        "index.jinja", resources.templates_folder(), config.digest.language,
        shelves=shelves, feeds=feeds,
    )  # fmt: skip


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
