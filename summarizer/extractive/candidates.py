"""Candidates for the lines about a paper: its sentences, and shorter wordings of each.

Public surface: ``Candidate``, ``list_candidates``, ``shorten_point``, ``MAX_WORDS``, ``KINDS``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from summarizer.extractive.standalone import find_name, name_subject
from summarizer.extractive.tighten import shorter_variants

MAX_WORDS = 30
"""Usual longest line, in words; a longer sentence is better than one that is cut badly."""

KINDS = ("whole", "bare", "lead", "claim", "tail", "clause", "head")
"""How a candidate was made: the kinds of ``shorter_variants``."""

_LONGEST = 44
_POINT_WORDS = 32
_POINT_KINDS = frozenset({"bare", "lead", "tail", "clause", "head"})
_MIN_WORDS = 4
_SEAM = 12  # characters that tell whether two wordings end alike


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible line: the index of its sentence, how it was made, and its text.

    ``cut`` says that it ends before the sentence does. ``named`` says that its subject was
    replaced by the name that the sentence before it introduces; its source is then both sentences.
    """

    index: int
    kind: str
    text: str
    cut: bool = False
    named: bool = False

    @property
    def first(self) -> int:
        """Index of the first sentence it rests on."""
        return self.index - self.named


def list_candidates(tightened: Sequence[str]) -> list[Candidate]:
    """Return every candidate for the tightened sentences of one abstract."""
    found: list[Candidate] = []
    for index, sentence in enumerate(tightened):
        name = find_name(tightened[index - 1]) if index else ""
        renamed = name_subject(sentence, name)
        found += _sentence_candidates(index, renamed, named=renamed != sentence)
    return found


def _sentence_candidates(index: int, sentence: str, *, named: bool) -> Iterator[Candidate]:
    seen: set[str] = set()
    ending = sentence[-_SEAM:]
    for kind, text in shorter_variants(sentence):
        if kind not in KINDS or text in seen or not _MIN_WORDS <= len(text.split()) <= _LONGEST:
            continue
        seen.add(text)
        cut = kind != "bare" and not text.endswith(ending)
        if cut and sentence.rpartition(text[-_SEAM:-1])[2].lstrip().startswith(":"):
            continue  # what follows a colon is what the sentence is for
        yield Candidate(index, kind, text, cut, named)


def shorten_point(tightened: str) -> str:
    """Return a sentence as one point: a long sentence in the longest of its wordings that fit."""
    if len(tightened.split()) <= _POINT_WORDS:
        return tightened
    shorter = [text for kind, text in shorter_variants(tightened) if kind in _POINT_KINDS]
    fitting = [text for text in shorter if len(text.split()) <= _POINT_WORDS]
    return max(fitting, key=len) if fitting else min([tightened, *shorter], key=len)
