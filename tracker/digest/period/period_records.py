"""What the store has about a period, read once; ranking, counting and composing only compute.

`load_span_records` reads the papers of some days, `load_period_records` those of a period and of
the periods it is compared with. Both only read. Papers without a vector are listed but not ranked.

Public: `RankingScope`, `SpanRecords`, `EarlierRecords`, `PeriodRecords`, `load_span_records`,
`load_period_records`.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from tracker.calendar import Period, is_announcement_day
from tracker.digest.period.coverage import Coverage
from tracker.models import Paper, Tag
from tracker.store import acceptances, papers, summaries_and_tags, vectors
from tracker.store.database import Database

NOVELTY_DAYS = 90
BASELINE_PERIODS = 8
# Rows of the similarity matrix computed at a time: 512 x 40,000 cosines are 80 MB.
_ROWS = 512


@dataclass(frozen=True, slots=True)
class RankingScope:
    """Which papers are ranked: those with a vector of `encoder`, listed under `categories`."""

    encoder: int | None
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpanRecords:
    """The papers announced from `start` to `end`; mappings are by the number of the work.

    `embedded` are the papers that have a vector, in the order of the unit rows of `matrix` (n, d);
    `nearest_earlier` (n,) is the cosine to the nearest paper of the ninety days before `start`, or
    None without such papers. `model` is the name of the embedding model.
    """

    start: date
    end: date
    categories: tuple[str, ...]
    listed: Mapping[int, Paper]
    embedded: Mapping[int, Paper]
    matrix: NDArray[np.float32]
    tags: Mapping[int, Sequence[Tag]]
    nearest_earlier: NDArray[np.float32] | None
    model: str


@dataclass(frozen=True, slots=True)
class EarlierRecords:
    """What a period is compared with: the period before it, and how many papers others had.

    `baseline` has the number of papers of each collected period, from the previous one back to the
    first gap. It and `listed` are empty if the previous period was not collected. `tagged` are the
    works whose current text was tagged; `matrix` are the unit rows (m, d) of the listed papers.
    """

    baseline: tuple[int, ...]
    listed: Mapping[int, Paper]
    matrix: NDArray[np.float32]
    tags: Mapping[int, Sequence[Tag]]
    tagged: Set[int]


@dataclass(frozen=True, slots=True)
class PeriodRecords:
    """A period's papers, the works of it with up-to-date tags, the past, and venues by paper id."""

    period: Period
    span: SpanRecords
    tagged: Set[int]
    earlier: EarlierRecords
    venues: Mapping[str, str] = field(default_factory=dict)


def load_period_records(db: Database, period: Period, scope: RankingScope) -> PeriodRecords:
    """Read what an issue of `period` and its comparison with earlier periods are made from."""
    span = load_span_records(db, period.start, period.end, scope)
    return PeriodRecords(
        period,
        span,
        summaries_and_tags.works_with_current_tags(db, span.listed),
        _load_earlier(db, period, scope),
        acceptances.venue_labels(db, _rankable_ids(span.embedded.values())),
    )


def _rankable_ids(known: Iterable[Paper]) -> list[str]:
    return [paper.id for paper in known if not paper.withdrawn]


def load_span_records(db: Database, start: date, end: date, scope: RankingScope) -> SpanRecords:
    """Read the papers announced from `start` to `end`."""
    listed = papers.announced_between(db, start, end, scope.categories)
    order, matrix = vectors.load_vectors(db, scope.encoder, list(listed))
    return SpanRecords(
        start=start,
        end=end,
        categories=scope.categories,
        listed=listed,
        embedded={int(number): listed[int(number)] for number in order},
        matrix=matrix,
        tags=summaries_and_tags.tags_between(db, start, end),
        nearest_earlier=_nearest_earlier_cosines(db, scope.encoder, start, matrix),
        model=vectors.model_name(db, scope.encoder),
    )


def _nearest_earlier_cosines(
    db: Database, encoder: int | None, start: date, matrix: NDArray[np.float32]
) -> NDArray[np.float32] | None:
    """Return the cosine of each row to the nearest paper of the ninety days before `start`."""
    first, last = start - timedelta(days=NOVELTY_DAYS), start - timedelta(days=1)
    earlier = vectors.embedded_works_between(db, encoder, first, last)
    _, before = vectors.load_vectors(db, encoder, earlier)
    if not len(before) or not len(matrix):
        return None
    chunks = (matrix[row : row + _ROWS] for row in range(0, len(matrix), _ROWS))
    return np.concatenate([(chunk @ before.T).max(axis=1) for chunk in chunks])


def _load_earlier(db: Database, period: Period, scope: RankingScope) -> EarlierRecords:
    before = _previous_periods(period)
    coverage = Coverage(db, before[-1].start, period.end, scope.categories)
    collected = list(takewhile(coverage.collected, before))
    last = before[0]
    listed = (
        papers.announced_between(db, last.start, last.end, scope.categories) if collected else {}
    )
    return EarlierRecords(
        baseline=tuple(map(coverage.papers, collected)),
        listed=listed,
        matrix=vectors.load_vectors(db, scope.encoder, list(listed))[1],
        tags=summaries_and_tags.tags_between(db, last.start, last.end),
        tagged=summaries_and_tags.works_with_current_tags(db, listed),
    )


def _previous_periods(period: Period) -> list[Period]:
    """Return the periods that one is compared with, newest first.

    A day is compared with the same day of earlier weeks: the list of a Tuesday is always longer, as
    it has the papers of a weekend.
    """
    if period.kind == "day":
        weeks = (period.start - timedelta(days=7 * n) for n in range(1, BASELINE_PERIODS + 1))
        days = [Period.day_of(day) for day in weeks if is_announcement_day(day)]
        return days or [period.previous()]
    before = [period.previous()]
    while len(before) < BASELINE_PERIODS:
        before.append(before[-1].previous())
    return before
