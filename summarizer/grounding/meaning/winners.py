"""Who does better: a paper's own system does not lose to others unless the paper says so.

Public surface: ``reverses_winner``.
"""

import re
from collections.abc import Sequence

from summarizer.text.stems import content_stems

_BEATS = re.compile(
    r"\b(?:(?:consistently|clearly|significantly|substantially|overall|often|slightly|generally) )?"
    r"(?:outperforms?|outperformed|surpass(?:es|ed)?|exceed(?:s|ed)?|beats?|dominates?|"
    r"(?:is|are|was|were|remains?) (?:\w+ ){0,2}?(?:superior to|better than|ahead of|"
    r"more [\w-]+ than(?! \d))|"
    r"(?:higher|better|larger|stronger|faster|more) [^.;,]{0,60}?\bthan(?! [\d$])|"
    r"scored? higher than)\b"
)
_LOSES = re.compile(
    r"\b(?:falls? (?:behind|short of)|lags? behind|trails?|loses? to|underperforms?|"
    r"(?:is|are|performs?) (?:\w+ ){0,2}?(?:worse|weaker|slower|inferior)\b[^.;,]{0,30}?"
    r"\b(?:than|to)|clearly behind)\b"
)
_OTHERS = re.compile(
    r"\b(?:existing|conventional|traditional|standard|baselines?|prior|previous|earlier|vanilla|"
    r"state-of-the-art|competing|classical|supervised|current|random\w*|other|recent|naive|"
    r"proprietary)\b"
)
_OWN = re.compile(r"\b(?:our|we|ours|proposed|the (?:new |present )?(?:method|framework|approach|"
                  r"system|model|pipeline)|this (?:method|approach|framework|one))\b")  # fmt: skip
_NAME = re.compile(
    r"(?<![\w-])[A-Za-z]*[A-Z][\w.-]*[A-Z\d][\w-]*(?![\w-])|(?<![\w-])[A-Z][a-z]+-?\d"
)
_CONCEDES = re.compile(
    r"\b(?:underperform\w*|worse|lags?|behind|lower (?:accuracy|performance)|inferior|fall short|"
    r"falls short|still|remains? (?:better|more|stronger|ahead)|outperformed by)\b"
)


def reverses_winner(sentence: str, sources: Sequence[str], title: str, own: frozenset[str]) -> bool:
    """Whether others are said to do better than what the paper presents, against the paper."""
    sides = _sides(sentence)
    if sides is None:
        return False
    winner, loser = sides
    own_stems = content_stems(" ".join(own)) | (
        content_stems(title.split(":", maxsplit=1)[0]) if ":" in title else frozenset()
    )
    if not _is_own(loser, own, own_stems) or _is_own(winner, own, own_stems):
        return False
    if not (_OTHERS.search(winner.lower()) or _NAME.search(winner)):
        return False
    return not _is_conceded(winner, sources)


def _sides(sentence: str) -> tuple[str, str] | None:
    """Return the winner and the loser of a comparison."""
    for pattern, straight in ((_LOSES, False), (_BEATS, True)):
        match = pattern.search(sentence)
        if match:
            left, right = sentence[: match.start()], sentence[match.end() :]
            return (left, right) if straight else (right, left)
    return None


def _is_own(side: str, own: frozenset[str], own_stems: frozenset[str]) -> bool:
    if any(name in side for name in own) or _OWN.search(side.lower()):
        return True
    stems = content_stems(side)
    return len(own_stems) > 1 and own_stems <= stems


def _is_conceded(winner: str, sources: Sequence[str]) -> bool:
    """Whether a sentence that mentions the winner admits that something does worse."""
    words = content_stems(winner)
    return any(
        words & content_stems(known) and _CONCEDES.search(known.lower()) for known in sources
    )
