"""Alignment of a short form's letters with the words before it: dynamic programming, pure.

Schwartz & Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical
text", PSB 2003, use the shortest alignment. This module uses the one with most letters at the
beginning of words and, of equal ones, the shortest. An `Alignment` has measures of its quality.

Public: `align`, `Alignment`, `significant_letters`, `strip_plural`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_BEFORE_WORD = "\"'`“‘’(["
# Words that an acronym's letters may skip; other lists of stop words serve other purposes.
_STOP = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "both", "by", "can", "for", "from", "in", "into",
    "is", "it", "its", "of", "on", "or", "our", "over", "per", "such", "that", "the", "their",
    "these", "this", "those", "through", "to", "under", "using", "via", "vs", "we", "when", "where",
    "which", "with", "without",
})  # fmt: skip
# Stop words that cannot begin a long form, unless a hyphen joins them to the next word.
_NEVER_FIRST = frozenset({"a", "and", "of", "or"})
# Words that a digit may stand for: text-to-image is T2I, three-dimensional is 3D.
_SPOKEN = {
    "1": ("one", "first"), "2": ("two", "to", "second", "double", "dual"),
    "3": ("three", "third", "triple"), "4": ("four", "for", "fourth"), "5": ("five", "fifth"),
    "6": ("six", "sixth"),
}  # fmt: skip
# "A3C" is read as AAAC; "3CL" likewise.
_REPEAT = re.compile(r"([a-z])([2-5])|([2-5])([a-z])")

# Points of an alignment. Skipping a word costs half of what a letter at the start of one gains.
_INITIAL, _CAPITAL, _DIGIT, _RUN = 3.0, 2.5, 2.0, 0.8
_COMMA, _SKIPPED, _SKIPPED_JOINED, _SKIPPED_STOP = 1.5, 1.5, 0.4, 0.2


@dataclass(frozen=True, slots=True)
class Alignment:
    """A long form that a short one aligns with, and features that tell definitions from accidents.

    `points` is the mean score of a letter, 3 at best; `loose_share` the share of letters that are
    inside a word and do not follow another aligned letter; `word_count` the number of words without
    stop words; `word_share` the share of these with an aligned letter; `share` the same, or that of
    the parts between hyphens if it is greater; `has_bad_opening` whether it begins with a stop word
    that does not belong to it.
    """

    short: str
    long: str
    points: float
    loose_share: float
    word_count: int
    word_share: float
    share: float
    has_bad_opening: bool


class _Token(NamedTuple):
    """A run of letters and digits; `starts_word` is False if a hyphen joins it to the last."""

    text: str
    lower: str
    start: int
    starts_word: bool
    commas_before: int


class _Step(NamedTuple):
    """The best alignment of one letter at a position and of all letters after it."""

    score: float
    part: int
    offset: int
    gain: float
    rest: "_Step | None"


def strip_plural(short: str) -> str:
    """Return a short form without the s of its plural: "LLMs" becomes "LLM"."""
    return short[:-1] if len(short) > 2 and short[-1] == "s" and short[-2].isupper() else short


def significant_letters(short: str) -> str:
    """Return the letters and digits of a short form that must align, without a plural's s."""
    return "".join(filter(str.isalnum, strip_plural(short).lower()))


def align(short: str, window: str, *, whole: bool = False) -> Alignment | None:
    """Return the best long form at the end of the window, or None.

    With `whole`, the long form must be the whole window.
    """
    parts = _tokenize(window)
    if not parts:
        return None
    wanted = significant_letters(short)
    step = _best_alignment(wanted, parts, whole)
    repeated = _REPEAT.sub(lambda m: m[1] * int(m[2]) if m[1] else m[4] * int(m[3]), wanted)
    if repeated != wanted and len(repeated) <= 10:
        other = _best_alignment(repeated, parts, whole)
        # A digit is read as repetition only if almost every letter begins a word.
        step = other if other and other.score > 0.8 * _INITIAL * len(repeated) else step
    return _build_alignment(short, window, parts, step) if step else None


def _tokenize(window: str) -> list[_Token]:
    found: list[_Token] = []
    for word in _WORD.finditer(window):
        ahead = window[: word.start()].rstrip(_BEFORE_WORD)
        opens = not (found and ahead) or ahead[-1].isspace() or ahead[-1] == "/"
        commas = window.count(",", 0, word.start())
        found.append(_Token(word[0], word[0].lower(), word.start(), opens, commas))
    return found


def _best_alignment(wanted: str, parts: Sequence[_Token], whole: bool) -> _Step | None:
    """Return the best alignment, found from the last letter to the first."""
    costs = list(accumulate(map(_skip_cost, parts), initial=0.0))
    commas = [*(part.commas_before for part in parts), parts[-1].commas_before]
    reachable = [_Step(0.0, len(parts), 0, 0.0, None)]
    for index in range(len(wanted) - 1, -1, -1):
        here = []
        for place, part in enumerate(parts[:1] if whole and not index else parts):
            for offset, gain in _letter_scores(wanted[index], part, first=not index):
                best = _best_next(reachable, (place, offset), costs, commas)
                if best:
                    here.append(_Step(best[0] + gain, place, offset, gain, best[1]))
        reachable = here
    return max(reachable, key=lambda step: (step.score, step.part), default=None)


def _skip_cost(part: _Token) -> float:
    """Return the cost of skipping a part."""
    if part.lower in _STOP:
        return _SKIPPED_STOP
    return _SKIPPED if part.starts_word else _SKIPPED_JOINED


def _best_next(
    steps: Sequence[_Step], place: tuple[int, int], costs: Sequence[float], commas: Sequence[int]
) -> tuple[float, _Step] | None:
    """Return the best step after a position and its score minus skipping costs; later wins."""
    part, offset = place
    best = None
    for step in steps:
        if (step.part, step.offset) <= place:
            continue
        if step.part == part:
            score = step.score + (_RUN if step.offset == offset + 1 and not step.gain else 0)
        else:
            skipped = costs[step.part] - costs[part + 1]
            score = step.score - skipped - _COMMA * (commas[step.part] - commas[part])
        if best is None or score >= best[0]:
            best = score, step
    return best


def _letter_scores(letter: str, part: _Token, *, first: bool) -> Iterator[tuple[int, float]]:
    """Yield the offsets of a letter in a part with their scores; the first must begin a part."""
    lower = part.lower
    if lower[0] == letter or lower in _SPOKEN.get(letter, ()):
        yield 0, _INITIAL if part.starts_word or not first else _DIGIT
    elif letter == "x" and lower.startswith(("ex", "cross")):
        yield int(lower[0] == "e"), _CAPITAL
    elif first:
        return
    at = -1 if first else lower.find(letter, 1)
    while at > 0:
        yield at, _inner_score(part.text, at)
        at = lower.find(letter, at + 1)


def _inner_score(text: str, at: int) -> float:
    if text[at].isupper() and not text[at - 1].isupper():
        return _CAPITAL
    return _DIGIT if text[at].isdigit() else 0.0


def _build_alignment(short: str, window: str, parts: Sequence[_Token], step: _Step) -> Alignment:
    first = step.part
    while not parts[first].starts_word:
        first -= 1
    own, steps = parts[first:], _collect_steps(step)
    loose = sum(map(_is_loose, [None, *steps], steps)) / len(steps)
    marked = {each.part - first for each in steps if each.gain >= _DIGIT}
    words = [any(n in marked for n in word) for word in _group_words(own)]
    small = [n in marked for n, part in enumerate(own) if not _is_skippable(part)]
    word_share = _true_share(words)
    share = max(word_share, _true_share(small))
    return Alignment(
        short=short,
        long=window[own[0].start :],
        points=step.score / len(steps),
        loose_share=loose,
        word_count=len(words),
        word_share=word_share,
        share=share,
        has_bad_opening=_has_bad_opening(own, clean=len(steps) > 2 and not loose and share == 1),
    )


def _collect_steps(step: _Step) -> list[_Step]:
    found: list[_Step] = []
    while step.rest:
        found.append(step)
        step = step.rest
    return found


def _is_loose(before: _Step | None, step: _Step) -> bool:
    follows = before and (before.part, before.offset + 1) == (step.part, step.offset)
    return step.gain < _DIGIT and not follows


def _group_words(parts: Sequence[_Token]) -> list[list[int]]:
    """Return the positions of the parts of each word, without stop words."""
    found: list[list[int]] = []
    for number, part in enumerate(parts):
        if part.starts_word:
            found.append([])
        found[-1].append(number)
    return [word for word in found if len(word) > 1 or parts[word[0]].lower not in _STOP]


def _is_skippable(part: _Token) -> bool:
    return part.lower in _STOP or part.text.isdigit()


def _true_share(marks: Sequence[bool]) -> float:
    return sum(marks) / max(1, len(marks))


def _has_bad_opening(parts: Sequence[_Token], *, clean: bool) -> bool:
    """Whether a stop word wrongly begins a long form; in "the adjacent possible (TAP)" it may."""
    first, joined = parts[0].lower, len(parts) > 1 and not parts[1].starts_word
    return first in _STOP and not joined and (first in _NEVER_FIRST or not clean)
