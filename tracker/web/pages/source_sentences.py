"""An abstract in pieces, so that each sentence of a summary can point to its source.

Public: `AbstractPiece`, `split_at_sources`, `number_of`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class AbstractPiece:
    """A part of an abstract; `number` counts the source sentences from 1, 0 is other text."""

    text: str
    number: int = 0


def split_at_sources(abstract: str, sources: Iterable[str]) -> list[AbstractPiece]:
    """Return the abstract in order, with the sentences that are sources apart and numbered.

    A source that is not in the abstract word for word is left out.
    """
    found = {(abstract.find(source), source) for source in sources if source}
    places = sorted((start, source) for start, source in found if start >= 0)
    pieces: list[AbstractPiece] = []
    at, number = 0, 0
    for start, source in places:
        if start < at:  # within the sentence before
            continue
        number += 1
        between = abstract[at:start]
        if pieces and not between.strip():  # pages drop a text of blanks only
            pieces[-1] = replace(pieces[-1], text=pieces[-1].text + between)
            between = ""
        pieces += [AbstractPiece(between), AbstractPiece(source, number)]
        at = start + len(source)
    pieces.append(AbstractPiece(abstract[at:]))
    return [piece for piece in pieces if piece.text]


def number_of(pieces: Sequence[AbstractPiece]) -> Mapping[str, int]:
    """Return the numbers of the source sentences."""
    return {piece.text.strip(): piece.number for piece in pieces if piece.number}
