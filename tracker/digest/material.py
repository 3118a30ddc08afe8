"""Everything the store knows of a period, gathered once, from which digest and report choose.

`gather` reads; it writes nothing. Papers without a vector are counted and left out of the ranking.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from tracker.calendar import Period, is_announcement_day
from tracker.digest.coverage import Coverage, indexed
from tracker.digest.document import Count, Counts, Day
from tracker.digest.interest import likeness
from tracker.digest.ranking import Attention, Candidates, rank
from tracker.digest.reader import Field, Interests
from tracker.models import Cluster, Paper, Pick, Tag
from tracker.settings import Ranking
from tracker.store import acceptances, findings, papers, vectors
from tracker.store.database import Database
from tracker.topics import taxonomy
from tracker.topics.clusters import cluster
from tracker.topics.taxonomy import Concept
from tracker.topics.trends import Days, Trend, counted, trends

NOVELTY_DAYS = 90
BASELINE_PERIODS = 8
# Rows of the likeness matrix made at a time: 512 x 40,000 cosines are 80 MB.
_ROWS = 512


@dataclass(frozen=True, slots=True)
class Taste:
    """How papers are ranked for everybody: the weights, and upvotes by paper id."""

    weights: Ranking = field(default_factory=Ranking)
    attention: Mapping[str, Attention] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A span's papers as picks (best first) and themes; tags and vectors by paper id.

    `before` is, by theme, how many papers of the span before lie as near to its centre.
    """

    picks: tuple[Pick, ...]
    clusters: tuple[Cluster, ...]
    unthemed: int
    tags: Mapping[str, Sequence[Tag]]
    vectors: Mapping[str, NDArray[np.float32]]
    about: Field
    candidates: Candidates
    before: tuple[int | None, ...] = ()

    @property
    def theme_of(self) -> dict[str, int]:
        """The place of the theme that a paper belongs to, by paper id."""
        return {key: n for n, theme in enumerate(self.clusters) for key in theme.members}

    def ranked_for(self, reader: Interests, weights: Ranking) -> "Ranked":
        """The same papers in the order that they have for one reader."""
        follows = {key: str(found[0]) for key, found in self.about.follows(reader).items()}
        likes = self.about.weighable_likeness(reader)
        own = replace(self.candidates, likes=likes, follows=follows)
        return replace(self, picks=tuple(rank(own, weights)))


@dataclass(frozen=True, slots=True)
class Material:
    """A period, its papers ranked, its counts, and where works were accepted, by id."""

    period: Period
    ranked: Ranked
    counts: Counts
    venues: Mapping[str, str] = field(default_factory=dict)
    concepts: Mapping[str, Concept] = field(default_factory=taxonomy.load)


def gather(
    db: Database,
    period: Period,
    *,
    encoder: int | None,
    categories: Sequence[str],
    taste: Taste = Taste(),
    concepts: Mapping[str, Concept],
    known: NDArray[np.float32] | None = None,
) -> Material:
    """Read, cluster, rank and count the papers first listed in `period` under `categories`.

    The search for groups starts from the centres (m, d) of the topics that are `known`.
    """
    span = ranked(
        db, period.start, period.end, encoder=encoder, categories=categories, taste=taste,
        known=known,
    )  # fmt: skip
    past = _past(db, period, categories)
    span = replace(span, before=_as_near_before(db, encoder, past, span))
    counts = _counts(db, period, concepts, past, embedded=len(span.vectors), categories=categories)
    venues = acceptances.venues(db, (pick.paper.id for pick in span.picks))
    return Material(period, span, counts, venues, concepts)


def ranked(
    db: Database,
    start: date,
    end: date,
    *,
    encoder: int | None,
    categories: Sequence[str],
    taste: Taste = Taste(),
    known: NDArray[np.float32] | None = None,
) -> Ranked:
    """The papers first listed from `start` to `end` that have a vector of `encoder`."""
    listed = papers.announced(db, start, end, categories)
    order, matrix = vectors.of_works(db, encoder, list(listed))
    works = [int(number) for number in order]
    here = [listed[number] for number in works]
    tags = findings.tags(db, start, end)
    groups = cluster(here, matrix, known)
    by_id = {paper.id: row for paper, row in zip(here, matrix, strict=True)}
    named = {listed[number].id: tags.get(number, []) for number in works}
    about = Field({paper.id: paper for paper in here}, named, by_id)
    candidates = Candidates(
        papers=here,
        tags=[tags.get(number, []) for number in works],
        vectors=matrix,
        interest=likeness(here, matrix, vectors.model_of(db, encoder)) if here else None,
        nearest_before=_nearest_before(db, encoder, start, matrix),
        centrality=groups.centrality,
        attention=taste.attention,
        until=end,
    )
    picks = tuple(rank(candidates, taste.weights))
    return Ranked(picks, groups.clusters, groups.other, named, by_id, about, candidates)


@dataclass(frozen=True, slots=True)
class _Past:
    """What a period is compared with: how many papers each collected period before it had, from the
    last one back to the first gap, and the papers `earlier` of the last one.

    Both are empty when the last one was not collected.
    """

    before: Period
    numbers: tuple[int, ...]
    earlier: Mapping[int, Paper]


def _past(db: Database, period: Period, categories: Sequence[str]) -> _Past:
    before = [period.previous()]
    while len(before) < BASELINE_PERIODS:
        before.append(before[-1].previous())
    coverage = Coverage(db, before[-1].start, period.end, categories)
    collected = list(takewhile(coverage.collected, before))
    numbers = tuple(map(coverage.papers, collected))
    last = before[0]
    earlier = papers.announced(db, last.start, last.end, categories) if collected else {}
    return _Past(last, numbers, earlier)


def _as_near_before(
    db: Database, encoder: int | None, past: _Past, span: Ranked
) -> tuple[int | None, ...]:
    """By theme, the papers of the period before that its centre would have drawn."""
    _, earlier = vectors.of_works(db, encoder, list(past.earlier))
    if not indexed(len(earlier), len(past.earlier)) or not span.clusters:
        return (None,) * len(span.clusters)
    members = [np.array([span.vectors[key] for key in c.members]) for c in span.clusters]
    centres = np.array([rows.mean(axis=0) for rows in members])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    reach = [float((rows @ centre).min()) for rows, centre in zip(members, centres, strict=True)]
    cosines = earlier @ centres.T
    drawn = cosines.argmax(axis=1)
    near = cosines.max(axis=1) >= np.array(reach)[drawn]
    return tuple(int(n) for n in np.bincount(drawn[near], minlength=len(reach)))


def _nearest_before(
    db: Database, encoder: int | None, start: date, matrix: NDArray[np.float32]
) -> NDArray[np.float32] | None:
    """Cosine of each row to the nearest paper listed in the ninety days before `start`."""
    first, last = start - timedelta(days=NOVELTY_DAYS), start - timedelta(days=1)
    earlier = vectors.announced_between(db, encoder, first, last)
    _, before = vectors.of_works(db, encoder, earlier)
    if not len(before) or not len(matrix):
        return None
    chunks = (matrix[row : row + _ROWS] for row in range(0, len(matrix), _ROWS))
    return np.concatenate([(chunk @ before.T).max(axis=1) for chunk in chunks])


def _counts(
    db: Database,
    period: Period,
    concepts: Mapping[str, Concept],
    past: _Past,
    *,
    embedded: int,
    categories: Sequence[str],
) -> Counts:
    before, earlier, numbers = past.before, past.earlier, past.numbers
    listed = papers.announced(db, period.start, period.end, categories)
    dimensions, directions = (taxonomy.of_kind(k, concepts) for k in ("dimension", "direction"))
    return Counts(
        papers=len(listed),
        indexed=embedded,
        days=_days(period, Counter(paper.announced for paper in listed.values())),
        categories=_by_category(listed, earlier, categories),
        dimensions=_by_concept(db, dimensions, (period, listed), (before, earlier)),
        directions=_by_concept(db, directions, (period, listed), (before, earlier)),
        baseline=sum(numbers) / len(numbers) if numbers else None,
        baseline_periods=len(numbers),
    )


def _days(period: Period, listed: Mapping[date, int]) -> tuple[Day, ...]:
    """Working days of the period, and any other on which something was listed."""
    return tuple(
        Day(day, listed.get(day, 0), _state(day, listed.get(day, 0)))
        for day in period.days
        if day.weekday() < 5 or listed.get(day)
    )


def _state(day: date, number: int) -> str:
    if number:
        return "listed"
    return "empty" if is_announcement_day(day) else "closed"


def _by_category(
    now: Mapping[int, Paper], before: Mapping[int, Paper], names: Sequence[str]
) -> tuple[Count, ...]:
    """Papers by followed category; one listed under several counts in each."""
    here, there = (
        Counter(name for paper in works.values() for name in paper.categories)
        for works in (now, before)
    )
    return tuple(
        _count(name, name, (here[name], len(now)), (there[name], len(before))) for name in names
    )


def _count(key: str, name: str, now: tuple[int, int], before: tuple[int, int]) -> Count:
    """A count with its shares; (papers under the key, papers in all), of which all may be none."""
    share = now[0] / now[1] if now[1] else 0.0
    if not before[1]:
        return Count(key, name, now[0], share)
    return Count(key, name, now[0], share, before[0], before[0] / before[1])


Listed = tuple[Period, Mapping[int, Paper]]


def _by_concept(
    db: Database, concepts: Sequence[Concept], now: Listed, before: Listed
) -> tuple[Count, ...]:
    """Papers by dimension or direction, as shares of the papers that were looked at.

    They are compared with the period before only where nearly all of that was looked at, too.
    """
    here, there = _tag_counts(db, now), _tag_counts(db, before)
    if not indexed(there.seen, len(before[1])):
        there = _Tagged(Counter(), {})
    tested = {trend.key: trend for trend in _tested(concepts, here, there)}
    counts = (
        _count(c.key, c.name, (here.papers(c.key), here.seen), (there.papers(c.key), there.seen))
        for c in concepts
    )
    return tuple(_with_trend(count, tested.get(count.key)) for count in counts)


def _with_trend(count: Count, trend: Trend | None) -> Count:
    if trend is None:
        return count
    return replace(count, low=trend.low, high=trend.high, trend=trend.kind)


@dataclass(frozen=True, slots=True)
class _Tagged:
    """Papers that were looked at, by day, and those under each key, by day."""

    by_day: Counter[date]
    by_key: Mapping[str, Counter[date]]

    @property
    def seen(self) -> int:
        return self.by_day.total()

    def papers(self, key: str) -> int:
        return self.by_key[key].total() if key in self.by_key else 0


def _tag_counts(db: Database, listed: Listed) -> _Tagged:
    period, works = listed
    tags = findings.tags(db, period.start, period.end)
    by_key: defaultdict[str, Counter[date]] = defaultdict(Counter)
    seen = findings.tagged(db, works)
    for work in seen:
        for tag in tags.get(work, ()):
            by_key[tag.name][works[work].announced] += 1
    return _Tagged(Counter(works[work].announced for work in seen), by_key)


def _tested(concepts: Sequence[Concept], now: _Tagged, before: _Tagged) -> list[Trend]:
    """The change of each key, tested; none where there is nothing to compare with."""
    if not now.seen or not before.seen:
        return []
    totals = before.by_day + now.by_day
    days = tuple(sorted(totals))
    nothing: Counter[date] = Counter()
    counts = {
        c.key: counted(days, before.by_key.get(c.key, nothing) + now.by_key.get(c.key, nothing))
        for c in concepts
    }
    return trends(Days(days, counted(days, totals), len(now.by_day)), counts, {})
