"""How words and meaning add up to one ranking.

Pure: candidates and their vectors are passed in. `fused` ranks by a weighted sum, then once more
with the query moved towards its own best results. The constants were chosen on real questions by
benchmarks/search.py, which judges each question by what did best on others.

Surface: `Weights`, `WEIGHTS`, `Candidates`, `Ranking`, `fused`, `by_words`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much. Both stand on a plateau: 0.3 to 0.5, and 0.8 to 1.2.

    `words`: what the best lexical score counts beside a cosine. (Sums of scores against reciprocal
    ranks: Bruch et al., TOIS 2023.) `feedback`: how far the query moves towards its best results.
    (Rocchio; for vectors: Li et al., TOIS 2023.)
    """

    words: float = 0.4
    feedback: float = 1.0


WEIGHTS = Weights()
# The ten best move the query, weighted by exp(10 * score), so that they do not drown one that is
# clearly best. Three or five of one weight do as well within 0.3, and so does a second round.
_BEST, _SHARPNESS = 10, 10.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Works (n,) and what their words say (n,): BM25, 0 where none was found."""

    works: NDArray[np.int64]
    lexical: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Works, best first, each with its score and the two parts that a reader understands.

    `words` is the lexical score as a share of the best one's; `cosine` is to the query as it was
    asked, NaN where a work has no vector.
    """

    works: NDArray[np.int64]
    score: NDArray[np.float32]
    words: NDArray[np.float32]
    cosine: NDArray[np.float32]


def fused(
    query: NDArray[np.float32],
    found: Candidates,
    vectors: NDArray[np.float32],
    weights: Weights,
) -> Ranking:
    """The candidates by words and meaning together.

    `query` (d,) and the candidates' `vectors` (n, d) are of unit length; a row of NaN stands for a
    work without a vector, which counts as being as near as others with such words are.
    """
    shares = _shares(found.lexical)
    words = np.float32(weights.words) * shares
    cosines = vectors @ query
    best = _liked(_filled(cosines, shares) + words, vectors)
    moved = query + np.float32(weights.feedback) * best
    moved /= np.linalg.norm(moved)
    return _ranking(found, _filled(vectors @ moved, shares) + words, cosines)


def by_words(found: Candidates) -> Ranking:
    """The candidates by their words alone."""
    nowhere = np.full(len(found.works), np.nan, np.float32)
    return _ranking(found, _shares(found.lexical), nowhere)


def _ranking(
    found: Candidates, score: NDArray[np.float32], cosines: NDArray[np.float32]
) -> Ranking:
    order = np.lexsort((found.works, -score))
    shares = _shares(found.lexical)
    return Ranking(found.works[order], score[order], shares[order], cosines[order])


def _shares(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    best = scores.max(initial=0.0)
    return scores / best if best > 0 else scores


def _filled(cosines: NDArray[np.float32], shares: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosines; where one is not known, between the middle of all and of the best by words."""
    known = ~np.isnan(cosines)
    if known.all() or not known.any():
        return np.nan_to_num(cosines)
    by_words = cosines[known][np.argsort(-shares[known], kind="stable")[:_BEST]]
    middle, best = np.median(cosines[known]), np.median(by_words)
    return np.where(known, cosines, middle + shares * (best - middle)).astype(np.float32)


def _liked(score: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weighted mean (d,) of the best candidates that have a vector; zeros without any."""
    best = np.argsort(-score, kind="stable")[:_BEST]
    best = best[~np.isnan(vectors[best]).any(axis=1)]
    if not len(best):
        return np.zeros(vectors.shape[1], np.float32)
    shares = np.exp(_SHARPNESS * (score[best] - score[best[0]]))
    return np.asarray(shares / shares.sum() @ vectors[best], np.float32)
