"""What a reader of a report can take part in: competitions, courses, calls, open issues.

They are dates of the deadlines source and entries of feeds whose titles announce one. Nothing is
inferred: an entry counts only if its title says what it is and that one can join, or if it is an
issue on GitHub that its project labels for newcomers.

Public: `add_taking_part`.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from summarizer.text.sentences import to_plain_text
from tracker.digest.document import Document
from tracker.digest.monthly.month_parts import Invitation
from tracker.pipeline.issue.report.local_deadlines import LocalDeadline, list_local_deadlines
from tracker.records import FeedItem
from tracker.settings import Config
from tracker.store import feed_items
from tracker.store.database import Database

_AHEAD = timedelta(days=60)
_MOST = 6
_EVENTS = {
    "competition": re.compile(r"\b(competition|shared task|hackathon|kaggle|challenge)\b", re.I),
    "course": re.compile(
        r"\b(course|bootcamp|summer school|winter school|school on|mooc|cohort)\b", re.I
    ),
    "call": re.compile(r"\bcall for (?:participation|proposals|contributions|tutorials)\b", re.I),
}
_JOIN = re.compile(
    r"\b(announc\w+|enrol\w*|enter|join|launch\w*|now open|open for|prizes?|register\w*"
    r"|registration|sign[- ]?up|start(?:s|ing)|submissions?)\b",
    re.I,
)
_ISSUE_PATH = re.compile(r"/[^/]+/[^/]+/issues/\d+/?")
_FOR_NEWCOMERS = re.compile(r"\b(good first issue|help wanted)\b", re.I)


def add_taking_part(db: Database, config: Config, document: Document) -> Document:
    """Return a report with what one can take part in after its month."""
    if document.month is None:
        return document
    until = document.end + _AHEAD
    dates = list_local_deadlines(db, config, document.end + timedelta(days=1), until)
    entries = feed_items.items_between(db, document.start, document.end)
    found = [*_dated(dates), *_announced([item for _, item in entries])]
    first = list({(one.name, one.day): one for one in found}.values())[:_MOST]
    return replace(document, month=replace(document.month, taking_part=tuple(first)))


def _dated(dates: list[LocalDeadline]) -> Iterator[Invitation]:
    for one in dates:
        known = one.deadline
        name = f"{known.conference} {known.year}"
        text = f"{name}: {known.label}" if known.label else name
        kind = _kind_of(text)
        if kind:
            yield Invitation(kind, text, known.url, one.day, one.time)


def _announced(entries: list[FeedItem]) -> Iterator[Invitation]:
    for item in entries:
        title = to_plain_text(item.title)
        if not item.link:
            continue
        if _is_for_newcomers(item):
            yield Invitation("issue", title, item.link)
        elif (kind := _kind_of(title)) and (kind == "call" or _JOIN.search(title)):
            yield Invitation(kind, title, item.link)


def _kind_of(text: str) -> str:
    """Return competition, course or call; "" if the text names none."""
    return next((kind for kind, pattern in _EVENTS.items() if pattern.search(text)), "")


def _is_for_newcomers(item: FeedItem) -> bool:
    address = urlsplit(item.link)
    if address.hostname != "github.com" or not _ISSUE_PATH.fullmatch(address.path):
        return False
    return bool(_FOR_NEWCOMERS.search(f"{item.title} {item.summary}"))
