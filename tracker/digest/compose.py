"""Composing an issue: which papers it shows, in which order, and the document made of them.

The daily edition, the weekly digest and the monthly report differ only in their `IssueFormat`. The
caller summarises the selected papers between `select_papers` and `compose_document`.

Public: `IssueFormat`, `DAILY`, `WEEKLY`, `MONTHLY`, `Sections`, `Selection`, `IssueContent`,
`select_papers`, `compose_document`, `EntryBuilder`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from summarizer import Summary
from summarizer.grounding.names import is_order
from summarizer.text.sentences import to_plain_text
from tracker.digest.document import (
    BoardMoves,
    Document,
    Entry,
    GroundedSentence,
    MediaItem,
    PeriodCounts,
    PersonalEntry,
    ReasonText,
    SmallPrint,
    Theme,
    TopicLabel,
    TrendingModel,
    VenueEvent,
)
from tracker.digest.monthly.month_lists import choose_listed
from tracker.digest.monthly.month_records import MonthRecords
from tracker.digest.monthly.monthly_facts import build_month_facts, leading_by_direction
from tracker.digest.period.period_data import PeriodData
from tracker.digest.period.revisions import list_number_changes
from tracker.digest.selection.ranking import select_diverse
from tracker.digest.selection.reader_match import Match
from tracker.digest.selection.signals import EXPLORE, FIRST_SUBJECT
from tracker.digest.writing import phrasing
from tracker.digest.writing.brief import BriefFacts, compose_brief
from tracker.digest.writing.direction_paragraphs import add_paragraphs
from tracker.digest.writing.model_note import public_reason
from tracker.digest.writing.themes import ShownTheme, select_themes
from tracker.language import Language
from tracker.models import Paper, Pick
from tracker.settings import Ranking

# Upvotes from which a paper counts as discussed.
_DISCUSSED = 10


@dataclass(frozen=True, slots=True)
class IssueFormat:
    """A kind of issue: how many papers its lists have at most, and how many themes it shows."""

    kind: str
    themes: int
    top: int = 10
    discussed: int = 5


# One paper to read first and a few others; a day has too few papers for themes.
DAILY = IssueFormat("daily", themes=0, top=4, discussed=3)
# One paper to read first, a list, and the themes of the week.
WEEKLY = IssueFormat("weekly", themes=8)
# The month in numbers, by direction, and its list.
MONTHLY = IssueFormat("monthly", themes=12, discussed=10)


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections beside the ranked papers; an empty one is not shown.

    `updates` are works of earlier issues with what is new: withdrawn, revised, accepted or code.
    `late` are works that arrived after their own issue. For the reader of this installation,
    `personal` are the matches by paper id, `liked_titles` the titles of liked papers by id, and
    `remarks` further sentences. `month` is what only a monthly report has. `first_subjects` has, by
    paper id, a known subject that no paper of the ninety days before had.
    """

    notices: tuple[str, ...] = ()
    boards: tuple[BoardMoves, ...] = ()
    models: tuple[TrendingModel, ...] = ()
    media: tuple[MediaItem, ...] = ()
    venues: tuple[VenueEvent, ...] = ()
    updates: tuple[tuple[Paper, str], ...] = ()
    late: tuple[Paper, ...] = ()
    personal: Mapping[str, tuple[Match, ...]] = field(default_factory=dict)
    liked_titles: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    month: MonthRecords | None = None
    first_subjects: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """The picks that will be shown: the one to read first, the list, and those of each theme.

    `discussed` are the picks with most upvotes that are in no other part. `by_direction` are the
    best of each direction of a month, and `listed` those of each list of a month; both may be in
    other parts, too.
    """

    read_first: Pick | None
    top: tuple[Pick, ...]
    themes: tuple[ShownTheme, ...]
    discussed: tuple[Pick, ...] = ()
    by_direction: Mapping[str, tuple[Pick, ...]] = field(default_factory=dict)
    listed: Mapping[str, tuple[Pick, ...]] = field(default_factory=dict)

    def leading_picks(self) -> list[Pick]:
        """Return the one to read first and the list, best first."""
        return [*([self.read_first] if self.read_first else []), *self.top]

    def all_picks(self) -> list[Pick]:
        """Return every pick shown, in reading order."""
        themed = [pick for theme in self.themes for pick in theme.picks]
        return [*self.leading_picks(), *self.discussed, *themed]


@dataclass(frozen=True, slots=True)
class IssueContent:
    """What an issue shows: the papers selected from a period's data, and the other sections."""

    issue_format: IssueFormat
    data: PeriodData
    selection: Selection
    sections: Sections

    @property
    def papers(self) -> list[Paper]:
        """Every paper that needs a summary, once or more."""
        picks = {pick.paper.id: pick.paper for pick in self.data.ranked.picks}
        return [
            *(pick.paper for pick in self.selection.all_picks()),
            *(paper for paper, _ in self.sections.updates),
            *self.sections.late,
            *(picks[key] for key in self.sections.personal),
            *(p.paper for best in self.selection.by_direction.values() for p in best),
            *(p.paper for best in self.selection.listed.values() for p in best),
        ]


def select_papers(
    period_data: PeriodData,
    issue_format: IssueFormat,
    shown_ids: Iterable[str],
    weights: Ranking = Ranking(),  # noqa: B008  frozen
) -> Selection:
    """Select the papers to show; a paper in `shown_ids` is not shown again."""
    ranked, shown = period_data.ranked, set(shown_ids)
    fresh = [pick for pick in ranked.picks if pick.paper.id not in shown]
    # A report is published and quoted: none of its papers is drawn at random.
    seed = period_data.period.key if period_data.period.kind == "week" else ""
    best = select_diverse(
        fresh, ranked.vectors, issue_format.top + 1, weights, ranked.traits, seed=seed
    )
    used = {pick.paper.id for pick in best}
    rest = {pick.paper.id: pick for pick in fresh if pick.paper.id not in used}
    themes = select_themes(period_data, rest, issue_format.themes) if issue_format.themes else ()
    selection = Selection(best[0] if best else None, tuple(best[1:]), themes)
    listed = {pick.paper.id for pick in selection.all_picks()}
    others = [pick for pick in fresh if pick.paper.id not in listed]
    selection = replace(selection, discussed=_most_discussed(others, issue_format.discussed))
    if issue_format.kind != MONTHLY.kind:
        return selection
    return replace(
        selection,
        by_direction=leading_by_direction(period_data, fresh),
        listed=choose_listed(fresh),
    )


def _most_discussed(picks: Iterable[Pick], limit: int) -> tuple[Pick, ...]:
    """Return the picks with most upvotes, of those that have enough to be called discussed."""
    counted = [(_count_upvotes(pick), pick) for pick in picks]
    voted = [(votes, pick) for votes, pick in counted if votes >= _DISCUSSED]
    voted.sort(key=lambda counted: (-counted[0], counted[1].paper.id))
    return tuple(pick for _, pick in voted[:limit])


def _count_upvotes(pick: Pick) -> int:
    return next((int(r.detail) for r in pick.why if r.signal == "attention" and r.detail), 0)


def compose_document(
    content: IssueContent,
    summaries: Mapping[str, Summary],
    small_print: SmallPrint,
    language: Language,
) -> Document:
    """Return the document; `summaries` has one for each of `content.papers`, by paper id."""
    period_data, selection, sections = content.data, content.selection, content.sections
    kind = content.issue_format.kind
    entry = EntryBuilder(period_data, summaries, language, sections.first_subjects)
    first = entry.from_pick(selection.read_first) if selection.read_first else None
    themes = tuple(
        Theme(
            shown.cluster.label,
            shown.cluster.terms,
            len(shown.cluster.members),
            tuple(map(entry.from_pick, shown.picks)),
            shown.before,
            shown.state,
        )
        for shown in selection.themes
    )
    top = tuple(map(entry.from_pick, selection.top))
    discussed = tuple(map(entry.from_pick, selection.discussed))
    counts = entry.localized_counts()
    month = (
        add_paragraphs(
            build_month_facts(
                period_data, counts, sections.month, selection.by_direction, selection.listed,
                entry.from_pick,
            ),
            language,
        )
        if sections.month
        else None
    )  # fmt: skip
    name = phrasing.issue_name(kind, period_data.period.key, language)
    notices = phrasing.period_notices(period_data.counts, period_data.period.kind, language)
    return Document(
        kind=kind,
        period=period_data.period.key,
        start=period_data.period.start,
        end=period_data.period.end,
        language=language.code,
        subject=phrasing.subject_line(name, period_data.counts, first, language),
        preheader=phrasing.preheader(name, period_data.counts, top[0] if top else None, language),
        notices=(*sections.notices, *notices),
        counts=counts,
        read_first=first,
        top=top,
        themes=themes,
        unthemed=period_data.ranked.unthemed,
        boards=sections.boards,
        corrections=tuple(entry.from_paper(paper, update) for paper, update in sections.updates),
        small_print=small_print,
        models=sections.models,
        media=sections.media,
        venues=sections.venues,
        personal=entry.personal_entries(sections.personal, sections.liked_titles),
        late=tuple(map(entry.from_paper, sections.late)),
        remarks=sections.remarks,
        brief=compose_brief(
            BriefFacts(
                period_data.period.key,
                counts,
                first,
                top,
                themes,
                sections.boards,
                sections.venues,
                discussed,
                month,
                period_data.period.kind == "day",
            ),
            language,
        ),
        discussed=discussed,
        month=month,
    )


def _changes_in_latest_version(paper: Paper) -> tuple[str, ...]:
    changes = list_number_changes(paper)
    return tuple(str(change) for change in changes if change.version == paper.version)


class EntryBuilder:
    """Builds entries in a language; the entries of personal papers are built only once."""

    def __init__(
        self,
        period_data: PeriodData,
        summaries: Mapping[str, Summary],
        language: Language,
        first_subjects: Mapping[str, str] | None = None,
    ) -> None:
        self._first_subjects = first_subjects or {}
        self._period_data, self._summaries, self._language = period_data, summaries, language
        self._picks = {pick.paper.id: pick for pick in period_data.ranked.picks}
        self._entries_by_id: dict[str, Entry] = {}

    def from_pick(self, pick: Pick) -> Entry:
        """Return the entry of a ranked paper, with its reasons."""
        return self._build_entry(pick.paper, pick.score, self._reason_texts(pick))

    def from_paper(self, paper: Paper, update: str = "") -> Entry:
        """Return the entry of a paper that is shown for its `update` or because it arrived late."""
        return self._build_entry(paper, 0.0, (), update)

    def personal_entries(
        self, matches: Mapping[str, Sequence[Match]], liked: Mapping[str, str]
    ) -> tuple[PersonalEntry, ...]:
        """Return one reader's papers, each with the reasons why they see it."""
        return tuple(
            PersonalEntry(
                self._entry_by_id(key),
                tuple(phrasing.match_text(match, liked, self._language) for match in found),
            )
            for key, found in matches.items()
        )

    def _entry_by_id(self, key: str) -> Entry:
        if key not in self._entries_by_id:
            self._entries_by_id[key] = self.from_pick(self._picks[key])
        return self._entries_by_id[key]

    def localized_counts(self) -> PeriodCounts:
        """Return the period's numbers, with names in the language."""
        counts = self._period_data.counts
        dimensions, directions = (
            tuple(
                replace(
                    row,
                    name=phrasing.concept_name(self._period_data.concepts[row.key], self._language),
                )
                for row in rows
            )
            for rows in (counts.dimensions, counts.directions)
        )
        return replace(counts, dimensions=dimensions, directions=directions)

    def _build_entry(
        self, paper: Paper, score: float, why: tuple[ReasonText, ...], update: str = ""
    ) -> Entry:
        summary = self._summaries[paper.id]
        return Entry(
            id=paper.id,
            url=paper.url,
            title=to_plain_text(paper.title),
            authors=tuple(to_plain_text(name) for name in paper.authors if not is_order(name)),
            published=paper.published,
            announced=paper.announced,
            categories=paper.categories,
            topics=tuple(self._topic_labels(paper.id)),
            tldr=summary.tldr,
            result=summary.result,
            proofs=tuple(GroundedSentence(s.role, s.text, s.source) for s in summary.sentences),
            method=summary.method,
            model=summary.model,
            prompt_version=summary.prompt_version,
            created=summary.created,
            dropped=summary.dropped,
            note=public_reason(summary.note),
            score=score,
            why=why,
            venue=to_plain_text(self._period_data.venues.get(paper.id) or paper.facts.venue),
            code=paper.facts.code_link,
            weights=paper.facts.model_link,
            withdrawn=paper.withdrawn,
            upvotes=self._upvotes(paper.id),
            news=update,
            changes=_changes_in_latest_version(paper) if update == "revised" else (),
        )

    def _upvotes(self, key: str) -> int:
        return _count_upvotes(self._picks[key]) if key in self._picks else 0

    def _topic_labels(self, key: str) -> Iterable[TopicLabel]:
        concepts, tags = self._period_data.concepts, self._period_data.ranked.tags.get(key, ())
        # A user-defined direction may have been removed from the settings since.
        known = (concepts[tag.name] for tag in tags if tag.name in concepts)
        directions = (
            TopicLabel(c.key, phrasing.concept_name(c, self._language))
            for c in known
            if c.kind == "direction"
        )
        return islice(directions, 3)

    def _reason_texts(self, pick: Pick) -> tuple[ReasonText, ...]:
        """Return the reasons that added points, most points first, then facts without points."""
        shown = [r for r in pick.why if r.points > 0 or r.signal == EXPLORE]
        shown.sort(key=lambda reason: -reason.points)
        texts = [
            ReasonText(r.signal, phrasing.reason_text(r, self._language), round(r.points, 4))
            for r in shown
        ]
        if subject := self._first_subjects.get(pick.paper.id):
            text = phrasing.first_subject_text(subject, self._language)
            texts.append(ReasonText(FIRST_SUBJECT, text, 0.0))
        return tuple(texts)
