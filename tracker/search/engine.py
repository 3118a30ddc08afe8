"""Hybrid retrieval: candidates by words and by meaning, fused, with the reasons for each hit.

Public: `SemanticSearch`, `search`, `rank_candidates`, `find_similar`, `CANDIDATE_COUNT`.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tracker.models import Hit
from tracker.search import fusion, lexical
from tracker.search.encoder.select import Encoder
from tracker.search.fusion import Candidates, FusedRanking, FusionWeights
from tracker.search.index.postings import Postings
from tracker.search.index.protocol import VectorReader
from tracker.search.query_adapter import QueryAdapter
from tracker.store import fts_search, papers
from tracker.store.database import Database
from tracker.store.fts_query import BIGRAMS, MatchClause
from tracker.store.paper_filters import Filter

# Candidates from each list: between 200 and 1000 the results do not change.
CANDIDATE_COUNT = 200
# Distinctive words from which on a query is a question, for which the adapter and the weights were
# chosen; names and acronyms mean what they say.
_QUESTION_WORDS = 3
# Candidates whose titles are read for their lengths: a long one loses a few places.
_TITLES = 100


@dataclass(frozen=True, slots=True)
class SemanticSearch:
    """Index and encoder for retrieval by meaning; both of the same vector space.

    A work that matches no word is found only from this `least_cosine` on. An `adapter`, which must
    be of the encoder's space, moves the vectors of questions.
    """

    index: VectorReader
    encoder: Encoder
    least_cosine: float = -1.0
    adapter: QueryAdapter | None = None


def search(
    db: Database, text: str, *, limit: int, filters: Filter, words: bool = True,
    semantic: SemanticSearch | None = None, postings: Postings | None = None,
) -> list[Hit]:  # fmt: skip
    """Return the `limit` best works, best first, each with the words or meaning that matched.

    Works are ranked by the words in `filters.fts_query` and by the meaning of `text`. Without both,
    the works that pass the filter are listed, the latest first.
    """
    if not filters.fts_query.ranked and not text:
        return _list_newest_hits(db, limit, filters)
    most = max(CANDIDATE_COUNT, limit)
    by_words = lexical.WordSearch(db, filters.fts_query.ranked if words else (), postings)
    ranking = _rank_candidates(db, text, most, filters, by_words, semantic)
    if semantic:
        ranking = ranking.without_weak(semantic.least_cosine)
    translated = any(part.table == BIGRAMS for part in filters.fts_query.ranked)
    least = semantic.least_cosine if semantic and translated else -1.0
    return _build_hits(db, ranking, limit, by_words, least)


def rank_candidates(
    db: Database, text: str, most: int, filters: Filter, *, words: bool = True,
    semantic: SemanticSearch | None = None, postings: Postings | None = None,
) -> FusedRanking:  # fmt: skip
    """Return up to `most` candidates by words and as many by meaning, fused, best first."""
    by_words = lexical.WordSearch(db, filters.fts_query.ranked if words else (), postings)
    return _rank_candidates(db, text, most, filters, by_words, semantic)


def _rank_candidates(
    db: Database, text: str, most: int, filters: Filter, by_words: lexical.WordSearch,
    semantic: SemanticSearch | None,
) -> FusedRanking:  # fmt: skip
    """Rank candidates as `rank_candidates` does.

    Meaning is searched in a thread, because the encoder and the index release Python's lock: on two
    cores a search takes a third less.
    """
    among = fts_search.works_matching_filter(db, filters) if filters.is_restrictive else None
    if not (semantic and text):
        scores = by_words.score(most, filters, among=among)
        return fusion.rank_by_words(_build_candidates(scores))
    is_question = _count_words(filters) >= _QUESTION_WORDS
    semantic = semantic if is_question else replace(semantic, adapter=None)
    weights = fusion.QUESTION_WEIGHTS if semantic.adapter else fusion.DEFAULT_WEIGHTS
    with ThreadPoolExecutor(1) as executor:
        near = executor.submit(_find_nearest, text, semantic, most, among)
        scores = by_words.score(most, filters, among=among)
    ranking = _fuse_scores(near.result(), scores, semantic.index, weights)
    if not weights.long_title:
        return ranking
    first = ranking.works[:_TITLES].tolist()
    lengths = papers.count_title_words(db, first)
    return fusion.penalize_long_titles(ranking, [lengths.get(n, 0) for n in first], weights)


def _list_newest_hits(db: Database, limit: int, filters: Filter) -> list[Hit]:
    """Return the newest works that pass the filter; the score is 1 / position."""
    if not filters.is_restrictive:
        return []
    listed = papers.load_by_number(db, fts_search.newest_works(db, limit, filters)).values()
    return [
        Hit(paper, round(1 / place, 6), (f"announced {paper.announced}",))
        for place, paper in enumerate(listed, start=1)
    ]


def _count_words(filters: Filter) -> int:
    """Return how many distinctive words a query has."""
    return sum(part.kind == "word" for part in filters.fts_query.ranked)


def _find_nearest(
    text: str, semantic: SemanticSearch, most: int, among: NDArray[np.int64] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32], list[int]]:
    """Return the text's unit vector (d,), its adapted one, and the works nearest to that."""
    original = semantic.encoder.encode([text])
    query = semantic.adapter.adapt(original) if semantic.adapter else original
    near = semantic.index.search(query, min(most, semantic.index.count), among=among)[0][0]
    return original[0], query[0], [work for work in near.tolist() if work >= 0]


def _fuse_scores(
    nearest: tuple[NDArray[np.float32], NDArray[np.float32], Sequence[int]],
    scores: dict[int, float],
    index: VectorReader,
    weights: FusionWeights,
) -> FusedRanking:
    original, query, near = nearest
    found = _build_candidates(dict.fromkeys(near, 0.0) | scores)
    vectors = index.vectors(found.works)
    return fusion.fuse_scores(query, found, vectors, weights, original=original)


def _build_candidates(scores: dict[int, float]) -> Candidates:
    works = np.fromiter(scores, np.int64, len(scores))
    return Candidates(works, np.fromiter(scores.values(), np.float32, len(scores)))


def _build_hits(
    db: Database,
    ranking: FusedRanking,
    limit: int,
    by_words: lexical.WordSearch,
    least_cosine: float,
) -> list[Hit]:
    """Return the hits, except those below `least_cosine` that only have names of the query's words.

    The names of a query in another script are its translation, whose words may match by chance.
    """
    best = ranking.works[:limit].tolist()
    matched = by_words.matched_parts(best)
    found = papers.load_by_number(db, best)
    rows = zip(best, ranking.score.tolist(), ranking.cosine.tolist(), strict=False)
    return [
        Hit(found[work], round(score, 6), _describe_match(matched[work], cosine))
        for work, score, cosine in rows
        if work in found and not (cosine < least_cosine and _is_named_only(matched[work]))
    ]


def _is_named_only(parts: Sequence[MatchClause]) -> bool:
    return all(part.kind == "name" for part in parts)


def _describe_match(parts: Sequence[MatchClause], cosine: float) -> tuple[str, ...]:
    """Return the reasons: matched words of the query, other names of them, and the cosine."""
    words = dict.fromkeys(part.label for part in parts if part.kind != "name")
    names = dict.fromkeys(part.label for part in parts if part.kind == "name")
    others = [name for name in names if name not in words]
    why = [f"words {', '.join(words)}"] if words else []
    why += [f"also named {', '.join(others)}"] if others else []
    return (*why, *([] if np.isnan(cosine) else [f"meaning {cosine:.2f}"]))


def find_similar(db: Database, index: VectorReader, work: int, limit: int) -> list[Hit] | None:
    """Return the works nearest to one, without itself; None if it is not in the index."""
    vector = index.vectors(np.array([work]))
    if np.isnan(vector).any():
        return None
    numbers, cosines = index.search(vector, min(limit + 1, index.count))
    near = {
        int(n): float(c) for n, c in zip(numbers[0], cosines[0], strict=True) if n not in (-1, work)
    }
    found = papers.load_by_number(db, list(near)[:limit])
    return [Hit(p, round(near[n], 6), (f"meaning {near[n]:.2f}",)) for n, p in found.items()]
