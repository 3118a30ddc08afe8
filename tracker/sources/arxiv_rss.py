"""arXiv's daily feed: what was listed today under the followed categories, as RSS or as Atom.

One request tells the day, the kind of each listing and the licences, but not when a paper was
submitted: its dates here are the latest possible, and another source's will be earlier. The feed
holds today only, and no more than 2,000 items: at that number it may have been cut.

Public: `read`, `parse`, `Feed`. Source: info.arxiv.org/help/rss.html and rss_specifications.html.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker.calendar import EASTERN, is_announcement_day, is_out
from tracker.errors import SourceMalformed, SourceUnavailable
from tracker.models import Paper, PaperId, Version
from tracker.records import Copy, Listing, Page, Record, Revision, Roll
from tracker.settings import ArxivSource
from tracker.sources.fields import categories
from tracker.sources.http import Ask, Client
from tracker.sources.reader import Task, fetch, insist
from tracker.sources.xml import parsed

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
    """A feed of `day` with its `records`; `items` is how many entries there were, `skipped` why
    some of them could not be read, `unlisted` how many of those are not even known to be listed.
    """

    day: date
    records: tuple[Record, ...]
    items: int
    skipped: tuple[str, ...]
    unlisted: int = 0


def read(client: Client, task: Task[ArxivSource]) -> Iterator[Page]:
    """The feed of the day as one page, with its roll unless a listing may be lacking.

    Raises SourceUnavailable when the feed of a day on which arXiv lists papers has none.
    """
    url = f"{task.settings.url.rstrip('/')}/{'+'.join(task.settings.categories)}"
    ask = Ask(
        NAME,
        url,
        accept="application/rss+xml, application/atom+xml",
        pace=task.settings.pace_seconds,
        cap=_CAP,
    )

    def asked() -> tuple[Feed | None, Copy]:
        answer, copy = fetch(client, task, ask)
        return None if answer.unchanged else parse(answer.body, answer.url), copy

    feed, copy = insist(asked)
    if feed is None:
        return
    whole = 0 < feed.items < LIMIT and not feed.unlisted
    rolls = (Roll(feed.day, task.settings.categories),) if whole else ()
    yield Page((*feed.records, *rolls), feed.items, feed.skipped, copies=(copy,) if whole else ())
    if not feed.items and is_announcement_day(feed.day) and is_out(feed.day, task.now):
        raise SourceUnavailable(NAME, url, f"its feed of {feed.day} is empty")
    if feed.items >= LIMIT:
        raise SourceMalformed(NAME, url, f"{feed.items:,} items: the list may have been cut")


def parse(body: bytes, url: str = "") -> Feed:
    """A feed, RSS 2.0 or Atom; `url` is for the error only.

    Raises SourceMalformed for what is not a whole feed with a date. An entry that cannot be read is
    skipped; its listing stands all the same when its id and kind are known.
    """
    root = parsed(body, NAME, url)
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
        told, trouble = _entry(shape, entry, day)
        records += told
        skipped += [trouble] * bool(trouble)
        unlisted += bool(trouble) and not told
    return Feed(day, tuple(records), len(entries), tuple(skipped), unlisted)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where RSS and Atom differ: the entries, the feed's time, and how its fields are named."""

    entries: str
    stamps: tuple[str, ...]
    identity: str
    title: str
    text: str
    published: str
    category: str

    def terms(self, entry: Any) -> Iterator[str]:
        """The categories of an entry: Atom has them as attributes, RSS as text."""
        return (item.get("term") or item.text or "" for item in entry.findall(self.category))


_SHAPES = {
    "rss": _Shape(
        "channel/item", ("channel/pubDate", "channel/lastBuildDate"),
        "guid", "title", "description", "pubDate", "category",
    ),
    f"{_ATOM}feed": _Shape(
        f"{_ATOM}entry", (f"{_ATOM}updated",),
        f"{_ATOM}id", f"{_ATOM}title", f"{_ATOM}summary", f"{_ATOM}published", f"{_ATOM}category",
    ),
}  # fmt: skip


def _feed_day(shape: _Shape, root: Any) -> date:
    stamps = filter(None, (_line(root.findtext(name)) for name in shape.stamps))
    return _day(next(stamps, ""))


def _day(stamp: str) -> date:
    """The day of a feed or an entry: they are made at midnight US/Eastern."""
    try:
        instant = datetime.fromisoformat(stamp) if _ISO(stamp) else parsedate_to_datetime(stamp)
        return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(ZoneInfo(EASTERN)).date()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"its date {stamp[:40]!r} cannot be read") from error


def _entry(shape: _Shape, entry: Any, feed_day: date) -> tuple[list[Record], str]:
    """What an entry tells, and why some of it could not be read."""
    name = _line(entry.findtext(shape.identity))[:80] or "an entry without id"
    told: list[Record] = []
    try:
        identity, kind = PaperId.parse(name), _line(entry.findtext(f"{_ARXIV}announce_type"))
        if kind not in (*_FIRST_LISTINGS, *_REPLACEMENTS):
            raise ValueError(f"its kind {kind[:20]!r} is not known")
        stamp = _line(entry.findtext(shape.published))
        day = _day(stamp) if stamp else feed_day
        listed = categories(shape.terms(entry))
        if kind in _FIRST_LISTINGS:
            told.append(Listing(day, identity.key, kind, listed))
        paper = _paper(shape, entry, identity, day)
        told.append(paper if kind in _FIRST_LISTINGS else Revision(paper))
    except ValueError as error:
        return told, f"{name}: {error}"
    return told, ""


def _paper(shape: _Shape, entry: Any, identity: PaperId, day: date) -> Paper:
    """The paper as far as the feed tells it; every date is the latest that it can be."""
    title = _line(entry.findtext(shape.title))
    if not title:
        raise ValueError("it has no title")
    created = datetime.combine(day, time(), ZoneInfo(EASTERN)).astimezone(UTC)
    return Paper(
        id=identity.key,
        title=title,
        abstract=_ABSTRACT.sub("", _line(entry.findtext(shape.text))),
        authors=tuple(filter(None, _line(entry.findtext(f"{_DC}creator")).split(", "))),
        categories=categories(shape.terms(entry)),
        published=min(day, _month_end(identity.key, day)),
        announced=day,
        updated=date.min,
        versions=(Version(identity.version or 1, created),),
        journal_ref=_line(entry.findtext(f"{_ARXIV}journal_reference")),
        doi=_line(entry.findtext(f"{_ARXIV}DOI")),
        license=_line(entry.findtext(f"{_DC}rights")),
    )


def _month_end(key: str, day: date) -> date:
    """The last day of the month in which an id of the form YYMM.NNNNN was given."""
    match = _MONTH.match(key)
    if not match or not 1 <= int(match[2]) <= 12:
        return day
    year, month = 2000 + int(match[1]), int(match[2])
    return date(year, month, monthrange(year, month)[1])


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
