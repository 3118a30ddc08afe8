"""Feeds: the items of entries, limits on hostile feeds, and the corpora of other parsers."""

import json
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.web_server import Page, WebServer
from tests.sources.tasks import NOW, records, task, validators_of
from tracker.errors import SourceMalformed, SourceUnavailable
from tracker.records import FeedItem
from tracker.records import Page as SourcePage
from tracker.settings import Source
from tracker.sources import feeds
from tracker.sources.formats.feed_entries import parse
from tracker.sources.http.client import Client

VIDEOS = b"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns="http://www.w3.org/2005/Atom">
 <title>An invented channel</title>
 <entry>
  <id>yt:video:abc</id><title>Reading papers &amp; more</title>
  <link rel="alternate" href="https://www.youtube.com/watch?v=abc"/>
  <author><name>Ada Example</name></author>
  <published>2026-03-10T12:30:00+02:00</published>
  <media:group><media:description>We read https://arxiv.org/abs/2603.00001v2 today.
Also arXiv:2401.00002.</media:description></media:group>
 </entry>
</feed>"""


JSON_FEED = "https://jsonfeed.org/version/1.1"


def rss(items: str, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<rss version="2.0"><channel>{items}</channel></rss>'.encode()
    )


def items_of(body: bytes, **given: Any) -> list[FeedItem]:
    return [record for record in parse(body, NOW, **given).records if isinstance(record, FeedItem)]


def test_a_video_is_an_item_with_the_papers_it_links() -> None:
    assert items_of(VIDEOS) == [
        FeedItem(
            key="yt:video:abc",
            title="Reading papers & more",
            link="https://www.youtube.com/watch?v=abc",
            published=datetime(2026, 3, 10, 10, 30, tzinfo=UTC),
            author="Ada Example",
            summary="We read https://arxiv.org/abs/2603.00001v2 today. Also arXiv:2401.00002.",
            arxiv=("2603.00001", "2401.00002"),
        )
    ]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("if $a&lt;b$ and x&lt;y", "if $a<b$ and x<y"),
        ("&lt;b&gt;Bold&lt;/b&gt; claims &amp;amp; more", "Bold claims & more"),
        ("<![CDATA[One<br/>two <i>C</i>NN]]>", "One two CNN"),
        ("<![CDATA[<script>alert(1)</script>seen]]>", "seen"),
        ("tabs\t and\n lines", "tabs and lines"),
    ],
)
def test_text_is_plain_and_formulas_stay(written: str, shown: str) -> None:
    (item,) = items_of(rss(f"<item><guid>1</guid><description>{written}</description></item>"))
    assert item.summary == shown


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("/posts/1", "https://blog.example/posts/1"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("http://[bad", ""),
        ("ftp://a.example/", ""),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(written: str, link: str) -> None:
    body = rss(f"<item><title>t</title><link>{written}</link></item>")
    assert items_of(body, url="https://blog.example/feed")[0].link == link


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("Tue, 10 Mar 2026 08:00:00 GMT", datetime(2026, 3, 10, 8, tzinfo=UTC)),
        ("2026-03-10T08:00:00-05:00", datetime(2026, 3, 10, 13, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("2099-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("99999-99-99", None),
        ("", None),
    ],
)
def test_an_impossible_date_is_none(written: str, published: datetime | None) -> None:
    (item,) = items_of(rss(f"<item><title>t</title><pubDate>{written}</pubDate></item>"))
    assert item.published == published


def test_an_entry_without_id_has_a_stable_key() -> None:
    body = rss("<item><title>One</title></item><item><title>Two</title></item>")
    keys = [item.key for item in items_of(body)]
    assert len(set(keys)) == 2
    assert keys == [item.key for item in items_of(body)]
    (linked,) = items_of(rss("<item><title>t</title><link>https://a.example/</link></item>"))
    assert linked.key == "https://a.example/"


def test_a_repeated_entry_counts_once_and_an_empty_one_is_skipped() -> None:
    page = parse(rss("<item><guid>1</guid><title>a</title></item>" * 2 + "<item/>"), NOW)
    assert len(page.records) == 1
    assert page.skipped == ("entry 3: it has no title, link or text",)


ITEM = "<item><guid>{}</guid><link>{}</link><title>{}</title><description>{}</description></item>"
HOME = "https://blog.example.org/"


@pytest.mark.parametrize("guid", ["tag:blog,2026", "None", "null", "0", HOME, "x" * 400, ""])
@pytest.mark.parametrize(
    "rows",
    [
        [(f"{HOME}1", "One", "a"), (f"{HOME}2", "Two", "b"), (f"{HOME}3", "Two", "b")],
        [(HOME, "One", "a"), (HOME, "Two", "b"), (HOME, "Three", "b")],
        [(HOME, "Update", "a"), (HOME, "Update", "b"), (HOME, "Update", "c")],
        [("", "One", "a"), ("", "Two", "b"), (HOME, "Two", "b")],
        [(f"{HOME}1", "One", "a"), (HOME, "One", "a"), (HOME, "One", "b")],
    ],
)
def test_entries_that_share_an_id_are_all_kept(guid: str, rows: list[tuple[str, ...]]) -> None:
    body = [ITEM.format(guid, *row) for row in rows]
    found = items_of(rss("".join(body)))
    assert [(item.link, item.title, item.summary) for item in found] == rows
    assert len({item.key for item in found}) == 3
    older = items_of(rss("".join(body[1:])))
    assert len(guid) > 300 or {item.key for item in older} <= {item.key for item in found}, (
        "known entries stay known"
    )


@pytest.mark.parametrize("word", ["None", "null", "undefined", "0", "  ", "NaN", "<nil>", "false"])
def test_a_word_for_nothing_is_no_id(word: str) -> None:
    """One entry a day under such an id would replace that of the day before."""
    escaped = word.replace("<", "&lt;").replace(">", "&gt;")
    keys = {
        items_of(rss(ITEM.format(escaped, f"{HOME}{number}", "a", "b")))[0].key
        for number in range(3)
    }
    assert len(keys) == 3


def test_an_id_that_others_share_does_not_touch_the_rest() -> None:
    body = [ITEM.format(guid, HOME, title, "") for guid, title in
            (("same", "One"), ("own", "Two"), ("same", "Three"), ("same", "One"))]  # fmt: skip
    found = items_of(rss("".join(body)))
    assert [item.title for item in found] == ["One", "Three", "Two"]
    assert found[2].key == "own"


@pytest.mark.parametrize("given", [None, "", True, [], {}, ["a"], "None", 7])
def test_a_json_id_that_names_nothing_is_no_id(given: Any) -> None:
    items = [{"id": given, "url": f"{HOME}{n}", "title": f"T{n}"} for n in range(3)]
    found = items_of(json.dumps({"version": JSON_FEED, "items": items}).encode())
    assert [item.title for item in found] == ["T0", "T1", "T2"]
    assert len({item.key for item in found}) == 3
    named = isinstance(given, str | int) and given not in ("", True)
    assert named or [item.key for item in found] == [f"{HOME}{n}" for n in range(3)]


def test_a_json_feed_is_read() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": 7,
                "url": "https://a.example/7",
                "title": "a<b",
                "content_html": "<p>See huggingface.co/papers/2603.00001</p>",
                "date_published": "2026-03-10T08:00:00Z",
                "authors": [{"name": "Ada"}],
            },
            {"id": "8", "content_text": "plain <b>"},
            None,
        ],
    }
    first, second = items_of(json.dumps(feed).encode())
    assert first == FeedItem(
        key="7",
        title="a<b",
        link="https://a.example/7",
        published=datetime(2026, 3, 10, 8, tzinfo=UTC),
        author="Ada",
        summary="See huggingface.co/papers/2603.00001",
        arxiv=("2603.00001",),
    )
    assert (second.key, second.summary, second.published) == ("8", "plain <b>", None)


def test_a_truncated_feed_has_its_entries_and_a_warning() -> None:
    page = parse(rss("<item><title>One</title></item><item><title>Tw")[:-20], NOW)
    assert [getattr(item, "title", "") for item in page.records][:1] == ["One"]
    assert "not well formed" in page.warnings[0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"<html><body>busy</body></html>",
        b"{}",
        b"[]",
        b"\x00" * 9,
        b"<a/>",
        b'<?xml version="1.0" encoding="\xff"?><rss/>',
        b"{" * 9999,
    ],
)
def test_other_documents_are_rejected(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse(body, NOW)


def _expansion() -> bytes:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE z [<!ENTITY l0 "lol">{lol}]>'
    return rss("<item><title>&l11;</title></item>", head)


def _outside(file: Path) -> bytes:
    head = f'<!DOCTYPE z [<!ENTITY x SYSTEM "{file.as_uri()}">]>'
    return rss("<item><title>seen &x;</title></item>", head)


def test_entities_neither_expand_nor_read_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("never shown")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for item in items_of(_expansion()) + items_of(_outside(secret)):
        assert "never shown" not in item.title
        assert len(item.title) <= 500
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200 * 1024  # kilobytes


def crawl(client: Client, web: WebServer, **given: Any) -> list[SourcePage]:
    return list(feeds.read_pages(client, task("feeds.x", Source(url=f"{web.url}/feed"), **given)))


def test_a_feed_is_fetched_once_and_then_only_if_it_has_changed(
    client: Client, web: WebServer
) -> None:
    web.pages["/feed"] = Page(VIDEOS)
    pages = crawl(client, web)
    assert records(pages) == items_of(VIDEOS)
    again = crawl(client, web, cache_validators=validators_of(pages))
    assert records(again) == []
    assert validators_of(again) == validators_of(pages)
    assert "application/atom+xml" in web.log[0].headers["accept"]


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_missing_feed_is_temporarily_unavailable(
    status: int, client: Client, web: WebServer
) -> None:
    web.pages["/feed"] = Page(status=status)
    with pytest.raises(SourceUnavailable, match=str(status)) as caught:
        crawl(client, web)
    assert caught.value.source == "feeds.x"


def test_a_page_in_place_of_the_feed_is_reported(client: Client, web: WebServer) -> None:
    web.pages["/feed"] = Page(b"<!DOCTYPE html><html><body>Sign in</body></html>")
    with pytest.raises(SourceMalformed, match="not a feed"):
        crawl(client, web)


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0" encoding="x' * 3_000,
        rss("<item " + " ".join(f'a{n}="b"' for n in range(60_000)) + "/>"),
    ],
)
def test_a_feed_that_takes_too_long_is_stopped(
    body: bytes, client: Client, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "_SECONDS", 1)
    web.pages["/feed"] = Page(body)
    with pytest.raises(SourceMalformed, match="cannot be read within 1 s"):
        crawl(client, web)


def test_a_feed_over_the_size_limit_is_rejected(client: Client, web: WebServer) -> None:
    web.pages["/feed"] = Page(b" " * (4 * 2**20 + 1))
    with pytest.raises(SourceMalformed, match="over 4,194,304 bytes"):
        crawl(client, web)


def _outcomes(folder: Path) -> Iterator[tuple[Path, SourcePage | str, float]]:
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        start = time.process_time()
        try:
            outcome: SourcePage | str = parse(file.read_bytes(), NOW, url="https://a.example/feed")
        except SourceMalformed as error:
            outcome = error.reason
        yield file, outcome, time.process_time() - start


def test_every_feed_of_the_corpora_is_parsed_or_rejected_with_a_reason(shared_data: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    files = read = 0
    for file, outcome, seconds in _outcomes(shared_data / "wire" / "feeds"):
        files += 1
        assert outcome, file
        assert seconds < 20, file
        if isinstance(outcome, SourcePage):
            read += 1
            for item in records([outcome]):
                assert item.key
                assert item.link.startswith(("http://", "https://")) or not item.link
                json.dumps(item.title + item.summary, ensure_ascii=False).encode()
    assert files > 2_000
    assert read > 1_900
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
