"""What a later version of an abstract says otherwise, in numbers.

Public: `Change`, `changes`, `of_paper`.
"""

import itertools
import re
from difflib import SequenceMatcher
from typing import NamedTuple

from tracker.models import Paper

# A number with its sign, thousands and per cent, or a word; LaTeX writes "\%".
_TOKEN = re.compile(r"[-−]?\d+(?:[.,]\d+)*(?:\s?\\?%)?|[^\W\d_]+")
_NUMBER = re.compile(r"[-−]?\d")


class Change(NamedTuple):
    """A number that stood in one version of an abstract, and what stands there in the next."""

    version: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """The numbers of a text that another has in their place, as (old, new), in their order.

    A number counts as changed only where the words around it have stayed: one that came or went
    with its sentence is no change of a result.
    """
    old, new = (_tokens(text) for text in (before, after))
    found: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "replace" and b - a == d - c:
            pairs = zip(old[a:b], new[c:d], strict=True)
            found += [(x, y) for x, y in pairs if _NUMBER.match(x) and _NUMBER.match(y)]
    return list(dict.fromkeys((x, y) for x, y in found if x != y))


def _tokens(text: str) -> list[str]:
    return [" ".join(token.split()).replace("\\%", "%").replace(" %", "%")
            for token in _TOKEN.findall(text)]  # fmt: skip


def of_paper(paper: Paper) -> list[Change]:
    """The changed numbers of each version against the one before it whose abstract is known."""
    texts = [(version.number, version.abstract) for version in paper.versions[:-1]]
    texts.append((paper.version, paper.abstract))
    known = [(number, text) for number, text in texts if text]
    return [
        Change(number, *pair)
        for (_, before), (number, after) in itertools.pairwise(known)
        for pair in changes(before, after)
    ]
