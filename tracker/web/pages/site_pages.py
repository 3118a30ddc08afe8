"""Further public pages: leaderboards, completeness, citations, and the growth of a topic.

Public: `boards_page`, `completeness_page`, `build_weeks`, `DayState`, `render_bibtex`,
`load_growth`, `build_facets`.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from summarizer.grounding.names import withhold_order
from tracker.delivery.citations import bibtex
from tracker.models import BoardSnapshot, Hit
from tracker.pipeline.ingest import completeness
from tracker.pipeline.retrieval import hybrid_search
from tracker.records import CompletenessDay
from tracker.settings import Config
from tracker.store import boards, daily_counts
from tracker.store.database import Database
from tracker.web.http_messages import PageRequest, PageResponse

_ROWS, _MONTHS, _DAYS = 10, 12, 92
# Values of one facet.
_VALUES = 5


@dataclass(frozen=True, slots=True)
class BoardGroup:
    """A leaderboard with its categories; the overall one comes first."""

    name: str
    boards: tuple[BoardSnapshot, ...]


def boards_page(db: Database, _: Config, request: PageRequest) -> PageResponse:
    """Show the first places of the newest snapshot of each leaderboard and its categories."""
    today = request.now.date()
    newest = (boards.latest_snapshot(db, name, today) for name in boards.list_names(db))
    found = map(_without_orders, filter(None, newest))
    groups = groupby(found, key=lambda one: one.board.partition("/")[0])
    shown = [BoardGroup(name, tuple(group)) for name, group in groups]
    return PageResponse("boards.jinja", {"groups": shown, "rows": _ROWS})


def _without_orders(found: BoardSnapshot) -> BoardSnapshot:
    """Return a snapshot with a remark in place of names that read like an order to a model."""
    shown = (
        replace(row, model=withhold_order(row.model), organization=withhold_order(row.organization))
        for row in found.rows[:_ROWS]
    )
    return replace(found, rows=(*shown, *found.rows[_ROWS:]))


@dataclass(frozen=True, slots=True)
class DayState:
    """An announcement day over all categories: papers here, and what is missing."""

    day: date
    got: int
    missing: int
    states: tuple[str, ...]

    @property
    def state(self) -> str:
        """The worst state of its categories."""
        return next((one for one in _WORST_FIRST if one in self.states), self.states[0])


@dataclass(frozen=True, slots=True)
class CalendarWeek:
    """A week of the calendar: its Monday, and its days from Monday to Friday, if known."""

    monday: date
    days: tuple[DayState | None, ...]


_WORST_FIRST = ("missing", "degraded", "unverified", "complete", "closed")


def completeness_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Show how complete each day of the last months is, newest first."""
    since = request.now.date() - timedelta(days=_DAYS)
    listed = completeness.list_days(db, config, request.now, since=since)
    days = [_merge_day(day, list(rows)) for day, rows in groupby(listed, lambda row: row.day)]
    return PageResponse("completeness.jinja", {"days": days[::-1], "weeks": build_weeks(days)})


def build_weeks(days: list[DayState]) -> list[CalendarWeek]:
    """Return the weeks of some days, newest first."""
    by_day = {one.day: one for one in days}
    mondays = sorted({day - timedelta(days=day.weekday()) for day in by_day}, reverse=True)
    return [
        CalendarWeek(monday, tuple(by_day.get(monday + timedelta(days=n)) for n in range(5)))
        for monday in mondays
    ]


def _merge_day(day: date, rows: list[CompletenessDay]) -> DayState:
    return DayState(
        day,
        sum(row.got for row in rows),
        sum(row.missing for row in rows),
        tuple(sorted({row.state for row in rows})),
    )


def render_bibtex(db: Database, _: Config, request: PageRequest) -> tuple[str, bytes]:
    """Return the media type and the BibTeX entry of a paper. Raises NotFound."""
    paper = hybrid_search.find_work(db, request.path_params["id"])[1]
    return "text/plain", bibtex([paper]).encode()


@dataclass(frozen=True, slots=True)
class GrowthMonth:
    """The papers of a topic in a month, and their share of all papers."""

    key: str
    papers: int
    share: float


def load_growth(db: Database, tag: str, until: date) -> list[GrowthMonth]:
    """Return a topic's months, oldest first; those before the first one with papers are omitted."""
    first = _first_of_month(until, _MONTHS - 1)
    last = until.replace(day=monthrange(until.year, until.month)[1])
    own = _by_month(daily_counts.count_of_tag(db, tag, first, last))
    everything = _by_month(daily_counts.count_tagged(db, first, last))
    return [GrowthMonth(key, own[key], own[key] / everything[key]) for key in sorted(everything)]


def _first_of_month(day: date, back: int) -> date:
    months = 12 * day.year + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def _by_month(counts: Mapping[date, int]) -> Counter[str]:
    months: Counter[str] = Counter()
    for day, number in counts.items():
        months[f"{day:%Y-%m}"] += number
    return months


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that narrows a search: its name, how many results have it, and the new query."""

    name: str
    count: int
    query: str


def build_facets(
    hits: tuple[Hit, ...], query: str, names: Mapping[str, str]
) -> dict[str, list[FacetValue]]:
    """Return what the shown results have in common, by facet; values of all of them are omitted."""
    counted: dict[str, Counter[tuple[str, str]]] = {
        "topic": Counter(_topics(hits, names)),
        "venue": Counter((hit.venue, f'venue:"{hit.venue}"') for hit in hits if hit.venue),
        "month": Counter((f"{hit.paper.announced:%Y-%m}", _month(hit)) for hit in hits),
        "code": Counter(("has:code", "has:code") for hit in hits if hit.paper.facts.code_link),
    }
    facets = {
        facet: [
            FacetValue(name, count, f"{query} {term}")
            for (name, term), count in values.most_common(_VALUES)
            if count < len(hits) and term not in query
        ]
        for facet, values in counted.items()
    }
    return {facet: values for facet, values in facets.items() if values}


def _topics(hits: tuple[Hit, ...], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for hit in hits:
        yield from ((names[key], f"topic:{key}") for key in hit.topics if key in names)


def _month(hit: Hit) -> str:
    following = _first_of_month(hit.paper.announced, -1)
    return f"after:{hit.paper.announced:%Y-%m} before:{following:%Y-%m}"
