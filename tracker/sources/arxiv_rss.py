"""arXiv's daily feed: today's listings under the followed categories, as RSS or Atom.

One request returns the day, the kind of each listing and the licences, but not when a paper was
submitted: its dates here are the latest possible, and those of another source may be earlier. The
feed contains only today, and at most 2,000 items: at that number it may have been cut.

Public: `read_pages`, `parse`, `Feed`.
Source: info.arxiv.org/help/rss.html and rss_specifications.html.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from summarizer.text.characters import normalize_characters
from tracker.calendar import EASTERN, is_announcement_day, is_listing_published
from tracker.errors import SourceMalformed, SourceUnavailable
from tracker.models import Paper, PaperId, Version
from tracker.records import CacheValidators, Listing, ListingComplete, Page, Record, Revision
from tracker.settings import ArxivSource
from tracker.sources.formats.arxiv.author_names import split_author_line
from tracker.sources.formats.fields import valid_categories
from tracker.sources.formats.xml import RecordDocument, parse_xml_records
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task, fetch_if_changed, retry_if_malformed

NAME = "arxiv_rss"
LIMIT = 2000
_CAP = 24 * 2**20  # 2,000 items of 3 to 4 kB are 8 MB
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_FIRST_LISTINGS = ("new", "cross")
_REPLACEMENTS = ("replace", "replace-cross")
_ABSTRACT = re.compile(r"^arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*", re.I)
_MONTH = re.compile(r"(\d{2})(\d{2})\.")
_ISO = re.compile(r"\d{4}-\d{2}").match


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of `day` with its `records`; `items` is the number of entries, `skipped` has the
    reasons of those that could not be read, `unlisted` counts those without a known listing,
    `repaired` names those with characters that XML does not allow.
    """

    day: date
    records: tuple[Record, ...]
    items: int
    skipped: tuple[str, ...]
    unlisted: int = 0
    repaired: tuple[str, ...] = ()


def read_pages(client: Client, task: Task[ArxivSource]) -> Iterator[Page]:
    """Yield the feed of the day as one page, with its completion unless a listing may be missing.

    Raises SourceUnavailable when the feed of a day on which arXiv lists papers is empty.
    """
    url = f"{task.settings.url.rstrip('/')}/{'+'.join(task.settings.categories)}"
    request = Request(
        NAME,
        url,
        accept="application/rss+xml, application/atom+xml",
        pace=task.settings.pace_seconds,
        max_bytes=_CAP,
    )

    def fetch_feed() -> tuple[Feed | None, CacheValidators]:
        response, validators = fetch_if_changed(client, task, request)
        return None if response.is_unchanged else parse(response.body, response.url), validators

    feed, validators = retry_if_malformed(fetch_feed)
    if feed is None:
        return
    complete = 0 < feed.items < LIMIT and not feed.unlisted
    completions = (ListingComplete(feed.day, task.settings.categories),) if complete else ()
    yield Page(
        (*feed.records, *completions),
        feed.items,
        feed.skipped,
        feed.repaired,
        cache_validators=(validators,) if complete else (),
    )
    if (
        not feed.items
        and is_announcement_day(feed.day)
        and is_listing_published(feed.day, task.now)
    ):
        raise SourceUnavailable(NAME, url, f"its feed of {feed.day} is empty")
    if feed.items >= LIMIT:
        raise SourceMalformed(NAME, url, f"{feed.items:,} items: the list may have been cut")


def parse(body: bytes, url: str = "") -> Feed:
    """Return a feed, RSS 2.0 or Atom; `url` is for the error only.

    Raises SourceMalformed for anything but a complete feed with a date. An entry that cannot be
    read is skipped, but its listing is included when its id and kind are known.
    """
    document = _parse_document(body, url)
    root = document.root
    shape = _SHAPES.get(root.tag)
    if shape is None:
        raise SourceMalformed(NAME, url, f"not a feed but {str(root.tag)[:80]!r}")
    entries = root.findall(shape.entries)
    try:
        day = _feed_day(shape, root)
    except ValueError as error:
        raise SourceMalformed(NAME, url, str(error)) from error
    records: list[Record] = []
    skipped: list[str] = []
    unlisted = 0
    for entry in entries:
        found, reason = _entry(shape, entry, day)
        records += found
        skipped += [reason] * bool(reason)
        unlisted += bool(reason) and not found
    lost = len(document.skipped)
    skipped += document.skipped
    return Feed(
        day, tuple(records), len(entries) + lost, tuple(skipped), unlisted + lost, document.repaired
    )


def _parse_document(body: bytes, url: str) -> RecordDocument:
    is_atom = b"<feed" in body[:1000]
    return parse_xml_records(body, NAME, url, "entry" if is_atom else "item")


@dataclass(frozen=True, slots=True)
class _FeedFormat:
    """The differences of RSS and Atom: the path of the entries, the feed's time, field names."""

    entries: str
    stamps: tuple[str, ...]
    identity: str
    title: str
    text: str
    published: str
    category: str

    def category_names(self, entry: Any) -> Iterator[str]:
        """Return the categories of an entry: Atom has them as attributes, RSS as text."""
        return (item.get("term") or item.text or "" for item in entry.findall(self.category))


_SHAPES = {
    "rss": _FeedFormat(
        "channel/item", ("channel/pubDate", "channel/lastBuildDate"),
        "guid", "title", "description", "pubDate", "category",
    ),
    f"{_ATOM}feed": _FeedFormat(
        f"{_ATOM}entry", (f"{_ATOM}updated",),
        f"{_ATOM}id", f"{_ATOM}title", f"{_ATOM}summary", f"{_ATOM}published", f"{_ATOM}category",
    ),
}  # fmt: skip


def _feed_day(feed_format: _FeedFormat, root: Any) -> date:
    stamps = filter(
        None, (_collapse_whitespace(root.findtext(name)) for name in feed_format.stamps)
    )
    return _day(next(stamps, ""))


def _day(stamp: str) -> date:
    """Return the day of a feed or an entry, which are created at midnight US/Eastern."""
    try:
        instant = datetime.fromisoformat(stamp) if _ISO(stamp) else parsedate_to_datetime(stamp)
        return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(ZoneInfo(EASTERN)).date()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"its date {stamp[:40]!r} cannot be read") from error


def _entry(feed_format: _FeedFormat, entry: Any, feed_day: date) -> tuple[list[Record], str]:
    """Return the records of an entry, and why any of it could not be read."""
    name = _collapse_whitespace(entry.findtext(feed_format.identity))[:80] or "an entry without id"
    found: list[Record] = []
    try:
        identity, kind = (
            PaperId.parse(name),
            _collapse_whitespace(entry.findtext(f"{_ARXIV}announce_type")),
        )
        if kind not in (*_FIRST_LISTINGS, *_REPLACEMENTS):
            raise ValueError(f"its kind {kind[:20]!r} is not known")
        stamp = _collapse_whitespace(entry.findtext(feed_format.published))
        day = _day(stamp) if stamp else feed_day
        listed = valid_categories(feed_format.category_names(entry))
        if kind in _FIRST_LISTINGS:
            found.append(Listing(day, identity.key, kind, listed))
        paper = _paper(feed_format, entry, identity, day)
        found.append(paper if kind in _FIRST_LISTINGS else Revision(paper))
    except ValueError as error:
        return found, f"{name}: {error}"
    return found, ""


def _paper(feed_format: _FeedFormat, entry: Any, identity: PaperId, day: date) -> Paper:
    """Return the paper as far as the feed describes it; every date is the latest possible."""
    title = _collapse_whitespace(entry.findtext(feed_format.title))
    if not title:
        raise ValueError("it has no title")
    created = datetime.combine(day, time(), ZoneInfo(EASTERN)).astimezone(UTC)
    return Paper(
        id=identity.key,
        title=title,
        abstract=_ABSTRACT.sub("", _collapse_whitespace(entry.findtext(feed_format.text))),
        authors=split_author_line(entry.findtext(f"{_DC}creator") or ""),
        categories=valid_categories(feed_format.category_names(entry)),
        published=min(day, _month_end(identity.key, day)),
        announced=day,
        updated=date.min,
        versions=(Version(identity.version or 1, created),),
        journal_ref=_collapse_whitespace(entry.findtext(f"{_ARXIV}journal_reference")),
        doi=_collapse_whitespace(entry.findtext(f"{_ARXIV}DOI")),
        license=_collapse_whitespace(entry.findtext(f"{_DC}rights")),
    )


def _month_end(key: str, day: date) -> date:
    """Return the last day of the month in which an id of the form YYMM.NNNNN was assigned."""
    match = _MONTH.match(key)
    if not match or not 1 <= int(match[2]) <= 12:
        return day
    year, month = 2000 + int(match[1]), int(match[2])
    return date(year, month, monthrange(year, month)[1])


def _collapse_whitespace(text: str | None) -> str:
    return " ".join(normalize_characters(text or "").split())
