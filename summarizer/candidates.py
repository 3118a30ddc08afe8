"""The one-line summaries an abstract allows: a sentence, shorter, or joined to the next.

Public surface: ``Candidate``, ``candidates``, ``point``, ``MAX_WORDS``, ``KINDS``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from summarizer.tighten import clip, variants

MAX_WORDS = 30
"""Longest one-line summary."""

KINDS = ("whole", "bare", "lead", "claim", "tail", "clause", "adjunct", "head", "clip", "joined")
"""How a candidate was made: the kinds of ``tighten.variants``, cut with "…", or two in one."""

_POINT_WORDS = 32
_POINT_KINDS = frozenset({"bare", "lead", "tail", "clause", "head"})
_MIN_WORDS = 4
_FIRST = re.compile(r"(?:We|I|Our|This (?:paper|work|study|article|survey|report))\b")
_SECOND = re.compile(
    r"(?:We|Our|The|It|They|This|These|Such|Results|Experiments|Extensive|Empirical|Experimental)\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible one-line summary: ``first`` .. ``last`` are the sentences it came from."""

    first: int
    last: int
    kind: str
    text: str


def candidates(tightened: Sequence[str]) -> list[Candidate]:
    """Return every candidate for the tightened sentences of one abstract, at most 30 words each."""
    single = [list(_single(i, sentence)) for i, sentence in enumerate(tightened)]
    joined = [c for a, b in pairwise(single) for c in _joined(a, b)]
    return [c for group in single for c in group] + joined


def point(tightened: str) -> str:
    """Return a sentence as one point: a long one in its longest shorter wording, if it has one."""
    if len(tightened.split()) <= _POINT_WORDS:
        return tightened
    shorter = [text for kind, text in variants(tightened) if kind in _POINT_KINDS]
    fitting = [text for text in shorter if len(text.split()) <= _POINT_WORDS]
    return max(fitting, key=len) if fitting else min([tightened, *shorter], key=len)


def _single(index: int, sentence: str) -> Iterator[Candidate]:
    seen: set[str] = set()
    for kind, text in variants(sentence):
        short = clip(text, MAX_WORDS)
        if short not in seen and len(short.split()) >= _MIN_WORDS:
            seen.add(short)
            yield Candidate(index, index, kind if short == text else "clip", short)


def _joined(left: Sequence[Candidate], right: Sequence[Candidate]) -> Iterator[Candidate]:
    """Two neighbours as one sentence: "We propose X and show that Y", "…, and it does Z"."""
    for a, b in product((c for c in left if _FIRST.match(c.text)), right):
        whole = a.text.endswith(".") and b.text.endswith(".") and _room(a.text, b.text)
        if whole and (text := _join(a.text[:-1], b.text)):
            yield Candidate(a.first, b.last, "joined", text)


def _room(left: str, right: str) -> bool:
    return left.count(" ") + right.count(" ") + 3 <= MAX_WORDS  # and the "and"


def _join(left: str, right: str) -> str:
    if left.startswith("We ") and right.startswith("We "):
        return f"{left} and {right[3:]}"
    if _SECOND.match(right):
        return f"{left}, and {right[0].lower()}{right[1:]}"
    return ""
