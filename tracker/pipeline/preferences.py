"""What a reader can say of what they get: language, pauses, searches, and opinions of papers.

An `owner` is the number of a subscriber, or None for the reader whose home this is. Searches are
saved and forgotten by `tracker.pipeline.following`.
"""

from dataclasses import dataclass
from datetime import datetime

from tracker.errors import UsageError
from tracker.language import language
from tracker.models import Paper
from tracker.pipeline.finding import find
from tracker.store import interests, subscribers
from tracker.store.database import Database
from tracker.store.interests import Followed, Owner
from tracker.store.subscribers import Subscriber

# Papers that one reader can have judged: a page of them can still be read and sent.
MOST_OPINIONS = 500


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one subscriber has chosen; searches by name, papers by opinion, the newest first."""

    language: str
    state: str
    follows: tuple[Followed, ...]
    liked: tuple[Paper, ...]
    disliked: tuple[Paper, ...]


def preferences(db: Database, subscriber: Subscriber) -> Preferences:
    """What a subscriber has chosen."""
    opinions = interests.opinions(db, subscriber.number)
    return Preferences(
        subscriber.language,
        subscriber.state,
        tuple(interests.followed_queries(db, subscriber.number)),
        tuple(opinion.paper for opinion in opinions if opinion.liked),
        tuple(opinion.paper for opinion in opinions if not opinion.liked),
    )


def subscribe(
    db: Database, email: str, *, name: str, code: str, default: str, again: bool, now: datetime
) -> Subscriber:
    """Add an address, or make a known one active again; what is not given stays as it was.

    `code` is the language asked for, `default` that of a new address without one. Who has
    unsubscribed stays so unless `again`: see the state of what is returned.
    """
    known = subscribers.known(db, email)
    if known is None:
        return subscribers.add(db, email, name, code or default, now)
    if known.state == subscribers.UNSUBSCRIBED and not again:
        return known
    return subscribers.add(db, email, name or known.name, code or known.language, now)


def speak(db: Database, subscriber: Subscriber, code: str) -> Subscriber:
    """Send the mails in another language. Raises UsageError for one that there is not."""
    return subscribers.speak(db, subscriber.email, language(code).code)


def judge(
    db: Database, key: str, *, liked: bool | None, now: datetime, owner: Owner = None
) -> Paper:
    """Keep what a reader thinks of a paper; None takes it back.

    Raises NotFound for a paper that is not here, UsageError when there is nothing to take back and
    when a subscriber has judged too many.
    """
    work, paper = find(db, key)
    if liked is not None:
        _refuse_more(db, owner, work)
        interests.judge(db, work, liked=liked, now=now, owner=owner)
    elif not interests.forget(db, work, owner):
        raise UsageError(f"There is no opinion of {paper.id} to take back.")
    return paper


def _refuse_more(db: Database, owner: Owner, work: int) -> None:
    """A link in a mail must not fill the disk; the home's own reader may judge as they like."""
    judged = {one.work for one in interests.judged(db, [owner])[owner]}
    if owner is not None and work not in judged and len(judged) >= MOST_OPINIONS:
        raise UsageError(
            f"One reader can judge {MOST_OPINIONS} papers; take an opinion back first."
        )
