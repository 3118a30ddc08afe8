"""Other ways to write a name: as one word or two, with or without a hyphen, digits joined or not.

FTS5 reads "GPT-4o" as "gpt 4o" and "gpt4o" as one word. Pure; which of the spellings occur in the
store is for the caller to find out.

Public: `word_spellings`, `pair_spellings`.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from tracker.search.query.stopwords import is_stop_word

_PIECE = re.compile(r"[^\W_]+")
_ATOM = re.compile(r"\d+|[^\W\d_]+")
# A name of more letter and digit runs than this is not a name: each run doubles the spellings.
_MOST_ATOMS = 5
# Shorter words are not split: "into" is not "in to".
_SHORTEST = 6
# Prefixes that are stop words, or too short for a word, but are written with a hyphen.
_PREFIXES = frozenset(
    "anti auto bi co counter cross de e ex hyper inter intra macro meta micro mid mini mis mono"
    " multi non off on out over para poly post pre pro pseudo quasi re self semi sub super text"
    " trans tri ultra un under uni up".split()
)


def word_spellings(word: str) -> tuple[str, ...]:
    """Return the other spellings of a word, in lower case: "gpt4o" may be "gpt 4o"."""
    pieces = _PIECE.findall(word.lower())
    atoms = _ATOM.findall(word.lower())
    if any(map(str.isdigit, atoms)):
        return _without(_join_variants(atoms), pieces)
    if len(pieces) == 1 and pieces[0].isascii():
        return tuple(_splits(pieces[0]))
    return ("".join(pieces),) if 1 < len(pieces) <= _MOST_ATOMS else ()


def pair_spellings(first: str, second: str) -> tuple[str, ...]:
    """Return spellings of two adjacent words as one: "multi agent" may be "multiagent"."""
    pieces = [*_PIECE.findall(first.lower()), *_PIECE.findall(second.lower())]
    atoms = [*_ATOM.findall(first.lower()), *_ATOM.findall(second.lower())]
    if any(map(str.isdigit, atoms)):
        return _without(_join_variants(atoms), pieces)
    return ("".join(pieces),) if len(pieces) <= _MOST_ATOMS else ()


def _without(variants: Iterator[str], pieces: Sequence[str]) -> tuple[str, ...]:
    return tuple(variant for variant in variants if variant != " ".join(pieces))


def _join_variants(atoms: Sequence[str]) -> Iterator[str]:
    """Yield the atoms with every choice of joining them or not; nothing for too many.

    Two numbers are never joined: 2.5 is not 25.
    """
    if not 1 < len(atoms) <= _MOST_ATOMS:
        return
    choices = (
        (" ",) if one.isdigit() and two.isdigit() else ("", " ") for one, two in pairwise(atoms)
    )
    for separators in product(*choices):
        pairs = zip(separators, atoms[1:], strict=True)
        yield atoms[0] + "".join(separator + atom for separator, atom in pairs)


def _splits(word: str) -> Iterator[str]:
    for place in range(2, len(word) - 1) if len(word) >= _SHORTEST else ():
        first, second = word[:place], word[place:]
        if first in _PREFIXES or not (is_stop_word(first) or is_stop_word(second)):
            yield f"{first} {second}"
