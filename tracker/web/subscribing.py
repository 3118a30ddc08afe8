"""The pages behind the links in a mail: whoever holds a link is the reader it was made for.

Only POST changes anything (RFC 8058): the scanners of mail services open every link by GET. There
are no cookies, so nothing but the link lends a request any power, and other sites cannot borrow it.
"""

from collections.abc import Mapping

from tracker.delivery import keys, links
from tracker.errors import UsageError
from tracker.language import NAMES, language
from tracker.settings import Config
from tracker.store import subscribers
from tracker.store.database import Database
from tracker.store.subscribers import ACTIVE, PAUSED, UNSUBSCRIBED, Subscriber
from tracker.web.asking import Answer, Asked

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
    """What one reader gets, and by POST changes of it."""
    reader = _reader(db, config, links.PREFERENCES, asked)
    if reader is None:
        return _UNKNOWN
    if asked.method == "POST":
        reader = _changed(db, reader, asked.form)
    return _answer("preferences.jinja", reader, saved=asked.method == "POST")


def _changed(db: Database, reader: Subscriber, form: Mapping[str, str]) -> Subscriber:
    if form.keys() == {"language"} and form["language"] in NAMES:
        return subscribers.speak(db, reader.email, form["language"])
    if form.keys() == {"state"} and form["state"] in (ACTIVE, PAUSED, UNSUBSCRIBED):
        return subscribers.put(db, reader.email, form["state"])
    raise UsageError("The form holds nothing that can be changed here.")


def _reader(db: Database, config: Config, purpose: str, asked: Asked) -> Subscriber | None:
    return links.reader_of(db, keys.signing_key(config), purpose, asked.place["token"])


def _answer(template: str, reader: Subscriber, **shown: object) -> Answer:
    """A page in the language of the reader's mails."""
    return Answer(
        template, {"reader": reader, **shown}, language=language(reader.language), private=True
    )
