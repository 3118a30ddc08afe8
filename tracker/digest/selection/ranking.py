"""Ranking: a weighted sum of signals, and a diverse selection from it.

`rank_candidates` turns candidates into picks with their reasons, best first, by the signals of
`tracker.digest.selection.signals`. `select_diverse` goes down that list so that no pick is too
similar to an earlier one, no theme or direction fills the list
(`tracker.digest.selection.variety`), and gives the last places to random picks. The weights are
settings (`tracker.settings.Ranking`). A reason has its fact without words ("14" authors);
`tracker.digest.writing.phrasing` puts it into a sentence.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tracker.digest.selection.signals import EXPLORE, SIGNALS, Candidates
from tracker.digest.selection.variety import Calibration, PaperTraits, Quotas, find_swaps
from tracker.models import Pick, Reason
from tracker.settings import Ranking

# Random picks are drawn from this many times the list's length; better ones are likelier.
_EXPLORED = 5
# The list is selected from this many times its length.
_POOL = 10


def rank_candidates(candidates: Candidates, weights: Ranking = Ranking()) -> list[Pick]:  # noqa: B008  frozen
    """Return every candidate that is not withdrawn as a pick with its reasons, best first."""
    measured = [(s.name, s.weight(weights), s.measure(candidates)) for s in SIGNALS]
    picks = []
    for row, paper in enumerate(candidates.papers):
        if paper.withdrawn:
            continue
        facts = ((name, weight, *measure(row, paper)) for name, weight, measure in measured)
        why = tuple(Reason(name, value, weight, fact) for name, weight, value, fact in facts)
        picks.append(Pick(paper, round(sum(reason.points for reason in why), 6), why))
    return sorted(picks, key=lambda pick: (-pick.score, pick.paper.id))


@dataclass(frozen=True, slots=True)
class MmrStep:
    """A place in the list: the pick, and what its similarity to `most_similar` cost it."""

    pick: Pick
    penalty: float
    most_similar: str


def mmr(
    picks: Sequence[Pick],
    vectors: Mapping[str, NDArray[np.float32]],
    weights: Ranking,
    traits: Mapping[str, PaperTraits] | None = None,
) -> Iterator[MmrStep]:
    """Yield the picks by maximal marginal relevance (Carbonell & Goldstein, 1998), calibrated.

    `picks` are best first, `vectors` unit rows by paper id. Picks of a theme or a direction that
    already has as many of them as `weights` allow are skipped.
    """
    if not picks:
        return
    matrix = np.array([vectors[pick.paper.id] for pick in picks], np.float32)
    scores = np.array([pick.score for pick in picks])
    known = [(traits or {}).get(pick.paper.id, PaperTraits()) for pick in picks]
    calibration = Calibration(known, list((traits or {}).values()))
    quotas = _quotas(weights)
    similarity, nearest = np.zeros(len(picks), np.float32), np.full(len(picks), -1)
    free = np.ones(len(picks), bool)
    cost = np.zeros(len(picks))  # the best pick is the first, whatever it is about
    while free.any():
        marginal = (1 - weights.diversity) * scores - weights.diversity * similarity - cost
        best = int(np.argmax(np.where(free, marginal, -np.inf)))
        free[best] = False
        if quotas.exhausted(known[best]):
            continue
        quotas.add(known[best])
        calibration.add(best)
        like = picks[nearest[best]].paper.id if nearest[best] >= 0 else ""
        yield MmrStep(picks[best], float(weights.diversity * similarity[best]), like)
        cosines = matrix @ matrix[best]
        nearest[cosines > similarity] = best
        similarity = np.maximum(similarity, cosines)
        cost = weights.calibration * calibration.costs()


def _quotas(weights: Ranking) -> Quotas:
    return Quotas(weights.per_theme, weights.max_per_direction)


def select_diverse(
    picks: Sequence[Pick],
    vectors: Mapping[str, NDArray[np.float32]],
    limit: int,
    weights: Ranking = Ranking(),  # noqa: B008  frozen
    traits: Mapping[str, PaperTraits] | None = None,
    seed: str = "",
) -> list[Pick]:
    """Return the first `limit` picks of `mmr`.

    With a `seed`, the last `weights.explore` of them are drawn at random instead.
    """
    pool = list(picks[: limit * _POOL])
    order = [step.pick for step in mmr(pool, vectors, weights, traits)]
    known = traits or {}
    chosen = _with_directions(order[:limit], order[limit:], weights, known)
    explored = min(weights.explore, len(chosen) - 1) if seed else 0
    if explored <= 0:
        return chosen
    fixed = chosen[:-explored]
    rest = [pick for pick in pool if pick not in fixed][: limit * _EXPLORED]
    drawn = _sample_explored(rest, len(rest), seed)
    return [*fixed, *_within_quotas(fixed, drawn, explored, weights, known)]


def _with_directions(
    chosen: Sequence[Pick],
    others: Sequence[Pick],
    weights: Ranking,
    traits: Mapping[str, PaperTraits],
) -> list[Pick]:
    """Return the list with enough leading directions, those of the explored places not counted.

    The best of `others` with a direction that is missing replace the last papers that share one.
    The first pick stays. Without a limit for directions, the list is unchanged.
    """
    fixed = max(1, len(chosen) - weights.explore)
    if not weights.max_per_direction:
        return list(chosen)
    listed = [traits.get(pick.paper.id, PaperTraits()) for pick in chosen[:fixed]]
    spare = [traits.get(pick.paper.id, PaperTraits()) for pick in others]
    swaps = find_swaps(listed, spare, lambda: _quotas(weights))
    return [others[swaps[place]] if place in swaps else pick for place, pick in enumerate(chosen)]


def _within_quotas(
    fixed: Sequence[Pick],
    drawn: Sequence[Pick],
    number: int,
    weights: Ranking,
    traits: Mapping[str, PaperTraits],
) -> list[Pick]:
    """Return the first `number` drawn picks for which the themes and directions have a place."""
    quotas, chosen = _quotas(weights), list[Pick]()
    for pick in fixed:
        quotas.add(traits.get(pick.paper.id, PaperTraits()))
    for pick in drawn:
        own = traits.get(pick.paper.id, PaperTraits())
        if len(chosen) < number and not quotas.exhausted(own):
            quotas.add(own)
            chosen.append(pick)
    return chosen


def _sample_explored(picks: Sequence[Pick], number: int, seed: str) -> list[Pick]:
    """Draw `number` picks, the same for the same seed; better ones are likelier, and earlier.

    By exponential clocks, so that a pick added at the end seldom changes which are drawn.
    """
    hashed = hashlib.blake2b(seed.encode(), digest_size=8).digest()
    rng = np.random.default_rng(int.from_bytes(hashed, "big"))
    ranks = np.arange(1, len(picks) + 1)
    rows = np.argsort(rng.exponential(size=len(picks)) * ranks)[:number]
    explored = Reason(EXPLORE, 1.0, 0.0)
    return [replace(picks[row], why=(*picks[row].why, explored)) for row in rows]
