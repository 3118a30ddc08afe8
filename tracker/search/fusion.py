"""What of a query to look for, and how words and meaning add up to one ranking.

Pure: the lists of candidates and their vectors are passed in. `asked` takes a question apart;
`gathered` unites the candidates of both retrievals; `fused` ranks them by a weighted sum, then once
more with a query moved towards its own best results. Each constant says how it was chosen; all on
the 406 queries of benchmarks/search.py, where folds left out are ranked as well as those used.

Surface: `Question`, `asked`, `Candidates`, `gathered`, `Ranking`, `fused`, `by_words`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

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
    demonstrates demonstrating describe described describes describing develop developed develops
    discuss discussed discusses discussing employ employed employs examine examined examines
    examining example examples existing explore explored explores exploring find first focus focused
    focuses focusing help identify inform initially interested introduce introduced introduces introducing
    investigate investigated investigates investigating know list looking mention name need present
    presented presents previous previously prior propose proposed proposes proposing provide
    provided provides providing published recent recently recommend refer related relevant report
    reported search searching seek seeking show showed showing shown shows studied studying suggest
    tackle tackled tackles tackling talk talking talks tell want worked working"""
)
# With one of these behind it, a kind may be the first word: "papers on …", but "research agents".
_LINKS = _words("about on that using where which with")
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
    """How many words at the start only ask: none, unless a kind of text is named among them."""
    passed = _STOP | _KINDS | _ASKING
    end = next((place for place, word in enumerate(words) if word not in passed), 0)
    named = any(word in _KINDS for word in words[1:end])
    linked = end > 1 and words[0] in _KINDS and words[1] in _LINKS
    return end if named or linked else 0


# What a pair of words side by side adds to BM25, beside its two words. Of 0, 0.2, 0.3, 0.4; without
# pairs nDCG@10 is 0.6 lower. (Sequential dependence: Metzler & Croft, SIGIR 2005.)
_PAIR = 0.3
# Candidates from each list. Of 50 to 1000: from 200 on nothing changes any more.
CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Candidates:
    """Works (n,), ascending, and what their words say (n,): BM25, 0 where none was found."""

    works: NDArray[np.int64]
    lexical: NDArray[np.float32]


def gathered(
    words: Mapping[int, float], pairs: Mapping[int, float], near: Sequence[int]
) -> Candidates:
    """The works found by their words and the nearest ones, united.

    `words` and `pairs` are BM25 scores, better is higher; the first must reach deeper than
    `CANDIDATES`, for pairs change its order. `near` is in order, the nearest first.
    """
    scores = {work: score + _PAIR * pairs.get(work, 0.0) for work, score in words.items()}
    best = sorted(scores, key=lambda work: (-scores[work], work))[:CANDIDATES]
    works = np.union1d(np.array(best, np.int64), np.array(near[:CANDIDATES], np.int64))
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


# What the best lexical score counts beside a cosine. Of 0.3 to 0.6. A convex sum of scores does
# better than reciprocal ranks: Bruch, Gai & Ingber, TOIS 2023.
_WORDS = 0.4
# Relevance feedback without a reader (Rocchio; for vectors: Li et al., TOIS 2023): the query moves
# by half of the mean of its ten best, weighted by exp(score / 0.1), so that one clear answer is not
# drowned. Five or three alike, or a second round, do as well within 0.3.
_FEEDBACK, _BEST, _SHARPNESS = 0.5, 10, 10.0


def fused(query: NDArray[np.float32], found: Candidates, vectors: NDArray[np.float32]) -> Ranking:
    """The candidates by words and meaning together.

    `query` (d,) and the candidates' `vectors` (n, d) are of unit length; a row of NaN stands for a
    work without a vector, which counts as being as near as the middle one.
    """
    words = _WORDS * _shares(found.lexical)
    cosines = vectors @ query
    moved = _moved(query, _filled(cosines) + words, vectors)
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


def _moved(
    query: NDArray[np.float32], score: NDArray[np.float32], vectors: NDArray[np.float32]
) -> NDArray[Any]:
    """The query, moved towards the best candidates that have a vector; of unit length."""
    best = np.argsort(-score, kind="stable")[:_BEST]
    best = best[~np.isnan(vectors[best]).any(axis=1)]
    if not len(best):
        return query
    weights = np.exp(_SHARPNESS * (score[best] - score[best[0]]))
    moved = query + _FEEDBACK * (weights / weights.sum()) @ vectors[best]
    return np.asarray(moved / np.linalg.norm(moved), np.float32)
