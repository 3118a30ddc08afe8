"""The pages behind the links in a mail: the token in a link identifies the subscriber.

Only POST changes anything (RFC 8058), because mail scanners open every link with GET. There are no
cookies: the token is the only credential, so cross-site requests have no authority.

Public: `unsubscribe_page`, `preferences_page`; for other private pages `find_reader`,
`reader_page`, `INVALID_LINK`.
"""

from tracker.delivery.mail import links, tokens
from tracker.errors import UsageError
from tracker.language import get_language
from tracker.pipeline.mailing import feedback, preferences
from tracker.pipeline.mailing.preferences import parse_minutes
from tracker.pipeline.retrieval import saved_searches
from tracker.search.query.parser import normalize_query
from tracker.settings import Config
from tracker.store import subscribers
from tracker.store.database import Database
from tracker.store.subscribers import UNSUBSCRIBED, Subscriber
from tracker.web.http_messages import PageRequest, PageResponse

# RFC 8058, section 3.1: sent by mail services and by the button of the page.
_ONE_CLICK = ("List-Unsubscribe", "One-Click")
# Sent by the other button of the page.
_STOP_ALL = ("stop", "all")
_OPINIONS = {"like": True, "dislike": False, "forget": None}
# The same page for every invalid link, so that none reveals whether a subscriber exists.
INVALID_LINK = PageResponse("invalid_link.jinja", status=404, is_private=True)


def unsubscribe_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Ask whether to stop one kind of issue or all of them; on POST, do so. May be repeated.

    A link in a mail that was sent before each kind had its own names none, and stops all.
    """
    kind = request.path_params.get("kind", "")
    reader = find_reader(db, config, links.unsubscribe_purpose(kind), request)
    if reader is None:
        return INVALID_LINK
    if request.method == "POST":
        reader = _stop(db, reader, kind, request)
    return reader_page("unsubscribe.jinja", reader, kind=kind)


def _stop(db: Database, reader: Subscriber, kind: str, request: PageRequest) -> Subscriber:
    """Stop what the form says. Raises UsageError if it says nothing."""
    if _STOP_ALL in request.form.items():
        return subscribers.set_state(db, reader.email, UNSUBSCRIBED)
    if _ONE_CLICK not in request.form.items():
        raise UsageError("The form must contain List-Unsubscribe=One-Click.")
    if kind:
        return subscribers.stop_kind(db, reader.email, kind)
    return subscribers.set_state(db, reader.email, UNSUBSCRIBED)


def preferences_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Show what a subscriber gets, follows and likes; on POST, change it."""
    reader = find_reader(db, config, links.PREFERENCES, request)
    if reader is None:
        return INVALID_LINK
    wrong = ""
    if request.method == "POST":
        try:
            _apply_change(db, config, reader, request)
        except UsageError as error:
            wrong = str(error)
        reader = subscribers.get_by_email(db, reader.email)
    shown = {"chosen": preferences.load_preferences(db, reader), "wrong": wrong}
    saved = request.method == "POST" and not wrong
    return reader_page("preferences.jinja", reader, 400 if wrong else 200, saved=saved, **shown)


def _apply_change(db: Database, config: Config, reader: Subscriber, request: PageRequest) -> None:
    """Apply the change that the form requests. Raises UsageError if there is none."""
    match sorted(request.form.items()):
        case [("state", "active" | "paused" | "unsubscribed" as state)]:
            subscribers.set_state(db, reader.email, state)
        case [("kind", "daily" | "weekly" | "monthly" as kind), ("wanted", "yes" | "no" as wanted)]:
            preferences.set_kind(db, reader, kind, wanted=wanted == "yes")
        case [("language", code)]:
            preferences.set_language(db, reader, code)
        case [("level", level), ("minutes", minutes)]:
            preferences.set_profile(db, reader, level, parse_minutes(minutes))
        case [("follow", query)]:
            saved_searches.follow(
                db, config, normalize_query(query), "", request.now, reader.number
            )
        case [("unfollow", name)]:
            saved_searches.unfollow(db, name, reader.number)
        case [("opinion", "like" | "dislike" | "forget" as opinion), ("paper", key)]:
            liked = _OPINIONS[opinion]
            preferences.set_opinion(db, key, liked=liked, now=request.now, owner=reader.number)
        case [("paper", key), ("reading", "" | "saved" | "read" | "tried" as state)]:
            feedback.set_reading_state(db, reader, state, key, request.now)
        case _:
            raise UsageError("The form requests no change that can be made here.")


def find_reader(
    db: Database, config: Config, purpose: str, request: PageRequest
) -> Subscriber | None:
    """Return the subscriber whose token for that purpose is in the address, or None."""
    return links.find_subscriber(
        db, tokens.load_or_create_signing_key(config), purpose, request.path_params["token"]
    )


def reader_page(
    template: str, reader: Subscriber, status: int = 200, /, **shown: object
) -> PageResponse:
    """Return a private page in the language of the subscriber's mails."""
    language = get_language(reader.language)
    return PageResponse(template, {"reader": reader, **shown}, status, language, is_private=True)
