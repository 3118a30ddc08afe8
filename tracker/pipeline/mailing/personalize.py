"""The personal part of each message: papers for one reader, and remarks about their searches.

Shared work is done once for all readers: loading the period, running each distinct query, and
summarizing each paper.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from summarizer import Summary
from tracker.calendar import Period
from tracker.digest.compose import EntryBuilder
from tracker.digest.document import Document, PersonalContent, PersonalEntry, ReviewQuestion
from tracker.digest.period.period_data import PeriodData
from tracker.digest.selection.reader_match import Interests
from tracker.digest.writing import feedback_notes, phrasing
from tracker.language import get_language
from tracker.learning.reading import Reading
from tracker.pipeline.issue import reader_profile
from tracker.pipeline.issue.issue_content import match_readers
from tracker.pipeline.issue.load_period import load_period
from tracker.pipeline.mailing import feedback, reading_hours
from tracker.pipeline.mailing.feedback import Change
from tracker.pipeline.summarize import llm
from tracker.pipeline.summarize.summaries import (
    Store,
    SummaryOptions,
    discard,
    summarize_without_model,
    summarize_works,
)
from tracker.settings import Config
from tracker.store import reading_lists
from tracker.store.database import Database
from tracker.store.interests import Owner, opinions_by_owner
from tracker.store.papers import keys_by_number
from tracker.store.subscribers import Subscriber

# Papers that a model summarizes for the readers of one language: about as many as in an issue. A
# thousand readers select a thousand papers.
_MAX_MODEL_SUMMARIES = 50
_InterestsByOwner = Mapping[Owner, Interests]


@dataclass(frozen=True, slots=True)
class Audience:
    """The readers of the issue of a period, and its documents by language."""

    period: Period
    readers: Sequence[Subscriber]
    documents: Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class PersonalPart:
    """The papers of one reader, and remarks for them in their language.

    `liked` and `disliked` are the papers they have judged, which they need not see again.
    `reading` is the hour for the paper to read first at their level, if it is another.
    """

    papers: tuple[PersonalEntry, ...] = ()
    remarks: tuple[str, ...] = ()
    liked: frozenset[str] = frozenset()
    disliked: frozenset[str] = frozenset()
    questions: tuple[ReviewQuestion, ...] = ()
    reading: Reading | None = None

    @property
    def content(self) -> PersonalContent:
        """What is inserted into the mail."""
        return PersonalContent(self.papers, self.remarks, self.questions)


@dataclass(frozen=True, slots=True)
class PersonalParts:
    """The personal parts by subscriber number; `notes` are for the person who sends."""

    parts: Mapping[int, PersonalPart]
    notes: tuple[str, ...] = ()


def build_personal_parts(
    db: Database, config: Config, audience: Audience, now: datetime, store: Store = discard
) -> PersonalParts:
    """The personal parts of an issue; those of a monthly one have questions, but no papers.

    New summaries are passed to `store`.
    """
    parts = (
        _monthly_parts(db, audience)
        if audience.period.kind == "month"
        else _parts_with_papers(db, config, audience, now, store)
    )
    if audience.period.kind == "day":  # a daily edition has no hour for its first paper
        return parts
    hours = reading_hours.load_hours(db, config, audience.readers, audience.documents)
    return replace(
        parts, parts={n: replace(part, reading=hours.get(n)) for n, part in parts.parts.items()}
    )


def _monthly_parts(db: Database, audience: Audience) -> PersonalParts:
    judged = _load_judged(db, [reader.number for reader in audience.readers])
    return PersonalParts(
        {
            n: PersonalPart((), (), *judged[n], reading_hours.load_review(db, audience.period, n))
            for n in judged
        }
    )


def _parts_with_papers(
    db: Database, config: Config, audience: Audience, now: datetime, store: Store
) -> PersonalParts:
    period, readers = audience.period, audience.readers
    numbers = [reader.number for reader in readers]
    judged = _load_judged(db, numbers)
    interests = _load_interests(db, config, period, numbers)
    changes = feedback.load_changes(db, period, numbers)
    selection = _PersonalPapers(db, config, period, interests, store)
    papers: dict[int, tuple[PersonalEntry, ...]] = {}
    for code, document in audience.documents.items():
        interested = [r for r in readers if r.language == code and interests[r.number]]
        papers |= selection.select_papers(interested, document, now) if interested else {}
    parts = {
        r.number: PersonalPart(
            papers.get(r.number, ()),
            (
                *_gap_remarks(db, config, audience, r),
                *_reader_remarks(r, interests, changes[r.number]),
            ),
            *judged[r.number],
        )
        for r in readers
    }
    return PersonalParts(parts, tuple(_sender_notes(readers, interests)))


def _gap_remarks(
    db: Database, config: Config, audience: Audience, reader: Subscriber
) -> tuple[str, ...]:
    """Return the sentence on the paper of the week for a gap of the reader's map, if any."""
    if audience.period.kind != "week":
        return ()
    return reading_hours.gap_remarks(db, config, reader, audience.documents[reader.language])


def _load_interests(
    db: Database, config: Config, period: Period, numbers: Sequence[int]
) -> dict[Owner, Interests]:
    """Return the interests of the readers, with the papers of their reading lists."""
    found = reader_profile.load_interests(db, config, period, numbers)
    listed = reading_lists.states_by_subscriber(db, numbers)
    keys = keys_by_number(db, sorted({one.work for works in listed.values() for one in works}))
    return {
        number: replace(found[number], seen=frozenset(keys[one.work] for one in listed[number]))
        for number in numbers
    }


def _load_judged(
    db: Database, numbers: Sequence[int]
) -> dict[int, tuple[frozenset[str], frozenset[str]]]:
    """The ids of the papers that each reader liked and disliked."""
    opinions = opinions_by_owner(db, list(numbers))
    works = {opinion.work for found in opinions.values() for opinion in found}
    keys = keys_by_number(db, sorted(works))
    return {
        number: (
            frozenset(keys[one.work] for one in opinions[number] if one.liked),
            frozenset(keys[one.work] for one in opinions[number] if not one.liked),
        )
        for number in numbers
    }


def _reader_remarks(
    reader: Subscriber, interests: _InterestsByOwner, changes: Sequence[Change]
) -> tuple[str, ...]:
    invalid, language = interests[reader.number].invalid_queries, get_language(reader.language)
    answers = [(change.action, change.title) for change in changes]
    return (
        *feedback_notes.feedback_remarks(answers, language),
        *phrasing.invalid_query_notes(invalid, language),
    )


def _sender_notes(readers: Sequence[Subscriber], interests: _InterestsByOwner) -> Iterator[str]:
    for reader in readers:
        for name, reason in interests[reader.number].invalid_queries.items():
            yield f"The saved search {name!r} of {reader.email} is no longer valid: {reason}"


class _PersonalPapers:
    """Selects papers of a period for readers, described in the language of their issue."""

    def __init__(
        self,
        db: Database,
        config: Config,
        period: Period,
        interests: _InterestsByOwner,
        store: Store,
    ) -> None:
        self._db, self._config, self._period, self._interests = db, config, period, interests
        self._store = store
        self._liked_titles = reader_profile.load_liked_titles(db, interests.values())

    @cached_property
    def _period_data(self) -> PeriodData:
        return load_period(self._db, self._config, self._period)[0]

    def select_papers(
        self, readers: Sequence[Subscriber], document: Document, now: datetime
    ) -> dict[int, tuple[PersonalEntry, ...]]:
        """The personal entries of the readers of one issue, by subscriber number."""
        interests = [self._interests[reader.number] for reader in readers]
        matches = match_readers(self._db, self._period_data, interests, document.shown_ids)
        counts = Counter(key for match in matches for key in match)
        summaries = self._summarize(counts, document, now)
        entries = EntryBuilder(self._period_data, summaries, get_language(document.language))
        return {
            reader.number: entries.personal_entries(match, self._liked_titles)
            for reader, match in zip(readers, matches, strict=True)
        }

    def _summarize(
        self, counts: Counter[str], document: Document, now: datetime
    ) -> dict[str, Summary]:
        """Summaries of the papers that match a reader; of the most frequent ones by the model."""
        papers = {pick.paper.id: pick.paper for pick in self._period_data.ranked.picks}
        works = [papers[key] for key, _ in counts.most_common()]
        if not llm.model_name(self._config):
            return summarize_without_model(self._db, works, now, store=self._store)
        code, store = document.language, self._store
        by_model = summarize_works(
            self._db,
            self._config,
            works[:_MAX_MODEL_SUMMARIES],
            now,
            SummaryOptions(language=code, store=store),
        )
        return by_model | summarize_without_model(
            self._db, works[_MAX_MODEL_SUMMARIES:], now, language=code, store=store
        )
