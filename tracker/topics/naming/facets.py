"""What several papers of a theme share.

Public: `Facet`, `without_fragments`, `dominant_direction`, `in_order`,
`join_directions`, `own_words`, `beginnings`, `fold_seeds`, `DOMINANT_SHARE`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from tracker.topics.naming.folded_phrases import fold_text
from tracker.topics.naming.name_words import (
    DOMAINS,
    is_seed_name,
    long_form,
    lower_first,
    split_words,
)

# A phrase is a fragment of a longer one that this share of its papers has.
_FRAGMENT_SHARE = 0.6
# Letters that tell whether two words are of one stem, and the beginnings that two parts may share.
_STEM, _REPEATABLE = 5, frozenset({"model", "langu", "learn"})
# A direction is dominant if this share of a theme has it.
DOMINANT_SHARE = 0.35


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


def dominant_direction(facets: Sequence[Facet], size: int) -> Facet | None:
    """Return the direction of most of `size` papers, None if it is of too few of them."""
    directions = (facet for facet in facets if facet.is_direction)
    best = max(directions, key=lambda facet: len(facet.papers), default=None)
    return best if best and len(best.papers) >= DOMINANT_SHARE * size else None


def join_directions(
    tagged: Iterable[Collection[str]], direction_name: Callable[[str], str], used: Collection[str]
) -> str:
    """Return the name of the most common direction of some papers, given their directions.

    If that name is in use, it is joined with another one; "" if there is none.
    """
    counts = Counter(direction for directions in tagged for direction in directions)
    names = [direction_name(key) for key in sorted(counts, key=lambda key: (-counts[key], key))]
    joined = [
        f"{one} and {lower_first(other)}"
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if " and " not in f"{one} {other}"
    ]
    in_use = {name.casefold() for name in used}
    return next((name for name in (*names, *joined) if name.casefold() not in in_use), "")


def in_order(first: Facet, partner: Facet) -> tuple[Facet, Facet]:
    """Return the pair with the facet of more papers first, and the domain last."""
    more = len(partner.papers) > len(first.papers) or first.text in DOMAINS
    return (partner, first) if more and partner.text not in DOMAINS else (first, partner)


def own_words(facet: Facet, direction_name: Callable[[str], str]) -> set[str]:
    """Return the folded words of a facet, by the name of a direction."""
    text = direction_name(facet.text) if facet.is_direction else facet.text
    return set(fold_text(text).split())


def beginnings(text: str) -> set[str]:
    """Return how the long words of a name begin, which tells words of one stem."""
    return {word.lower()[:_STEM] for word in split_words(text) if len(word) >= _STEM} - _REPEATABLE


def fold_seeds(seeds: Iterable[str]) -> frozenset[str]:
    """Return the folded seed phrases that can name something."""
    folded = (long_form(" ".join(fold_text(seed).split())) for seed in seeds)
    return frozenset(seed for seed in folded if is_seed_name(seed))
