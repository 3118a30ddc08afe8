"""Works related to a work: those it builds on, those that build on it, and the most similar ones.

Without stored references (the source `references` is off at first) only meaning relates works.

Public: `LinkedWork`, `load_links`, `find_related`, `credit_cited`, `CREDITED`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tracker.models import Hit
from tracker.search import engine
from tracker.search.index.protocol import VectorReader
from tracker.store import citation_links, fts_search, papers
from tracker.store.database import Database
from tracker.store.paper_filters import Filter

# Links shown with a work; the most cited come first.
_MOST_LINKS = 20
# Works of each kind that are compared when there are references.
_COMPARED = 100
# What a work gains over its cosine: for always being cited together, and for citing the other.
_TOGETHER, _DIRECT = 0.4, 0.05

# Hits of a search whose references are read, the least number of them that must cite a work, and
# what each of up to five adds to the score of the work: a hundredth is two or three places.
CREDITED, _CITING, _PER_CITATION, _MOST_CITING = 10, 2, 0.01, 5


@dataclass(frozen=True, slots=True)
class LinkedWork:
    """A stored work at the other end of a citation."""

    id: str
    title: str


def load_links(db: Database, key: str) -> tuple[tuple[LinkedWork, ...], tuple[LinkedWork, ...]]:
    """Return the stored works that a work cites, and those that cite it; the most cited of each."""
    both = citation_links.cited_by(db, key), citation_links.citing(db, key)
    builds_on, built_on_by = (_load_titles(db, works[:_MOST_LINKS]) for works in both)
    return builds_on, built_on_by


def _load_titles(db: Database, works: Sequence[int]) -> tuple[LinkedWork, ...]:
    found = papers.load_by_number(db, works)
    return tuple(LinkedWork(found[n].id, found[n].title) for n in works if n in found)


def find_related(
    db: Database, index: VectorReader, work: int, key: str, limit: int
) -> list[Hit] | None:
    """Return the works most similar to one; None if it is not in the index.

    Works cited together with it, by it or of it come before others of the same meaning.
    """
    links = _Links.load(db, key)
    hits = engine.find_similar(db, index, work, max(limit, _COMPARED) if links else limit)
    if not links or hits is None:
        return hits
    known = {hit.paper.id for hit in hits}
    added = [hit for hit in _linked_hits(db, index, work, links) if hit.paper.id not in known]
    numbers = papers.numbers_by_key(db, [hit.paper.id for hit in (*hits, *added)])
    ranked = [links.credit(numbers[hit.paper.id], hit) for hit in (*hits, *added)]
    return sorted(ranked, key=lambda hit: -hit.score)[:limit]


@dataclass(frozen=True, slots=True)
class _Links:
    """What the citations say about the works around one; all by number."""

    cites: frozenset[int] = frozenset()
    cited: frozenset[int] = frozenset()
    together: Mapping[int, int] = field(default_factory=dict)
    shares: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def load(cls, db: Database, key: str) -> "_Links | None":
        """Return the links of a work, or None if none is known."""
        cites = frozenset(citation_links.cited_by(db, key))
        cited = frozenset(citation_links.citing(db, key))
        together = citation_links.count_shared(db, key)
        counts = citation_links.count_citing(db, list(together))
        own = citation_links.count_citing_key(db, key)
        shares = {n: shared / math.sqrt(own * counts[n]) for n, shared in together.items()}
        return cls(cites, cited, together, shares) if cites or cited or together else None

    def nearest(self) -> list[int]:
        """Return the linked works, the most closely linked first."""
        works = self.cites | self.cited | self.shares.keys()
        return sorted(works, key=lambda n: (-self.gain(n), n))[:_COMPARED]

    def gain(self, work: int) -> float:
        """Return what a work gains over its cosine."""
        direct = work in self.cites or work in self.cited
        return _TOGETHER * self.shares.get(work, 0.0) + _DIRECT * direct

    def credit(self, work: int, hit: Hit) -> Hit:
        """Return the hit with what its links add to score and reasons."""
        why = [*hit.why]
        why += ["it builds on this"] * (work in self.cites)
        why += ["this builds on it"] * (work in self.cited)
        if work in self.together:
            why.append(f"cited together {self.together[work]} times")
        return Hit(hit.paper, round(hit.score + self.gain(work), 6), tuple(why))


def _linked_hits(db: Database, index: VectorReader, work: int, links: _Links) -> list[Hit]:
    """Return the linked works with their cosines to the work, 0 for those without a vector."""
    linked = links.nearest()
    own = index.vectors(np.array([work]))[0]
    cosines = index.vectors(np.array(linked, np.int64)) @ own
    found = papers.load_by_number(db, linked)
    return [
        Hit(found[n], 0.0 if math.isnan(c) else c, () if math.isnan(c) else (f"meaning {c:.2f}",))
        for n, c in zip(linked, cosines.tolist(), strict=True)
        if n in found
    ]


def credit_cited(db: Database, hits: Sequence[Hit], filters: Filter) -> list[Hit]:
    """Return the hits with credit for works that several of the best cite, which are added.

    A work that was not found has the score of the last of the best before its credit.
    """
    best = hits[:CREDITED]
    counts = citation_links.count_links(db, _numbers(db, best))
    counts = {work: count for work, count in counts.items() if count >= _CITING}
    if filters.is_restrictive:
        passing = fts_search.works_matching_filter(db, filters)
        counts = {work: counts[work] for work in counts.keys() & set(passing.tolist())}
    if not counts:
        return list(hits)
    found = papers.load_by_number(db, list(counts))
    known = {hit.paper.id: hit for hit in hits}
    cited = [
        _credit(known.get(paper.id, Hit(paper, best[-1].score, ())), counts[work])
        for work, paper in found.items()
    ]
    ids = {hit.paper.id for hit in cited}
    rest = [hit for hit in hits if hit.paper.id not in ids]
    return sorted([*cited, *rest], key=lambda hit: -hit.score)


def _numbers(db: Database, hits: Sequence[Hit]) -> list[int]:
    return list(papers.numbers_by_key(db, [hit.paper.id for hit in hits]).values())


def _credit(hit: Hit, count: int) -> Hit:
    score = hit.score + _PER_CITATION * min(count, _MOST_CITING)
    return Hit(hit.paper, round(score, 6), (*hit.why, f"cited by {count} of the best"))
