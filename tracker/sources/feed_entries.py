"""One feed as items: RSS, Atom or JSON Feed bytes in, records out.

It owns feedparser, which is given bytes in memory only (it would open a string as a file or an
address) and told to leave HTML alone: its sanitiser eats `$a<b$`. What is shown is text of our own
making, and links are http(s) or nothing.

A feed can be made for which the library takes hours, so `tracker.sources.feeds` runs this module in
a process with limits: `python -m tracker.sources.feed_entries`, a feed in and JSON out.

Public: `parse`, `restored`.
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
from tracker.records import Item, Page
from tracker.sources.fields import arxiv_mentions, line, web_address
from tracker.sources.json import parsed

_JSON_FEED = "https://jsonfeed.org/version/"
# Characters that are kept of an entry's parts, and that are searched for arXiv ids.
_TITLE, _SUMMARY, _KEY, _SEARCHED = 500, 2_000, 300, 100_000
_FIRST_YEAR = 1990
_AHEAD = timedelta(days=2)  # a feed's clock may run ahead of ours
_UNSEEN = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.I)
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|i|span|strong|sub|sup|tt|u)(?:\s[^<>]*)?>", re.I)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")


def parse(body: bytes, now: datetime, *, source: str = "feeds", url: str = "") -> Page:
    """The entries of a feed, each once; `url` is where it was, for links that are relative.

    A date that cannot be, or lies in the future of `now`, is None. A feed that is not well formed
    gives what can be read, and a warning. Raises SourceMalformed for what is no feed at all.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _page(_json_entries(body, source, url), now, url)
    document = _document(body, source, url)
    trouble = line(str(document.get("bozo_exception", "")))[:200] if document.get("bozo") else ""
    if not document["entries"] and (trouble or not document.get("version")):
        reason = trouble or "no kind of feed that is known"
        raise SourceMalformed(source, url, f"it is not a feed with entries: {reason}")
    warnings = (f"{source}: the feed is not well formed: {trouble}",) if trouble else ()
    return _page(map(_entry, document["entries"]), now, url, warnings)


def _document(body: bytes, source: str, url: str) -> Any:
    import feedparser  # type: ignore[import-untyped]  # ships no types

    # White space before the declaration is an error to XML, and to nobody else.
    text = io.BytesIO(body.lstrip())
    try:
        document = feedparser.parse(text, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # it promises none, and lets through what its parts raise
        reason = f"feedparser cannot read it: {type(error).__name__} {line(str(error))[:100]}"
        raise SourceMalformed(source, url, reason) from error
    trouble = document.get("bozo_exception")
    if isinstance(trouble, feedparser.ThingsNobodyCaresAboutButMe):  # a wrong encoding declared
        document["bozo"] = False
    return document


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of any kind of feed; `texts` may hold HTML, the first is the one to show."""

    id: str
    title: str
    link: str
    published: datetime | None
    author: str
    texts: tuple[str, ...]


def _entry(found: Mapping[str, Any]) -> _Entry:
    """An entry of the library's as ours."""
    contents = [part.get("value", "") for part in found.get("content", ())]
    title = found.get("title", "")
    marked = found.get("title_detail", {}).get("type", "").endswith(("html", "html+xml"))
    return _Entry(
        id=line(found.get("id")),
        title=title if marked else html.escape(title),
        link=line(found.get("link")),
        published=_instant(found),
        author=line(found.get("author")),
        texts=tuple(text for text in (found.get("summary"), *contents) if text),
    )


def _instant(found: Mapping[str, Any]) -> datetime | None:
    """When the entry came out, else when it was changed; the library's time tuples are in UTC."""
    names = (name for name in ("published_parsed", "updated_parsed") if name in found)
    moment = next(filter(None, (found[name] for name in names)), None)
    try:
        return datetime(*moment[:6]).replace(tzinfo=UTC) if moment else None
    except (ValueError, TypeError, OverflowError):
        return None


def _json_entries(body: bytes, source: str, url: str) -> list[_Entry]:
    document = parsed(body, source, url)
    items = document.get("items")
    if not str(document.get("version")).startswith(_JSON_FEED) or not isinstance(items, list):
        raise SourceMalformed(source, url, "it is JSON but no JSON Feed with items")
    return [_json_entry(item) for item in items if isinstance(item, dict)]


def _json_entry(item: Mapping[str, Any]) -> _Entry:
    authors = item.get("authors") or [item.get("author")]
    first = authors[0] if isinstance(authors, list) else None
    texts = [item.get("content_html")]
    texts += [html.escape(line(item.get(name))) for name in ("summary", "content_text")]
    return _Entry(
        id=_json_id(item.get("id")),
        title=html.escape(line(item.get("title"))),
        link=line(item.get("url") or item.get("external_url")),
        published=_written(item.get("date_published") or item.get("date_modified")),
        author=line(first.get("name")) if isinstance(first, dict) else "",
        texts=tuple(text for text in texts if isinstance(text, str) and text),
    )


def _json_id(given: Any) -> str:
    """An id, which some feeds give as a number; null and what is no name is no id."""
    named = isinstance(given, str | int | float) and not isinstance(given, bool)
    return line(str(given)) if named else ""


def _written(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(line(text))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _page(
    entries: Iterable[_Entry], now: datetime, url: str, warnings: tuple[str, ...] = ()
) -> Page:
    items: dict[str, list[Item]] = {}
    skipped = []
    for number, entry in enumerate(entries, 1):
        item = _item(entry, now, url)
        if item is None:
            skipped.append(f"entry {number}: it has no title, link or text")
        else:
            items.setdefault(item.key, []).append(item)
    found = chain.from_iterable(map(_told_apart, items.values()))
    return Page(tuple(found), skipped=tuple(skipped), warnings=warnings)


def _told_apart(items: Sequence[Item]) -> Iterable[Item]:
    """Entries with one key: those that differ get keys of their own, the first of equal ones stays.

    All of them do, the first one too: which is the first changes with every new entry.
    """
    distinct = list(dict.fromkeys(items))
    for parts in (_by_title, _by_all):
        keyed = {_digest(one.key, *parts(one)): one for one in reversed(distinct)}
        if len(distinct) > 1 and len(keyed) == len(distinct):
            return [replace(one, key=key) for key, one in reversed(keyed.items())]
    return distinct


def _by_title(item: Item) -> tuple[str, ...]:
    return item.link, item.title


def _by_all(item: Item) -> tuple[str, ...]:
    return item.link, item.title, item.author, str(item.published), item.summary, *item.arxiv


def _item(entry: _Entry, now: datetime, url: str) -> Item | None:
    title, link = _plain(entry.title)[:_TITLE], web_address(entry.link, url) if entry.link else ""
    texts = [text[:_SEARCHED] for text in entry.texts]
    summary = _plain(texts[0])[:_SUMMARY] if texts else ""
    if not (title or link or summary):
        return None
    return Item(
        key=_key(entry.id or link, title, summary),
        title=title,
        link=link,
        published=_possible(entry.published, now),
        author=_plain(entry.author)[:_TITLE],
        summary=summary,
        arxiv=arxiv_mentions(html.unescape("\n".join((entry.title, link, *texts)))),
    )


def _key(name: str, *parts: str) -> str:
    """The entry's own id or link; of one without, or whose id is a text, a digest that stays."""
    return name if name and len(name) <= _KEY else _digest(name, *parts)


def _digest(*parts: str) -> str:
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=12)
    return f"hash:{digest.hexdigest()}"


def _possible(moment: datetime | None, now: datetime) -> datetime | None:
    possible = moment is not None and moment.year >= _FIRST_YEAR and moment <= now + _AHEAD
    return moment if possible else None


def _plain(marked: str) -> str:
    """HTML as one line of text. A "<" that opens no tag stays: `$a<b$` is common here."""
    text = _UNSEEN.sub(" ", marked[:_SEARCHED])
    return line(html.unescape(_TAG.sub(" ", _INLINE.sub("", text))))


def told(page: Page) -> str:
    """The page as JSON, for the process that has asked for it."""
    records = [asdict(item) for item in page.records]
    document = {"records": records, "skipped": page.skipped, "warnings": page.warnings}
    return json.dumps(document, default=datetime.isoformat)


def restored(document: Mapping[str, Any]) -> Page:
    """The page of which `told` wrote the document."""
    items = tuple(_restored(item) for item in document["records"])
    return Page(items, skipped=tuple(document["skipped"]), warnings=tuple(document["warnings"]))


def _restored(fields: dict[str, Any]) -> Item:
    published = fields.pop("published")
    moment = datetime.fromisoformat(published) if published else None
    item = Item(**fields, published=moment)
    return replace(item, arxiv=tuple(item.arxiv))


def main(seconds: str, memory: str) -> None:
    """Reads a line that says whose feed it is, and the feed; writes its page or why there is none.

    The system ends this process after `seconds` of work; `memory` is in bytes.
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
        print(told(page))


if __name__ == "__main__":
    main(*sys.argv[1:])
