"""What is new about a paper that an earlier issue showed, and which numbers its abstract changed.

A paper is shown again only for such news.

Public: `NumberChange`, `changed_numbers`, `list_number_changes`, `find_updates`.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from tracker.models import Paper

# An abstract that keeps at least this share of its words in order was only reworded.
_REWORDED = 0.8
# A number with its sign, thousands separators and per cent sign ("\%" in LaTeX), or a word.
_TOKEN = re.compile(r"[-−]?\d+(?:[.,]\d+)*(?:\s?\\?%)?|[^\W\d_]+")
_NUMBER = re.compile(r"[-−]?\d")


class NumberChange(NamedTuple):
    """A number in one version of an abstract, and the number that replaced it in `version`."""

    version: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


def changed_numbers(before: str, after: str) -> list[tuple[str, str]]:
    """Return the numbers that differ between two texts, as (old, new), in order.

    A number counts as changed only if the words around it are the same: a number that was added or
    removed with its sentence is not a changed result.
    """
    old, new = (_tokenize(text) for text in (before, after))
    found: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "replace" and b - a == d - c:
            pairs = zip(old[a:b], new[c:d], strict=True)
            found += [(x, y) for x, y in pairs if _NUMBER.match(x) and _NUMBER.match(y)]
    return list(dict.fromkeys((x, y) for x, y in found if x != y))


def _tokenize(text: str) -> list[str]:
    return [" ".join(token.split()).replace("\\%", "%").replace(" %", "%")
            for token in _TOKEN.findall(text)]  # fmt: skip


def list_number_changes(paper: Paper) -> list[NumberChange]:
    """Return the numbers that each version changed, compared with the last known abstract."""
    texts = [(version.number, version.abstract) for version in paper.versions[:-1]]
    texts.append((paper.version, paper.abstract))
    known = [(number, text) for number, text in texts if text]
    return [
        NumberChange(number, *pair)
        for (_, before), (number, after) in itertools.pairwise(known)
        for pair in changed_numbers(before, after)
    ]


def find_updates(changed: Iterable[tuple[Paper, Paper]]) -> Iterator[tuple[Paper, str]]:
    """Of pairs (as shown, as it is now), yield the papers with news and the most serious kind."""
    for before, after in changed:
        kind = _classify_update(before, after)
        if kind:
            yield after, kind


def _classify_update(before: Paper, after: Paper) -> str:
    if after.withdrawn:
        return "withdrawn"
    if after.version > before.version and _is_revised(before.abstract, after.abstract):
        return "revised"
    if after.facts.venue and not before.facts.venue:
        return "accepted"
    return "code" if after.facts.code_link and not before.facts.code_link else ""


def _is_revised(before: str, after: str) -> bool:
    """Return whether a number has changed, or more than the wording."""
    return bool(changed_numbers(before, after)) or _wording_similarity(before, after) < _REWORDED


def _wording_similarity(one: str, other: str) -> float:
    """Return the share of the words of two texts that they have in common, in order."""
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()
