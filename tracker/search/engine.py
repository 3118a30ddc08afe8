"""Hybrid retrieval: BM25 and vectors, fused by reciprocal ranks, with the reasons for each hit."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracker.models import Hit
from tracker.search.embedder import Encoder
from tracker.search.index import VectorIndex
from tracker.store import fulltext, papers
from tracker.store.database import Database
from tracker.store.fulltext import Filter

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
    query: str,
    *,
    limit: int,
    only: Filter,
    lexical: bool = True,
    semantic: Semantic | None = None,
) -> list[Hit]:
    """The `limit` best works for a query, best first; each says which words or meaning matched."""
    found: dict[int, _Candidate] = {}
    words = fulltext.terms(query)
    if lexical:
        ranked = fulltext.search(db, words, max(_LEXICAL, limit), only)
        for place, (number, _) in enumerate(ranked):
            _add(found, number, place, "words")
    if semantic and query.strip():
        for place, (number, cosine) in enumerate(_by_meaning(db, query, semantic, only)):
            _add(found, number, place, f"meaning {cosine:.2f}")
    best = sorted(found, key=lambda number: (-found[number].score, number))[:limit]
    return _hits(db, best, found, words)


def _add(found: dict[int, _Candidate], number: int, place: int, why: str) -> None:
    candidate = found.setdefault(number, _Candidate())
    candidate.score += 1 / (_RRF + 1 + place)
    candidate.why.append(why)


def _by_meaning(
    db: Database, query: str, semantic: Semantic, only: Filter
) -> list[tuple[int, float]]:
    vector = semantic.encoder.encode([query])
    numbers, cosines = semantic.index.search(vector, min(_SEMANTIC, semantic.index.size))
    ranked = [(int(n), float(c)) for n, c in zip(numbers[0], cosines[0], strict=True) if n >= 0]
    allowed = fulltext.allowed(db, [number for number, _ in ranked], only)
    return [(number, cosine) for number, cosine in ranked if number in allowed][:_LEXICAL]


def _hits(
    db: Database, best: Sequence[int], found: dict[int, _Candidate], words: Sequence[str]
) -> list[Hit]:
    matched = fulltext.matched(db, best, words)
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
