"""The link in every mail: POST unsubscribes at once, without cookies or login (RFC 8058).

GET only asks, because link scanners of mail services open every address. This is what a web server
mounts at `/u/TOKEN`; it is pure but for the one row that it changes.
"""

from dataclasses import dataclass
from html import escape

from tracker.delivery import keys
from tracker.store import subscribers
from tracker.store.database import Database

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">
<title>{title}</title></head><body><h1>{title}</h1><p>{text}</p>{form}</body></html>
"""
_FORM = (
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    "<button>Unsubscribe</button></form>"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and an HTML page."""

    status: int
    page: str


def answer(db: Database, key: bytes, method: str, token: str) -> Answer:
    """Ask on GET, unsubscribe on POST; a token that we have not signed is not found."""
    number = keys.number_in(token)
    known = subscribers.numbered(db, number) if number is not None else None
    if known is None or not keys.proves(key, token, known.number, known.email):
        return _told(404, "Not found", "This link is not one of ours.")
    if method == "POST":
        subscribers.put(db, known.email, subscribers.UNSUBSCRIBED)
        return _told(200, "Unsubscribed", f"No more mails go to {known.email}.")
    if method not in ("GET", "HEAD"):
        return _told(405, "Not allowed", "Only GET and POST are.")
    return _told(200, "Unsubscribe?", f"Shall no more mails go to {known.email}?", _FORM)


def _told(status: int, title: str, text: str, form: str = "") -> Answer:
    return Answer(status, _PAGE.format(title=escape(title), text=escape(text), form=form))
