"""Retrieval by words: postings score the works they hold, FTS5 finds phrases and what came later.

Without postings FTS5 does it all: the same works in much the same order, more slowly.
Surface: `found`, `matched`, `words_of`, `WEIGHTS`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tracker.search.postings import Postings
from tracker.store import fulltext, papers
from tracker.store.database import Database
from tracker.store.expressions import BIGRAMS, WORDS, Kind, Part
from tracker.store.filters import Filter
from tracker.store.stemming import stems

# What a part counts beside a word, chosen together by nDCG@10 and recall@20; from 0.2 to 0.5 either
# changes nothing. Two words side by side say more than the same two apart (sequential dependence:
# Metzler & Croft, SIGIR 2005).
WEIGHTS: Mapping[Kind, float] = {"word": 1.0, "term": 1.0, "name": 0.3, "pair": 0.3}
# A phrase whose rarest word is in more works than this tells little, and takes FTS5 long.
_FREQUENT = 10_000
_WORD = re.compile(r"[^\W_]+")


def found(
    db: Database,
    parts: Sequence[Part],
    most: int,
    only: Filter,
    *,
    postings: Postings | None = None,
    among: NDArray[np.int64] | None = None,
) -> dict[int, float]:
    """BM25 of the `most` best works, and a few more, that hold any of the parts.

    `among` are the works that pass `only`, None when all do.
    """
    if postings is None or not len(postings.works):
        return _united(fulltext.search(db, parts, most, only))
    words = [part for part in parts if part.table == WORDS]
    letters = [part for part in parts if part.table == BIGRAMS]
    lists = [_best(postings, _scores(db, postings, words), most, among)]
    if papers.last(db) > postings.last:
        lists += fulltext.search(db, words, most, only, after=postings.last)
    return _united([*lists, *fulltext.search(db, letters, most, only)])


def matched(
    db: Database, works: Sequence[int], parts: Sequence[Part], postings: Postings | None
) -> dict[int, list[Part]]:
    """The parts that each of some works holds, in their order; pairs of words are not told."""
    found: dict[int, list[Part]] = {work: [] for work in works}
    told = {part: held for part, held in _terms(tuple(parts)).items() if part.kind != "pair"}
    for part, held in told.items():
        if postings and len(held) == 1 and part.kind != "term":
            holding = set(postings.holding(held[0], np.array(works, np.int64)).tolist())
            later = [work for work in works if work > postings.last]
            holding |= fulltext.among(db, part, later) if later else set()
        else:
            holding = fulltext.among(db, part, works)
        for work in holding:
            found[work].append(part)
    return found


def words_of(text: str) -> list[str]:
    """The words of a text as the postings have them, before they are stemmed."""
    return _WORD.findall(text)


def _united(lists: Iterable[Mapping[int, float]]) -> dict[int, float]:
    total: dict[int, float] = {}
    for scores in lists:
        for work, score in scores.items():
            total[work] = total.get(work, 0.0) + score
    return total


def _scores(db: Database, postings: Postings, parts: Sequence[Part]) -> NDArray[np.float32]:
    """BM25 of every work in the postings; a phrase counts as if it were there once."""
    terms = _terms(tuple(parts))
    weights: dict[str, float] = {}
    for part, held in terms.items():
        if len(held) == 1 or part.kind == "term":
            weights.update({t: max(weights.get(t, 0.0), WEIGHTS[part.kind]) for t in held if t})
    total = postings.scores(weights)
    for part, held in terms.items():
        if len(held) > 1 and min(postings.held(held)) <= _FREQUENT:
            works = fulltext.holding(db, part)
            weight = WEIGHTS[part.kind] * postings.idf(len(works))
            total[postings.rows(works)] += np.float32(weight)
    return total


# A search asks twice: to rank works, and to tell what the best of them hold.
@lru_cache(maxsize=16)
def _terms(parts: tuple[Part, ...]) -> Mapping[Part, list[str]]:
    """The stems of each part's words; of title:experts of what stands behind the colon."""
    words = [words_of(part.label.partition(":")[2] or part.label) for part in parts]
    found = iter(stems([word for of_part in words for word in of_part]))
    return {
        part: list(islice(found, len(of_part))) for part, of_part in zip(parts, words, strict=True)
    }


def _best(
    postings: Postings, scores: NDArray[np.float32], most: int, among: NDArray[np.int64] | None
) -> dict[int, float]:
    if among is not None:
        passing = np.zeros(len(scores), np.bool_)
        passing[postings.rows(among)] = True
        scores = np.where(passing, scores, 0)
    places = _highest(scores, most)
    return dict(zip(postings.works[places].tolist(), scores[places].tolist(), strict=True))


def _highest(scores: NDArray[np.float32], most: int) -> NDArray[np.int64]:
    """Where the `most` highest scores above 0 are, in no order."""
    top = float(scores.max(initial=0.0))
    # Few works come near the best: to sort all half a million takes ten times as long.
    for share in (0.75, 0.5, 0.25, 0.0):
        places = np.flatnonzero(scores > share * top)
        if len(places) >= most or not share:
            break
    if len(places) > most:
        places = places[np.argpartition(scores[places], -most)[-most:]]
    return places
