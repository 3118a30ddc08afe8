"""The names of what a paper presents, and whether other names are where they belong.

A sentence about the paper's own system may take its predicate from a sentence that says "we" or
"it". A sentence about another system may not: "H3O is faster" needs a sentence about H3O.

Public surface: ``find_own_names``, ``has_foreign_subject``, ``presents_another``,
``has_other_subject``, ``swaps_names``.
"""

import re
from collections.abc import Sequence

from summarizer.text.stems import content_stems

_NAME = r"[A-Z][\w.+-]*[A-Z0-9][\w.+-]*|[A-Z][a-z]{2,}[\w-]*"
_PRESENTED = re.compile(
    r"\b(?:[Ww]e|[Tt]his \w+|[Aa]uthors) (?:\w+ly )?(?:propose|present|introduce|develop|"
    r"release|design|build|create|call|"
    r"describe|offer|contribute|name)s?\b(?: it| this)?[^.;]{0,90}?(?<![.\w])"
    rf"(?:\(({_NAME})\)|\b({_NAME}))"
)
_CALLED = re.compile(rf"\b(?:called|named|dubbed|termed|abbreviated as) ({_NAME})")
_TITLE = re.compile(rf"^({_NAME})\s?[:\u2014-]")
_ANY_NAME = re.compile(
    r"(?<![\w-])[A-Za-z]*[A-Z][\w-]*[A-Z\d][\w-]*(?![\w-])|(?<![\w-])[A-Z]\w*\d\w*"
)
_PRONOUN = re.compile(r"^(?:It|They|This|These|Its|Their|The (?:former|latter))\b")
_CLAUSE = re.compile(r"[;,]\s|\b(?:and|while|whereas|but)\b")
_OBJECT = re.compile(
    rf"\b[Ww]e (?:propose|present|introduce|develop|release) (?:an? |the )?({_NAME})(?=[.,:;(]|"
    rf" (?:is|which|that|an?)\b|$)"
)
_FREE_SUBJECTS = frozenset("we it this they these our the a an".split())
_BY = re.compile(r"\b(?:is|are|was|were|been|being) (?:\w+ly )?\w+(?:ed|en) by\b")
_KINDS = frozenset("LLM VLM LM MLLM AI NLP RAG RL".split())  # of systems, not systems
_LEAST_SHARED = 0.3  # of the words of a clause, by the sentences that name its subject
_FEWEST_WORDS = 3
_SUBJECT_WORDS = 4


def find_own_names(title: str, sentences: Sequence[str]) -> frozenset[str]:
    """Return the names that the title starts with or the paper says it presents."""
    found = {match[1] for match in [_TITLE.match(title)] if match}
    for sentence in sentences:
        found.update(name for pair in _PRESENTED.findall(sentence) for name in pair if name)
        found.update(_CALLED.findall(sentence))
    return frozenset(name.rstrip("s.") for name in found)


def has_foreign_subject(sentence: str, sentences: Sequence[str], own: frozenset[str]) -> bool:
    """Whether a clause about a named system has words that no sentence about that system has."""
    for clause in _CLAUSE.split(sentence):
        names = [
            m[0].rstrip("s") for m in _ANY_NAME.finditer(" ".join(clause.split()[:_SUBJECT_WORDS]))
        ]
        words = content_stems(_ANY_NAME.sub(" ", clause))
        if not names or names[0] in own | _KINDS or len(words) < _FEWEST_WORDS:
            continue
        known = _words_about(names[0], sentences)
        if known and len(words & known) < _LEAST_SHARED * len(words):
            return True
    return False


def presents_another(sentence: str, own: frozenset[str]) -> bool:
    """Whether a sentence says that the paper presents a named thing that it does not present."""
    return bool(own) and any(
        match[1].rstrip("s.") not in own and not any(match[1] in name for name in own)
        for match in _OBJECT.finditer(sentence)
    )


def has_other_subject(sentence: str, best: str) -> bool:
    """Whether a sentence begins with another word than its source and goes on with the same."""
    ours, theirs = sentence.split()[:2], best.split()[:2]
    if len(ours) + len(theirs) < 4 or ours[0].lower() == theirs[0].lower():
        return False
    named = _ANY_NAME.fullmatch(theirs[0]) is not None
    free = ours[0].lower() in _FREE_SUBJECTS
    return named and not free and ours[1].lower() == theirs[1].lower()


def swaps_names(sentence: str, best: str) -> bool:
    """Whether two names are exchanged around a word that stands between them in the source."""
    if bool(_BY.search(sentence)) != bool(_BY.search(best)):
        return False
    ours, theirs = _between(sentence), _between(best)
    return any(
        ours.get((other, one), frozenset()) & words and (one, other) not in ours
        and (other, one) not in theirs
        for (one, other), words in theirs.items()
    )  # fmt: skip


def _between(text: str) -> dict[tuple[str, str], frozenset[str]]:
    """Return for two names in a row the content words between them."""
    found = list(_ANY_NAME.finditer(text))
    return {
        (one[0].rstrip("s"), other[0].rstrip("s")): content_stems(text[one.end() : other.start()])
        for i, one in enumerate(found)
        for other in found[i + 1 :]
    }


def _words_about(name: str, sentences: Sequence[str]) -> frozenset[str]:
    """Return the words of the sentences with a name, and of those that go on with a pronoun."""
    found: set[str] = set()
    about = False
    for sentence in sentences:
        about = name in sentence or (about and _PRONOUN.match(sentence) is not None)
        if about:
            found |= content_stems(sentence)
    return frozenset(found)
