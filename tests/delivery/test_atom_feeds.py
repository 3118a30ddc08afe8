"""Issues as feeds: they have the required elements, and hostile text is escaped."""

import json
from datetime import UTC, datetime

import feedparser
import pytest

from tests.digest.documents import HOSTILE
from tracker.delivery.atom_feeds import FeedItem, atom_feed, json_feed

ITEMS = [
    FeedItem(
        "weekly-2026-W11.html", "weekly-2026-W11", "en", "Experts & <b>agents</b>", "31 papers",
        datetime(2026, 3, 16, 8, tzinfo=UTC),
    ),
    FeedItem(
        "weekly-2026-W10.html", "weekly-2026-W10", "zh-TW", HOSTILE.replace("\r\n", " "),
        "二十篇", datetime(2026, 3, 9, 8, tzinfo=UTC),
    ),
]  # fmt: skip


@pytest.mark.parametrize("base", ["", "https://x.example/llm/"])
def test_atom_feed_can_be_parsed(base: str) -> None:
    feed = feedparser.parse(atom_feed(ITEMS, base))
    assert not feed.bozo
    assert [entry.id for entry in feed.entries] == [item.id for item in ITEMS]
    assert feed.entries[0].updated_parsed[:4] == (2026, 3, 16, 8)
    assert feed.entries[0].link == (f"{base}weekly-2026-W11.html")
    assert feed.entries[0].summary == "31 papers"


def test_json_feed_has_version_1_1() -> None:
    feed = json.loads(json_feed(ITEMS, "https://x.example"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"] for item in feed["items"]] == [item.subject for item in ITEMS]
    assert feed["items"][0]["date_published"] == "2026-03-16T08:00:00+00:00"
    assert feed["feed_url"] == "https://x.example/feed.json"


def test_a_feed_of_one_kind_has_its_own_id_and_address() -> None:
    feed = feedparser.parse(atom_feed(ITEMS, "https://x.example", "daily"))
    assert feed.feed.id == "urn:tracker:issues:daily"
    assert json.loads(json_feed(ITEMS, "https://x.example", "daily"))["feed_url"] == (
        "https://x.example/daily.json"
    )


def test_feeds_without_issues_are_valid() -> None:
    assert not feedparser.parse(atom_feed([], "")).bozo
    assert json.loads(json_feed([], ""))["items"] == []
