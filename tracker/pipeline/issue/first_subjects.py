"""Papers that bring back a subject: the first in ninety days with it in their title.

A subject is a phrase of the title that several earlier titles have, so that the name of a new
system is none.

Public: `find_first_subjects`.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta

from tracker.calendar import Period
from tracker.digest.period.period_records import NOVELTY_DAYS
from tracker.models import Pick
from tracker.store import papers
from tracker.store.database import Database
from tracker.topics.naming.name_words import is_vague_phrase
from tracker.topics.phrase_counts import find_phrases

# A subject is known if so many earlier titles have it.
_MIN_EARLIER = 5
# Two or more words, which neither begin with what is done nor end in an acronym that says little.
_NAMES_SUBJECT = re.compile(r"(?!\w+ing )(?!end-to-end )[\w-]+ (?:[\w-]+ )*[a-z-]{4,}$")


def find_first_subjects(db: Database, picks: Iterable[Pick], period: Period) -> Mapping[str, str]:
    """Return, by paper id, the longest known phrase of a title that is new after ninety days."""
    found = ((pick.paper.id, _first_subject(db, pick.paper.title, period)) for pick in picks)
    return {key: subject for key, subject in found if subject}


def _first_subject(db: Database, title: str, period: Period) -> str:
    phrases = [
        written
        for folded, written in find_phrases(title).items()
        if _NAMES_SUBJECT.match(written) and not is_vague_phrase(folded)
    ]
    for written in sorted(phrases, key=lambda text: (-len(text.split()), text)):
        if _is_first(db, written, period):
            return written
    return ""


def _is_first(db: Database, phrase: str, period: Period) -> bool:
    """Whether several titles before the last ninety days have a phrase, and one since."""
    days = papers.days_with_title_phrase(db, phrase)
    start = period.start - timedelta(days=NOVELTY_DAYS)
    earlier = sum(day < start for day in days)
    return earlier >= _MIN_EARLIER and sum(start <= day <= period.end for day in days) == 1
