"""Saved searches as interests: topics, authors and queries, and those no longer valid."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.records import paper
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.selection.reader_match import CandidatePool, Interests, Match
from tracker.errors import NotFound, UsageError
from tracker.pipeline.issue import reader_profile
from tracker.pipeline.issue.compose_issue import compose_period
from tracker.pipeline.mailing import preferences
from tracker.pipeline.retrieval import saved_searches
from tracker.settings import Config, Direction
from tracker.store import interests, subscribers
from tracker.store.database import Database
from tracker.store.interests import SavedSearch

W11 = Period.parse_week("2026-W11")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
SPEECH = {"speech": Direction("Speech", seeds=("speech recognition",), within=("application",))}


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def follow_all(db: Database, config: Config, *queries: str) -> Interests:
    """The interests of a reader of the home who follows these queries, each by its text."""
    for query in queries:
        saved_searches.follow(db, config, query, "", NOW)
    return reader_profile.load_interests(db, config, W11, [None])[None]


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
def test_a_topic_or_an_author_alone_is_followed_as_such(
    query: str, topics: set[str], authors: set[str], db: Database, config: Config
) -> None:
    known = follow_all(db, config, query)
    assert (known.topics, known.authors, known.queries) == (topics, authors, {})


@pytest.mark.parametrize(
    "query", ["topic:moe -survey", "author:Holbeck gate", "topic:reasoning exam"]
)
def test_more_than_a_topic_or_an_author_is_a_query(
    query: str, db: Database, config: Config
) -> None:
    known = follow_all(db, config, query)
    assert (known.topics, known.authors) == (set(), set())
    assert list(known.queries) == [query]


@pytest.mark.parametrize("name", ["Lindström", "kurt lindstrom", "de la Cueva", "O'CONNOR"])
def test_an_author_matches_by_any_part_and_spelling_of_the_name(name: str) -> None:
    authors = ('Kurt Lindstr{\\"o}m', "Santiago de la Cueva", "Declan O'Connor")
    about = CandidatePool({"1": paper("1", authors=authors)}, {}, {})
    assert about.find_followed(Interests(authors=frozenset({name}))) == {
        "1": (Match("author", name),)
    }
    across = frozenset({"Lindström Santiago", "Connor Declan", "indström"})
    assert about.find_followed(Interests(authors=across)) == {}


def test_an_invalid_search_is_reported_and_stops_no_other(db: Database, config: Config) -> None:
    custom = replace(config, directions=SPEECH)
    saved_searches.follow(db, custom, "topic:speech", "talk", NOW)
    saved_searches.follow(db, custom, "gate", "gate", NOW)
    assert "talk" not in follow_all(db, custom).invalid_queries
    known = follow_all(db, config)
    assert list(known.queries) == ["gate"]
    assert "There is no topic 'speech'" in known.invalid_queries["talk"]
    document = compose_period(db, config, W11, now=NOW).document
    (remark,) = document.remarks
    assert "Your saved search “talk” is no longer valid" in remark
    for suffix in ("html", "txt", "md"):
        assert "saved search “talk”" in (config.digests / f"weekly-{W11.key}.{suffix}").read_text()
    assert [one.name for one in interests.list_saved_searches(db)] == ["gate", "talk"]


def test_relative_days_of_a_search_count_from_the_day_it_was_saved(
    db: Database, config: Config
) -> None:
    for day, name in ((9, "early"), (14, "late")):
        at = datetime(2026, 3, day, tzinfo=UTC)
        interests.follow(db, SavedSearch(name, "after:3d", at))
    queries = follow_all(db, config).queries
    assert queries["late"] < queries["early"]


def test_the_last_digest_is_the_one_before_the_period(db: Database, config: Config) -> None:
    saved_searches.follow(db, config, "gate since:last-digest", "", NOW)
    saved_searches.follow(db, config, "gate", "", NOW)
    compose_period(db, config, W11, now=NOW)
    queries = follow_all(db, config).queries
    assert queries["gate since:last-digest"] == queries["gate"]


def test_the_number_and_length_of_saved_searches_are_limited(db: Database, config: Config) -> None:
    with pytest.raises(UsageError, match="at most 500 characters"):
        saved_searches.follow(db, config, "moe " * 200, "", NOW)
    for number in range(saved_searches.MAX_SEARCHES):
        saved_searches.follow(db, config, f"moe {number}", "", NOW)
    saved_searches.follow(db, config, "rag", "MOE 7", NOW)
    with pytest.raises(UsageError, match="No more than 100"):
        saved_searches.follow(db, config, "rag", "", NOW)


def test_a_subscribers_preferences_are_read_and_changed(db: Database, config: Config) -> None:
    ann = subscribers.add(db, "ann@x.example", "", "en", NOW)
    saved_searches.follow(db, config, "topic:moe", "experts", NOW, ann.number)
    preferences.set_opinion(db, "2603.91911", liked=True, now=NOW, owner=ann.number)
    preferences.set_opinion(db, "2603.91686", liked=False, now=NOW, owner=ann.number)
    ann = preferences.set_language(db, ann, "zh-TW")
    known = preferences.load_preferences(db, ann)
    assert (known.language, known.state) == ("zh-TW", "active")
    assert [one.name for one in known.follows] == ["experts"]
    assert [one.id for one in known.liked] == ["2603.91911"]
    assert [one.id for one in known.disliked] == ["2603.91686"]
    assert interests.list_saved_searches(db) == interests.list_opinions(db) == []
    saved_searches.unfollow(db, "EXPERTS", ann.number)
    preferences.set_opinion(db, "2603.91911", liked=None, now=NOW, owner=ann.number)
    known = preferences.load_preferences(db, ann)
    assert (known.follows, known.liked) == ((), ())
    with pytest.raises(NotFound):
        saved_searches.unfollow(db, "experts", ann.number)
    with pytest.raises(UsageError, match="Unknown language 'fr'"):
        preferences.set_language(db, ann, "fr")


def test_the_number_of_opinions_of_a_subscriber_is_limited(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preferences, "MAX_OPINIONS", 3)
    reader = subscribers.add(db, "a@x.example", "", "en", NOW).number
    first, *others, last = [key for (key,) in db.execute("SELECT key FROM works LIMIT 4")]
    for key in (first, *others):
        preferences.set_opinion(db, key, liked=True, now=NOW, owner=reader)
    with pytest.raises(UsageError, match="can judge 3 papers"):
        preferences.set_opinion(db, last, liked=True, now=NOW, owner=reader)
    preferences.set_opinion(db, first, liked=False, now=NOW, owner=reader)
    for key in (first, *others, last):
        preferences.set_opinion(db, key, liked=True, now=NOW)
    assert len(interests.list_opinions(db, reader)) == 3
    assert len(interests.list_opinions(db)) == 4
