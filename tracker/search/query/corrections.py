"""Corrections of misspelt words by the vocabulary of the stored titles.

Pure. The distance is that of Damerau and Levenshtein in its restricted form (optimal string
alignment): insertions, deletions, substitutions and swaps of neighbours.

Public: `list_corrections`, `edit_distance`.
"""

from collections.abc import Iterable, Mapping

# Words of up to this many letters allow one edit, longer ones two.
_ONE_EDIT = 5
_SHORTEST = 3
# Corrections of a word: there are more only for short words, and those are further away.
_MOST = 12


def list_corrections(word: str, vocabulary: Mapping[str, int], least: int) -> list[str]:
    """Return the words that may be meant, the likeliest first: the nearest, the most frequent.

    Each is in at least `least` titles.
    """
    most = 1 if len(word) <= _ONE_EDIT else 2
    if len(word) < _SHORTEST or not word.isalpha():
        return []
    near = _near_words(word, (w for w, times in vocabulary.items() if times >= least), most)
    return sorted(near, key=lambda other: (near[other], -vocabulary[other], other))[:_MOST]


def _near_words(word: str, words: Iterable[str], most: int) -> dict[str, int]:
    """Return the words within `most` edits, with their distance; the word itself is not one."""
    letters = set(word)
    found = {}
    for other in words:
        # Each edit changes the length by one at most, and the set of letters by two.
        if abs(len(other) - len(word)) <= most and len(letters ^ set(other)) <= 2 * most:
            distance = edit_distance(word, other, most)
            if 0 < distance <= most:
                found[other] = distance
    return found


def edit_distance(one: str, other: str, most: int) -> int:
    """Return the number of edits between two words, or `most` + 1 if there are more."""
    before: list[int] = []
    previous = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        current = [place]
        for at, theirs in enumerate(other, start=1):
            cost = min(previous[at] + 1, current[at - 1] + 1, previous[at - 1] + (letter != theirs))
            if at > 1 and place > 1 and letter == other[at - 2] and theirs == one[place - 2]:
                cost = min(cost, before[at - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, previous = previous, current
    return min(previous[-1], most + 1)
