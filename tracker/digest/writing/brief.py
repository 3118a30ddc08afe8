"""The opening paragraph of an issue: four to six sentences, each a fact of it with its link.

The sentences are chosen and worded without chance: the same issue has the same paragraph, and
consecutive issues use different wordings.

Public: `compose_brief`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from summarizer.grounding.names import safe_line
from tracker.digest.document import (
    BoardMove,
    BoardMoves,
    BriefSentence,
    Entry,
    GroupCount,
    MonthFacts,
    PeriodCounts,
    Theme,
    VenueEvent,
)
from tracker.digest.writing.headline import finding_clause, shorten_title
from tracker.digest.writing.trend_sentences import add_dimensions, describe_trends, list_shares
from tracker.digest.writing.volume_text import describe_volume
from tracker.language import Language

_MOST, _MOST_OF_MONTH = 6, 5
# Up to this relative difference from the average a volume is as usual.
_USUAL = 0.1
_TITLE_LIMIT = 90
# A move on a board is news if it ends among the first; votes are if there are this many.
_TOP_RANKS, _MANY_UPVOTES = 10, 10
# The order in which the sentences stand.
_KINDS = (
    "volume",
    "trend",
    "theme",
    "paper",
    "attention",
    "second",
    "board",
    "accepted",
    "deadline",
)


@dataclass(frozen=True, slots=True)
class BriefFacts:
    """What an issue knows at its beginning; `period` is its key, which selects the wordings.

    The opening of a day has only what the papers below it do not show.
    """

    period: str
    counts: PeriodCounts
    read_first: Entry | None
    top: Sequence[Entry]
    themes: Sequence[Theme]
    boards: Sequence[BoardMoves] = ()
    venues: Sequence[VenueEvent] = ()
    discussed: Sequence[Entry] = ()
    month: MonthFacts | None = None
    is_day: bool = False


def compose_brief(facts: BriefFacts, language: Language) -> tuple[BriefSentence, ...]:
    """Return the opening sentences; none for an issue without papers."""
    if facts.read_first is None:
        return ()
    variant = int("0" + "".join(filter(str.isdigit, facts.period))) % 2
    composers = _composers_of(facts)
    most = _MOST if facts.month is None else _MOST_OF_MONTH
    found = [sentence for compose in composers for sentence in compose(facts, language, variant)]
    if facts.is_day and len(found) == 1:
        return ()  # the volume alone stands under the title
    return tuple(sorted(found[:most], key=lambda sentence: _KINDS.index(sentence.kind)))


def _volume(facts: BriefFacts, language: Language, variant: int) -> Iterator[BriefSentence]:
    counts = facts.counts
    if facts.is_day:
        yield BriefSentence(_day_volume(counts, language), "", "volume")
        return
    number = sum(day.papers > 0 for day in counts.days)
    days = language.ngettext("{n} day", "{n} days", number)
    if counts.change is None:
        text = language.ngettext(
            "{n} paper was announced over {days}.", "{n} papers were announced over {days}.",
            counts.papers, days=days,
        )  # fmt: skip
    elif variant:
        text = language.ngettext(
            "arXiv announced {n} paper over {days}, {norm}.",
            "arXiv announced {n} papers over {days}, {norm}.",
            counts.papers, days=days, norm=_norm(counts.change, language),
        )  # fmt: skip
    else:
        text = language.ngettext(
            "{n} paper was announced over {days}, {norm}.",
            "{n} papers were announced over {days}, {norm}.",
            counts.papers, days=days, norm=_norm(counts.change, language),
        )  # fmt: skip
    yield BriefSentence(text, "#days", "volume")


def _day_volume(counts: PeriodCounts, language: Language) -> str:
    if counts.change is None:
        return language.ngettext(
            "{n} paper was announced.", "{n} papers were announced.", counts.papers
        )
    return language.ngettext(
        "{n} paper was announced, {norm}.", "{n} papers were announced, {norm}.",
        counts.papers, norm=_norm(counts.change, language),
    )  # fmt: skip


def _norm(change: float, language: Language) -> str:
    """Return how a volume compares with the average of the periods before."""
    if abs(change) < _USUAL:
        return language.gettext("about as many as usual")
    share = language.percent(abs(change))
    if change > 0:
        return language.gettext("{share} more than usual", share=share)
    return language.gettext("{share} fewer than usual", share=share)


def _trend(facts: BriefFacts, language: Language, variant: int) -> Iterator[BriefSentence]:
    rows = [row for row in facts.counts.directions if row.share_before is not None]
    if not rows:
        return
    grown = list_shares([row for row in rows if row.trend == "growing"], language)
    shrunk = list_shares([row for row in rows if row.trend == "shrinking"], language)
    yield BriefSentence(describe_trends(grown, shrunk, language, variant), "#directions", "trend")


def _paper(facts: BriefFacts, language: Language, variant: int) -> Iterator[BriefSentence]:
    entry = facts.read_first
    if entry is None:
        return
    title, finding = shorten_title(entry.title, _TITLE_LIMIT), finding_clause(entry)
    if not finding:
        text = language.gettext("The paper to read is “{title}”.", title=title)
    elif variant:
        text = language.gettext(
            "The paper to read is “{title}”: {finding}.", title=title, finding=finding
        )
    else:
        text = language.gettext(
            "If you read one paper, read “{title}”: {finding}.", title=title, finding=finding
        )
    yield BriefSentence(text, entry.url, "paper", (entry.id,))


def _board(facts: BriefFacts, language: Language, _: int) -> Iterator[BriefSentence]:
    moves = [
        (move.rank, board.board, move)
        for board in facts.boards
        for move in board.moves
        if board.day_before
        and move.rank
        and move.rank <= _TOP_RANKS
        and move.kind in ("new", "up")
        and safe_line(move.model, move.model) == move.model
    ]
    if moves:
        _, board, move = min(moves, key=lambda found: found[:2])
        yield BriefSentence(_move_text(board, move, language), "#boards", "board")


def _move_text(board: str, move: BoardMove, language: Language) -> str:
    if move.kind == "new" or move.rank_before is None:
        return language.gettext(
            "{model} is new on {board}, at rank {rank}.",
            model=move.model, board=board, rank=move.rank,
        )  # fmt: skip
    return language.gettext(
        "{model} rose from rank {before} to rank {rank} on {board}.",
        model=move.model, before=move.rank_before, rank=move.rank, board=board,
    )  # fmt: skip


def _accepted(facts: BriefFacts, language: Language, _: int) -> Iterator[BriefSentence]:
    lists = [event for event in facts.venues if event.kind == "accepted"]
    if not lists:
        return
    event = max(lists, key=lambda event: event.papers or 0)
    if event.papers is None:
        text = language.gettext("{venue} published its accepted papers.", venue=event.name)
    else:
        text = language.ngettext(
            "{venue} published its list of {n} accepted paper.",
            "{venue} published its list of {n} accepted papers.", event.papers, venue=event.name,
        )  # fmt: skip
    yield BriefSentence(text, event.url or "#venues", "accepted")


def _deadline(facts: BriefFacts, language: Language, _: int) -> Iterator[BriefSentence]:
    due = [event for event in facts.venues if event.kind == "deadline" and not event.part]
    if due:
        event = min(due, key=lambda event: (event.day, event.name))
        text = language.gettext(
            "Submissions to {venue} close on {day}.",
            venue=event.name, day=language.long_day(event.day),
        )  # fmt: skip
        yield BriefSentence(text, event.url or "#venues", "deadline")


def _theme(facts: BriefFacts, language: Language, _: int) -> Iterator[BriefSentence]:
    if not facts.themes:
        return
    news = [theme for theme in facts.themes if theme.state]
    theme = news[0] if news else max(facts.themes, key=lambda theme: theme.size)
    ids = tuple(entry.id for entry in theme.entries)
    yield BriefSentence(_theme_text(theme, language), "#themes", "theme", ids)


def _theme_text(theme: Theme, language: Language) -> str:
    papers = language.ngettext("{n} paper", "{n} papers", theme.size)
    if theme.state == "new":
        return language.gettext(
            "A theme is new: “{theme}”, with {papers}.", theme=theme.label, papers=papers
        )
    if theme.state == "growing":
        return language.gettext(
            "The theme “{theme}” has grown to {papers}, from {before}.",
            theme=theme.label, papers=papers, before=language.number(theme.before or 0),
        )  # fmt: skip
    return language.gettext(
        "The largest theme is “{theme}”, with {papers}.", theme=theme.label, papers=papers
    )


def _attention(facts: BriefFacts, language: Language, _: int) -> Iterator[BriefSentence]:
    best = max(facts.top, key=lambda entry: entry.upvotes, default=None)
    if best and best.upvotes >= _MANY_UPVOTES:
        text = language.ngettext(
            "Of the papers below, “{title}” has the most upvotes on Hugging Face: {n}.",
            "Of the papers below, “{title}” has the most upvotes on Hugging Face: {n}.",
            best.upvotes, title=shorten_title(best.title, _TITLE_LIMIT),
        )  # fmt: skip
        yield BriefSentence(text, best.url, "attention", (best.id,))


def _second(facts: BriefFacts, language: Language, _: int) -> Iterator[BriefSentence]:
    discussed = {key for found in _attention(facts, language, 0) for key in found.ids}
    entry = next((entry for entry in facts.top if entry.id not in discussed), None)
    if entry:
        title, finding = shorten_title(entry.title, _TITLE_LIMIT), finding_clause(entry)
        if finding:
            text = language.gettext(
                "Next in the list is “{title}”: {finding}.", title=title, finding=finding
            )
        else:
            text = language.gettext("Next in the list is “{title}”.", title=title)
        yield BriefSentence(text, entry.url, "second", (entry.id,))


def _monthly_trend(facts: BriefFacts, language: Language, variant: int) -> Iterator[BriefSentence]:
    """Say what grew or faded by the tests of `tracker trends`, or what would have been noticed."""
    month = facts.month
    if month is None or not month.tested:
        return
    grown, shrunk = (
        list_shares(_rows_of_trend(facts, kind), language, 1) for kind in ("growing", "shrinking")
    )
    if grown or shrunk or month.detectable is None:
        text = describe_trends(grown, shrunk, language, variant)
    else:
        text = language.gettext(
            "No direction grew or shrank by more than chance explains; a change of {points} percentage points would probably have been detected.",  # noqa: E501
            points=language.percentage_points(month.detectable).removeprefix("+"),
        )
    yield BriefSentence(add_dimensions(text, month, language), "#directions", "trend")


def _rows_of_trend(facts: BriefFacts, kind: str) -> list[GroupCount]:
    month = facts.month
    keys = {found.key for found in month.directions if found.trend == kind} if month else set()
    return [row for row in facts.counts.directions if row.key in keys]


def _talked_about(facts: BriefFacts, language: Language, _: int) -> Iterator[BriefSentence]:
    """Name the paper with most upvotes of all that the report shows, with its result."""
    first = (facts.read_first,) if facts.read_first else ()
    shown = (*first, *facts.top, *facts.discussed)
    best = max(shown, key=lambda entry: entry.upvotes, default=None)
    if best is None or best.upvotes < _MANY_UPVOTES:
        return
    title, finding = shorten_title(best.title, _TITLE_LIMIT), finding_clause(best)
    if finding:
        text = language.ngettext(
            "The most discussed result, with {n} upvote on Hugging Face, is “{title}”: {finding}.",
            "The most discussed result, with {n} upvotes on Hugging Face, is “{title}”: {finding}.",
            best.upvotes, title=title, finding=finding,
        )  # fmt: skip
    else:
        text = language.ngettext(
            "The most discussed paper, with {n} upvote on Hugging Face, is “{title}”.",
            "The most discussed paper, with {n} upvotes on Hugging Face, is “{title}”.",
            best.upvotes, title=title,
        )  # fmt: skip
    yield BriefSentence(text, best.url, "attention", (best.id,))


def _monthly_volume(facts: BriefFacts, language: Language, variant: int) -> Iterator[BriefSentence]:
    volume = facts.month.volume if facts.month else None
    if volume is None:
        # A month of which days are missing is not compared with whole ones.
        missing = any(day.state == "empty" for day in facts.counts.days)
        counts = replace(facts.counts, baseline=None) if missing else facts.counts
        yield from _volume(replace(facts, counts=counts), language, variant)
    else:
        text = describe_volume(facts.counts, volume, language)
        yield BriefSentence(text, "#directions", "volume")


def _monthly_accepted(facts: BriefFacts, language: Language, _: int) -> Iterator[BriefSentence]:
    """Name the largest list of a venue or, without one, where the month's papers were accepted."""
    listed = list(_accepted(facts, language, 0))
    venues = facts.month.accepted if facts.month else ()
    if listed or not venues:
        yield from listed
        return
    text = language.ngettext(
        "{n} paper of the month states that {venue} accepted it.",
        "{n} papers of the month state that {venue} accepted them.",
        venues[0].papers, venue=venues[0].venue,
    )  # fmt: skip
    yield BriefSentence(text, "", "accepted")


# The most important facts first.
_COMPOSERS: Sequence[Callable[[BriefFacts, Language, int], Iterator[BriefSentence]]] = (
    _volume, _trend, _paper, _board, _accepted, _deadline, _theme, _attention, _second,
)  # fmt: skip
_MONTHLY_COMPOSERS: Sequence[Callable[[BriefFacts, Language, int], Iterator[BriefSentence]]] = (
    _monthly_volume, _monthly_trend, _talked_about, _board, _monthly_accepted, _paper, _theme,
    _second, _deadline,
)  # fmt: skip
_DAILY_COMPOSERS: Sequence[Callable[[BriefFacts, Language, int], Iterator[BriefSentence]]] = (
    _volume, _board, _accepted, _attention,
)  # fmt: skip


def _composers_of(
    facts: BriefFacts,
) -> Sequence[Callable[[BriefFacts, Language, int], Iterator[BriefSentence]]]:
    if facts.is_day:
        return _DAILY_COMPOSERS
    return _COMPOSERS if facts.month is None else _MONTHLY_COMPOSERS
