"""What the choice of a one-line summary looks at.

Two linear models, both learned by ``benchmarks/summaries.py train``. The first gives each word
of the abstract the chance that a person would use it in a one-line summary; the second scores a
candidate by the overlap those chances promise, its place, its length and the cue phrases of its
sentence.

Public surface: ``Document``, ``read``, ``word_features``, ``candidate_features`` and its two parts,
``wording_features`` and ``sentence_features``; ``WORD_FEATURES``, ``CANDIDATE_FEATURES``.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from summarizer.candidates import KINDS, Candidate
from summarizer.stems import STOP, tokens

_USUAL_WORDS = 19
"""Mean length of the human summaries of SciTLDR's training part, in words."""

_WE = r"\b(?:we|paper|work|article|study)(?: \w+)? "
_CUES = {
    "proposes": _WE + r"(?:propose|introduce|present|develop|describe|devise|design|formulate)s?\b",
    "studies": _WE + r"(?:study|investigate|explore|examine|analy[sz]e|consider|address|revisit"
    r"|evaluate|compare|provide|survey|review|discuss|offer|aim|tackle|focus|ask|build|use|apply"
    r"|extend|leverage|train|derive|establish)s?\b",
    "shows": r"\b(?:we|paper|work|results?|experiments?|analysis|findings|study|evaluations?)"
    r"(?: \w+){0,2} (?:show|demonstrate|find|prove|observe|reveal|suggest|indicate|establish"
    r"|confirm|verify|argue|highlight)s?\b",
    "opens_we": r"^(?:we|our|i)\b",
    "says_we": r"\bwe\b",
    "opens_this": r"^(?:this|these|it|they|such|that|he|those|both"
    r"|the (?:former|latter|above|resulting|second|first))\b",
    "this_paper": r"\bthis (?:paper|work|article|study|survey|report)\b",
    "opens_here": r"^(?:in this|here|to (?:this|address|tackle|overcome|solve))\b",
    "contrast": r"^(?:however|but|yet|while|although|despite|unfortunately|nevertheless)\b"
    r"|\b(?:however|remains?|challeng\w+|lack|limited|difficult|suffer\w*|fail)\b",
    "background": r"\b(?:has been|have been|has become|have become|widely|recent(?:ly)?|existing"
    r"|prior|previous|traditional|typically|often|commonly|usually"
    r"|is a (?:key|fundamental|crucial|challenging|central|common|popular)"
    r"|are (?:commonly|widely|often))\b",
    "result": r"\b(?:outperform\w*|state[- ]of[- ]the[- ]art|achiev\w+|improv\w+|significant\w*"
    r"|results?|experiments?|empirical\w*|accuracy|better|superior)\b",
    "evaluation": r"\b(?:we evaluate|experiments? on|evaluated on|datasets?|benchmarks?)\b",
    "code": r"\b(?:code|available|github|release|open[- ]source)\b|https?:",
    "also": r"\b(?:also|further|furthermore|additionally|moreover|in addition|finally|as well)\b",
    "novel": r"\b(?:novel|new|first|simple|general|efficient|framework|method|approach|algorithm"
    r"|model)\b",
    "named": r"\b(?:called|named|dubbed|termed|coined|referred to as)\b",
    "example": r"\b(?:for example|for instance|e\.g|such as|including|specifically"
    r"|in particular)\b",
    "question": r"\?$",
    "number": r"\d",
    "colon": r"[:;]",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _CUES.items()}
_BEFORE = ("contrast", "proposes", "background")
_AFTER = ("shows", "result", "proposes")

WORD_FEATURES = (
    "in_title", "count", "spread", "in_proposal", "in_finding", "in_turn", "first_place",
    "in_first", "rare", "stop", "digits", "length", "title_and_turn", "title_and_stop",
    "turn_and_content", "title_and_rare", "title_only",
)  # fmt: skip
WORDING_FEATURES = (
    "expected", "density", "mass", "words",
    *(f"kind_{kind}" for kind in KINDS),
    "title_covered", "title_share", "title_pairs", "spread",
    "kept", "stop_share",
)  # fmt: skip
SENTENCE_FEATURES = (
    "place", "relative_place", "from_end", "sentences",
    "after_turn", "at_turn", "after_we", "at_we", "proposals", "turn", "sentence_mass",
    *(f"says_{cue}" for cue in _PATTERNS),
    *(f"before_{cue}" for cue in _BEFORE),
    *(f"after_{cue}" for cue in _AFTER),
)  # fmt: skip
CANDIDATE_FEATURES = (*WORDING_FEATURES, *SENTENCE_FEATURES)


@dataclass(frozen=True, slots=True)
class Document:
    """The tokens and cues of one paper, computed once and read by both models."""

    title: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]
    cues: tuple[frozenset[str], ...]
    spread: Mapping[str, int]
    turn: int
    we: int


def read(title: str, sentences: Sequence[str]) -> Document:
    """Return the ``Document`` of a title and the sentences of its abstract (plain text)."""
    lowered = [sentence.lower() for sentence in sentences]
    split = tuple(tokens(text) for text in lowered)
    cues = tuple(
        frozenset(name for name, pattern in _PATTERNS.items() if pattern.search(text))
        for text in lowered
    )
    spread = Counter(word for words in split for word in set(words))
    own_words = _first(cues, {"studies", "this_paper", "shows", "says_we"}, 0)
    turn = _first(cues, {"proposes"}, own_words)
    we = _first(cues, {"says_we", "this_paper"}, -1)
    return Document(tokens(title.lower()), split, cues, spread, turn, we)


def _first(cues: Sequence[frozenset[str]], wanted: set[str], default: int) -> int:
    return next((i for i, found in enumerate(cues) if found & wanted), default)


def word_features(document: Document, common: Mapping[str, float]) -> dict[str, list[float]]:
    """Return stem -> one number per name in ``WORD_FEATURES``, for each stem of title or abstract.

    ``common`` holds the stems frequent enough to have a weight of their own.
    """
    title = set(document.title)
    turn = set(document.sentences[document.turn]) if document.sentences else set()
    proposal = _words_where(document, {"proposes", "studies"})
    finding = _words_where(document, {"shows"})
    counts = Counter(word for words in document.sentences for word in words)
    place: dict[str, int] = {}
    for i, words in enumerate(document.sentences):
        for word in words:
            place.setdefault(word, i)
    total = max(1, len(document.sentences))
    rows: dict[str, list[float]] = {}
    for word, count in counts.items():
        titled, turned, stop, rare = word in title, word in turn, word in STOP, word not in common
        rows[word] = [
            titled, math.log(count), math.log(document.spread[word]), word in proposal,
            word in finding, turned, place[word] / total, place[word] == 0, rare, stop,
            word.isdigit(), len(word) / 10, titled and turned, titled and stop,
            turned and not stop, titled and rare, False,
        ]  # fmt: skip
    for word in title - rows.keys():
        stop, rare = word in STOP, word not in common
        rows[word] = [
            True, 0, 0, False, False, False, 1, False, rare, stop, word.isdigit(), len(word) / 10,
            False, stop, False, rare, True,
        ]  # fmt: skip
    return rows


def _words_where(document: Document, wanted: set[str]) -> set[str]:
    pairs = zip(document.sentences, document.cues, strict=True)
    return {word for words, cues in pairs if cues & wanted for word in words}


def candidate_features(
    document: Document, candidate: Candidate, chances: Mapping[str, float]
) -> list[float]:
    """Return one number per name in ``CANDIDATE_FEATURES``; ``chances`` are those of the words."""
    return [
        *wording_features(document, candidate, chances),
        *sentence_features(document, candidate.first, candidate.last, chances),
    ]


def wording_features(
    document: Document, candidate: Candidate, chances: Mapping[str, float]
) -> list[float]:
    """One number per name in ``WORDING_FEATURES``: what the words of a candidate make of it."""
    words = tokens(candidate.text.lower())
    own = set(words)
    size = max(1, len(words))
    return [
        *_overlap(words, own, chances),
        *(candidate.kind == kind for kind in KINDS),
        *_likeness(document, words, own),
        size / max(1, len(document.sentences[candidate.first])),
        sum(word in STOP for word in words) / size,
    ]


def sentence_features(
    document: Document, first: int, last: int, chances: Mapping[str, float]
) -> list[float]:
    """One number per name in ``SENTENCE_FEATURES``: equal for all wordings of these sentences."""
    return [
        *_place(document, first),
        *_turns(document, first),
        math.fsum(chances.get(word, 0.0) for word in set(document.sentences[first])),
        *_said(document, first, last),
    ]


def _overlap(words: Sequence[str], own: set[str], chances: Mapping[str, float]) -> list[float]:
    mass = math.fsum(chances.get(word, 0.0) for word in own)
    size = max(1, len(words))
    return [2 * mass / (size + _USUAL_WORDS), mass / size, mass, size]


def _place(document: Document, first: int) -> list[float]:
    last = len(document.sentences) - 1
    return [first, first / max(1, last), last - first, last + 1]


def _likeness(document: Document, words: Sequence[str], own: set[str]) -> list[float]:
    """How much of the title is in the candidate, and how much of the abstract its words pervade."""
    content = own - STOP
    title = [word for word in document.title if word not in STOP]
    pairs = set(pairwise(title))
    kept = [word for word in words if word not in STOP]
    shared = len(content.intersection(title))
    spread = sum(document.spread.get(word, 0) for word in content)
    return [
        shared / max(1, len(set(title))),
        shared / max(1, len(content)),
        len(pairs.intersection(pairwise(kept))) / max(1, len(pairs)),
        spread / max(1, len(content)) / max(1, len(document.sentences)),
    ]


def _turns(document: Document, first: int) -> list[float]:
    after_turn = first - document.turn
    after_we = first - document.we if document.we >= 0 else -20
    proposals = sum("proposes" in cues for cues in document.cues)
    return [after_turn, after_turn == 0, after_we, after_we == 0, proposals, document.turn]


def _said(document: Document, first: int, last: int) -> list[float]:
    cues = document.cues
    said = cues[first] | cues[last]
    before = cues[first - 1] if first else frozenset()
    after = cues[last + 1] if last + 1 < len(cues) else frozenset()
    return [
        *(cue in said for cue in _PATTERNS),
        *(cue in before for cue in _BEFORE),
        *(cue in after for cue in _AFTER),
    ]
