"""How well a short form's letters align with the words before it: dynamic programming, pure.

Schwartz & Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical
text", PSB 2003, take the shortest alignment. Taken here is the one with most letters at the
beginnings of words, of equal ones the shortest; a `Fit` tells how good it is.

Public surface: `fitted`, `Fit`, `letters`, `singular`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_BEFORE_WORD = "\"'`“‘’(["
_STOP = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "both", "by", "can", "for", "from", "in", "into",
    "is", "it", "its", "of", "on", "or", "our", "over", "per", "such", "that", "the", "their",
    "these", "this", "those", "through", "to", "under", "using", "via", "vs", "we", "when", "where",
    "which", "with", "without",
})  # fmt: skip
# Stop words that no letter stands for at the beginning, unless a hyphen joins them to the next.
_NEVER_FIRST = frozenset({"a", "and", "of", "or"})
# What a digit is read as: text-to-image is T2I, three-dimensional 3D.
_SPOKEN = {
    "1": ("one", "first"), "2": ("two", "to", "second", "double", "dual"),
    "3": ("three", "third", "triple"), "4": ("four", "for", "fourth"), "5": ("five", "fifth"),
    "6": ("six", "sixth"),
}  # fmt: skip
# "A3C" is read as three A and a C; "3CL" likewise.
_REPEAT = re.compile(r"([a-z])([2-5])|([2-5])([a-z])")

# Points of an alignment. Skipping a word costs half of what a letter that begins a word brings.
_INITIAL, _CAPITAL, _DIGIT, _RUN = 3.0, 2.5, 2.0, 0.8
_COMMA, _SKIPPED, _SKIPPED_JOINED, _SKIPPED_STOP = 1.5, 1.5, 0.4, 0.2


@dataclass(frozen=True, slots=True)
class Fit:
    """A long form that a short one aligns with, and what tells a real one from an accident.

    `points` is the mean score of a letter, 3 at best; `loose` the share of letters in the midst of
    a word and not after another letter of theirs; `words` the number of words but stop words;
    `word_share` the share of these that a letter stands for; `share` the same, or that of the
    parts between hyphens where it is the greater; `opening` whether a stop word begins it that
    has no business there.
    """

    short: str
    long: str
    points: float
    loose: float
    words: int
    word_share: float
    share: float
    opening: bool


class _Part(NamedTuple):
    """A run of letters and digits; `opens` when it begins a word, else a hyphen joins it on."""

    text: str
    lower: str
    start: int
    opens: bool
    commas: int


class _Step(NamedTuple):
    """The best alignment of one letter at a place and of all the letters after it."""

    score: float
    part: int
    offset: int
    gain: float
    rest: "_Step | None"


def singular(short: str) -> str:
    """A short form without the small s of its plural: "LLMs" is many an "LLM"."""
    return short[:-1] if len(short) > 2 and short[-1] == "s" and short[-2].isupper() else short


def letters(short: str) -> str:
    """The letters and digits of a short form that must align; a plural's s need not."""
    return "".join(filter(str.isalnum, singular(short).lower()))


def fitted(short: str, window: str, *, whole: bool = False) -> Fit | None:
    """The best long form that ends the window, or, if `whole`, the window itself; None if none."""
    parts = _parts(window)
    if not parts:
        return None
    wanted = letters(short)
    step = _aligned(wanted, parts, whole)
    repeated = _REPEAT.sub(lambda m: m[1] * int(m[2]) if m[1] else m[4] * int(m[3]), wanted)
    if repeated != wanted and len(repeated) <= 10:
        other = _aligned(repeated, parts, whole)
        # Hardly a letter may be off: a digit is read so only where it is beyond doubt.
        step = other if other and other.score > 0.8 * _INITIAL * len(repeated) else step
    return _measured(short, window, parts, step) if step else None


def _parts(window: str) -> list[_Part]:
    found: list[_Part] = []
    for word in _WORD.finditer(window):
        ahead = window[: word.start()].rstrip(_BEFORE_WORD)
        opens = not (found and ahead) or ahead[-1].isspace() or ahead[-1] == "/"
        commas = window.count(",", 0, word.start())
        found.append(_Part(word[0], word[0].lower(), word.start(), opens, commas))
    return found


def _aligned(wanted: str, parts: Sequence[_Part], whole: bool) -> _Step | None:
    """From the last letter to the first, the best way to go on from each place it can have."""
    costs = list(accumulate(map(_cost, parts), initial=0.0))
    commas = [*(part.commas for part in parts), parts[-1].commas]
    reachable = [_Step(0.0, len(parts), 0, 0.0, None)]
    for index in range(len(wanted) - 1, -1, -1):
        here = []
        for place, part in enumerate(parts[:1] if whole and not index else parts):
            for offset, gain in _gains(wanted[index], part, first=not index):
                best = _best_next(reachable, (place, offset), costs, commas)
                if best:
                    here.append(_Step(best[0] + gain, place, offset, gain, best[1]))
        reachable = here
    return max(reachable, key=lambda step: (step.score, step.part), default=None)


def _cost(part: _Part) -> float:
    """What it costs to leave a part out."""
    if part.lower in _STOP:
        return _SKIPPED_STOP
    return _SKIPPED if part.opens else _SKIPPED_JOINED


def _best_next(
    steps: Sequence[_Step], place: tuple[int, int], costs: Sequence[float], commas: Sequence[int]
) -> tuple[float, _Step] | None:
    """The best of the steps after a place, with its score less what lies between; later wins."""
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


def _gains(letter: str, part: _Part, *, first: bool) -> Iterator[tuple[int, float]]:
    """Where in a part a letter can stand, and what that is worth; the first only begins a part."""
    lower = part.lower
    if lower[0] == letter or lower in _SPOKEN.get(letter, ()):
        yield 0, _INITIAL if part.opens or not first else _DIGIT
    elif letter == "x" and lower.startswith(("ex", "cross")):
        yield int(lower[0] == "e"), _CAPITAL
    elif first:
        return
    at = -1 if first else lower.find(letter, 1)
    while at > 0:
        yield at, _inner_gain(part.text, at)
        at = lower.find(letter, at + 1)


def _inner_gain(text: str, at: int) -> float:
    if text[at].isupper() and not text[at - 1].isupper():
        return _CAPITAL
    return _DIGIT if text[at].isdigit() else 0.0


def _measured(short: str, window: str, parts: Sequence[_Part], step: _Step) -> Fit:
    first = step.part
    while not parts[first].opens:
        first -= 1
    told, steps = parts[first:], _chain(step)
    loose = sum(map(_is_loose, [None, *steps], steps)) / len(steps)
    marked = {each.part - first for each in steps if each.gain >= _DIGIT}
    words = [any(n in marked for n in word) for word in _words(told)]
    small = [n in marked for n, part in enumerate(told) if not _passed_over(part)]
    word_share = _share(words)
    share = max(word_share, _share(small))
    return Fit(
        short=short,
        long=window[told[0].start :],
        points=step.score / len(steps),
        loose=loose,
        words=len(words),
        word_share=word_share,
        share=share,
        opening=_opens_badly(told, clean=len(steps) > 2 and not loose and share == 1),
    )


def _chain(step: _Step) -> list[_Step]:
    found: list[_Step] = []
    while step.rest:
        found.append(step)
        step = step.rest
    return found


def _is_loose(before: _Step | None, step: _Step) -> bool:
    follows = before and (before.part, before.offset + 1) == (step.part, step.offset)
    return step.gain < _DIGIT and not follows


def _words(parts: Sequence[_Part]) -> list[list[int]]:
    """The numbers of the parts of each word, but not of stop words."""
    found: list[list[int]] = []
    for number, part in enumerate(parts):
        if part.opens:
            found.append([])
        found[-1].append(number)
    return [word for word in found if len(word) > 1 or parts[word[0]].lower not in _STOP]


def _passed_over(part: _Part) -> bool:
    return part.lower in _STOP or part.text.isdigit()


def _share(marks: Sequence[bool]) -> float:
    return sum(marks) / max(1, len(marks))


def _opens_badly(parts: Sequence[_Part], *, clean: bool) -> bool:
    """Whether a stop word begins a long form: no fault in "the adjacent possible (TAP)"."""
    first, joined = parts[0].lower, len(parts) > 1 and not parts[1].opens
    return first in _STOP and not joined and (first in _NEVER_FIRST or not clean)
