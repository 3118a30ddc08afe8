"""Detection of sentences that reverse their source or give one item the place of another.

A model that summarises rarely invents whole findings. It drops a "not", writes "lower" for
"higher", or gives one system the other's number. Each of these is visible in the words and is
detected here by rules that do not depend on the subject.

Public surface: ``contradicts``, ``has_misplaced_item``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from summarizer.text.stems import STOP_WORDS, stem_tokens

_NEGATIONS = frozenset(stem_tokens(
    "not no never neither nor without hardly barely unable fail lack rarely struggle impossible"
))  # fmt: skip
_CONTRACTION = re.compile(r"n['\u2019]t\b|(?<=can)not\b")
_CLAUSE = re.compile(r"[.,;:!?()\u2014]")
# Words that may come between a negation and the word it negates.
_SKIPPED = (STOP_WORDS - {"no", "not"}) | frozenset(
    stem_tokens("necessarily always only yet fully")
)
_OPPOSITES = tuple(
    (stem_tokens(one)[0], stem_tokens(other)[0])
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
"""Pairs of stems with opposite meanings."""


def contradicts(sentence: str, source: str) -> bool:
    """Whether ``sentence`` negates what ``source`` affirms, the reverse, or has an opposite."""
    return _has_opposite(sentence, source) or _negates(sentence, source)


def _has_opposite(sentence: str, source: str) -> bool:
    """Whether one word of a pair of opposites is only in ``sentence``, the other in ``source``."""
    words, known = set(stem_tokens(sentence.lower())), set(stem_tokens(source.lower()))
    only, missing = words - known, known - words
    return any(
        (one in only and other in missing) or (other in only and one in missing)
        for one, other in _OPPOSITES
    )


def _negates(sentence: str, source: str) -> bool:
    negated, affirmed = _negated_and_affirmed(sentence)
    source_negated, source_affirmed = _negated_and_affirmed(source)
    return bool(
        (negated & source_affirmed - source_negated)
        or (affirmed & source_negated - source_affirmed - negated)
    )


def _negated_and_affirmed(text: str) -> tuple[set[str], set[str]]:
    """Return the stems ``text`` negates (the first content word after a negation), and others."""
    negated: set[str] = set()
    affirmed: set[str] = set()
    for clause in _CLAUSE.split(_CONTRACTION.sub(" not", text.lower())):
        after_negation = False
        for word in stem_tokens(clause):
            if word in _NEGATIONS:
                after_negation = True
            elif word not in _SKIPPED:
                (negated if after_negation else affirmed).add(word)
                after_negation = False
    return negated, affirmed


_WORD = re.compile(r"[^\W_](?:[\w.+%\u00d7/-]*[\w+%\u00d7])?")
# Spellings of one number that must not look like two items: "1,412" and "1412", "3x" and "3 times".
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_UNIT = re.compile(r"(?<=\d)(?:%|\u00d7|x|-fold|[kmbtd])$")
_CONTEXT_WORDS = 2  # words on each side that identify an occurrence
_LEAST_SIMILARITY = 3  # to another item's context: one content word and one more word


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A number or name in context: the words before it, nearest first, and those after it."""

    item: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def context_similarity(self, other: "_Occurrence") -> int:
        """Return the number of equal words, outwards from the item; content words count two."""
        return _common_run_weight(self.before, other.before) + _common_run_weight(
            self.after, other.after
        )


def has_misplaced_item(sentence: str, source: str) -> bool:
    """Whether a number or name is in ``sentence`` where ``source`` has another one.

    That is: the words around it resemble those around the other item in ``source`` more than
    those around the item itself.
    """
    known = list(_find_occurrences(source))
    for found in _find_occurrences(sentence):
        own = max((found.context_similarity(k) for k in known if k.item == found.item), default=0)
        other = max((found.context_similarity(k) for k in known if k.item != found.item), default=0)
        if other >= _LEAST_SIMILARITY and other > own:
            return True
    return False


def _common_run_weight(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the weight of the equal words at the start of both: content words count two."""
    total = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        total += 1 if not a or a in STOP_WORDS else 2
    return total


def _find_occurrences(text: str) -> Iterator[_Occurrence]:
    for clause in re.split(r"(?<=[.!?;:])\s", _THOUSANDS.sub("", text)):
        found = ["", *_WORD.findall(clause), ""]
        words = [word.lower() for word in found]
        for i, word in enumerate(found[1:-1], 1):
            if _is_number_or_name(word, first=i == 1):
                before = words[max(0, i - _CONTEXT_WORDS) : i]
                after = words[i + 1 : i + 1 + _CONTEXT_WORDS]
                item = _UNIT.sub("", words[i])
                yield _Occurrence(item, tuple(before[::-1]), tuple(after))


def _is_number_or_name(word: str, *, first: bool) -> bool:
    capital = any(c.isupper() for c in (word[1:] if first else word))
    return capital or any(c.isdigit() for c in word)
