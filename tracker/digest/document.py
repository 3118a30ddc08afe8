"""A digest or report as data, from which the pages and the .json file are made.

Every number and paper id that a page shows is in it. Texts are plain (no LaTeX, no markup).
`as_json` returns the public JSON shape, with dates in ISO format; `from_json` reads it.
"""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tracker.digest.document_sections import BoardMove as BoardMove
from tracker.digest.document_sections import BoardMoves as BoardMoves
from tracker.digest.document_sections import DayCount as DayCount
from tracker.digest.document_sections import GroupCount as GroupCount
from tracker.digest.document_sections import MediaItem as MediaItem
from tracker.digest.document_sections import PeriodCounts as PeriodCounts
from tracker.digest.document_sections import TrendingModel as TrendingModel
from tracker.digest.document_sections import VenueEvent as VenueEvent
from tracker.digest.monthly.month_parts import BriefSentence as BriefSentence
from tracker.digest.monthly.month_parts import DirectionFacts as DirectionFacts
from tracker.digest.monthly.month_parts import DirectionPaper as DirectionPaper
from tracker.digest.monthly.month_parts import MonthFacts as MonthFacts
from tracker.digest.monthly.month_parts import MonthShare as MonthShare
from tracker.learning.reading import Reading


@dataclass(frozen=True, slots=True)
class GroundedSentence:
    """A sentence of a summary, its role (tldr, problem, …), and the source sentence behind it."""

    role: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class ReasonText:
    """One reason why a paper was picked: its signal, its text, and what it added to the score."""

    signal: str
    text: str
    points: float


@dataclass(frozen=True, slots=True)
class TopicLabel:
    """A taxonomy key and its name in the document's language."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as it is shown. `tldr` is empty if no sentence was supported by the source.

    `tldr` says what is new and `result` what it achieved; `result` is empty if unknown or if `tldr`
    says it. `method`, `model`, `prompt_version` and `created` describe how, by what and when the
    summary was made; `dropped` is how many sentences lacked support, `note` why the summary was not
    made as configured. `news` is why a paper is shown again: withdrawn, revised, accepted or code;
    `changes` are the numbers that the last version of its abstract changed ("71.3 → 68.9").
    `weights` is the address of a model.
    """

    id: str
    url: str
    title: str
    authors: tuple[str, ...]
    published: date
    announced: date
    categories: tuple[str, ...]
    topics: tuple[TopicLabel, ...]
    tldr: str
    proofs: tuple[GroundedSentence, ...]
    method: str
    model: str
    score: float
    why: tuple[ReasonText, ...]
    venue: str = ""
    code: str = ""
    withdrawn: bool = False
    upvotes: int = 0
    news: str = ""
    changes: tuple[str, ...] = ()
    prompt_version: str = ""
    created: datetime | None = None
    dropped: int = 0
    note: str = ""
    result: str = ""
    weights: str = ""

    @property
    def one_line(self) -> str:
        """The line for a place with room for one: `choose_line` says which."""
        # Imported where it is used: this module also words the results of a search.
        from summarizer.extractive.scoring import choose_line

        return choose_line(self.tldr, self.result, self.title)

    @property
    def points(self) -> tuple[GroundedSentence, ...]:
        """The sentences besides the tldr: problem, method, result and so on."""
        return tuple(proof for proof in self.proofs if proof.role != "tldr")

    def without_personal_reasons(self) -> "Entry":
        """Return the entry without reasons that depend on what a reader follows and likes."""
        from tracker.digest.selection.signals import PERSONAL_SIGNALS

        return replace(self, why=tuple(r for r in self.why if r.signal not in PERSONAL_SIGNALS))


@dataclass(frozen=True, slots=True)
class Theme:
    """A cluster of the period's papers: its size, and the papers that are shown for it.

    `before` is how many papers of the period before are as near to its centroid; None if unknown.
    `state` is new, growing or empty: whether its share has grown beyond chance, and whether it
    continues an earlier theme. `text` is a paragraph that a language model wrote, if any.
    """

    label: str
    terms: tuple[str, ...]
    size: int
    entries: tuple[Entry, ...]
    before: int | None = None
    state: str = ""
    text: tuple[BriefSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonalEntry:
    """A paper for one reader, and sentences that state which of their interests it matches."""

    entry: Entry
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """A question about a paper that the reader read a month ago; `text` is plain."""

    id: str
    title: str
    text: str
    answer: str


@dataclass(frozen=True, slots=True)
class PersonalContent:
    """What one reader gets in a mail: papers, further sentences, and questions to review."""

    papers: tuple[PersonalEntry, ...] = ()
    remarks: tuple[str, ...] = ()
    questions: tuple[ReviewQuestion, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.papers or self.remarks or self.questions)


@dataclass(frozen=True, slots=True)
class SmallPrint:
    """How the document was made: sources and their state, models, methods, dropped sentences."""

    made: datetime
    tracker: str
    encoder: str
    runs_on: str
    summaries: tuple[tuple[str, int], ...]
    sentences_dropped: int
    completeness: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A daily edition (kind "daily"), weekly digest ("weekly") or monthly report ("monthly").

    `notices` are sentences shown first, for example about a period with few papers.
    `corrections` are papers of earlier issues with news, `late` those that arrived after their
    own issue was made. `personal` are papers for one reader, `remarks` further sentences for them,
    `questions` what to review.
    `left_out` counts entries that did not fit on the page. `month` are the directions of a monthly
    report. `brief` is the opening paragraph,
    `discussed` are the papers with most upvotes that are not shown elsewhere. `reading` is
    the hour for `read_first`.
    """

    kind: str
    period: str
    start: date
    end: date
    language: str
    subject: str
    preheader: str
    notices: tuple[str, ...]
    counts: PeriodCounts
    read_first: Entry | None
    top: tuple[Entry, ...]
    themes: tuple[Theme, ...]
    unthemed: int
    boards: tuple[BoardMoves, ...]
    corrections: tuple[Entry, ...]
    small_print: SmallPrint
    models: tuple[TrendingModel, ...] = ()
    media: tuple[MediaItem, ...] = ()
    venues: tuple[VenueEvent, ...] = ()
    personal: tuple[PersonalEntry, ...] = ()
    late: tuple[Entry, ...] = ()
    left_out: int = 0
    remarks: tuple[str, ...] = ()
    brief: tuple[BriefSentence, ...] = ()
    discussed: tuple[Entry, ...] = ()
    reading: Reading | None = None
    month: MonthFacts | None = None
    questions: tuple[ReviewQuestion, ...] = ()

    @property
    def shown_ids(self) -> frozenset[str]:
        """Ids of the papers that are shown to every reader."""
        themed = (entry for theme in self.themes for entry in theme.entries)
        first = (self.read_first,) if self.read_first else ()
        entries = (*first, *self.top, *themed, *self.discussed, *self.corrections, *self.late)
        return frozenset(entry.id for entry in entries)

    @property
    def empty(self) -> bool:
        """Whether the document shows no paper of its period."""
        themed = any(theme.entries for theme in self.themes)
        return not (self.read_first or self.top or self.discussed or themed)

    def without_personal_parts(self) -> "Document":
        """Return the document without what is meant for the reader of this installation only.

        Corrections and late papers have no reasons, so they are unchanged.
        """
        return replace(
            self,
            personal=(),
            remarks=(),
            questions=(),
            month=self.month and replace(self.month, next_month=None),
            read_first=self.read_first and self.read_first.without_personal_reasons(),
            top=tuple(entry.without_personal_reasons() for entry in self.top),
            discussed=tuple(entry.without_personal_reasons() for entry in self.discussed),
            themes=tuple(
                replace(
                    theme,
                    entries=tuple(entry.without_personal_reasons() for entry in theme.entries),
                )
                for theme in self.themes
            ),
        )

    def without_judged(self, liked: Set[str], disliked: Set[str]) -> "Document":
        """Return the document for a reader without the papers they have judged.

        A liked paper stays where it is the one to read first or has news; a theme of which no paper
        remains is left out.
        """
        judged = liked | disliked

        def unjudged(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
            return tuple(entry for entry in entries if entry.id not in judged)

        first = self.read_first if self.read_first and self.read_first.id not in disliked else None
        themes = [
            replace(theme, entries=unjudged(theme.entries), text=_without(theme.text, judged))
            for theme in self.themes
        ]
        pairs = zip(themes, self.themes, strict=True)
        return replace(
            self,
            read_first=first,
            top=unjudged(self.top),
            discussed=unjudged(self.discussed),
            themes=tuple(theme for theme, whole in pairs if theme.entries or not whole.entries),
            corrections=tuple(entry for entry in self.corrections if entry.id not in disliked),
            late=unjudged(self.late),
            brief=_without(self.brief, judged),
            month=self.month and _without_papers(self.month, judged),
        )


def _without(text: tuple[BriefSentence, ...], ids: Set[str]) -> tuple[BriefSentence, ...]:
    """Return a paragraph without the sentences about some papers."""
    return tuple(line for line in text if not ids & set(line.ids))


def _without_papers(month: MonthFacts, ids: Set[str]) -> MonthFacts:
    """Return the month without some papers and the sentences about them."""
    directions = (
        replace(
            facts,
            best=tuple(paper for paper in facts.best if paper.id not in ids),
            text=_without(facts.text, ids),
        )
        for facts in month.directions
    )
    lists = (
        replace(found, best=tuple(paper for paper in found.best if paper.id not in ids))
        for found in month.lists
    )
    return replace(
        month,
        directions=tuple(directions),
        lists=tuple(found for found in lists if found.best),
    )


def as_json(document: Document) -> dict[str, Any]:
    """Return the document as plain lists, dicts, numbers and text."""
    import msgspec

    # msgspec would end a time in UTC with "Z"; the public format is that of `isoformat`, "+00:00".
    # The hook converts a NumPy float, which msgspec refuses although it is a subclass of float.
    plain = msgspec.to_builtins(document, builtin_types=(datetime,), enc_hook=float)
    return dict(json.loads(json.dumps(plain, default=datetime.isoformat)))


def from_json(data: Mapping[str, Any]) -> Document:
    """Return the document from the output of `as_json`, of this or an earlier release.

    Raises ValueError for anything else; its message has the path of the unreadable value.
    """
    import msgspec

    # Its ValidationError is a ValueError.
    return msgspec.convert(data, Document)
