"""What changed in the abstract of a paper from version to version. Pure.

Public: `VersionDiff`, `diff_versions`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from summarizer.text.sentences import to_plain_text
from tracker.models import Paper

_WORDS = re.compile(r"\s*\S+")


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """The abstract of a version as pieces: their kind (same, added, removed) and text."""

    number: int
    pieces: tuple[tuple[str, str], ...]


def diff_versions(paper: Paper) -> list[VersionDiff]:
    """Return the versions whose abstract differs from that of the one before, newest first."""
    newest = paper.versions[-1].number if paper.versions else 0
    texts = [
        (version.number, to_plain_text(paper.abstract if version.number == newest
                                       else version.abstract or ""))
        for version in paper.versions
    ]  # fmt: skip
    known = [(number, text) for number, text in texts if text]
    changed = [
        VersionDiff(number, tuple(_pieces(before, text)))
        for (_, before), (number, text) in pairwise(known)
        if before != text
    ]
    return changed[::-1]


def _pieces(before: str, after: str) -> Iterator[tuple[str, str]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = SequenceMatcher(None, [w.strip() for w in old], [w.strip() for w in new], False)
    for _, a, b, c, d in matcher.get_opcodes():
        if old[a:b] and [w.strip() for w in old[a:b]] == [w.strip() for w in new[c:d]]:
            yield "same", "".join(new[c:d])
            continue
        if b > a:
            yield "removed", "".join(old[a:b])
        if d > c:
            yield "added", "".join(new[c:d])
