"""Features for the choice of a one-line summary.

They feed two linear models, both trained by ``benchmarks/summaries.py train``. The first gives
each word of the abstract the probability that a person would use it in a one-line summary; the
second scores a candidate by the overlap these probabilities predict, its position, its length and
the cue phrases of its sentence.

Public surface: ``TokenizedPaper``, ``tokenize_paper``, ``word_features``, ``candidate_features``
and its two parts, ``wording_features`` and ``sentence_features``; ``WORD_FEATURES``,
``CANDIDATE_FEATURES``.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from summarizer.extractive.candidates import KINDS, Candidate
from summarizer.text.stems import STOP_WORDS, stem_tokens

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
class TokenizedPaper:
    """The stems and cues of one paper, computed once for both models."""

    title: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]
    cues: tuple[frozenset[str], ...]
    spread: Mapping[str, int]
    contribution_index: int
    first_person_index: int


def tokenize_paper(title: str, sentences: Sequence[str]) -> TokenizedPaper:
    """Return the ``TokenizedPaper`` of a title and the sentences of its abstract (plain text)."""
    lowered = [sentence.lower() for sentence in sentences]
    stems = tuple(stem_tokens(text) for text in lowered)
    cues = tuple(
        frozenset(name for name, pattern in _PATTERNS.items() if pattern.search(text))
        for text in lowered
    )
    spread = Counter(word for words in stems for word in set(words))
    own_work = _first_index(cues, {"studies", "this_paper", "shows", "says_we"}, 0)
    contribution = _first_index(cues, {"proposes"}, own_work)
    we = _first_index(cues, {"says_we", "this_paper"}, -1)
    return TokenizedPaper(stem_tokens(title.lower()), stems, cues, spread, contribution, we)


def _first_index(cues: Sequence[frozenset[str]], wanted: set[str], default: int) -> int:
    return next((i for i, found in enumerate(cues) if found & wanted), default)


def word_features(document: TokenizedPaper, common: Mapping[str, float]) -> dict[str, list[float]]:
    """Return stem -> one number per name in ``WORD_FEATURES``, for each stem of title or abstract.

    ``common`` holds the stems frequent enough to have an individual weight.
    """
    rows = _abstract_word_features(document, common)
    for word in set(document.title) - rows.keys():
        stop, rare = word in STOP_WORDS, word not in common
        rows[word] = [
            True, 0, 0, False, False, False, 1, False, rare, stop, word.isdigit(), len(word) / 10,
            False, stop, False, rare, True,
        ]  # fmt: skip
    return rows


def _abstract_word_features(
    document: TokenizedPaper, common: Mapping[str, float]
) -> dict[str, list[float]]:
    title = set(document.title)
    contribution = set(
        document.sentences[document.contribution_index] if document.sentences else ()
    )
    proposal = _words_with_cues(document, {"proposes", "studies"})
    finding = _words_with_cues(document, {"shows"})
    counts = Counter(word for words in document.sentences for word in words)
    first = _first_sentences(document)
    total = max(1, len(document.sentences))
    rows: dict[str, list[float]] = {}
    for word, count in counts.items():
        in_title, in_turn = word in title, word in contribution
        stop, rare = word in STOP_WORDS, word not in common
        rows[word] = [
            in_title, math.log(count), math.log(document.spread[word]), word in proposal,
            word in finding, in_turn, first[word] / total, first[word] == 0, rare, stop,
            word.isdigit(), len(word) / 10, in_title and in_turn, in_title and stop,
            in_turn and not stop, in_title and rare, False,
        ]  # fmt: skip
    return rows


def _first_sentences(document: TokenizedPaper) -> dict[str, int]:
    """Return word -> index of the first sentence it occurs in."""
    first: dict[str, int] = {}
    for i, words in enumerate(document.sentences):
        for word in words:
            first.setdefault(word, i)
    return first


def _words_with_cues(document: TokenizedPaper, wanted: set[str]) -> set[str]:
    pairs = zip(document.sentences, document.cues, strict=True)
    return {word for words, cues in pairs if cues & wanted for word in words}


def candidate_features(
    document: TokenizedPaper, candidate: Candidate, probabilities: Mapping[str, float]
) -> list[float]:
    """Return one number per name in ``CANDIDATE_FEATURES``; ``probabilities`` are by stem."""
    return [
        *wording_features(document, candidate, probabilities),
        *sentence_features(document, candidate.index, probabilities),
    ]


def wording_features(
    document: TokenizedPaper, candidate: Candidate, probabilities: Mapping[str, float]
) -> list[float]:
    """Return one number per name in ``WORDING_FEATURES``: those that depend on the wording."""
    words = stem_tokens(candidate.text.lower())
    own = set(words)
    size = max(1, len(words))
    return [
        *_overlap_features(words, own, probabilities),
        *(candidate.kind == kind for kind in KINDS),
        *_title_features(document, words, own),
        size / max(1, len(document.sentences[candidate.index])),
        sum(word in STOP_WORDS for word in words) / size,
    ]


def sentence_features(
    document: TokenizedPaper, index: int, probabilities: Mapping[str, float]
) -> list[float]:
    """Return one number per name in ``SENTENCE_FEATURES``: equal for all wordings."""
    return [
        *_position_features(document, index),
        *_contribution_features(document, index),
        math.fsum(probabilities.get(word, 0.0) for word in set(document.sentences[index])),
        *_cue_features(document, index),
    ]


def _overlap_features(
    words: Sequence[str], own: set[str], probabilities: Mapping[str, float]
) -> list[float]:
    mass = math.fsum(probabilities.get(word, 0.0) for word in own)
    size = max(1, len(words))
    return [2 * mass / (size + _USUAL_WORDS), mass / size, mass, size]


def _position_features(document: TokenizedPaper, first: int) -> list[float]:
    last = len(document.sentences) - 1
    return [first, first / max(1, last), last - first, last + 1]


def _title_features(document: TokenizedPaper, words: Sequence[str], own: set[str]) -> list[float]:
    """Return overlaps with the title, and the mean share of sentences that have a content word."""
    content = own - STOP_WORDS
    title = [word for word in document.title if word not in STOP_WORDS]
    pairs = set(pairwise(title))
    in_order = [word for word in words if word not in STOP_WORDS]
    shared = len(content.intersection(title))
    spread = sum(document.spread.get(word, 0) for word in content)
    return [
        shared / max(1, len(set(title))),
        shared / max(1, len(content)),
        len(pairs.intersection(pairwise(in_order))) / max(1, len(pairs)),
        spread / max(1, len(content)) / max(1, len(document.sentences)),
    ]


def _contribution_features(document: TokenizedPaper, first: int) -> list[float]:
    after_contribution = first - document.contribution_index
    after_we = first - document.first_person_index if document.first_person_index >= 0 else -20
    proposals = sum("proposes" in cues for cues in document.cues)
    return [
        after_contribution,
        after_contribution == 0,
        after_we,
        after_we == 0,
        proposals,
        document.contribution_index,
    ]


def _cue_features(document: TokenizedPaper, index: int) -> list[float]:
    cues = document.cues
    within = cues[index]
    before = cues[index - 1] if index else frozenset()
    after = cues[index + 1] if index + 1 < len(cues) else frozenset()
    return [
        *(cue in within for cue in _PATTERNS),
        *(cue in before for cue in _BEFORE),
        *(cue in after for cue in _AFTER),
    ]
