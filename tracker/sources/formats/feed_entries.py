"""A feed as items: RSS, Atom or JSON Feed bytes in, records out.

Owns feedparser, which receives only bytes in memory (it would open a string as a file or an
address). Its HTML sanitiser is off, because it removes `$a<b$`; items contain plain text only, and
links are http(s) or empty.

A feed can be crafted so that the library takes hours, so `tracker.sources.feeds` runs this module
in a process with limits: `python -m tracker.sources.formats.feed_entries`, a feed in and JSON out.

Public: `parse`, `page_to_json`, `page_from_document`.
Sources: rssboard.org/rss-specification, RFC 4287, jsonfeed.org/version/1.1.
"""

import hashlib
import html
import io
import json
import re
import resource
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from tracker.errors import SourceMalformed
from tracker.records import FeedItem, Page
from tracker.sources.formats.fields import clean_line, find_arxiv_ids, parse_web_url
from tracker.sources.formats.json import parse_json

_JSON_FEED = "https://jsonfeed.org/version/"
# The most characters stored of an entry's parts, and searched for arXiv ids.
_TITLE, _SUMMARY, _KEY, _SEARCHED = 500, 2_000, 300, 100_000
_FIRST_YEAR = 1990
_NO_IDS = frozenset(
    ("", "0", "-", "none", "null", "nil", "undefined", "nan", "false", "true", "n/a", "na")
)
_AHEAD = timedelta(days=2)  # a feed's clock may run ahead of ours
_UNSEEN = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.I)
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|i|span|strong|sub|sup|tt|u)(?:\s[^<>]*)?>", re.I)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")


def parse(body: bytes, now: datetime, *, source: str = "feeds", url: str = "") -> Page:
    """Return the entries of a feed, each key once; `url` is its address, for relative links.

    An impossible date, or one after `now`, is None. A feed that is not well formed is read as far
    as possible, with a warning. Raises SourceMalformed for anything that is not a feed.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _page(_json_entries(body, source, url), now, url)
    document = _document(body, source, url)
    trouble = (
        clean_line(str(document.get("bozo_exception", "")))[:200] if document.get("bozo") else ""
    )
    if not document["entries"] and (trouble or not document.get("version")):
        reason = trouble or "no kind of feed that is known"
        raise SourceMalformed(source, url, f"it is not a feed with entries: {reason}")
    warnings = (f"{source}: the feed is not well formed: {trouble}",) if trouble else ()
    return _page(map(_entry, document["entries"]), now, url, warnings)


def _document(body: bytes, source: str, url: str) -> Any:
    import feedparser  # type: ignore[import-untyped]  # ships no types

    # White space before the declaration is an error in XML, but harmless.
    text = io.BytesIO(body.lstrip())
    try:
        document = feedparser.parse(text, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # it documents none, but does not catch those of its parts
        reason = f"feedparser cannot read it: {type(error).__name__} {clean_line(str(error))[:100]}"
        raise SourceMalformed(source, url, reason) from error
    trouble = document.get("bozo_exception")
    if isinstance(trouble, feedparser.ThingsNobodyCaresAboutButMe):  # a wrong encoding declared
        document["bozo"] = False
    return document


@dataclass(frozen=True, slots=True)
class _FeedEntry:
    """An entry of any kind of feed; `texts` may contain HTML, the first is the one to show."""

    id: str
    title: str
    link: str
    published: datetime | None
    author: str
    texts: tuple[str, ...]


def _entry(found: Mapping[str, Any]) -> _FeedEntry:
    """Convert an entry of the library."""
    contents = [part.get("value", "") for part in found.get("content", ())]
    title = found.get("title", "")
    marked = found.get("title_detail", {}).get("type", "").endswith(("html", "html+xml"))
    return _FeedEntry(
        id=_usable_id(clean_line(found.get("id"))),
        title=title if marked else html.escape(title),
        link=clean_line(found.get("link")),
        published=_instant(found),
        author=clean_line(found.get("author")),
        texts=tuple(text for text in (found.get("summary"), *contents) if text),
    )


def _instant(found: Mapping[str, Any]) -> datetime | None:
    """Return when the entry was published, else updated; the library's time tuples are in UTC."""
    names = (name for name in ("published_parsed", "updated_parsed") if name in found)
    moment = next(filter(None, (found[name] for name in names)), None)
    try:
        return datetime(*moment[:6]).replace(tzinfo=UTC) if moment else None
    except (ValueError, TypeError, OverflowError):
        return None


def _json_entries(body: bytes, source: str, url: str) -> list[_FeedEntry]:
    document = parse_json(body, source, url)
    items = document.get("items")
    if not str(document.get("version")).startswith(_JSON_FEED) or not isinstance(items, list):
        raise SourceMalformed(source, url, "it is JSON but no JSON Feed with items")
    return [_json_entry(item) for item in items if isinstance(item, dict)]


def _json_entry(item: Mapping[str, Any]) -> _FeedEntry:
    authors = item.get("authors") or [item.get("author")]
    first = authors[0] if isinstance(authors, list) else None
    texts = [item.get("content_html")]
    texts += [html.escape(clean_line(item.get(name))) for name in ("summary", "content_text")]
    return _FeedEntry(
        id=_json_id(item.get("id")),
        title=html.escape(clean_line(item.get("title"))),
        link=clean_line(item.get("url") or item.get("external_url")),
        published=_parse_date(item.get("date_published") or item.get("date_modified")),
        author=clean_line(first.get("name")) if isinstance(first, dict) else "",
        texts=tuple(text for text in texts if isinstance(text, str) and text),
    )


def _json_id(given: Any) -> str:
    """An id, which some feeds give as a number; null and what is no name is no id."""
    named = isinstance(given, str | int | float) and not isinstance(given, bool)
    return _usable_id(clean_line(str(given))) if named else ""


def _usable_id(name: str) -> str:
    """Return an id, or empty for a word that a program writes where it has none."""
    return "" if name.strip("<>()[]{} ").casefold() in _NO_IDS else name


def _parse_date(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(clean_line(text))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _page(
    entries: Iterable[_FeedEntry], now: datetime, url: str, warnings: tuple[str, ...] = ()
) -> Page:
    items: dict[str, list[FeedItem]] = {}
    skipped = []
    for number, entry in enumerate(entries, 1):
        item = _item(entry, now, url)
        if item is None:
            skipped.append(f"entry {number}: it has no title, link or text")
        else:
            items.setdefault(item.key, []).append(item)
    found = chain.from_iterable(map(_distinguish_items, items.values()))
    return Page(tuple(found), skipped=tuple(skipped), warnings=warnings)


def _distinguish_items(items: Sequence[FeedItem]) -> Iterable[FeedItem]:
    """Return the entries that share a key, those that differ with separate keys.

    The first one gets a separate key too, because which entry is first changes with every new one.
    Of identical entries, the first is kept.
    """
    distinct = list(dict.fromkeys(items))
    for parts in (_by_title, _by_all):
        keyed = {_digest(one.key, *parts(one)): one for one in reversed(distinct)}
        if len(distinct) > 1 and len(keyed) == len(distinct):
            return [replace(one, key=key) for key, one in reversed(keyed.items())]
    return distinct


def _by_title(item: FeedItem) -> tuple[str, ...]:
    return item.link, item.title


def _by_all(item: FeedItem) -> tuple[str, ...]:
    return item.link, item.title, item.author, str(item.published), item.summary, *item.arxiv


def _item(entry: _FeedEntry, now: datetime, url: str) -> FeedItem | None:
    title, link = (
        _strip_html(entry.title)[:_TITLE],
        parse_web_url(entry.link, url) if entry.link else "",
    )
    texts = [text[:_SEARCHED] for text in entry.texts]
    summary = _strip_html(texts[0])[:_SUMMARY] if texts else ""
    if not (title or link or summary):
        return None
    return FeedItem(
        key=_key(entry.id or link, title, summary),
        title=title,
        link=link,
        published=_plausible_date(entry.published, now),
        author=_strip_html(entry.author)[:_TITLE],
        summary=summary,
        arxiv=find_arxiv_ids(html.unescape("\n".join((entry.title, link, *texts)))),
    )


def _key(name: str, *parts: str) -> str:
    """The entry's own id or link; of one without, or whose id is a text, a digest that stays."""
    return name if name and len(name) <= _KEY else _digest(name, *parts)


def _digest(*parts: str) -> str:
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=12)
    return f"hash:{digest.hexdigest()}"


def _plausible_date(moment: datetime | None, now: datetime) -> datetime | None:
    possible = moment is not None and moment.year >= _FIRST_YEAR and moment <= now + _AHEAD
    return moment if possible else None


def _strip_html(marked: str) -> str:
    """Return HTML as one line of text. A "<" that opens no tag stays: `$a<b$` is common here."""
    text = _UNSEEN.sub(" ", marked[:_SEARCHED])
    return clean_line(html.unescape(_TAG.sub(" ", _INLINE.sub("", text))))


def page_to_json(page: Page) -> str:
    """Return the page as JSON, for the parent process."""
    records = [asdict(item) for item in page.records]
    document = {"records": records, "skipped": page.skipped, "warnings": page.warnings}
    return json.dumps(document, default=datetime.isoformat)


def page_from_document(document: Mapping[str, Any]) -> Page:
    """Return the page from a document of `page_to_json`."""
    items = tuple(_item_from_fields(item) for item in document["records"])
    return Page(items, skipped=tuple(document["skipped"]), warnings=tuple(document["warnings"]))


def _item_from_fields(fields: dict[str, Any]) -> FeedItem:
    published = fields.pop("published")
    moment = datetime.fromisoformat(published) if published else None
    item = FeedItem(**fields, published=moment)
    return replace(item, arxiv=tuple(item.arxiv))


def main(seconds: str, memory: str) -> None:
    """Read a line of arguments and a feed from stdin; print its page, or why it is malformed.

    The system ends this process after `seconds` of CPU time; `memory` is in bytes.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    about = json.loads(sys.stdin.buffer.readline())
    now = datetime.fromisoformat(about.pop("now"))
    try:
        page = parse(sys.stdin.buffer.read(), now, **about)
    except SourceMalformed as error:
        print(json.dumps({"malformed": error.reason}))
    else:
        print(page_to_json(page))


if __name__ == "__main__":
    main(*sys.argv[1:])
