"""What an issue shows: for everyone, and for the reader of this installation.

The reader's issue is ranked by what they follow and like, and leaves out what they have judged.

Public: `shared_content`, `home_content`, `choose_papers`, `rank_for_home`, `match_readers`,
`rank_papers`.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, datetime

from tracker.calendar import Period
from tracker.digest.compose import (
    DAILY,
    MONTHLY,
    WEEKLY,
    IssueContent,
    IssueFormat,
    Sections,
    Selection,
    select_papers,
)
from tracker.digest.document import PeriodCounts
from tracker.digest.period.period_data import PeriodData
from tracker.digest.period.period_records import load_span_records
from tracker.digest.selection import reader_match
from tracker.digest.selection.ranked_papers import rank_span
from tracker.digest.selection.reader_match import Interests, Match
from tracker.digest.writing.phrasing import incomplete, invalid_query_notes, thin, unfinished_notice
from tracker.language import Language
from tracker.models import Pick
from tracker.pipeline.issue import reader_profile, sections
from tracker.pipeline.issue.first_subjects import find_first_subjects
from tracker.pipeline.issue.load_period import ranking_scope
from tracker.pipeline.issue.report.month_history import load_month_records
from tracker.settings import Config
from tracker.store import issues
from tracker.store.database import Database

# Papers for one reader besides those that are shown to everyone.
_PERSONAL = 5


def issue_format(config: Config, period: Period) -> IssueFormat:
    """Return the format of a period's issue."""
    if period.kind == "day":
        return replace(DAILY, top=min(DAILY.top, config.digest.top))
    return replace(WEEKLY if period.kind == "week" else MONTHLY, top=config.digest.top)


def choose_papers(
    db: Database, config: Config, data: PeriodData, judged: Set[str] = frozenset()
) -> Selection:
    """Select the papers that a period's issue shows, without those that its reader has judged."""
    chosen_format = issue_format(config, data.period)
    shown = issues.ids_picked_before(db, chosen_format.kind, data.period.key)
    return select_papers(data, chosen_format, shown | judged, config.ranking)


def shared_content(
    db: Database, config: Config, data: PeriodData, now: datetime, language: Language
) -> IssueContent:
    """Return what the issue for everyone shows."""
    chosen_format, period = issue_format(config, data.period), data.period
    news = sections.list_board_news(db, period)
    around = Sections(
        notices=_state_notices(data.counts, period, now, language),
        boards=news,
        # The list of models hardly changes from day to day.
        models=() if period.kind == "day" else sections.list_trending_models(db, period),
        media=sections.list_media(db, period),
        venues=sections.list_venue_news(db, config, period),
        updates=sections.list_paper_news(db, chosen_format.kind, period),
        late=sections.list_late_papers(db, chosen_format.kind, period, now),
        month=load_month_records(db, config, period, news) if period.kind == "month" else None,
    )
    selection = choose_papers(db, config, data)
    return IssueContent(chosen_format, data, selection, _with_subjects(db, around, selection, data))


def _with_subjects(
    db: Database, around: Sections, selection: Selection, data: PeriodData
) -> Sections:
    """Return the sections with the subjects that the leading papers of a week bring back."""
    if data.period.kind != "week":
        return around
    subjects = find_first_subjects(db, selection.leading_picks(), data.period)
    return replace(around, first_subjects=subjects)


def _state_notices(
    counts: PeriodCounts, period: Period, now: datetime, language: Language
) -> tuple[str, ...]:
    """Return a notice that the period is not over or, unless another says so, lacks days."""
    if period.is_over(now):
        return () if thin(counts) else tuple(incomplete(counts, language))
    return (unfinished_notice(period.kind, language.long_day(period.end), language),)


def home_content(
    db: Database, config: Config, shared: IssueContent, language: Language
) -> IssueContent:
    """Return what the issue shows to the reader of this installation."""
    period = shared.data.period
    reader = reader_profile.home_interests(db, config, period)
    data = rank_for_home(config, shared.data, reader)
    selection = choose_papers(db, config, data, reader.judged)
    personal = _personal_papers(db, data, selection, reader) if period.kind != "month" else {}
    around = replace(
        shared.sections,
        personal=personal,
        liked_titles=reader_profile.load_liked_titles(db, [reader]) if personal else {},
        remarks=invalid_query_notes(reader.invalid_queries, language),
    )
    if selection != shared.selection:
        around = _with_subjects(db, around, selection, data)
    return replace(shared, data=data, selection=selection, sections=around)


def rank_for_home(config: Config, data: PeriodData, reader: Interests) -> PeriodData:
    """Return the data ranked for a reader, or unchanged if they follow and like nothing."""
    if not reader:
        return data
    weights = reader_profile.period_weights(config, data.period)
    return replace(data, ranked=data.ranked.ranked_for(reader, weights))


def _personal_papers(
    db: Database, data: PeriodData, selection: Selection, reader: Interests
) -> Mapping[str, tuple[Match, ...]]:
    """Return the papers of the period for a reader besides those that their issue shows."""
    shown = frozenset(pick.paper.id for pick in selection.all_picks())
    return match_readers(db, data, [reader], shown)[0]


def match_readers(
    db: Database, data: PeriodData, readers: Sequence[Interests], shown: Set[str]
) -> list[dict[str, tuple[Match, ...]]]:
    """Return by reader their papers of a period that neither this nor an earlier issue shows."""
    kind = "daily" if data.period.kind == "day" else "weekly"
    excluded = shown | issues.ids_picked_before(db, kind, data.period.key)
    scores = {pick.paper.id: pick.score for pick in data.ranked.picks}
    return reader_match.match_readers(
        data.ranked.candidate_pool, readers, scores, excluded, _PERSONAL
    )


def rank_papers(db: Database, config: Config, since: date, until: date) -> list[Pick]:
    """Return the picks of some days for the reader of this installation, best first."""
    period = Period("week", "", since, until)
    context = reader_profile.load_ranking_context(db, config, period)
    reader = reader_profile.home_interests(db, config, period)
    ranked = rank_span(load_span_records(db, since, until, ranking_scope(db, config)), context)
    picks = ranked.ranked_for(reader, context.weights).picks if reader else ranked.picks
    return [pick for pick in picks if pick.paper.id not in reader.judged]
