"""Hybrid retrieval: BM25 and vectors, fused by reciprocal ranks, with the reasons for each hit."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracker.models import Hit
from tracker.search.embedder import Encoder
from tracker.search.index import VectorIndex
from tracker.store import fulltext, papers
from tracker.store.database import Database
from tracker.store.expressions import Part
from tracker.store.filters import Filter

# Constant of reciprocal rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009).
_RRF = 60
# Candidates per list. Filters are applied to the vectors' list afterwards, so it reaches deeper.
_LEXICAL, _SEMANTIC = 200, 1000


@dataclass(frozen=True, slots=True)
class Semantic:
    """What retrieval by meaning needs: an index and an encoder of the same vector space."""

    index: VectorIndex
    encoder: Encoder


@dataclass(slots=True)
class _Candidate:
    score: float = 0.0
    why: list[str] = field(default_factory=list)


def search(
    db: Database,
    text: str,
    *,
    limit: int,
    only: Filter,
    lexical: bool = True,
    semantic: Semantic | None = None,
) -> list[Hit]:
    """The `limit` best works, best first; each says which words or meaning matched.

    `only.matching` are the words to rank by, `text` is the meaning. Without either the works that
    pass the filter are listed, the latest first.
    """
    parts = only.matching.ranked
    found: dict[int, _Candidate] = {}
    if not parts and not text:
        return _newest(db, limit, only)
    if lexical:
        for ranked in fulltext.search(db, parts, max(_LEXICAL, limit), only):
            for place, (number, _) in enumerate(ranked):
                _add(found, number, place, "words")
    if semantic and text:
        for place, (number, cosine) in enumerate(_by_meaning(db, text, semantic, only)):
            _add(found, number, place, f"meaning {cosine:.2f}")
    best = sorted(found, key=lambda number: (-found[number].score, number))[:limit]
    return _hits(db, best, found, parts)


def _newest(db: Database, limit: int, only: Filter) -> list[Hit]:
    """Works without a rank of their own: the score is that of their place."""
    if only == Filter():
        return []
    listed = papers.by_number(db, fulltext.newest(db, limit, only)).values()
    return [
        Hit(paper, round(1 / (_RRF + 1 + place), 6), (f"announced {paper.announced}",))
        for place, paper in enumerate(listed)
    ]


def _add(found: dict[int, _Candidate], number: int, place: int, why: str) -> None:
    candidate = found.setdefault(number, _Candidate())
    candidate.score += 1 / (_RRF + 1 + place)
    candidate.why += [] if why in candidate.why else [why]


def _by_meaning(
    db: Database, text: str, semantic: Semantic, only: Filter
) -> list[tuple[int, float]]:
    vector = semantic.encoder.encode([text])
    numbers, cosines = semantic.index.search(vector, min(_SEMANTIC, semantic.index.size))
    ranked = [(int(n), float(c)) for n, c in zip(numbers[0], cosines[0], strict=True) if n >= 0]
    allowed = fulltext.allowed(db, [number for number, _ in ranked], only)
    return [(number, cosine) for number, cosine in ranked if number in allowed][:_LEXICAL]


def _hits(
    db: Database, best: Sequence[int], found: dict[int, _Candidate], parts: Sequence[Part]
) -> list[Hit]:
    matched = fulltext.matched(db, best, parts)
    hits = []
    for number, paper in papers.by_number(db, best).items():
        candidate = found[number]
        why = [_worded(reason, matched.get(number, ())) for reason in candidate.why]
        hits.append(Hit(paper, round(candidate.score, 6), tuple(why)))
    return hits


def _worded(reason: str, matched: Sequence[str]) -> str:
    return f"words {', '.join(matched)}" if reason == "words" else reason


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
