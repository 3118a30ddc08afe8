"""Hybrid retrieval: candidates by words and by meaning, fused, with the reasons for each hit."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.models import Hit
from tracker.search import fusion, lexical
from tracker.search.embedder import Encoder
from tracker.search.fusion import Candidates, Ranking
from tracker.search.index import VectorIndex
from tracker.search.postings import Postings
from tracker.store import fulltext, papers
from tracker.store.database import Database
from tracker.store.expressions import Part
from tracker.store.filters import Filter

# Candidates from each list: from 200 on, up to 1000, nothing changes any more.
CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Semantic:
    """What retrieval by meaning needs: an index and an encoder of the same vector space."""

    index: VectorIndex
    encoder: Encoder


def search(
    db: Database, text: str, *, limit: int, only: Filter, words: bool = True,
    semantic: Semantic | None = None, postings: Postings | None = None,
) -> list[Hit]:  # fmt: skip
    """The `limit` best works, best first; each says which words or meaning matched.

    `only.matching` are the words to rank by, `text` is the meaning. Without either the works that
    pass the filter are listed, the latest first.
    """
    if not only.matching.ranked and not text:
        return _newest(db, limit, only)
    most = max(CANDIDATES, limit)
    ranking = ranked(db, text, most, only, words=words, semantic=semantic, postings=postings)
    return _hits(db, ranking, limit, only.matching.ranked if words else (), postings)


def ranked(
    db: Database, text: str, most: int, only: Filter, *, words: bool = True,
    semantic: Semantic | None = None, postings: Postings | None = None,
) -> Ranking:  # fmt: skip
    """All candidates, `most` of them by words and as many by meaning, best first.

    Meaning is looked for in a thread, since the encoder and FAISS leave Python to the words: on two
    cores a question takes a third less.
    """
    among = fulltext.passing(db, only) if only.narrows else None
    parts = only.matching.ranked if words else ()
    if not (semantic and text):
        scores = lexical.found(db, parts, most, only, postings=postings, among=among)
        return fusion.by_words(_candidates(scores))
    with ThreadPoolExecutor(1) as aside:
        near = aside.submit(_near, text, semantic, most, among)
        scores = lexical.found(db, parts, most, only, postings=postings, among=among)
    return _together(*near.result(), scores, semantic.index)


def _newest(db: Database, limit: int, only: Filter) -> list[Hit]:
    """Works without a rank of their own: the score is that of their place."""
    if not only.narrows:
        return []
    listed = papers.by_number(db, fulltext.newest(db, limit, only)).values()
    return [
        Hit(paper, round(1 / place, 6), (f"announced {paper.announced}",))
        for place, paper in enumerate(listed, start=1)
    ]


def _near(
    text: str, semantic: Semantic, most: int, among: NDArray[np.int64] | None
) -> tuple[NDArray[np.float32], list[int]]:
    """The text's unit vector (d,), and the works nearest to it."""
    query = semantic.encoder.encode([text])
    near = semantic.index.search(query, min(most, semantic.index.size), among=among)[0][0]
    return query[0], [work for work in near.tolist() if work >= 0]


def _together(
    query: NDArray[np.float32], near: Sequence[int], scores: dict[int, float], index: VectorIndex
) -> Ranking:
    found = _candidates(dict.fromkeys(near, 0.0) | scores)
    return fusion.fused(query, found, index.vectors(found.works), fusion.WEIGHTS)


def _candidates(scores: dict[int, float]) -> Candidates:
    works = np.fromiter(scores, np.int64, len(scores))
    return Candidates(works, np.fromiter(scores.values(), np.float32, len(scores)))


def _hits(
    db: Database, ranking: Ranking, limit: int, parts: Sequence[Part], postings: Postings | None
) -> list[Hit]:
    best = ranking.works[:limit].tolist()
    held = lexical.matched(db, best, parts, postings)
    found = papers.by_number(db, best)
    rows = zip(best, ranking.score.tolist(), ranking.cosine.tolist(), strict=False)
    return [
        Hit(found[work], round(score, 6), _why(held[work], cosine))
        for work, score, cosine in rows
        if work in found
    ]


def _why(held: Sequence[Part], cosine: float) -> tuple[str, ...]:
    """In words: which of the query's words a work holds, which other names, and how near it is."""
    words = dict.fromkeys(part.label for part in held if part.kind != "name")
    names = dict.fromkeys(part.label for part in held if part.kind == "name")
    others = [name for name in names if name not in words]
    why = [f"words {', '.join(words)}"] if words else []
    why += [f"also named {', '.join(others)}"] if others else []
    return (*why, *([] if np.isnan(cosine) else [f"meaning {cosine:.2f}"]))


def similar(db: Database, index: VectorIndex, work: int, limit: int) -> list[Hit] | None:
    """The works nearest to one, itself left out; None when it is not in the index."""
    vector = index.vector(work)
    if vector is None:
        return None
    numbers, cosines = index.search(vector[None, :], min(limit + 1, index.size))
    near = {
        int(n): float(c) for n, c in zip(numbers[0], cosines[0], strict=True) if n not in (-1, work)
    }
    found = papers.by_number(db, list(near)[:limit])
    return [Hit(p, round(near[n], 6), (f"meaning {near[n]:.2f}",)) for n, p in found.items()]
