"""Candidates for the one-line summary: sentences, shortened, joined in pairs, or under a title.

Public surface: ``Candidate``, ``list_candidates``, ``titled_candidates``, ``shorten_point``,
``MAX_WORDS``, ``KINDS``, ``TITLED_KINDS``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from summarizer.extractive.tighten import clip_words, shorter_variants

MAX_WORDS = 30
"""Longest one-line summary, in words."""

KINDS = (
    "whole", "bare", "lead", "claim", "tail", "clause", "adjunct", "head", "clip", "joined",
    "titled", "topic",
)  # fmt: skip
"""How a candidate was made: the kinds of ``shorter_variants``, cut with "…", two sentences joined,
or preceded by the paper's title or by the part of it before or after its colon."""

TITLED_KINDS = frozenset({"titled", "topic"})

_POINT_WORDS = 32
_POINT_KINDS = frozenset({"bare", "lead", "tail", "clause", "head"})
_MIN_WORDS = 4
_TOPIC_WORDS = 3
_HEADING_WORDS = 12  # a longer title leaves too few words for what is new
_FIRST = re.compile(r"(?:We|I|Our|This (?:paper|work|study|article|survey|report))\b")
_SECOND = re.compile(
    r"(?:We|Our|The|It|They|This|These|Such|Results|Experiments|Extensive|Empirical|Experimental)\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible one-line summary; ``first`` .. ``last`` are the indices of its sentences."""

    first: int
    last: int
    kind: str
    text: str


def list_candidates(tightened: Sequence[str]) -> list[Candidate]:
    """Return every candidate for the tightened sentences of one abstract, at most 30 words each."""
    single = [list(_sentence_candidates(i, sentence)) for i, sentence in enumerate(tightened)]
    joined = [c for a, b in pairwise(single) for c in _joined_candidates(a, b)]
    return [c for group in single for c in group] + joined


def titled_candidates(option: Candidate, title: str) -> Iterator[Candidate]:
    """Yield ``option`` with the title, or a part of it, before it: "Title: we propose …".

    A sentence that refers to "this task" or "our model" is then clear on its own.
    """
    if option.kind == "clip" or option.kind in TITLED_KINDS:
        return
    for kind, heading in _title_headings(title):
        text = heading + option.text
        if len(text.split()) <= MAX_WORDS:
            yield Candidate(option.first, option.last, kind, text)


def _title_headings(title: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, heading with its separator) for each heading that ``title`` allows."""
    for kind, text in _title_parts(title.rstrip(" .")):
        if len(text.split()) > _HEADING_WORDS:
            continue
        yield kind, text + (" " if text.endswith(("?", "!")) else ": ")


def _title_parts(title: str) -> Iterator[tuple[str, str]]:
    if sum(word.isupper() and len(word) > 1 for word in title.split()) > len(title.split()) / 2:
        return  # written in capitals
    if title:
        yield "titled", title
    name, colon, rest = title.partition(": ")
    if colon:
        yield from (("topic", p) for p in (name, rest) if len(p.split()) >= _TOPIC_WORDS)


def shorten_point(tightened: str) -> str:
    """Return a sentence as one point: a long sentence in the longest of its wordings that fit."""
    if len(tightened.split()) <= _POINT_WORDS:
        return tightened
    shorter = [text for kind, text in shorter_variants(tightened) if kind in _POINT_KINDS]
    fitting = [text for text in shorter if len(text.split()) <= _POINT_WORDS]
    return max(fitting, key=len) if fitting else min([tightened, *shorter], key=len)


def _sentence_candidates(index: int, sentence: str) -> Iterator[Candidate]:
    seen: set[str] = set()
    for kind, text in shorter_variants(sentence):
        short = clip_words(text, MAX_WORDS)
        if short not in seen and len(short.split()) >= _MIN_WORDS:
            seen.add(short)
            yield Candidate(index, index, kind if short == text else "clip", short)


def _joined_candidates(
    left: Sequence[Candidate], right: Sequence[Candidate]
) -> Iterator[Candidate]:
    """Yield neighbours as one sentence: "We propose X and show that Y", "…, and it does Z"."""
    for a, b in product((c for c in left if _FIRST.match(c.text)), right):
        whole = a.text.endswith(".") and b.text.endswith(".") and _fits_joined(a.text, b.text)
        if whole and (text := _join_sentences(a.text[:-1], b.text)):
            yield Candidate(a.first, b.last, "joined", text)


def _fits_joined(left: str, right: str) -> bool:
    return left.count(" ") + right.count(" ") + 3 <= MAX_WORDS  # and the "and"


def _join_sentences(left: str, right: str) -> str:
    if left.startswith("We ") and right.startswith("We "):
        return f"{left} and {right[3:]}"
    if _SECOND.match(right):
        return f"{left}, and {right[0].lower()}{right[1:]}"
    return ""
