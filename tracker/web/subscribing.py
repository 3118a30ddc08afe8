"""The pages behind the links in a mail: whoever holds a link is the reader it was made for.

Only POST changes anything (RFC 8058): the scanners of mail services open every link by GET. There
are no cookies, so nothing but the link lends a request any power, and other sites cannot borrow it.
"""

from tracker.delivery import keys, links
from tracker.errors import UsageError
from tracker.language import language
from tracker.pipeline import following
from tracker.pipeline import preferences as chosen
from tracker.search.query import normalised
from tracker.settings import Config
from tracker.store import subscribers
from tracker.store.database import Database
from tracker.store.subscribers import UNSUBSCRIBED, Subscriber
from tracker.web.asked import Answer, Asked

# RFC 8058, section 3.1: what a mail service sends, and our own button too.
_ONE_CLICK = ("List-Unsubscribe", "One-Click")
_OPINIONS = {"like": True, "dislike": False, "forget": None}
# One answer to every wrong link, so that none tells whether there is such a reader.
_UNKNOWN = Answer("unknown.jinja", status=404, private=True)


def unsubscribe(db: Database, config: Config, asked: Asked) -> Answer:
    """Ask, or by POST unsubscribe, as often as one likes."""
    reader = _reader(db, config, links.UNSUBSCRIBE, asked)
    if reader is None:
        return _UNKNOWN
    if asked.method == "POST":
        if _ONE_CLICK not in asked.form.items():
            raise UsageError("The form must say List-Unsubscribe=One-Click.")
        reader = subscribers.put(db, reader.email, UNSUBSCRIBED)
    return _answer("unsubscribe.jinja", reader)


def preferences(db: Database, config: Config, asked: Asked) -> Answer:
    """What one reader gets, follows and likes, and by POST changes of it."""
    reader = _reader(db, config, links.PREFERENCES, asked)
    if reader is None:
        return _UNKNOWN
    wrong = ""
    if asked.method == "POST":
        try:
            _change(db, config, reader, asked)
        except UsageError as error:
            wrong = str(error)
        reader = subscribers.named(db, reader.email)
    shown = {"chosen": chosen.preferences(db, reader), "wrong": wrong}
    saved = asked.method == "POST" and not wrong
    return _answer("preferences.jinja", reader, 400 if wrong else 200, saved=saved, **shown)


def _change(db: Database, config: Config, reader: Subscriber, asked: Asked) -> None:
    """Do what the form says. Raises UsageError for what cannot be done."""
    match sorted(asked.form.items()):
        case [("state", "active" | "paused" | "unsubscribed" as state)]:
            subscribers.put(db, reader.email, state)
        case [("language", code)]:
            chosen.speak(db, reader, code)
        case [("follow", query)]:
            following.follow(db, config, normalised(query), "", asked.now, reader.number)
        case [("unfollow", name)]:
            following.unfollow(db, name, reader.number)
        case [("opinion", "like" | "dislike" | "forget" as opinion), ("paper", key)]:
            liked = _OPINIONS[opinion]
            chosen.judge(db, key, liked=liked, now=asked.now, owner=reader.number)
        case _:
            raise UsageError("The form holds nothing that can be changed here.")


def _reader(db: Database, config: Config, purpose: str, asked: Asked) -> Subscriber | None:
    return links.reader_of(db, keys.signing_key(config), purpose, asked.place["token"])


def _answer(template: str, reader: Subscriber, status: int = 200, /, **shown: object) -> Answer:
    """A page in the language of the reader's mails."""
    words = language(reader.language)
    return Answer(template, {"reader": reader, **shown}, status, words, private=True)
