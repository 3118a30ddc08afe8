"""What a monthly report says of each direction, assembled as data before any sentence is written.

Public: `leading_by_direction`, `build_month_facts`, `LEAST_PAPERS`.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from statistics import median

from tracker.digest.document import (
    DirectionFacts,
    DirectionPaper,
    Entry,
    GroupCount,
    MonthFacts,
    PeriodCounts,
)
from tracker.digest.monthly.accepted_papers import count_accepted
from tracker.digest.monthly.month_lists import build_paper_lists, count_groups
from tracker.digest.monthly.month_records import DirectionHistory, MonthRecords
from tracker.digest.monthly.share_changes import build_heat_map, list_share_changes
from tracker.digest.monthly.system_names import system_name
from tracker.digest.monthly.volume import compare_volume
from tracker.digest.period.period_data import PeriodData
from tracker.digest.selection.paper_kinds import RELEASE, paper_kind
from tracker.digest.writing.headline import finding_clause
from tracker.models import Cluster, Pick
from tracker.paper.title_kind import BENCHMARK, DATASET
from tracker.topics.statistics import smallest_detectable

# A direction with fewer papers gets no paragraph: its share is too uncertain to say much about.
LEAST_PAPERS = 20
_BEST, _THEMES, _RESOURCES = 3, 3, 3
# A theme characterises a direction if it has at least this many of its papers, and is mostly of it.
_LEAST_THEME_PAPERS, _LEAST_THEME_SHARE = 3, 0.3
_LEAST_COVERAGE = 0.15


def leading_by_direction(data: PeriodData, picks: Iterable[Pick]) -> dict[str, tuple[Pick, ...]]:
    """Return the best picks of each direction with enough papers.

    A paper of several directions stands for the smallest of them, which has the fewest others.
    """
    members = _picks_by_tag(data, picks)
    rows = sorted(_large(data.counts.directions), key=lambda row: (row.papers, row.key))
    used: set[str] = set()
    leading = {}
    for row in rows:
        found = sorted(members[row.key], key=lambda pick: pick.paper.id in used)[:_BEST]
        leading[row.key] = tuple(found)
        used.update(pick.paper.id for pick in found)
    return leading


def build_month_facts(
    data: PeriodData,
    counts: PeriodCounts,
    records: MonthRecords,
    leading: Mapping[str, Sequence[Pick]],
    listed: Mapping[str, Sequence[Pick]],
    entry_of: Callable[[Pick], Entry],
) -> MonthFacts:
    """Return the facts of a month; `counts` have names in its language.

    `leading` are the best papers of each direction, `listed` those of each list.
    """
    history = records.history
    members = _picks_by_tag(data, data.ranked.picks)
    main = _picks_by_main_tag(data, {row.key for row in counts.directions})
    clusters = [cluster for cluster in data.ranked.clusters if _well_named(cluster, data)]
    directions = (
        _direction_facts(
            row,
            history,
            _characteristic_themes(clusters, row, members[row.key]),
            tuple(_direction_paper(entry_of(pick)) for pick in leading.get(row.key, ())),
            _named_resources(main[row.key]),
        )
        for row in _large(counts.directions)
    )
    found = tuple(sorted(directions, key=lambda facts: (-facts.papers, facts.key)))
    return MonthFacts(
        found,
        history.tested,
        _typical_detectable(found, history.tested),
        volume=compare_volume(records.daily, data.period.start) if records.daily else None,
        changes=list_share_changes(counts, history.trends, history.tested),
        heat_map=build_heat_map(counts, records.pairs),
        boards=records.boards,
        models=records.models,
        new_models=records.new_models,
        accepted=count_accepted(records.venues, data.ranked.picks),
        last_month=records.last_month,
        recipes=records.recipes,
        lists=build_paper_lists(
            records.kinds, listed, records.stars, lambda pick: finding_clause(entry_of(pick))
        ),
        groups=count_groups(records.grouped),
    )


def _large(rows: Iterable[GroupCount]) -> list[GroupCount]:
    return [row for row in rows if row.papers >= LEAST_PAPERS]


def _picks_by_tag(data: PeriodData, picks: Iterable[Pick]) -> defaultdict[str, list[Pick]]:
    found: defaultdict[str, list[Pick]] = defaultdict(list)
    for pick in picks:
        for tag in data.ranked.tags.get(pick.paper.id, ()):
            found[tag.name].append(pick)
    return found


def _picks_by_main_tag(data: PeriodData, keys: Set[str]) -> defaultdict[str, list[Pick]]:
    """Return the picks by the direction that fits each best, one of `keys`."""
    found: defaultdict[str, list[Pick]] = defaultdict(list)
    for pick in data.ranked.picks:
        tags = [tag for tag in data.ranked.tags.get(pick.paper.id, ()) if tag.name in keys]
        if tags:
            found[max(tags, key=lambda tag: (tag.score, tag.name)).name].append(pick)
    return found


def _direction_facts(
    row: GroupCount,
    history: DirectionHistory,
    themes: tuple[tuple[str, int], ...],
    best: tuple[DirectionPaper, ...],
    resources: tuple[str, ...],
) -> DirectionFacts:
    trend = history.trends.get(row.key)
    return DirectionFacts(
        key=row.key,
        name=row.name,
        papers=row.papers,
        share=row.share,
        share_before=row.share_before,
        change=_finite(trend.change) if trend else None,
        low=_finite(trend.low) if trend else None,
        high=_finite(trend.high) if trend else None,
        q=_finite(trend.q) if trend else None,
        trend=trend.kind if trend else "",
        series=history.series.get(row.key, ()),
        themes=themes,
        best=best,
        resources=resources,
    )


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _direction_paper(entry: Entry) -> DirectionPaper:
    return DirectionPaper(entry.id, entry.url, entry.title, finding_clause(entry))


def _characteristic_themes(
    clusters: Sequence[Cluster], row: GroupCount, picks: Iterable[Pick]
) -> tuple[tuple[str, int], ...]:
    """Return the themes with most papers of a direction, of those that consist mostly of it."""
    ids = {pick.paper.id for pick in picks}
    counted = Counter({c.label: len(ids & set(c.members)) for c in clusters})
    sizes = {c.label: len(c.members) for c in clusters}
    return tuple(
        (name, number)
        for name, number in counted.most_common()
        if number >= max(_LEAST_THEME_PAPERS, _LEAST_THEME_SHARE * sizes[name])
        and name.casefold() != row.name.casefold()
    )[:_THEMES]


def _well_named(cluster: Cluster, data: PeriodData) -> bool:
    if data.namer is None:
        return True
    return data.namer.coverage(cluster.label, cluster.members) >= _LEAST_COVERAGE


def _named_resources(picks: Iterable[Pick]) -> tuple[str, ...]:
    """Return the names of new benchmarks, data sets and models, from the best papers first."""
    names = (
        system_name(pick.paper.title)
        for pick in picks
        if pick.paper.facts.kind in (BENCHMARK, DATASET)
        or paper_kind(pick.paper.title, pick.paper.abstract) == RELEASE
    )
    return tuple(dict.fromkeys(filter(None, names)))[:_RESOURCES]


def _typical_detectable(directions: Iterable[DirectionFacts], tests: int) -> float | None:
    widths = [(f.high - f.low) / 2 for f in directions if f.high is not None and f.low is not None]
    return smallest_detectable(median(widths), tests) if widths and tests else None
