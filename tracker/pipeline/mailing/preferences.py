"""The preferences of a reader: subscription, language, saved searches, opinions of papers.

An `owner` is the number of a subscriber, or None for the owner of this home. Searches are saved and
deleted by `tracker.pipeline.retrieval.saved_searches`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracker.errors import UsageError
from tracker.language import get_language
from tracker.learning.reading import LEVELS
from tracker.models import Paper
from tracker.pipeline.mailing.prepare_issue import ISSUE_KINDS
from tracker.pipeline.retrieval.hybrid_search import find_work
from tracker.store import interests, reading_lists, subscribers
from tracker.store.database import Database
from tracker.store.interests import Owner, SavedSearch
from tracker.store.reading_lists import ListedWork
from tracker.store.subscribers import Subscriber

# Opinions per reader: a page with this many can still be read and sent.
MAX_OPINIONS = 500
# Minutes a day for reading; `tracker next --minutes` has the same limits.
MIN_MINUTES, MAX_MINUTES = 5, 240


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences of one subscriber; searches by name, papers by opinion, newest first.

    `listed` is the reading list.
    """

    language: str
    state: str
    follows: tuple[SavedSearch, ...]
    liked: tuple[Paper, ...]
    disliked: tuple[Paper, ...]
    listed: tuple[ListedWork, ...] = ()


def load_preferences(db: Database, subscriber: Subscriber) -> Preferences:
    """The preferences of a subscriber."""
    opinions = interests.list_opinions(db, subscriber.number)
    return Preferences(
        subscriber.language,
        subscriber.state,
        tuple(interests.list_saved_searches(db, subscriber.number)),
        tuple(opinion.paper for opinion in opinions if opinion.liked),
        tuple(opinion.paper for opinion in opinions if not opinion.liked),
        tuple(reading_lists.list_works(db, subscriber.number)),
    )


@dataclass(frozen=True, slots=True)
class Subscription:
    """A request to subscribe; an empty `name` or `language` keeps what is stored.

    `default_language` is for a new address without a language. An address that has unsubscribed is
    only added again with `resubscribe`. `kinds` says which kinds of issues to add (true) to those
    that the address gets, and which to leave out.
    """

    email: str
    name: str = ""
    language: str = ""
    default_language: str = "en"
    resubscribe: bool = False
    kinds: Mapping[str, bool] = field(default_factory=dict)


def subscribe(db: Database, request: Subscription, now: datetime) -> Subscriber:
    """Add an address, or make a known one active again.

    The returned subscriber is unsubscribed if the request does not allow resubscribing. Raises
    UsageError if no kind of issue is left.
    """
    stored = subscribers.find_by_email(db, request.email)
    if stored is None:
        language = request.language or request.default_language
        kinds = changed_kinds(subscribers.DEFAULT_KINDS, request.kinds)
        return subscribers.add(db, request.email, request.name, language, now, kinds)
    if stored.state == subscribers.UNSUBSCRIBED and not request.resubscribe:
        return stored
    return subscribers.add(
        db,
        request.email,
        request.name or stored.name,
        request.language or stored.language,
        now,
        changed_kinds(stored.kinds, request.kinds),
    )


def changed_kinds(kinds: Iterable[str], changes: Mapping[str, bool]) -> tuple[str, ...]:
    """Return kinds of issues with some added (true) and some removed, in the usual order.

    Raises UsageError if none is left.
    """
    chosen = dict.fromkeys(kinds, True) | dict(changes)
    left = tuple(kind for kind in ISSUE_KINDS.values() if chosen.get(kind))
    if not left:
        raise UsageError(
            "A subscriber gets at least one kind of issue; pause or remove it instead."
        )
    return left


def set_kind(db: Database, subscriber: Subscriber, kind: str, *, wanted: bool) -> Subscriber:
    """Add a kind of issue to those that a subscriber gets, or remove it. Raises UsageError."""
    kinds = changed_kinds(subscriber.kinds, {kind: wanted})
    return subscribers.set_kinds(db, subscriber.email, kinds)


def set_language(db: Database, subscriber: Subscriber, code: str) -> Subscriber:
    """Change the language of the emails. Raises UsageError for an unknown language."""
    return subscribers.set_language(db, subscriber.email, get_language(code).code)


def set_profile(db: Database, subscriber: Subscriber, level: str, minutes: int) -> Subscriber:
    """Change the level and the minutes a day; "" and 0 are those of the settings.

    Raises UsageError for an unknown level and for minutes out of range.
    """
    if level and level not in LEVELS:
        raise UsageError(f"There is no level {level[:40]!r}; the levels are {', '.join(LEVELS)}.")
    if minutes and not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise UsageError(f"Minutes a day are a number from {MIN_MINUTES} to {MAX_MINUTES}.")
    return subscribers.set_profile(db, subscriber.email, level, minutes)


def parse_minutes(text: str) -> int:
    """Return the minutes in a form field; 0 if it is empty. Raises UsageError."""
    if not text.strip():
        return 0
    if not text.strip().isdecimal() or len(text) > len("240") + 2:
        raise UsageError(f"Minutes a day are a number from {MIN_MINUTES} to {MAX_MINUTES}.")
    # Zero would mean the default, which is an empty field.
    return int(text) or -1


def set_opinion(
    db: Database, key: str, *, liked: bool | None, now: datetime, owner: Owner = None
) -> Paper:
    """Store the opinion of a reader about a paper; None deletes it.

    Raises NotFound for an unknown paper, and UsageError if there is no opinion to delete or if a
    subscriber has too many.
    """
    work, paper = find_work(db, key)
    if liked is not None:
        _check_opinion_limit(db, owner, work)
        interests.store_opinion(db, work, liked=liked, now=now, owner=owner)
    elif not interests.delete_opinion(db, work, owner):
        raise UsageError(f"There is no opinion of {paper.id} to delete.")
    return paper


def _check_opinion_limit(db: Database, owner: Owner, work: int) -> None:
    """Limit subscribers, whose links must not fill the disk, but not the owner of this home."""
    judged = {opinion.work for opinion in interests.opinions_by_owner(db, [owner])[owner]}
    if owner is not None and work not in judged and len(judged) >= MAX_OPINIONS:
        raise UsageError(f"A reader can judge {MAX_OPINIONS} papers; delete an opinion first.")
