"""Which themes an issue shows, in which order, and which papers stand for each.

Public: `ShownTheme`, `select_themes`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracker.digest.period.period_data import PeriodData
from tracker.models import Cluster, Pick

_PER_THEME = 3
# The name of a theme fits so many of its examples, and this share of its papers; where it fits
# fewer examples, only those are shown.
_MIN_FITTING, _MIN_COVERAGE = 2, 0.15
# How much the score, the nearness to the centre, and the name in the title or the abstract count
# for an example; each is in 0..1.
_SCORE, _CENTRAL, _TITLE_FIT, _TEXT_FIT = 0.5, 0.6, 0.5, 0.4
# A theme has grown if its share has, with this many standard errors (95 %, two-sided).
_SIGNIFICANT = 1.96
_ORDER = {"new": 0, "growing": 1}


@dataclass(frozen=True, slots=True)
class ShownTheme:
    """A theme, its papers in the period before (None if unknown), its state, and its examples.

    `state` is new, growing or empty: whether its share of the papers is larger than before beyond
    chance, and whether it continues an earlier theme.
    """

    cluster: Cluster
    before: int | None
    state: str
    picks: tuple[Pick, ...]


def select_themes(
    data: PeriodData, candidates: Mapping[str, Pick], number: int
) -> tuple[ShownTheme, ...]:
    """Return the `number` themes most about the field: new ones first, then those that grow.

    The examples are from `candidates`, by paper id. A theme whose name does not fit is shown only
    where there are too few others.
    """
    everyone = {pick.paper.id: pick for pick in data.ranked.picks}
    strength = {c.members: _topic_strength(c, everyone) for c in data.ranked.clusters}
    shown = [theme for theme in _all_themes(data, candidates) if theme.picks]
    ranked = sorted(shown, key=lambda theme: -strength[theme.cluster.members])
    ranked.sort(key=lambda theme: not _is_well_named(theme, data))
    return tuple(sorted(ranked[:number], key=lambda theme: _ORDER.get(theme.state, len(_ORDER))))


def _topic_strength(cluster: Cluster, picks: Mapping[str, Pick]) -> float:
    """Return how much a theme is about topics of the field: the topic signals of its papers."""
    reasons = (picks[key].why for key in cluster.members if key in picks)
    return sum(reason.value for why in reasons for reason in why if reason.signal == "topic")


def _all_themes(data: PeriodData, candidates: Mapping[str, Pick]) -> list[ShownTheme]:
    clusters = data.ranked.clusters
    sizes = data.ranked.previous_sizes or (None,) * len(clusters)
    now, before = sum(len(c.members) for c in clusters), sum(size or 0 for size in sizes)
    themes = []
    for place, (cluster, size) in enumerate(zip(clusters, sizes, strict=True)):
        state = ""
        if size is not None and _has_grown((len(cluster.members), now), (size, before)):
            state = "new" if place in data.new_themes else "growing"
        themes.append(ShownTheme(cluster, size, state, _examples(cluster, candidates, data)))
    return themes


def _has_grown(now: tuple[int, int], before: tuple[int, int]) -> bool:
    """Whether a share, given as (part, whole), is larger than before: a two-proportion z-test."""
    if not now[1] or not before[1]:
        return False
    mean = (now[0] + before[0]) / (now[1] + before[1])
    error = math.sqrt(mean * (1 - mean) * (1 / now[1] + 1 / before[1]))
    return now[0] / now[1] - before[0] / before[1] > _SIGNIFICANT * error > 0


def _examples(
    cluster: Cluster, candidates: Mapping[str, Pick], data: PeriodData
) -> tuple[Pick, ...]:
    """Return a theme's examples: well ranked, near its centre, and fitting its name."""
    members = [candidates[key] for key in cluster.members if key in candidates]
    scores = np.argsort(np.argsort([pick.score for pick in members]))
    size = max(1, len(members) - 1)
    merits = {
        pick.paper.id: _SCORE * scores[place] / size
        + _CENTRAL * (1 - place / size)
        + _fit_merit(cluster.label, pick, data)
        for place, pick in enumerate(members)
    }
    members.sort(key=lambda pick: (-merits[pick.paper.id], pick.paper.id))
    best = tuple(members[:_PER_THEME])
    if data.namer is None:
        return best
    fitting = tuple(p for p in best if data.namer.fit(cluster.label, p.paper.id))
    return best if len(fitting) >= _MIN_FITTING else fitting


def _fit_merit(name: str, pick: Pick, data: PeriodData) -> float:
    fit = data.namer.fit(name, pick.paper.id) if data.namer else 0
    return (fit > 0) * _TEXT_FIT + (fit > 1) * _TITLE_FIT


def _is_well_named(theme: ShownTheme, data: PeriodData) -> bool:
    """Whether a theme has several examples, and its name fits enough of its papers."""
    if data.namer is None:
        return bool(theme.picks)
    covered = data.namer.coverage(theme.cluster.label, theme.cluster.members)
    return len(theme.picks) >= _MIN_FITTING and covered >= _MIN_COVERAGE
