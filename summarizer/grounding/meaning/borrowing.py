"""Merged claims: the end of a sentence may not come from another sentence than the rest.

"We train on ten languages" and "we outperform X on code" do not give "We train on code", although
every word is known.

Public surface: ``borrows_end``.
"""

import re
from collections.abc import Sequence

from summarizer.text.stems import content_stems

_END = re.compile(
    r"^(.+) (?:by|on|in|for|with|from|across|over|using|under|through|via) ([^,;]+?)\.?$"
)
_FEWEST_WORDS = 3  # of the rest
_LEAST_OF_REST = 0.9  # in the sentence that it comes from


def borrows_end(sentence: str, sources: Sequence[frozenset[str]]) -> bool:
    """Whether the last phrase is from a sentence that has nothing to do with the rest.

    ``sources`` are the content stems of the sentences of the paper.
    """
    match = _END.match(sentence)
    if not match or not sources:
        return False
    rest, end = content_stems(match[1]), content_stems(match[2])
    if len(rest) < _FEWEST_WORDS or not end:
        return False
    best = max(sources, key=lambda stems: len(rest & stems))
    return (
        len(rest & best) >= _LEAST_OF_REST * len(rest)
        and not end & best
        and any(end <= stems for stems in sources if stems is not best)
    )
