"""What of a query to look for, and how words and meaning add up to one ranking.

Pure: the lists of candidates and their vectors are passed in. `asked` takes a question apart;
`gathered` unites the candidates of both retrievals; `fused` ranks them by a weighted sum, then once
more with a query moved towards its own best results. Constants were chosen on the queries of
benchmarks/search.py, which ranks queries left out of the choice as well as the others.

Surface: `Question`, `asked`, `Weights`, `CANDIDATES`, `Candidates`, `gathered`, `Ranking`, `fused`,
`by_words`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# English words that stand in every text: of no use to BM25, and what makes it slow.
_STOP = _words(
    """a about above across after again against all almost also although always am among an and
    another any anything are aren as at be became because become been before being below between
    both but by can cannot could did do does doing done down during each either else etc even ever
    every few for from further get give given gives had has have having he hence her here him his
    how however i if im in instead into is isn it its itself just let like m made make makes many
    may me might more moreover most much must my namely near neither never no nor not now of off
    often on once one only onto or other others otherwise our ours out over own per perhaps please
    quite rather re s same shall she should since so some something such t than that the their
    theirs them themselves then there thereby therefore these they this those though through thus
    to together too toward towards under until up upon us use used uses using usually ve very via
    was way we well were what whatever when where whereas whereby wherein whether which while who
    whom whose why will with within without would yes yet you your yours"""
)
# What a question about the literature asks for. Content elsewhere: "literature review agents".
_KINDS = _words(
    """article articles author authors literature paper papers preprint preprints publication
    publications reference references research researcher researchers researches resource resources
    studies study work works"""
)
# What is done to find them and what they do; passed over before a query's first word of content.
_ASKING = _words(
    """address addressed addresses addressing aim aimed aims apply applied applies applying cite
    concentrate concentrated conducted consider considered considering considers contribute
    contributed cover covered covering covers deal dealing deals demonstrate demonstrated
    demonstrates demonstrating describe described describes describing develop developed
    develops discuss discussed discusses discussing employ employed employs examine examined
    examines examining example examples existing explore explored explores exploring find
    first focus focused focuses focusing help identify inform initially interested introduce
    introduced introduces introducing investigate investigated investigates investigating
    know list looking mention name need present presented presents previous previously prior
    propose proposed proposes proposing provide provided provides providing published recent
    recently recommend refer related relevant report reported search searching seek seeking
    show showed showing shown shows studied studying suggest tackle tackled tackles tackling
    talk talking talks tell want worked working"""
)
_WORD = re.compile(r"\w+")
_MOST = 64  # words that are used; more is a page that was pasted, not a question


@dataclass(frozen=True, slots=True)
class Question:
    """What to embed, words to look for, and pairs of them that stand side by side, each once."""

    text: str
    words: tuple[str, ...]
    pairs: tuple[str, ...]


def asked(text: str) -> Question:
    """A query without its words of asking: "Which papers study X?" is about X.

    Stop words are embedded but not looked for, unless there is nothing else. Measured: MiniLM's
    nDCG@10 is 23.4 without the words of asking and 20.8 with them; BM25's is 27.8 and 24.9.
    """
    found = list(_WORD.finditer(text))[:_MOST]
    words = [match[0].lower() for match in found]
    start = _asking(words)
    topic = text[found[start].start() :].rstrip(" \t\n?.!") if start else text
    words = words[start:]
    content = [word for word in words if word not in _STOP] or words
    beside = (" ".join(pair) for pair in pairwise(words) if _STOP.isdisjoint(pair))
    return Question(topic, tuple(dict.fromkeys(content)), tuple(dict.fromkeys(beside)))


def _asking(words: Sequence[str]) -> int:
    """How many words at the start only ask; none in "related work generation", "works of art"."""
    passed = _STOP | _KINDS | _ASKING
    end = next((place for place, word in enumerate(words) if word not in passed), 0)
    start = set(words[:end])
    return end if start & _KINDS and start & _STOP - {"of"} else 0


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much. Chosen together by nDCG@10 and recall@20; all stand on a plateau.

    `pair`: what two words side by side add to BM25 beside each of them; of 0 to 0.4. (Sequential
    dependence: Metzler & Croft, SIGIR 2005.) `words`: what the best lexical score counts beside a
    cosine; of 0.3 to 0.5. (Sums of scores against reciprocal ranks: Bruch et al., TOIS 2023.)
    `feedback`: how far the query moves towards its best results; of 0 to 0.8. (Rocchio; for
    vectors: Li et al., TOIS 2023.)
    """

    pair: float = 0.3
    words: float = 0.4
    feedback: float = 0.5


DEFAULT = Weights()
# Candidates from each list: from 200 on, up to 1000, nothing changes any more.
CANDIDATES = 200
# The ten best move the query, weighted by exp(10 * score), so that they do not drown one that is
# clearly best. Three or five of one weight do as well within 0.3, and so does a second round.
_BEST, _SHARPNESS = 10, 10.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Works (n,), ascending, and what their words say (n,): BM25, 0 where none was found."""

    works: NDArray[np.int64]
    lexical: NDArray[np.float32]


def gathered(
    words: Mapping[int, float],
    pairs: Mapping[int, float],
    near: Sequence[int],
    *,
    most: int = CANDIDATES,
    weights: Weights = DEFAULT,
) -> Candidates:
    """The works found by their words and the nearest ones, united.

    `words` and `pairs` are BM25 scores, better is higher; the first must reach deeper than `most`,
    for pairs change its order. `near` is in order, the nearest first. `most` are taken of either.
    """
    scores = {work: score + weights.pair * pairs.get(work, 0.0) for work, score in words.items()}
    best = sorted(scores, key=lambda work: (-scores[work], work))[:most]
    works = np.union1d(np.array(best, np.int64), np.array(near[:most], np.int64))
    listed = {work: scores[work] for work in best}
    lexical = (listed.get(work, 0.0) for work in works.tolist())
    return Candidates(works, np.fromiter(lexical, np.float32, len(works)))


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
    weights: Weights = DEFAULT,
) -> Ranking:
    """The candidates by words and meaning together.

    `query` (d,) and the candidates' `vectors` (n, d) are of unit length; a row of NaN stands for a
    work without a vector, which counts as being as near as the middle one.
    """
    words = np.float32(weights.words) * _shares(found.lexical)
    cosines = vectors @ query
    moved = query + np.float32(weights.feedback) * _liked(_filled(cosines) + words, vectors)
    moved /= np.linalg.norm(moved)
    return _ranking(found, _filled(vectors @ moved) + words, cosines)


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


def _filled(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    known = cosines[~np.isnan(cosines)]
    return np.nan_to_num(cosines, nan=float(np.median(known)) if len(known) else 0.0)


def _liked(score: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weighted mean (d,) of the best candidates that have a vector; zeros without any."""
    best = np.argsort(-score, kind="stable")[:_BEST]
    best = best[~np.isnan(vectors[best]).any(axis=1)]
    if not len(best):
        return np.zeros(vectors.shape[1], np.float32)
    shares = np.exp(_SHARPNESS * (score[best] - score[best[0]]))
    return np.asarray(shares / shares.sum() @ vectors[best], np.float32)
