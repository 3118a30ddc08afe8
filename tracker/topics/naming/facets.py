"""What several papers of a theme share.

Public: `Facet`, `without_fragments`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# A phrase is a fragment of a longer one that this share of its papers has.
_FRAGMENT_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Facet:
    """What several papers of a theme share: `text` is a folded phrase or the key of a direction."""

    text: str
    papers: frozenset[str]
    score: float
    is_direction: bool = False


def without_fragments(facets: Sequence[Facet]) -> list[Facet]:
    """Leave out phrases most of whose papers have a longer phrase that contains them."""
    return [
        one
        for one in facets
        if not any(
            f" {one.text} " in f" {other.text} "
            and len(other.papers) >= _FRAGMENT_SHARE * len(one.papers)
            for other in facets
            if other is not one
        )
    ]
