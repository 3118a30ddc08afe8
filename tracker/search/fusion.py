"""Fusion of lexical scores and cosines into one ranking.

Pure: candidates and their vectors are passed in. `fuse_scores` ranks by a weighted sum, then again
with the query moved towards its best results. The constants were chosen on real questions by
benchmarks/search.py, which judges each question with the weights that did best on others.

Public: `FusionWeights`, `DEFAULT_WEIGHTS`, `QUESTION_WEIGHTS`, `Candidates`, `FusedRanking`,
`fuse_scores`, `rank_by_words`, `penalize_long_titles`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """Weights of the fusion; results are stable for 0.3 to 0.5 and for 0.8 to 1.2.

    `words`: weight of the best lexical score relative to a cosine (sums of scores compared with
    reciprocal ranks: Bruch et al., TOIS 2023). `feedback`: how far the query moves towards its best
    results (Rocchio; for vectors: Li et al., TOIS 2023). `spread`, if it is not 0, replaces `words`
    in the final score: the weight is so many standard deviations of the candidates' cosines, which
    differ from question to question. `long_title`: what a title loses that is ten words too long.
    """

    words: float = 0.4
    feedback: float = 1.0
    spread: float = 0.0
    long_title: float = 0.0


DEFAULT_WEIGHTS = FusionWeights()
# Names and acronyms are ranked by `DEFAULT_WEIGHTS`: these were chosen on questions. Works that
# many others cite have shorter titles.
QUESTION_WEIGHTS = FusionWeights(feedback=1.5, spread=2.5, long_title=0.06)
# Titles of up to so many words lose nothing; the loss grows for so many more words.
_SHORT_TITLE, _LONGER_BY = 6, 10
# The ten best move the query, weighted by exp(10 * score), so that they do not outweigh one that is
# clearly best. Three or five of equal weight, or a second round, differ by less than 0.3.
_BEST, _SHARPNESS = 10, 10.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Works (n,) and their lexical scores (n,): BM25, 0 where no word matched."""

    works: NDArray[np.int64]
    lexical: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FusedRanking:
    """Works, best first, each with its score and the two parts that can be explained.

    `words` is the lexical score as a share of the best one; `cosine` is that to the original query,
    NaN where a work has no vector.
    """

    works: NDArray[np.int64]
    score: NDArray[np.float32]
    words: NDArray[np.float32]
    cosine: NDArray[np.float32]

    def without_weak(self, least_cosine: float) -> "FusedRanking":
        """Return the works that match a word, or the meaning with at least that cosine."""
        keep = (self.words > 0) | ~(self.cosine < least_cosine)
        return FusedRanking(self.works[keep], self.score[keep], self.words[keep], self.cosine[keep])


def fuse_scores(
    query: NDArray[np.float32],
    found: Candidates,
    vectors: NDArray[np.float32],
    weights: FusionWeights,
    *,
    original: NDArray[np.float32] | None = None,
) -> FusedRanking:
    """Return the candidates ranked by words and meaning together.

    `original` is the query's own vector where `query` is an adapted one: its cosines are reported.

    `query` (d,) and the candidates' `vectors` (n, d) are of unit length. A row of NaN means that a
    work has no vector; its cosine is estimated from works with similar lexical scores.
    """
    shares = _relative_scores(found.lexical)
    words = np.float32(weights.words) * shares
    cosines = vectors @ query
    best = _feedback_vector(_fill_cosines(cosines, shares) + words, vectors)
    moved = query + np.float32(weights.feedback) * best
    moved /= np.linalg.norm(moved)
    reported = cosines if original is None else vectors @ original
    final = _fill_cosines(vectors @ moved, shares)
    # Without vectors there is no spread, and words alone rank.
    if spread := weights.spread * float(final.std() if len(final) else 0):
        words = np.float32(spread) * shares
    return _build_ranking(found, final + words, reported)


def penalize_long_titles(
    ranking: FusedRanking, lengths: Sequence[int], weights: FusionWeights
) -> FusedRanking:
    """Return a ranking whose first works lose as their titles are longer; the others stay behind.

    `lengths` are the words of the titles of the first works, in their order.
    """
    count = len(lengths)
    excess = np.clip(np.array(lengths, np.float32) - _SHORT_TITLE, 0, _LONGER_BY) / _LONGER_BY
    score = ranking.score.copy()
    score[:count] -= np.float32(weights.long_title) * excess
    score[count:] = np.minimum(score[count:], score[:count].min(initial=np.inf))
    order = np.argsort(-score, kind="stable")
    return FusedRanking(
        ranking.works[order], score[order], ranking.words[order], ranking.cosine[order]
    )


def rank_by_words(found: Candidates) -> FusedRanking:
    """Return the candidates ranked by words alone."""
    no_cosines = np.full(len(found.works), np.nan, np.float32)
    return _build_ranking(found, _relative_scores(found.lexical), no_cosines)


def _build_ranking(
    found: Candidates, score: NDArray[np.float32], cosines: NDArray[np.float32]
) -> FusedRanking:
    order = np.lexsort((found.works, -score))
    shares = _relative_scores(found.lexical)
    return FusedRanking(found.works[order], score[order], shares[order], cosines[order])


def _relative_scores(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    best = scores.max(initial=0.0)
    return scores / best if best > 0 else scores


def _fill_cosines(cosines: NDArray[np.float32], shares: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cosines; missing ones are interpolated by lexical score.

    A missing one lies between the median of all and the median of the lexically best.
    """
    known = ~np.isnan(cosines)
    if known.all() or not known.any():
        return np.nan_to_num(cosines)
    by_words = cosines[known][np.argsort(-shares[known], kind="stable")[:_BEST]]
    median, best = np.median(cosines[known]), np.median(by_words)
    return np.where(known, cosines, median + shares * (best - median)).astype(np.float32)


def _feedback_vector(
    score: NDArray[np.float32], vectors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the weighted mean (d,) of the best candidates' vectors; zeros without any."""
    best = np.argsort(-score, kind="stable")[:_BEST]
    best = best[~np.isnan(vectors[best]).any(axis=1)]
    if not len(best):
        return np.zeros(vectors.shape[1], np.float32)
    shares = np.exp(_SHARPNESS * (score[best] - score[best[0]]))
    return np.asarray(shares / shares.sum() @ vectors[best], np.float32)
