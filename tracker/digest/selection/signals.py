"""The registry of ranking signals: facts about a paper within its period, each measured as 0..1.

`SIGNALS` is the only list of them. A signal's name is also the name of the setting that holds its
weight (`tracker.settings.Ranking`), the `signal` of the reasons that it gives, and the key of the
sentence that `tracker.digest.writing.phrasing` has for it. To add a signal, add an entry here, a
setting and a sentence; a test checks that none is missing.

Public: `Candidates`, `UpvoteSnapshot`, `Signal`, `SIGNALS`, `PERSONAL_SIGNALS`, `EXPLORE`,
`FIRST_SUBJECT`.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tracker.digest.selection.editor_model import strongest_terms
from tracker.models import Paper, Tag
from tracker.settings import Ranking

# The reason given for a pick that was chosen at random; it has no weight and is not measured.
EXPLORE = "explore"
# The reason that no earlier paper had its subject; it has no weight and is not measured.
FIRST_SUBJECT = "first"

# Papers with at least this many authors are seldom student projects.
_LARGE_TEAM = 8
# Upvotes that count as full attention, and the days after which they count half.
_MANY_UPVOTES, _HALF_LIFE = 100, 14
# A paper that is more than a week old at the end of the period has appeared in its weekly digest; a
# week later its age counts in full. Of 1,000 candidates of each age, by days before the end of an
# editor's week, 6 were picked of those 3 to 8 days old, and 2.7, 2.0, 1.1, 0.4 and 0.1 of those 9
# to 13 days old.
_FRESH_DAYS, _AGED_DAYS = 7, 14


@dataclass(frozen=True, slots=True)
class UpvoteSnapshot:
    """The number of upvotes of a paper on a day."""

    upvotes: int
    day: date


@dataclass(frozen=True, slots=True)
class Candidates:
    """The papers of a period and everything that is known about them; arrays have a row per paper.

    `vectors` are unit rows (n, d). `interest` (n,) in 0..1 is the similarity to papers that an
    editor picked, or None if unknown. `nearest_earlier` (n,) is the cosine to the nearest paper of
    the previous ninety days, or None if there are none. `centrality` (n,) is the cosine to the
    centroid of the paper's cluster. `upvotes` are by paper id. The ages of papers and upvotes are
    counted up to the day `until`.

    `likes` (n,) in 0..1 is the similarity to papers that one reader liked, or None. `follows` has,
    by paper id, the matching saved search as kind:fact. Issues for everyone have neither.
    """

    papers: Sequence[Paper]
    tags: Sequence[Sequence[Tag]]
    vectors: NDArray[np.float32]
    interest: NDArray[np.float32] | None
    nearest_earlier: NDArray[np.float32] | None
    centrality: NDArray[np.float32]
    likes: NDArray[np.float32] | None = None
    follows: Mapping[str, str] = field(default_factory=dict)
    upvotes: Mapping[str, UpvoteSnapshot] = field(default_factory=dict)
    until: date | None = None


# The value of a signal in 0..1 for a row and its paper, and the fact behind it.
Measure = Callable[[int, Paper], tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal: its name, how to measure it for some candidates, and whether it lowers the score.

    `personal` signals depend on what the reader of this installation follows and likes.
    """

    name: str
    measure: Callable[[Candidates], Measure]
    negative: bool = False
    personal: bool = False

    def weight(self, weights: Ranking) -> float:
        """Return the signed weight, from the setting of the same name."""
        weight = float(getattr(weights, self.name))
        return -weight if self.negative else weight


def _column(values: NDArray[np.float32] | NDArray[np.float64] | None) -> Measure:
    """Return the measure of a signal that is known for all rows, or for none."""
    return lambda row, _: (0.0 if values is None else float(values[row]), "")


def _interest(candidates: Candidates) -> Measure:
    """Similarity to papers that an editor picked; above the mean, with the strongest words."""
    if candidates.interest is None:
        return _column(None)
    values, mean = candidates.interest, float(candidates.interest.mean())
    return lambda row, paper: (
        float(values[row]), ", ".join(strongest_terms(paper)) if values[row] > mean else ""
    )  # fmt: skip


def _age(candidates: Candidates) -> Measure:
    return lambda _, paper: _age_value(paper, candidates.until)


def _age_value(paper: Paper, until: date | None) -> tuple[float, str]:
    """Zero for papers of the week up to `until`, rising linearly to 1 a week before that."""
    days = (until - paper.announced).days if until else 0
    over = (days - _FRESH_DAYS) / (_AGED_DAYS - _FRESH_DAYS)
    return min(1.0, max(0.0, over)), str(days)


def _attention(candidates: Candidates) -> Measure:
    upvotes, until = candidates.upvotes, candidates.until
    return lambda _, paper: _upvotes_value(upvotes.get(paper.id), until)


def _upvotes_value(snapshot: UpvoteSnapshot | None, until: date | None) -> tuple[float, str]:
    """Upvotes on a logarithmic scale, halved for every two weeks since they were counted."""
    if snapshot is None or snapshot.upvotes <= 0:
        return 0.0, ""
    share = min(1.0, math.log1p(snapshot.upvotes) / math.log1p(_MANY_UPVOTES))
    age = max(0, (until - snapshot.day).days) if until else 0
    return float(share * 0.5 ** (age / _HALF_LIFE)), str(snapshot.upvotes)


def _likes(candidates: Candidates) -> Measure:
    return _column(candidates.likes)


def _follow(candidates: Candidates) -> Measure:
    """What a reader follows counts more, the fewer papers of the period match it.

    The value is its inverse document frequency (Spärck Jones, 1972), as a share of the largest
    possible one, that of a single paper: a topic of eighty papers must not fill the list.
    """
    matching = Counter(candidates.follows.values())
    rarest = math.log(max(2, len(candidates.papers)))

    def measure(_: int, paper: Paper) -> tuple[float, str]:
        fact = candidates.follows.get(paper.id, "")
        return (1 - math.log(matching[fact]) / rarest if fact else 0.0), fact

    return measure


def _team(_: Candidates) -> Measure:
    return lambda _, paper: (float(len(paper.authors) >= _LARGE_TEAM), str(len(paper.authors)))


def _topic(candidates: Candidates) -> Measure:
    return lambda row, _: _topic_value(candidates.tags[row])


def _topic_value(tags: Sequence[Tag]) -> tuple[float, str]:
    return (tags[0].score, tags[0].name) if tags else (0.0, "")


def _centrality(candidates: Candidates) -> Measure:
    return _column(_percentiles(candidates.centrality))


def _novelty(candidates: Candidates) -> Measure:
    """How unlike the nearest earlier paper, as a percentile; the fact is the cosine to it."""
    nearest = candidates.nearest_earlier
    if nearest is None:
        return _column(None)
    values = _percentiles(-nearest)
    return lambda row, _: (float(values[row]), f"{nearest[row]:.2f}")


def _percentiles(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Ranks as 0..1, so that signals on different scales can be added; equal values share one."""
    if len(values) < 2:
        return np.ones(len(values))
    order = np.sort(values)
    low, high = np.searchsorted(order, values, "left"), np.searchsorted(order, values, "right")
    return (low + high - 1) / 2 / (len(values) - 1)


def _code(_: Candidates) -> Measure:
    return lambda _, paper: _presence_value(paper.facts.code_link)


def _venue(_: Candidates) -> Measure:
    return lambda _, paper: _presence_value(paper.facts.venue)


def _presence_value(fact: str) -> tuple[float, str]:
    return float(bool(fact)), fact


# In the order in which the reasons of a pick list them.
SIGNALS = (
    Signal("interest", _interest),
    Signal("age", _age, negative=True),
    Signal("attention", _attention),
    Signal("likes", _likes, personal=True),
    Signal("follow", _follow, personal=True),
    Signal("team", _team),
    Signal("topic", _topic),
    Signal("centrality", _centrality),
    Signal("novelty", _novelty),
    Signal("code", _code),
    Signal("venue", _venue),
)
PERSONAL_SIGNALS = frozenset(signal.name for signal in SIGNALS if signal.personal)
