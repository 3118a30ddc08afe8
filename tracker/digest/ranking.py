"""Ranking: a weighted sum of signals (`tracker.digest.signals`), and a diverse selection from it.

`rank_candidates` turns candidates into picks with their reasons, best first. `select_diverse` goes
down that list so that no pick is too similar to an earlier one and no theme fills the list, and
gives the last places to random picks. The weights are settings (`tracker.settings.Ranking`). A
reason has its fact without words ("14" authors); `tracker.digest.phrasing` puts it into a sentence.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tracker.digest.signals import EXPLORE, SIGNALS, Candidates
from tracker.models import Pick, Reason
from tracker.settings import Ranking

# Random picks are drawn from this many times the list's length; better ones are likelier.
_EXPLORED = 5


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


class _ThemeQuota:
    """How many more picks each theme may have; a theme of None is not limited."""

    def __init__(self, limit: int) -> None:
        self._limit, self._counts = limit, Counter[int]()

    def admit(self, theme: int | None) -> bool:
        """Count a pick of a theme; return whether the theme had a place left."""
        if theme is None:
            return True
        if self._limit and self._counts[theme] >= self._limit:
            return False
        self._counts[theme] += 1
        return True


def mmr(
    picks: Sequence[Pick],
    vectors: Mapping[str, NDArray[np.float32]],
    weights: Ranking,
    theme_of: Mapping[str, int] | None = None,
) -> Iterator[MmrStep]:
    """Yield the picks by maximal marginal relevance (Carbonell & Goldstein, 1998).

    `picks` are best first, `vectors` unit rows by paper id. Picks of a theme that already has
    `weights.per_theme` of them are skipped.
    """
    if not picks:
        return
    matrix = np.array([vectors[pick.paper.id] for pick in picks], np.float32)
    scores = np.array([pick.score for pick in picks])
    similarity, nearest = np.zeros(len(picks), np.float32), np.full(len(picks), -1)
    free, quota, themes = np.ones(len(picks), bool), _ThemeQuota(weights.per_theme), theme_of or {}
    while free.any():
        marginal = (1 - weights.diversity) * scores - weights.diversity * similarity
        best = int(np.argmax(np.where(free, marginal, -np.inf)))
        free[best] = False
        if not quota.admit(themes.get(picks[best].paper.id)):
            continue
        like = picks[nearest[best]].paper.id if nearest[best] >= 0 else ""
        yield MmrStep(picks[best], float(weights.diversity * similarity[best]), like)
        cosines = matrix @ matrix[best]
        nearest[cosines > similarity] = best
        similarity = np.maximum(similarity, cosines)


def select_diverse(
    picks: Sequence[Pick],
    vectors: Mapping[str, NDArray[np.float32]],
    limit: int,
    weights: Ranking = Ranking(),  # noqa: B008  frozen
    theme_of: Mapping[str, int] | None = None,
    seed: str = "",
) -> list[Pick]:
    """Return the first `limit` picks of `mmr`.

    With a `seed`, the last `weights.explore` of them are drawn at random instead.
    """
    pool = list(picks[: limit * 10])
    steps = mmr(pool, vectors, weights, theme_of)
    chosen = [step.pick for step, _ in zip(steps, range(limit), strict=False)]
    explored = min(weights.explore, len(chosen) - 1) if seed else 0
    if explored <= 0:
        return chosen
    fixed = chosen[:-explored]
    rest = [pick for pick in pool if pick not in fixed][: limit * _EXPLORED]
    return [*fixed, *_sample_explored(rest, explored, seed)]


def _sample_explored(picks: Sequence[Pick], number: int, seed: str) -> list[Pick]:
    """Draw `number` picks, the same ones for the same seed; better ones are likelier."""
    hashed = hashlib.blake2b(seed.encode(), digest_size=8).digest()
    rng = np.random.default_rng(int.from_bytes(hashed, "big"))
    chances = 1 / np.arange(1, len(picks) + 1)
    rows = rng.choice(len(picks), min(number, len(picks)), replace=False, p=chances / chances.sum())
    explored = Reason(EXPLORE, 1.0, 0.0)
    return [replace(picks[row], why=(*picks[row].why, explored)) for row in sorted(rows)]
