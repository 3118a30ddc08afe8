"""What readers follow, read as interests: each in its own kind, shared work, nothing lost."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.records import paper
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.reader import Field, Interests, Match
from tracker.errors import NotFound, UsageError
from tracker.pipeline import following, preferences, tastes
from tracker.pipeline.composing import compose_period
from tracker.settings import Config, Direction
from tracker.store import interests, subscribers
from tracker.store.database import Database
from tracker.store.interests import Followed

W11 = Period.parse_week("2026-W11")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
SPEECH = {"speech": Direction("Speech", seeds=("speech recognition",), within=("application",))}


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def cared(db: Database, config: Config, *queries: str) -> Interests:
    """The interests of a reader of the home who follows these queries, each by its text."""
    for query in queries:
        following.follow(db, config, query, "", NOW)
    return tastes.interests_of(db, config, W11, [None])[None]


@pytest.mark.parametrize(
    ("query", "topics", "authors"),
    [
        ("topic:moe", {"moe"}, set()),
        ("topic:moe topic:rag", {"moe", "rag"}, set()),
        ("混合專家", {"moe"}, set()),
        ('author:"Ruth Abimbola-Stern"', set(), {"Ruth Abimbola-Stern"}),
        ("author:Holbeck", set(), {"Holbeck"}),
    ],
)
def test_a_topic_or_an_author_alone_is_followed_as_that(
    query: str, topics: set[str], authors: set[str], db: Database, config: Config
) -> None:
    known = cared(db, config, query)
    assert (known.topics, known.authors, known.queries) == (topics, authors, {})


@pytest.mark.parametrize("query", ["topic:moe -survey", "author:Holbeck gate", "topic:moe gate"])
def test_more_than_a_topic_or_an_author_is_a_query(
    query: str, db: Database, config: Config
) -> None:
    known = cared(db, config, query)
    assert (known.topics, known.authors) == (set(), set())
    assert list(known.queries) == [query]


@pytest.mark.parametrize("name", ["Lindström", "kurt lindstrom", "de la Cueva", "O'CONNOR"])
def test_an_author_is_known_by_a_part_of_the_name_in_any_spelling(name: str) -> None:
    authors = ('Kurt Lindstr{\\"o}m', "Santiago de la Cueva", "Declan O'Connor")
    about = Field({"1": paper("1", authors=authors)}, {}, {})
    assert about.follows(Interests(authors=frozenset({name}))) == {"1": (Match("author", name),)}
    across = frozenset({"Lindström Santiago", "Connor Declan", "indström"})
    assert about.follows(Interests(authors=across)) == {}


def test_what_can_no_longer_be_read_is_told_and_stops_nothing(db: Database, config: Config) -> None:
    own = replace(config, directions=SPEECH)
    following.follow(db, own, "topic:speech", "talk", NOW)
    following.follow(db, own, "gate", "gate", NOW)
    assert "talk" not in cared(db, own).unread
    known = cared(db, config)
    assert list(known.queries) == ["gate"]
    assert "There is no topic 'speech'" in known.unread["talk"]
    document = compose_period(db, config, W11, now=NOW).document
    (remark,) = document.remarks
    assert "“talk”, which you follow" in remark
    for suffix in ("html", "txt", "md"):
        assert "“talk”, which you" in (config.digests / f"weekly-{W11.key}.{suffix}").read_text()
    assert [one.name for one in interests.followed_queries(db)] == ["gate", "talk"]


def test_a_search_means_what_its_days_meant_when_it_was_saved(db: Database, config: Config) -> None:
    for day, name in ((9, "early"), (14, "late")):
        at = datetime(2026, 3, day, tzinfo=UTC)
        interests.follow(db, Followed(name, "after:3d", at))
    queries = cared(db, config).queries
    assert queries["late"] < queries["early"]


def test_the_last_digest_is_the_one_before(db: Database, config: Config) -> None:
    following.follow(db, config, "gate since:last-digest", "", NOW)
    following.follow(db, config, "gate", "", NOW)
    compose_period(db, config, W11, now=NOW)
    queries = cared(db, config).queries
    assert queries["gate since:last-digest"] == queries["gate"]


def test_a_reader_cannot_save_searches_without_end(db: Database, config: Config) -> None:
    with pytest.raises(UsageError, match="at most 500 characters"):
        following.follow(db, config, "moe " * 200, "", NOW)
    for number in range(following.MOST):
        following.follow(db, config, f"moe {number}", "", NOW)
    following.follow(db, config, "rag", "MOE 7", NOW)
    with pytest.raises(UsageError, match="No more than 100"):
        following.follow(db, config, "rag", "", NOW)


def test_a_subscribers_preferences_are_read_and_changed(db: Database, config: Config) -> None:
    ann = subscribers.add(db, "ann@x.example", "", "en", NOW)
    following.follow(db, config, "topic:moe", "experts", NOW, ann.number)
    preferences.judge(db, "2603.91911", liked=True, now=NOW, owner=ann.number)
    preferences.judge(db, "2603.91686", liked=False, now=NOW, owner=ann.number)
    ann = preferences.speak(db, ann, "zh-TW")
    known = preferences.preferences(db, ann)
    assert (known.language, known.state) == ("zh-TW", "active")
    assert [one.name for one in known.follows] == ["experts"]
    assert [one.id for one in known.liked] == ["2603.91911"]
    assert [one.id for one in known.disliked] == ["2603.91686"]
    assert interests.followed_queries(db) == interests.opinions(db) == []
    following.unfollow(db, "EXPERTS", ann.number)
    preferences.judge(db, "2603.91911", liked=None, now=NOW, owner=ann.number)
    known = preferences.preferences(db, ann)
    assert (known.follows, known.liked) == ((), ())
    with pytest.raises(NotFound):
        following.unfollow(db, "experts", ann.number)
    with pytest.raises(UsageError, match="no pages in 'fr'"):
        preferences.speak(db, ann, "fr")


def test_a_subscriber_judges_so_many_papers_and_no_more(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preferences, "MOST_OPINIONS", 3)
    reader = subscribers.add(db, "a@x.example", "", "en", NOW).number
    first, *others, last = [key for (key,) in db.execute("SELECT key FROM works LIMIT 4")]
    for key in (first, *others):
        preferences.judge(db, key, liked=True, now=NOW, owner=reader)
    with pytest.raises(UsageError, match="can judge 3 papers"):
        preferences.judge(db, last, liked=True, now=NOW, owner=reader)
    preferences.judge(db, first, liked=False, now=NOW, owner=reader)
    for key in (first, *others, last):
        preferences.judge(db, key, liked=True, now=NOW)
    assert len(interests.opinions(db, reader)) == 3
    assert len(interests.opinions(db)) == 4
