"""The parts of a document beside its papers: counts, leaderboards, models, media and conferences.

Public: `GroupCount`, `DayCount`, `PeriodCounts`, `BoardMove`, `BoardMoves`,
`TrendingModel`, `MediaItem`, `VenueEvent`.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class GroupCount:
    """How many papers fall under a key now and in the period before; shares are of all papers.

    `before` and `share_before` are None if the period before was not collected. `low` to `high` is
    the 95 % interval of the change of the share; `trend` is growing or shrinking if the
    change is significant (`tracker.topics.trends`), else steady or empty.
    """

    key: str
    name: str
    papers: int
    share: float
    before: int | None = None
    share_before: float | None = None
    low: float | None = None
    high: float | None = None
    trend: str = ""


@dataclass(frozen=True, slots=True)
class DayCount:
    """One announcement day: how many papers were listed, and its state: listed, empty or closed."""

    day: date
    papers: int
    state: str


@dataclass(frozen=True, slots=True)
class PeriodCounts:
    """The numbers of a period; `baseline` is the mean of the `baseline_periods` before it."""

    papers: int
    indexed: int
    days: tuple[DayCount, ...]
    categories: tuple[GroupCount, ...]
    dimensions: tuple[GroupCount, ...]
    directions: tuple[GroupCount, ...]
    baseline: float | None
    baseline_periods: int

    @property
    def change(self) -> float | None:
        """The relative difference from the baseline: 0.09 is 9 % above it."""
        return self.papers / self.baseline - 1 if self.baseline else None


@dataclass(frozen=True, slots=True)
class BoardMove:
    """A model whose place on a leaderboard changed; `kind` is new, up, down or gone."""

    kind: str
    model: str
    organization: str
    rank: int | None
    rank_before: int | None
    score: float | None
    score_before: float | None
    interval: tuple[float, float] | None = None
    interval_before: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class BoardMoves:
    """The moves on one leaderboard between two snapshots, and its first rows now.

    `shift` is a change of all scores, which is not counted as moves. In a `new_series` the board
    has other questions than before, so nothing is compared.
    """

    board: str
    day: date
    day_before: date | None
    moves: tuple[BoardMove, ...]
    head: tuple[tuple[int | None, str, float | None], ...]
    models: int
    shift: float | None = None
    new_series: bool = False


@dataclass(frozen=True, slots=True)
class TrendingModel:
    """A trending model; downloads and likes as reported by its host, or None."""

    name: str
    url: str
    organization: str = ""
    downloads: int | None = None
    likes: int | None = None


@dataclass(frozen=True, slots=True)
class MediaItem:
    """A video or a post (`kind`) about the field, and its author."""

    kind: str
    title: str
    url: str
    source: str
    published: date


@dataclass(frozen=True, slots=True)
class VenueEvent:
    """News of a conference: a deadline (`kind` "deadline") or its accepted papers ("accepted").

    `day` is the deadline, or the day the list was published; `papers` is how many it has. `time` is
    the time of the deadline with the zone of both, and `part` is "abstract" if only that is due.
    """

    kind: str
    name: str
    day: date
    url: str = ""
    place: str = ""
    papers: int | None = None
    time: str = ""
    part: str = ""
