"""Parsers return records or a reason for any bytes: truncated, mixed and mangled documents."""

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.sources.tasks import NOW
from tests.sources.test_acl import PAPER, collection
from tests.sources.test_feeds import VIDEOS, rss
from tests.sources.test_openreview import GROUP, note
from tracker.errors import SourceMalformed
from tracker.sources import acl, deadlines, huggingface, openreview, semantic_scholar
from tracker.sources.formats import accepted_lists, feed_entries

DAY = date(2026, 3, 10)
_PAPER = {"paper": {"id": "2603.00001", "upvotes": 3}, "numComments": 1}
_MODEL = {"id": "a/b", "tags": ["arxiv:2603.00001"], "likes": 3, "trendingScore": 4}
_CITED = {"externalIds": {"ArXiv": "2603.00001"}, "citationCount": 3}
_LISTED = {"id": "a", "title": "One", "author": "Ada;Bo", "status": "Poster"}
_POST = {"id": 1, "title": "a", "url": "https://a.example", "authors": [{"name": "Ada"}]}
_FEED = {"version": "https://jsonfeed.org/version/1.1", "items": [_POST]}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


READERS: dict[str, tuple[bytes, Callable[[bytes], Any]]] = {
    "acl": (collection(PAPER * 2), acl.parse),
    "deadlines": ((Path(__file__).parents[1] / "deadlines.yml").read_bytes(), deadlines.parse),
    "daily": (_json([_PAPER] * 3), lambda body: huggingface.parse_daily(body, DAY)),
    "models": (_json([_MODEL] * 3), lambda body: huggingface.parse_models(body, DAY)),
    "notes": (
        _json({"notes": [note("a")] * 2, "count": 2}),
        lambda body: openreview.parse(body, GROUP),
    ),
    "list": (_json([_LISTED] * 2), lambda body: accepted_lists.parse(body, "colm2025.json")),
    "citations": (
        _json([_CITED]),
        lambda body: semantic_scholar.parse(body, ["2603.00001"], DAY),
    ),
    "atom": (VIDEOS, lambda body: feed_entries.parse(body, NOW)),
    "rss": (
        rss("<item><title>a</title><pubDate>Tue, 10 Mar 2026 08:00:00 GMT</pubDate></item>"),
        lambda body: feed_entries.parse(body, NOW),
    ),
    "json feed": (_json(_FEED), lambda body: feed_entries.parse(body, NOW)),
}
# What documents are made of, in the wrong place.
_BITS = (b"<", b">", b"&", b'"', b"{", b"}", b"[", b"]", b":", b"null", b"-1", b"1e999", b"\xff",
         b"\x00", b"\\ud800", b"true", b"\n", b"*a", b"&a ", b"9" * 30, b"]]>")  # fmt: skip


def _mangled(body: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(body) + 1)
        end = min(len(body), start + chance.choice((0, 0, 1, 5, 40)))
        body = body[:start] + chance.choice(_BITS) + body[end:]
    return body if chance.random() < 0.7 else body[: chance.randrange(len(body) + 1)]


@pytest.mark.parametrize("name", READERS)
def test_arbitrary_bytes_do_not_crash_a_parser(name: str) -> None:
    whole, read = READERS[name]
    assert read(whole)
    chance = random.Random(name)
    for _ in range(250):
        body = _mangled(whole, chance)
        try:
            read(body)
        except SourceMalformed as error:
            assert str(error), body  # noqa: PT017


def _swapped(value: Any, chance: random.Random) -> Any:
    """Generate `value` with parts of other types."""
    if chance.random() < 0.12:
        return chance.choice(
            (None, True, -1, 1.5, 10**30, "", "x", [], {}, [None], {"value": None})
        )
    if isinstance(value, dict):
        return {key: _swapped(part, chance) for key, part in value.items()}
    return [_swapped(part, chance) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["daily", "models", "notes", "list", "citations", "json feed"])
def test_values_of_other_types_do_not_crash_a_parser(name: str) -> None:
    whole, read = READERS[name]
    chance = random.Random(name)
    for _ in range(400):
        body = _json(_swapped(json.loads(whole), chance))
        try:
            read(body)
        except SourceMalformed as error:
            assert str(error), body  # noqa: PT017
