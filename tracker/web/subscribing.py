"""The pages behind the links in a mail: whoever holds a link is the reader it was made for.

Only POST changes anything (RFC 8058): the scanners of mail services open every link by GET. There
are no cookies, so nothing but the link lends a request any power, and other sites cannot borrow it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from tracker.delivery import keys, links
from tracker.errors import UsageError
from tracker.language import language
from tracker.pipeline import following
from tracker.pipeline import preferences as chosen
from tracker.search.query import normalised
from tracker.settings import Config
from tracker.store import subscribers
from tracker.store.database import Database
from tracker.store.subscribers import ACTIVE, PAUSED, UNSUBSCRIBED, Subscriber
from tracker.web.asked import Answer, Asked

# RFC 8058, section 3.1: what a mail service sends, and our own button too.
_ONE_CLICK = ("List-Unsubscribe", "One-Click")
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
    change = _CHANGES.get(frozenset(asked.form))
    if change is None:
        raise UsageError("The form holds nothing that can be changed here.")
    change(db, config, reader, asked.form, asked.now)


Form = Mapping[str, str]
_Change = Callable[[Database, Config, Subscriber, Form, datetime], object]
_OPINIONS = {"like": True, "dislike": False, "forget": None}


def _put(db: Database, _: Config, reader: Subscriber, form: Form, __: datetime) -> None:
    if form["state"] not in (ACTIVE, PAUSED, UNSUBSCRIBED):
        raise UsageError("Mails can be active, paused or unsubscribed.")
    subscribers.put(db, reader.email, form["state"])


def _judge(db: Database, _: Config, reader: Subscriber, form: Form, now: datetime) -> None:
    if form["opinion"] not in _OPINIONS:
        raise UsageError("An opinion is like, dislike or forget.")
    liked = _OPINIONS[form["opinion"]]
    chosen.judge(db, form["paper"], liked=liked, now=now, owner=reader.number)


# What a form can change, by the names of its fields.
_CHANGES: Mapping[frozenset[str], _Change] = {
    frozenset({"state"}): _put,
    frozenset({"language"}): lambda db, _, reader, form, __: chosen.speak(
        db, reader, form["language"]
    ),
    frozenset({"follow"}): lambda db, config, reader, form, now: following.follow(
        db, config, normalised(form["follow"]), "", now, reader.number
    ),
    frozenset({"unfollow"}): lambda db, _, reader, form, __: following.unfollow(
        db, form["unfollow"], reader.number
    ),
    frozenset({"paper", "opinion"}): _judge,
}


def _reader(db: Database, config: Config, purpose: str, asked: Asked) -> Subscriber | None:
    return links.reader_of(db, keys.signing_key(config), purpose, asked.place["token"])


def _answer(template: str, reader: Subscriber, status: int = 200, /, **shown: object) -> Answer:
    """A page in the language of the reader's mails."""
    words = language(reader.language)
    return Answer(template, {"reader": reader, **shown}, status, words, private=True)
