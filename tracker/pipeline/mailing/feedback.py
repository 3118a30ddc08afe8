"""What a reader says about a paper with one click, and what the next issue says about it.

Public: `give_feedback`, `undo_feedback`, `set_reading_state`, `load_changes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from summarizer.text.sentences import to_plain_text
from tracker.calendar import Period
from tracker.delivery.mail.links import LESS, MORE, READ, SAVE
from tracker.errors import UsageError
from tracker.models import Paper
from tracker.pipeline.mailing import preferences
from tracker.pipeline.mailing.prepare_issue import ISSUE_KINDS
from tracker.pipeline.retrieval.hybrid_search import find_work
from tracker.store import interests, outbox, papers, reading_lists
from tracker.store.database import Database
from tracker.store.subscribers import Subscriber

_LIKED = {MORE: True, LESS: False}
_STATES = {READ: reading_lists.READ, SAVE: reading_lists.SAVED}
ACTIONS = (*_LIKED, *_STATES)


@dataclass(frozen=True, slots=True)
class Change:
    """An action since a reader's last mail, and the title of its paper."""

    action: str
    title: str
    at: datetime


def give_feedback(db: Database, reader: Subscriber, action: str, key: str, now: datetime) -> Paper:
    """Store what a reader says about a paper; saying it again changes nothing.

    Raises NotFound, and UsageError if the reader has judged too many papers.
    """
    if action in _LIKED:
        if _opinion_of(db, reader, find_work(db, key)[0]) is _LIKED[action]:
            return find_work(db, key)[1]
        return preferences.set_opinion(db, key, liked=_LIKED[action], now=now, owner=reader.number)
    return set_reading_state(db, reader, _STATES[action], key, now)


def undo_feedback(db: Database, reader: Subscriber, action: str, key: str) -> Paper:
    """Delete what `give_feedback` stored, unless it has changed since. Raises NotFound."""
    work, paper = find_work(db, key)
    if action in _LIKED:
        if _opinion_of(db, reader, work) is _LIKED[action]:
            interests.delete_opinion(db, work, reader.number)
    elif _state_of(db, reader, work) == _STATES[action]:
        reading_lists.delete_state(db, reader.number, work)
    return paper


def set_reading_state(
    db: Database, reader: Subscriber, state: str, key: str, now: datetime
) -> Paper:
    """Set the state of a paper on a reading list; "" removes it. Raises NotFound, UsageError."""
    work, paper = find_work(db, key)
    if not state:
        reading_lists.delete_state(db, reader.number, work)
        return paper
    listed = reading_lists.states_by_subscriber(db, [reader.number])[reader.number]
    if work not in {one.work for one in listed} and len(listed) >= preferences.MAX_OPINIONS:
        raise UsageError(
            f"A reading list can have {preferences.MAX_OPINIONS} papers; remove one first."
        )
    reading_lists.store_state(db, reader.number, work, state, now)
    return paper


def _opinion_of(db: Database, reader: Subscriber, work: int) -> bool | None:
    opinions = interests.opinions_by_owner(db, [reader.number])[reader.number]
    return next((one.liked for one in opinions if one.work == work), None)


def _state_of(db: Database, reader: Subscriber, work: int) -> str:
    listed = reading_lists.states_by_subscriber(db, [reader.number])[reader.number]
    return next((one.state for one in listed if one.work == work), "")


def load_changes(
    db: Database, period: Period, numbers: Sequence[int]
) -> dict[int, tuple[Change, ...]]:
    """Return what each reader answered since their last issue of that kind, newest first.

    For a reader without one, since the period began.
    """
    begun = datetime.combine(period.start, time(), UTC)
    since = outbox.last_sent_by_subscriber(db, ISSUE_KINDS[period.kind], period.key)
    answers = _load_feedback(db, numbers)
    recent = {
        number: [one for one in answers[number] if one[2] > since.get(number, begun)]
        for number in numbers
    }
    works = {work for found in recent.values() for work, _, _ in found}
    known = papers.load_by_number(db, sorted(works))
    return {
        number: tuple(
            Change(action, to_plain_text(known[work].title), at) for work, action, at in found
        )
        for number, found in recent.items()
    }


def _load_feedback(
    db: Database, numbers: Sequence[int]
) -> Mapping[int, list[tuple[int, str, datetime]]]:
    """Return work, action and time of all answers of each reader, newest first."""
    judged = interests.opinions_by_owner(db, numbers)
    listed = reading_lists.states_by_subscriber(db, numbers)
    actions = {state: action for action, state in _STATES.items()}
    return {
        number: sorted(
            [
                *((o.work, MORE if o.liked else LESS, o.created) for o in judged[number]),
                *((s.work, actions.get(s.state, READ), s.changed) for s in listed[number]),
            ],
            key=lambda answer: answer[2],
            reverse=True,
        )
        for number in numbers
    }
