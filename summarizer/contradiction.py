"""Whether a sentence turns what its source says around, or puts one thing in another's place.

A model that summarises rarely invents whole findings. It drops a "not", says "lower" for
"higher", or gives one system the other's number. Each of these leaves its mark in the words, and
is looked for here by rules that know nothing of the subject.

Public surface: ``contradicts``, ``misplaced``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from summarizer.stems import STOP, tokens

_NEGATIONS = frozenset(tokens(
    "not no never neither nor without hardly barely unable fail lack rarely struggle impossible"
))  # fmt: skip
_CONTRACTION = re.compile(r"n['\u2019]t\b|(?<=can)not\b")
_CLAUSE = re.compile(r"[.,;:!?()\u2014]")
# What may stand between a negation and the word it denies.
_PASSED_OVER = (STOP - {"no", "not"}) | frozenset(tokens("necessarily always only yet fully"))
_TURNS = tuple(
    (tokens(one)[0], tokens(other)[0])
    for one, other in (
        pair.split("/")
        for pair in (
            "increase/decrease increase/reduce raise/lower improve/degrade improve/worsen "
            "improve/harm improve/hurt outperform/underperform exceed/underperform "
            "surpass/underperform higher/lower high/low upper/lower better/worse best/worst "
            "more/less more/fewer faster/slower larger/smaller large/small stronger/weaker "
            "strong/weak accelerate/slow gain/loss positive/negative able/unable succeed/fail "
            "success/failure enable/prevent support/refute confirm/contradict "
            "sufficient/insufficient effective/ineffective efficient/inefficient "
            "consistent/inconsistent likely/unlikely stable/unstable possible/impossible "
            "necessary/unnecessary robust/brittle longer/shorter easier/harder superior/inferior "
            "clear/unclear enhance/degrade alleviate/aggravate mitigate/exacerbate "
            "minimize/maximize always/never before/after with/without"
        ).split()
    )
)
"""Pairs of stems of which one says the reverse of the other."""


def contradicts(sentence: str, source: str) -> bool:
    """Whether ``sentence`` denies what ``source`` affirms, or the reverse, or turns a word."""
    said, known = set(tokens(sentence.lower())), set(tokens(source.lower()))
    for one, other in (*_TURNS, *(pair[::-1] for pair in _TURNS)):
        if one in said and other in known and one not in known and other not in said:
            return True
    denied, affirmed = _stances(sentence)
    denied_there, affirmed_there = _stances(source)
    return bool(
        (denied & affirmed_there - denied_there)
        or (affirmed & denied_there - affirmed_there - denied)
    )


def _stances(text: str) -> tuple[set[str], set[str]]:
    """The stems that ``text`` denies (the first of weight after a negation), and the others."""
    denied: set[str] = set()
    affirmed: set[str] = set()
    for clause in _CLAUSE.split(_CONTRACTION.sub(" not", text.lower())):
        denying = False
        for word in tokens(clause):
            if word in _NEGATIONS:
                denying = True
            elif word not in _PASSED_OVER:
                (denied if denying else affirmed).add(word)
                denying = False
    return denied, affirmed


_WORD = re.compile(r"[^\W_](?:[\w.+%\u00d7/-]*[\w+%\u00d7])?")
_AROUND = 2  # words on each side by which a place in a text is known
_TELLING = 3  # so much of a place must be another's: a word of weight and one more


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a number or name stands: the words before it, nearest first, and those after it."""

    item: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def likeness(self, other: "_Place") -> int:
        """Equal words, counted outwards from the item; a word of weight counts two."""
        return _run(self.before, other.before) + _run(self.after, other.after)


def misplaced(sentence: str, source: str) -> bool:
    """Whether a number or name stands in ``sentence`` where ``source`` has another one.

    That is: the words around it are more those around the other one than those around itself.
    """
    there = list(_places(source))
    for place in _places(sentence):
        own = max((place.likeness(p) for p in there if p.item == place.item), default=0)
        other = max((place.likeness(p) for p in there if p.item != place.item), default=0)
        if other >= _TELLING and other > own:
            return True
    return False


def _run(one: Sequence[str], other: Sequence[str]) -> int:
    total = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        total += 1 if not a or a in STOP else 2
    return total


def _places(text: str) -> Iterator[_Place]:
    for clause in re.split(r"(?<=[.!?;:])\s", text):
        found = ["", *_WORD.findall(clause), ""]
        words = [word.lower() for word in found]
        for i, word in enumerate(found[1:-1], 1):
            if _is_item(word, first=i == 1):
                before, after = words[max(0, i - _AROUND) : i], words[i + 1 : i + 1 + _AROUND]
                yield _Place(words[i], tuple(before[::-1]), tuple(after))


def _is_item(word: str, *, first: bool) -> bool:
    capital = any(c.isupper() for c in (word[1:] if first else word))
    return capital or any(c.isdigit() for c in word)
