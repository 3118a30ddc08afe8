"""Variety of a list: limits for themes and directions, and calibration to the period.

A calibrated list (Steck, 2018) has directions, dimensions and kinds of papers in about the shares
that they have in the period: the divergence between the two is a cost for the next pick. A paper
without a direction or dimension neither helps nor hurts.

Public: `PaperTraits`, `paper_traits`, `Quotas`, `find_swaps`, `Calibration`.
"""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tracker.digest.selection.paper_kinds import paper_kind
from tracker.models import Paper, Tag
from tracker.topics.taxonomy import concepts_of_kind

# Directions that count for a paper: those shown with it.
MAX_DIRECTIONS = 3
# Share of the period's distribution mixed into that of the list, so that their ratio is finite.
_SMOOTHING = 0.1
# The list after its first paper has so many leading directions per place: six of ten.
_DIRECTIONS_PER_PLACE = 0.6


@dataclass(frozen=True, slots=True)
class PaperTraits:
    """What a list should have variety in: the theme of a paper, if any, its topics and its kind."""

    theme: int | None = None
    directions: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    kind: str = ""


def paper_traits(paper: Paper, tags: Sequence[Tag], theme: int | None) -> PaperTraits:
    """Return the traits of a paper; tags of a user's own directions count as directions."""
    known = {concept.key for concept in concepts_of_kind("dimension")}
    names = [tag.name for tag in tags]
    return PaperTraits(
        theme,
        tuple(islice((name for name in names if name not in known), MAX_DIRECTIONS)),
        tuple(name for name in names if name in known),
        paper_kind(paper.title, paper.abstract),
    )


class Quotas:
    """How many more papers of each theme and each direction a list may have; 0 means any number."""

    def __init__(self, per_theme: int, per_direction: int) -> None:
        self._limits = {"theme": per_theme, "direction": per_direction}
        self._counts = Counter[tuple[str, Hashable]]()

    def add(self, traits: PaperTraits) -> None:
        """Count a paper of the list."""
        self._counts.update(_groups(traits))

    def exhausted(self, traits: PaperTraits) -> str:
        """Return "theme" or "direction" if the list has no place left for such a paper, else ""."""
        full = (
            kind
            for kind, key in _groups(traits)
            if self._limits[kind] and self._counts[kind, key] >= self._limits[kind]
        )
        return next(full, "")


def _groups(traits: PaperTraits) -> list[tuple[str, Hashable]]:
    themes = [] if traits.theme is None else [("theme", traits.theme)]
    return [*themes, *(("direction", key) for key in traits.directions)]


def find_swaps(
    listed: Sequence[PaperTraits], others: Sequence[PaperTraits], new_quotas: Callable[[], Quotas]
) -> dict[int, int]:
    """Return by place in a list which of `others` replaces that paper, for more directions.

    A paper counts for its first direction. The last papers that share one are replaced, never the
    first paper of the list.
    """
    current, swaps = list(listed), dict[int, int]()
    least = math.ceil(_DIRECTIONS_PER_PLACE * len(listed))
    for row, candidate in enumerate(others):
        leading = [traits.directions[:1] for traits in current[1:]]
        counts = Counter(found for found in leading if found)
        if len(counts) >= least:
            break
        if not candidate.directions or candidate.directions[:1] in counts:
            continue
        places = [n for n, found in enumerate(leading, 1) if counts[found] != 1 and n not in swaps]
        place = next((n for n in reversed(places) if _fits(candidate, current, n, new_quotas())), 0)
        if place:
            current[place], swaps[place] = candidate, row
    return swaps


def _fits(
    candidate: PaperTraits, listed: Sequence[PaperTraits], place: int, quotas: Quotas
) -> bool:
    """Whether the limits allow a paper in a place of a list."""
    for number, traits in enumerate(listed):
        if number != place:
            quotas.add(traits)
    return not quotas.exhausted(candidate)


class Calibration:
    """What adding each of some papers would cost: the divergence of the list from the period."""

    def __init__(self, papers: Sequence[PaperTraits], period: Sequence[PaperTraits]) -> None:
        """`papers` are those to choose from; the shares to keep are those of `period`."""
        self._facets = [_Facet(papers, period, names_of) for names_of in _FACETS]

    def add(self, row: int) -> None:
        """Count a paper of the list, by its row."""
        for facet in self._facets:
            facet.add(row)

    def costs(self) -> NDArray[np.float64]:
        """Return, by row, the mean divergence over the facets if that paper were added."""
        return np.asarray(np.mean([facet.costs() for facet in self._facets], axis=0))


_NamesOf = Callable[[PaperTraits], Sequence[str]]
_FACETS: tuple[_NamesOf, ...] = (
    lambda traits: traits.directions,
    lambda traits: traits.dimensions,
    lambda traits: (traits.kind,) if traits.kind else (),
)


class _Facet:
    """One facet of the papers: a row of shares for each, the shares of the period and the list."""

    def __init__(
        self, papers: Sequence[PaperTraits], period: Sequence[PaperTraits], names_of: _NamesOf
    ) -> None:
        names = sorted({name for traits in (*papers, *period) for name in names_of(traits)})
        columns = {name: column for column, name in enumerate(names)}
        self._rows = _shares([names_of(traits) for traits in papers], columns)
        self._target = _normalize(_shares(map(names_of, period), columns).sum(axis=0))
        self._sum = np.zeros(len(columns))

    def add(self, row: int) -> None:
        self._sum += self._rows[row]

    def costs(self) -> NDArray[np.float64]:
        """Return, by row, the divergence of the list from the period if that paper were added."""
        listed = _normalize(self._sum + self._rows)
        smoothed = (1 - _SMOOTHING) * listed + _SMOOTHING * self._target
        present = self._target > 0
        ratio = self._target[present] / smoothed[:, present]
        return np.asarray((self._target[present] * np.log(ratio)).sum(axis=1))


def _shares(names: Iterable[Sequence[str]], columns: Mapping[str, int]) -> NDArray[np.float64]:
    """Return a row per paper: equal shares of the columns of its names, zero if it has none."""
    rows = [np.bincount([columns[n] for n in own], minlength=len(columns)) for own in names]
    return _normalize(np.array(rows, np.float64).reshape(len(rows), len(columns)))


def _normalize(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows that sum to 1; those of zeros are unchanged."""
    sums = rows.sum(axis=-1, keepdims=True)
    return np.asarray(rows / np.where(sums > 0, sums, 1))
